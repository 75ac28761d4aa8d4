/**
 * A log that goes on under another name twice, moved once and with its tail lost once: one tree, three names, and each reader
 * knows by which of them an entry, a checkpoint and a receipt are (ADR 0028, 0030).
 */
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { parseUtf8, utf8 } from '#core/bytes.ts';
import { encodeCanonical, type JsonObject } from '#core/canonical.ts';
import type { LogState } from '#core/consent/log.ts';
import { verifyReceipt } from '#core/consent/verify-receipt.ts';
import type { AccessId } from '#core/ids.ts';
import { LOG_STREAM } from '#core/tlog/stream.ts';
import { parseSize } from '#core/tlog/tree.ts';
import { continueUnderNewOrigin } from '#service/continue.ts';
import { formerCheckpoint } from '#service/proofs.ts';
import { receiptOf } from '#service/receipts.ts';
import { loadNewestCheckpoint } from '#store/checkpoints.ts';
import { loadEntries } from '#store/entries.ts';
import { loadHead } from '#store/head.ts';
import { loadStreams } from '#store/streams.ts';
import { nativeEd25519, nativeP256 } from '../../src/native.ts';
import { ask, bindPersonKey, newParty, signedScene } from '../support/actors.ts';
import { backUp, type Copy, restoreBackup } from '../support/backup.ts';
import { continuingOn, NEXT_ORIGIN, type Next, nextOf, openNext, proveOn } from '../support/continued.ts';
import { continueParties } from '../support/epochs.ts';
import { expectRefusal } from '../support/failure.ts';
import { hold } from '../support/holds.ts';
import { checkLedger, DATABASES, type Fixture, ORIGIN, openFixture } from '../support/ledger-fixture.ts';
import { memorySignerState } from '../support/signer-state.ts';

const THIRD_ORIGIN = `${ORIGIN}-3`;
const encoded = (value: JsonObject) => parseUtf8(encodeCanonical(value));

/** What came first. */
type Loss = 'moved' | 'tail_lost';

