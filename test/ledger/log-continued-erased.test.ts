/** Attack 99 where no mirror has the erasure’s entry: what a lost tail erased stays erased, and the log says so. */
import { sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest';
import type { LostErasure } from '#core/consent/log-continued.ts';
import { parseSize, type TreeHead } from '#core/tlog/tree.ts';
import { continueUnderNewOrigin } from '#service/continue.ts';
import { loadHead } from '#store/head.ts';
import type { Store } from '#store/store.ts';
import { type Backup, backUp, type Copy, restoreBackup } from '../support/backup.ts';
import { continuingOn, nextOf, openNext } from '../support/continued.ts';
import { dumpTables } from '../support/dump.ts';
import { type ErasureScene, openErasureScene, secretsOf } from '../support/erasure-scene.ts';
import { checkLedger, openFixture } from '../support/ledger-fixture.ts';
import { memorySignerState } from '../support/signer-state.ts';

describe('a log that goes on without the entry of an erasure', () => {
  const postgresUrl = inject('postgresUrl');
  let scene: ErasureScene;
  let secrets: readonly Uint8Array[];
  let backup: Backup;
  let copy: Copy;
  let lost: TreeHead;
  let note: string;

  beforeEach(async () => {
    scene = await openErasureScene({ database: 'postgres', postgresUrl });
    const { fixture } = scene;
    fixture.setTime(Date.now());
    const { sealed, wrapped } = await secretsOf(fixture, [scene.stream, scene.personStream]);
    secrets = [...sealed, ...wrapped];
    backup = await backUp(fixture.store);
    const erased = await scene.asSubject().post('/v1/erasures', { handle: null });
    expect(erased.status).toBe(201);
    const head = await fixture.store.read(loadHead);
    lost = { size: parseSize(head?.size), root: head?.root as TreeHead['root'] };
    note = (await fixture.ledger.publisher.published(lost.size, 10_000)).note;
    copy = await restoreBackup('postgres', backup, postgresUrl);
  }, 120_000);
  afterEach(async () => {
    await copy.close();
    await scene.close();
  });

  async function holdsSecrets(store: Store): Promise<boolean> {
    const dump = await dumpTables(store);
    return secrets.some((secret) => dump.find(secret) !== undefined);
  }

  function remembering() {
    const state = memorySignerState();
    state.advance(undefined, lost);
    return state;
  }

  it.each([false, true])(
    'has it erased again, and says so; started before: %s',
    async (isStarted) => {
      const { fixture } = scene;
      const { store } = copy;
      const state = remembering();
      if (isStarted) {
        const again = { again: fixture, wrapStore: () => store, signerState: state, time: Date.now() };
        const fenced = await openFixture('postgres', again);
        expect(fenced.ledger.fenced()).toContain('was an old backup restored?');
        await fenced.ledger.close();
      }
      expect(await holdsSecrets(store)).toBe(!isStarted);
      const next = await nextOf(fixture);
      const { entry } = await continueUnderNewOrigin(continuingOn(fixture, { store, state, next, lost: note }));
      const erasures = entry.entry.body['erasures'] as unknown as readonly LostErasure[];
      expect(erasures.map(({ stream }) => stream)).toEqual(expect.arrayContaining([scene.stream, scene.personStream]));
      expect(await holdsSecrets(store)).toBe(false);
      const again = await openNext(fixture, next, { store });
      expect(again.ledger.fenced()).toBeUndefined();
      await checkLedger(again);
      await again.ledger.close();
      // Its journal forgets nothing of before, and does nothing to what came after.
      const twice = await openNext(fixture, next, { store });
      await checkLedger(twice);
      await twice.ledger.close();
    },
    120_000,
  );

  it('and a part that is there all the same is found', async () => {
    const { fixture } = scene;
    const { store } = copy;
    const [kept] = (
      await store.read((tx) =>
        sql`select parts.* from parts join entries using (index) where stream = ${scene.stream}`.execute(tx),
      )
    ).rows;
    const keys = (await store.read((tx) => sql`select * from data_keys where stream = ${scene.stream}`.execute(tx)))
      .rows;
    const next = await nextOf(fixture);
    const on = { store, state: remembering(), next, lost: note };
    await continueUnderNewOrigin(continuingOn(fixture, on));
    await store.transaction(async (tx) => {
      for (const key of keys)
        await tx
          .insertInto('data_keys')
          .values(key as never)
          .execute();
      await tx
        .insertInto('parts')
        .values(kept as never)
        .execute();
    });
    const again = await openNext(fixture, next, { store });
    const { findings } = await again.audit();
    expect(findings.map(({ message }) => message).join()).toContain('is there, and it says that it is erased');
    await again.ledger.close();
  }, 120_000);
});
