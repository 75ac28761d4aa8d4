/**
 * Attack 23: a process leads a batch, is paused in it for longer than the others wait, and goes on as if nothing had been.
 * What it is paused by stands in for SIGSTOP: between its last statement and COMMIT it does nothing at all. PostgreSQL alone:
 * PGlite has one process.
 */
import { describe, expect, inject, it } from 'vitest';
import { isFailure } from '#core/failure.ts';
import { hashText } from '#core/hash.ts';
import { loadEntriesAt } from '#store/entries.ts';
import { loadHead } from '#store/head.ts';
import type { Store } from '#store/store.ts';
import { ask, signedScene } from '../support/actors.ts';
import { checkLedger, openFixture } from '../support/ledger-fixture.ts';

describe('a leader that is paused in mid-batch', () => {
  it('attack 23: has written nothing once it goes on, and what others wrote meanwhile stands', async () => {
    const fixture = await openFixture('postgres', { postgresUrl: inject('postgresUrl') });
    const { access, size } = await signedScene(fixture.context).then(async (scene) => ({
      access: scene.reportAccess,
      size: (await fixture.store.read(loadHead))?.size ?? 0,
    }));
    let isArmed = false;
    const [paused, resumed] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const wrapStore = (store: Store): Store => ({
      ...store,
      transaction: (work) =>
        store.transaction(async (tx) => {
          const made = await work(tx);
          if (isArmed) {
            isArmed = false;
            paused.resolve();
            await resumed.promise;
          }
          return made;
        }),
    });
    const leader = await openFixture('postgres', { again: fixture, signerState: null, wrapStore });
    isArmed = true;
    const its = ask(leader.context, access).then(
      ({ entry }) => entry,
      (failure: unknown) => failure,
    );
    await paused.promise;
    // It holds the lock on the head until the database ends its session: until then others are told to try again.
    const [other] = await asked();
    resumed.resolve();
    const ended = await its;
    expect(other.index).toBe(size);
    const rows = await fixture.store.read((tx) => loadEntriesAt(tx, [size]));
    expect(rows.map(({ leaf }) => hashText(leaf))).toEqual([other.leaf]);
    // Either it was told that nobody knows, or it decided anew, behind what had come.
    if (ended instanceof Error) expect(isFailure(ended, 'store_unavailable')).toBe(true);
    else expect(ended).toMatchObject({ index: size + 1 });
    const again = await ask(leader.context, access);
    expect(again.entry.index).toBe(ended instanceof Error ? size + 1 : size + 2);
    await leader.ledger.close();
    await checkLedger(fixture);
    await fixture.close();

    async function asked() {
      for (let tries = 1; ; tries++) {
        try {
          const { entry } = await ask(fixture.context, access);
          return [entry, tries] as const;
        } catch (failure) {
          if (!isFailure(failure, 'store_unavailable') || tries > 20) throw failure;
        }
      }
    }
  }, 120_000);
});
