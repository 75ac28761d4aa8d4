/**
 * A log whose key is exchanged before its tail is lost, and again after it goes on under another name: who signed what is told
 * by one list of spans, over both names (ADR 0028, 0031).
 */
import { afterAll, describe, expect, inject, it } from 'vitest';
import { parseUtf8, utf8 } from '#core/bytes.ts';
import { encodeCanonical, type JsonObject } from '#core/canonical.ts';
import type { LogContinued } from '#core/consent/log-continued.ts';
import { LOG_OVERLAP_MS_MIN } from '#core/consent/log-key.ts';
import { type FollowableSlice, parseFollowable } from '#core/consent/receipt.ts';
import { verifyReceipt } from '#core/consent/verify-receipt.ts';
import type { AccessId } from '#core/ids.ts';
import type { Instant } from '#core/instant.ts';
import type { SigningKey } from '#core/note/ed25519.ts';
import type { VerifierKey } from '#core/note/key.ts';
import { parseNote } from '#core/note/note.ts';
import { type ContinuationOptions, continueUnderNewOrigin } from '#service/continue.ts';
import { readLogKeys } from '#service/issuing-keys.ts';
import { retireLogKey } from '#service/log-keys.ts';
import { receiptOf } from '#service/receipts.ts';
import { loadNewestCheckpoint } from '#store/checkpoints.ts';
import { loadHead } from '#store/head.ts';
import { nativeEd25519, nativeP256 } from '../../src/native.ts';
import { ask, calledByKeeper, signedScene } from '../support/actors.ts';
import { backUp, type Copy, restoreBackup } from '../support/backup.ts';
import { continuingOn, NEXT_ORIGIN, nextOf, openNext } from '../support/continued.ts';
import { continueParties } from '../support/epochs.ts';
import { expectRefusal } from '../support/failure.ts';
import { checkLedger, type Fixture, ORIGIN, openFixture, random } from '../support/ledger-fixture.ts';
import { add, LOG_KEYS_PATH, switchTo, textOf, vkeyOf } from '../support/log-keys.ts';
import { memorySignerState } from '../support/signer-state.ts';

const encoded = (value: JsonObject) => parseUtf8(encodeCanonical(value));

