/**
 * A fresh PGlite for a test: a copy of a database that was made and migrated once for the run, since making one takes ten
 * times as long as copying it.
 *
 * @module
 */
import { constants } from 'node:fs';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { migrate } from '#store/migrate.ts';
import { openPglite } from '#store/pglite.ts';
import type { Store } from '#store/store.ts';

/** The folder that is copied, and its end. */
export interface PgliteTemplate {
  readonly folder: string;
  readonly remove: () => Promise<void>;
}

export async function makePgliteTemplate(): Promise<PgliteTemplate> {
  const folder = await newFolder();
  const store = await openPglite(folder);
  await migrate(store);
  await store.close();
  return { folder, remove: () => rm(folder, { recursive: true, force: true }) };
}

/** Names the template's folder to the processes of a run. */
export const TEMPLATE_VARIABLE = 'ASSENT_TEST_PGLITE';

/** Opens a copy of the run's template, which is gone when it is closed; outside a run, a new one in memory. */
export async function freshPglite(): Promise<Store> {
  const template = process.env[TEMPLATE_VARIABLE];
  if (template === undefined) return openPglite('memory');
  const folder = await newFolder();
  await cp(template, folder, { recursive: true, mode: constants.COPYFILE_FICLONE });
  const store = await openPglite(folder);
  return {
    ...store,
    async close() {
      await store.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function newFolder(): Promise<string> {
  return mkdtemp(join(tmpdir(), 'assent-pglite-'));
}
