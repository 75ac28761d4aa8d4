/** Publishing folders of packs, each after those that it needs. */

import { resolve } from 'node:path';
import type { Client } from '#client/index.ts';
import { Failure } from '#core/failure.ts';
import type { Pack } from '#core/pack/pack.ts';
import { readFolder } from './folder.ts';
import { foldersIn } from './lint.ts';
import { problemText } from './place.ts';

/**
 * Reads folders of packs, those that others need first.
 *
 * @throws {Failure} `pack_invalid`, with the first thing that is wrong in any of them.
 */
export function readInOrder(folders: readonly string[]): readonly Pack[] {
  const waiting = folders.map(readWhole);
  const ids = new Set(waiting.map(({ id }) => id));
  const ordered: Pack[] = [];
  const isReady = ({ needs }: Pack) =>
    needs.every(({ pack }) => !ids.has(pack) || ordered.some(({ id }) => id === pack));
  while (waiting.length > 0) {
    const next = waiting.findIndex(isReady);
    const [pack] = waiting.splice(Math.max(next, 0), 1);
    if (pack === undefined || next < 0) throw new Failure('pack_invalid', 'the packs need each other in a circle');
    ordered.push(pack);
  }
  return ordered;
}

/** @throws {Failure} `pack_invalid` */
export function readWhole(folder: string): Pack {
  const { pack, problems } = readFolder(folder);
  const error = problems.find(({ severity }) => severity === 'error');
  if (pack === undefined || error !== undefined) {
    throw new Failure('pack_invalid', error === undefined ? folder : problemText(error));
  }
  return pack;
}

/** Publishes packs in order, those left out that the ledger has already in this version. */
export async function publishAll(
  client: Client,
  packs: readonly Pack[],
  told: (pack: Pack, how: 'published' | 'already there') => void,
): Promise<void> {
  const { packs: listed } = await client.listPacks();
  for (const pack of packs) {
    const isThere = listed.some(
      (each) => each.pack === pack.id && each.versions.some((v) => v.version === pack.version),
    );
    if (!isThere) await client.publishPack(pack);
    told(pack, isThere ? 'already there' : 'published');
  }
}

/** The packs that this project ships. */
export const SHIPPED: string = resolve(import.meta.dirname, '../../../packs');

/** The law that a demo decides by. A real ledger's keeper publishes what its counsel has read. */
export function readShipped(): readonly Pack[] {
  return readInOrder(foldersIn(SHIPPED));
}
