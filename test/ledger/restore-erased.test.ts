/** Attack 99, by the whole way: a backup from before an erasure is restored, and nothing of the erased is there at any time. */
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { parseSize, type TreeHead } from '#core/tlog/tree.ts';
import { restoreFromMirror } from '#service/restore.ts';
import { loadHead } from '#store/head.ts';
import type { Store } from '#store/store.ts';
import { newParty } from '../support/actors.ts';
import { type Backup, backUp, type Copy, ceremonyOn, type Mirror, mirrorOf, restoreBackup } from '../support/backup.ts';
import { dumpTables } from '../support/dump.ts';
import { type ErasureScene, openErasureScene, secretsOf } from '../support/erasure-scene.ts';
import { checkLedger, openFixture } from '../support/ledger-fixture.ts';
import { memorySignerState } from '../support/signer-state.ts';

describe('a backup from before an erasure', () => {
  const postgresUrl = inject('postgresUrl');
  let scene: ErasureScene;
  let secrets: readonly Uint8Array[];
  let backup: Backup;
  let mirror: Mirror;
  let copy: Copy;
  let to: TreeHead;

  beforeAll(async () => {
    scene = await openErasureScene({ database: 'postgres', postgresUrl });
    const { fixture } = scene;
    // What the auditor signs is signed now.
    fixture.setTime(Date.now());
    const auditor = await newParty(fixture.context, 'auditor');
    const { sealed, wrapped } = await secretsOf(fixture, [scene.stream, scene.personStream]);
    secrets = [...sealed, ...wrapped];
    backup = await backUp(fixture.store);
    const erased = await scene.asSubject().post('/v1/erasures', { handle: null });
    expect(erased.status).toBe(201);
    mirror = await mirrorOf(fixture, auditor);
    const head = await fixture.store.read(loadHead);
    to = { size: parseSize(head?.size), root: head?.root as TreeHead['root'] };
    copy = await restoreBackup('postgres', backup, postgresUrl);
  }, 120_000);
  afterAll(async () => {
    mirror.remove();
    await copy.close();
    await scene.close();
  });

  async function holdsSecrets(store: Store): Promise<boolean> {
    const dump = await dumpTables(store);
    return secrets.some((secret) => dump.find(secret) !== undefined);
  }

  it('forgets again at its first start, while it is fenced, and is whole after the ceremony', async () => {
    const { fixture } = scene;
    const state = memorySignerState();
    state.advance(undefined, to);
    const again = { again: fixture, wrapStore: () => copy.store, signerState: state, time: Date.now() };
    expect(await holdsSecrets(copy.store)).toBe(true);

    const fenced = await openFixture('postgres', again);
    expect(fenced.ledger.fenced()).toContain('was an old backup restored?');
    expect(await holdsSecrets(copy.store)).toBe(false);
    await fenced.ledger.close();

    const done = await restoreFromMirror(
      await ceremonyOn(fixture, { store: copy.store, mirror: mirror.folder, state }),
    );
    expect(done?.entry.entry.type).toBe('log.restored');
    const whole = await openFixture('postgres', again);
    expect(whole.ledger.fenced()).toBeUndefined();
    await checkLedger(whole);
    expect(await holdsSecrets(copy.store)).toBe(false);
    await whole.ledger.close();
  }, 120_000);
});