describe.each(DATABASES)('a log that goes on twice on %s', (database) => {
  describe.each<readonly [Loss, Loss]>([
    ['moved', 'tail_lost'],
    ['tail_lost', 'moved'],
    ['tail_lost', 'tail_lost'],
  ])('%s, and then %s', (...losses) => {
    const opened: (Fixture | Copy)[] = [];
    let scene: Awaited<ReturnType<typeof signedScene>>;
    /** Under each name, in order. */
    let names: readonly Fixture[];
    let accesses: readonly AccessId[];
    /** Of before the second change, as the second name showed it. */
    let between: readonly string[];
    let sizes: readonly number[];
    let lost: readonly number[];

    const sizeOf = async ({ store }: Fixture) => (await store.read(loadHead))?.size ?? 0;
    const published = async (on: Fixture) => {
      const { note } = await on.ledger.publisher.published(await sizeOf(on), 10_000);
      return note;
    };
    async function accessed(on: Fixture): Promise<AccessId> {
      const { access } = await ask(on.context, scene.reportAccess);
      await published(on);
      return access as AccessId;
    }
    async function everybodyGoesOn(on: Fixture): Promise<void> {
      await continueParties(on, [scene.identifier, scene.lender, scene.bureau]);
      await bindPersonKey(on.context, scene);
      const { handle, lender, person, report } = scene;
      await hold(on.context, lender, person, { handle, kind: 'confirm', grant: report });
    }

    /** Goes on from a backup of now; where the tail is lost, something more was signed. */
    async function goOn(on: Fixture, loss: Loss, next: Next) {
      const backup = await backUp(on.store);
      const left = await sizeOf(on);
      if (loss === 'tail_lost') await newParty(on.context, 'bureau');
      const note = await published(on);
      const head = await on.store.read(loadHead);
      const copy = await restoreBackup(database, backup, inject('postgresUrl'));
      opened.push(copy);
      const { store } = copy;
      const state = memorySignerState();
      state.advance(undefined, { size: parseSize(head?.size), root: head?.root as never });
      const change = loss === 'moved' ? { lost: undefined } : { prove: proveOn(on.store) };
      const done = await continueUnderNewOrigin(continuingOn(on, { store, state, next, lost: note }, change));
      expect(done.entry.index).toBe(left);
      const again = await openNext(on, next, { store });
      opened.push(again);
      if (loss === 'tail_lost') await everybodyGoesOn(again);
      return { again, left, lost: Number(head?.size) };
    }

    beforeAll(async () => {
      const first = await openFixture(database, { postgresUrl: inject('postgresUrl') });
      opened.push(first);
      scene = await signedScene(first.context);
      const one = await accessed(first);
      const second = await goOn(first, losses[0], await nextOf(first));
      const two = await accessed(second.again);
      const three = await accessed(second.again);
      between = [await receiptOf(second.again.context, one), await receiptOf(second.again.context, two)];
      const third = await goOn(second.again, losses[1], await nextOf(second.again, THIRD_ORIGIN));
      const four = await accessed(third.again);
      names = [first, second.again, third.again];
      accesses = [one, two, three, four];
      sizes = [second.left, third.left];
      lost = [second.lost, third.lost];
    }, 180_000);
    afterAll(async () => {
      for (const each of opened.reverse()) await each.close();
    });
    const [first, second, third] = [0, 1, 2].map((at) => () => names[at] as Fixture) as [
      () => Fixture,
      () => Fixture,
      () => Fixture,
    ];
    const verdictOf = (receipt: string, { vkey }: Fixture) =>
      verifyReceipt(utf8(receipt), vkey, nativeEd25519, nativeP256);

    it('is one tree: each entry says the name in force at its index, and the audit judges both changes', async () => {
      const report = await checkLedger(third());
      expect(report.continued).toEqual(
        sizes.map((size, at) => expect.objectContaining({ size, lost: lost[at], proven: true })),
      );
      const entries = await third().store.read((tx) => loadEntries(tx, 0, report.size));
      const said = entries.map(({ bytes }) => JSON.parse(parseUtf8(bytes)).log);
      const wanted = entries.map((_, at) =>
        at < Number(sizes[0]) ? ORIGIN : at < Number(sizes[1]) ? NEXT_ORIGIN : THIRD_ORIGIN,
      );
      expect(said).toEqual(wanted);
      const log = await third().store.read(async (tx) => (await loadStreams(tx, [LOG_STREAM]))[0]?.state as LogState);
      expect(log.origins?.map(({ origin, to }) => [origin, to])).toEqual([
        [ORIGIN, sizes[0]],
        [NEXT_ORIGIN, sizes[1]],
      ]);
      expect(log.epoch ?? 0).toBe(losses.filter((each) => each === 'tail_lost').length);
    });

    it('keeps a last checkpoint of each name, and no name but the present one has a newer one', async () => {
      for (const [former, name] of [
        [first(), ORIGIN],
        [second(), NEXT_ORIGIN],
      ] as const) {
        const note = await formerCheckpoint(third().context, former.vkey.keyId);
        expect(note.split('\n')[0]).toBe(name);
      }
      await expectRefusal('not_found', formerCheckpoint(third().context, third().vkey.keyId));
      expect((await third().store.read(loadNewestCheckpoint))?.note.split('\n')[0]).toBe(THIRD_ORIGIN);
    });

    it('has receipts of each time, under the present key alone; those that were handed out stay what they are', async () => {
      for (const [at, access] of accesses.entries()) {
        const receipt = await receiptOf(third().context, access);
        const verdict = await verdictOf(receipt, third());
        expect([at, verdict.problem, verdict.decision]).toEqual([at, null, 're-derived']);
        expect(verdict.continued?.map(({ size }) => size)).toEqual(sizes);
        for (const former of [first(), second()]) {
          expect((await verdictOf(receipt, former)).problem).toMatchObject({ code: 'receipt_invalid' });
        }
        // Nothing hides a name that came later.
        const { continued, ...hidden } = JSON.parse(receipt);
        expect(continued === undefined).toBe(at === accesses.length - 1);
        if (continued !== undefined) expect((await verdictOf(encoded(hidden), third())).recorded).toBe('invalid');
      }
      for (const receipt of between) {
        const verdict = await verdictOf(receipt, second());
        expect([verdict.problem, verdict.continued?.length]).toEqual([null, 1]);
        expect((await verdictOf(receipt, third())).problem).not.toBeNull();
      }
    });

    it('takes no slice that says less of its names than there are', async () => {
      const [one, two] = accesses as readonly [AccessId, AccessId];
      // What the second name showed of itself, in a receipt under the third.
      const [older] = between as readonly [string, string];
      for (const access of [one, two]) {
        const receipt = JSON.parse(await receiptOf(third().context, access));
        const { continued } = JSON.parse(older);
        const cut = { ...receipt.continued, entries: receipt.continued.entries.slice(0, continued.entries.length) };
        for (const wrong of [continued, cut]) {
          const verdict = await verdictOf(encoded({ ...receipt, continued: wrong }), third());
          expect(verdict.recorded).toBe('invalid');
        }
      }
    });
  });
});
