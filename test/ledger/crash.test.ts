/** I1 on SIGKILL, and the locks that keep two servers off one folder (design §7, §10). */
import { existsSync } from 'node:fs';
import { cp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, inject, it } from 'vitest';
import { loadHead } from '#store/head.ts';
import { auditNode, openNode } from '../../src/node.ts';
import { crashConfig, registerAs, startServer } from '../support/crash.ts';
import { killAndCheck } from '../support/crash-rounds.ts';
import { expectRefusal } from '../support/failure.ts';
import { freshDatabase } from '../support/postgres.ts';

const quiet = { info() {}, warn() {} };
type Removable = Awaited<ReturnType<typeof crashConfig>>;

describe('a server that is killed in mid-load', () => {
  const left: (() => Promise<void>)[] = [];
  afterEach(async () => {
    for (const remove of left.splice(0).reverse()) await remove();
  });

  async function configFor(database: 'pglite' | 'postgres'): Promise<Removable> {
    const made = database === 'postgres' ? await freshDatabase(inject('postgresUrl')) : undefined;
    if (made !== undefined) left.push(made.drop);
    const config = await crashConfig(made?.url);
    left.push(config.remove);
    return config;
  }

  it('has kept every entry that it answered, on PGlite', async () => {
    const promises = await killAndCheck(await configFor('pglite'), 2, 1);
    expect(promises.acked.size).toBeGreaterThan(40);
  });

  it('has kept every entry that it answered, on PostgreSQL, also as one of two', async () => {
    const promises = await killAndCheck(await configFor('postgres'), 2, 2);
    expect(promises.acked.size).toBeGreaterThan(40);
  });

  it('keeps a second server off its PGlite folder until it is gone', async () => {
    const config = await configFor('pglite');
    const promises = { tried: new Set<string>(), acked: new Map() };
    const server = startServer(config, 'first', promises);
    await server.acked(5);
    await expectRefusal('data_in_use', openNode(config, quiet));
    await expectRefusal('data_in_use', auditNode(config, { vkey: undefined, entrySignatures: false }));
    const before = promises.acked.size;
    await server.acked(before + 20);
    await server.kill();
    const opened = await openNode(config, quiet);
    await expectRefusal('data_in_use', openNode(config, quiet));
    await registerAs(config, opened, 'after');
    await opened.close();

    // The folder as it was, put back behind the signer's back, comes up read-only (design §7).
    const backup = `${config.dataDir}.backup`;
    await cp(config.dataDir, backup, { recursive: true });
    const later = await openNode(config, quiet);
    await registerAs(config, later, 'later');
    const { size } = (await later.context.ledger.store.read(loadHead))!;
    await later.context.ledger.publisher.published(size, 5_000);
    await later.close();
    await rm(config.dataDir, { recursive: true });
    await cp(backup, config.dataDir, { recursive: true });
    const restored = await openNode(config, quiet);
    expect(restored.context.ledger.fenced()).toContain('was an old backup restored?');
    await expectRefusal('read_only', registerAs(config, restored, 'x'));
    await restored.close();

    // And without its keys it does not come up at all, nor with new ones.
    const keyFile = join(config.dataDir, `${restored.keyId}.keys.json`);
    await rm(keyFile);
    await expectRefusal('keys_missing', auditNode(config, { vkey: undefined, entrySignatures: false }));
    await expectRefusal('keys_missing', openNode(config, quiet));
    expect(existsSync(keyFile)).toBe(false);
  });

  it('signs in one of two processes on PostgreSQL, and writes in both', async () => {
    const config = await configFor('postgres');
    const one = await openNode(config, quiet);
    const two = await openNode(config, quiet);
    expect([one.context.ledger.signs, two.context.ledger.signs]).toEqual([true, false]);
    const { entry } = await registerAs(config, two, 'two');
    await two.context.ledger.publisher.published(entry.index + 1, 5_000);
    await one.close();
    // The one that is left writes on, unsigned; the next start signs.
    await registerAs(config, two, 'alone');
    await two.close();
    const three = await openNode(config, quiet);
    expect(three.context.ledger.signs).toBe(true);
    await three.context.ledger.publisher.published(entry.index + 2, 5_000);
    await three.close();
    expect(await auditNode(config, { vkey: undefined, entrySignatures: true })).toMatchObject({ holds: true });
  });
});