describe('a log whose key is exchanged, under both of its names', () => {
  const opened: (Fixture | Copy)[] = [];
  afterAll(async () => {
    for (const each of opened.reverse()) await each.close();
  });

  async function published({ ledger, store }: Pick<Fixture, 'ledger' | 'store'>): Promise<number> {
    const size = (await store.read(loadHead))?.size ?? 0;
    await ledger.publisher.published(size, 10_000);
    return size;
  }
  const verdictOf = (receipt: string, vkey: VerifierKey) =>
    verifyReceipt(utf8(receipt), vkey, nativeEd25519, nativeP256);

  it('is audited whole, and its receipts lead from each name’s first key to its last', async () => {
    const [second, third] = [await nativeEd25519.importSeed(random(32)), await nativeEd25519.importSeed(random(32))];
    const postgresUrl = inject('postgresUrl');
    const state = memorySignerState();
    const fixture = await openFixture('postgres', { postgresUrl, furtherLog: [second], signerState: state });
    opened.push(fixture);
    const { context, keys } = fixture;
    const scene = await signedScene(context);
    const accessed = async (on: Fixture) => {
      const { access } = await ask(on.context, scene.reportAccess);
      await published(on);
      return access as AccessId;
    };
    const first = await accessed(fixture);
    await add(context, second);
    await published(fixture);
    await switchTo(context, second, 60_000);
    const between = await accessed(fixture);
    const oldReceipt = await receiptOf(context, between);
    const backup = await backUp(fixture.store);
    await accessed(fixture);
    const { note } = (await fixture.store.read(loadNewestCheckpoint)) ?? { note: '' };

    const copy = await restoreBackup('postgres', backup, postgresUrl);
    opened.push(copy);
    const next = await nextOf(fixture);
    const on = { store: copy.store, state, next, lost: note };
    const done = await continueUnderNewOrigin(continuingOn(fixture, on));
    // The key in force, not the one of entry 0, is the one that the new name takes over from.
    expect(done.entry.entry.body['before']).toBe(textOf(second));
    const again = await openNext(fixture, next, { store: copy.store, furtherLog: [third] });
    opened.push(again);
    await continueParties(again, [scene.identifier, scene.lender, scene.bureau]);
    const after = await accessed(again);
    await add(again.context, third);
    await published(again);
    await switchTo(again.context, third, 60_000);
    const latest = await accessed(again);

    const lines = parseNote((await copy.store.read(loadNewestCheckpoint))?.note ?? '').signatures;
    expect(lines.map(({ name, keyId }) => [name, keyId])).toEqual(
      [next.keys.log, third].map((key) => [NEXT_ORIGIN, vkeyOf(key, NEXT_ORIGIN).keyId]),
    );
    const report = await checkLedger(again);
    expect(report.logKeys.map(({ vkey, to }) => [vkey, to === null])).toEqual([
      [textOf(keys.log), false],
      [textOf(second), false],
      [textOf(next.keys.log, NEXT_ORIGIN), true],
      [textOf(third, NEXT_ORIGIN), true],
    ]);
    // Entries of each time, shown under the newest checkpoint: by either key of the present name, by none of the former.
    for (const access of [first, between, after, latest]) {
      const receipt = await receiptOf(again.context, access);
      for (const key of [next.keys.log, third]) {
        const verdict = await verdictOf(receipt, vkeyOf(key, NEXT_ORIGIN));
        expect(verdict).toMatchObject({ problem: null, decision: 're-derived' });
        expect(verdict.continued).toHaveLength(1);
      }
      for (const key of [keys.log, second]) {
        expect((await verdictOf(receipt, vkeyOf(key))).problem).toMatchObject({ code: 'receipt_invalid' });
      }
      // Without what leads there, the newest key vouches for nothing; and nothing hides that the log has another name.
      const { log_keys, ...unfollowed } = JSON.parse(receipt);
      expect(log_keys).toBeDefined();
      expect((await verdictOf(encoded(unfollowed), vkeyOf(third, NEXT_ORIGIN))).recorded).toBe('invalid');
      const { continued, ...hidden } = JSON.parse(receipt);
      expect(continued === undefined).toBe(access === after || access === latest);
      if (continued === undefined) continue;
      expect((await verdictOf(encoded(hidden), vkeyOf(third, NEXT_ORIGIN))).recorded).toBe('invalid');
    }
    // A receipt of before stays what it was, under the keys of then.
    for (const key of [keys.log, second]) {
      expect((await verdictOf(oldReceipt, vkeyOf(key))).problem).toBeNull();
    }
  }, 120_000);

  /** The first key is retired in what is lost; what is left knows the next one, or has never heard of it. */
  async function retiredInTail(isAnnounced: boolean) {
    const [second, third] = [await nativeEd25519.importSeed(random(32)), await nativeEd25519.importSeed(random(32))];
    const start = Date.now() - 2 * (LOG_OVERLAP_MS_MIN + 1_000);
    const state = memorySignerState();
    const fixture = await openFixture('postgres', {
      ...{ postgresUrl: inject('postgresUrl'), furtherLog: [second, third], signerState: state, time: start },
    });
    opened.push(fixture);
    const { context, keys } = fixture;
    const scene = await signedScene(context);
    await ask(context, scene.reportAccess);
    const announce = async (key: SigningKey) => {
      await add(context, key);
      await published(fixture);
    };
    const replace = async (old: SigningKey, key: SigningKey, at: number) => {
      await switchTo(context, key);
      await published(fixture);
      fixture.setTime(at);
      const vkey = textOf(old);
      await retireLogKey(context, await calledByKeeper(context, `${LOG_KEYS_PATH}/retirement`, { vkey }), vkey);
      await published(fixture);
    };
    if (isAnnounced) await announce(second);
    await published(fixture);
    const backup = await backUp(fixture.store);
    if (!isAnnounced) await announce(second);
    await replace(keys.log, second, start + LOG_OVERLAP_MS_MIN + 500);
    const once = { note: (await fixture.store.read(loadNewestCheckpoint))?.note ?? '', keys: await shownBy(fixture) };
    await announce(third);
    await replace(second, third, start + 2 * (LOG_OVERLAP_MS_MIN + 500));
    const { access } = await ask(context, scene.reportAccess);
    await published(fixture);
    const twice = { note: (await fixture.store.read(loadNewestCheckpoint))?.note ?? '', keys: await shownBy(fixture) };
    const receipt = JSON.parse(await receiptOf(context, access as AccessId));
    const copy = await restoreBackup('postgres', backup, inject('postgresUrl'));
    opened.push(copy);
    const next = await nextOf(fixture);
    const on = { store: copy.store, state, next, lost: twice.note };
    // The fixture’s own clock stands, and the database’s goes on.
    const processClock = () => Date.now() as Instant;
    const goOn = (change: Partial<ContinuationOptions>) =>
      continueUnderNewOrigin(continuingOn(fixture, on, { processClock, ...change }));
    return { fixture, scene, copy, next, second, third, once, twice, receipt, goOn };
  }
  const shownBy = async ({ context }: Fixture): Promise<FollowableSlice> =>
    parseFollowable(JSON.parse(JSON.stringify(await readLogKeys(context))));

  it.each([true, false])(
    'goes on where the key was retired in what is lost, announced before: %s',
    async (isAnnounced) => {
      const { fixture, scene, copy, next, third, once, twice, receipt, goOn } = await retiredInTail(isAnnounced);
      const why = await goOn({}).catch((failure: unknown) => failure);
      expect(why).toMatchObject({ code: 'signature_invalid', message: expect.stringContaining('--log-keys') });
      // What was said before the last exchange leads to no key that signed.
      await expectRefusal('signature_invalid', goOn({ lostKeys: once.keys }));
      const entries = twice.keys.entries.map((text) => text.replace('log.log_key_added', 'log.log_key_retired'));
      await expectRefusal('signature_invalid', goOn({ lostKeys: { ...twice.keys, entries } }));
      const steps = (twice.keys.key_steps ?? []).toReversed();
      await expectRefusal('signature_invalid', goOn({ lostKeys: { ...twice.keys, key_steps: steps } }));
      // An older checkpoint is not the newest one.
      await expectRefusal('behind', goOn({ lost: once.note, lostKeys: once.keys }));
      expect((await copy.store.read(loadHead))?.origin).toBe(ORIGIN);

      // As a receipt of that time carries it.
      const done = await goOn({ lostKeys: parseFollowable(receipt.log_keys) });
      const { before, lost_keys } = done.entry.entry.body as unknown as LogContinued;
      expect([before, lost_keys?.length]).toEqual([textOf(fixture.keys.log), 2]);
      expect(done.loss.lost.size).toBe(Number(twice.note.split('\n')[1]));
      const again = await openNext(fixture, next, { store: copy.store });
      opened.push(again);
      await continueParties(again, [scene.identifier, scene.lender, scene.bureau]);
      const { access } = await ask(again.context, scene.reportAccess);
      await published(again);
      expect((await checkLedger(again)).continued).toEqual([expect.objectContaining({ lost: done.loss.lost.size })]);
      const verdict = await verdictOf(await receiptOf(again.context, access as AccessId), again.vkey);
      expect([verdict.problem, verdict.continued?.length]).toEqual([null, 1]);
      expect(vkeyOf(third).keyId).toBe(parseNote(twice.note).signatures[0]?.keyId);
    },
    120_000,
  );
});
