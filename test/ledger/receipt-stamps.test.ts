/** Time-stamps of a log whose key was exchanged: a receipt is shown by the keys that signed trees of the stamped size, and by no other. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseUtf8, utf8 } from '#core/bytes.ts';
import { LOG_OVERLAP_MS_MIN } from '#core/consent/log-key.ts';
import { parseReceipt } from '#core/consent/receipt.ts';
import { checkpointNoteOf } from '#core/consent/receipt-checkpoint.ts';
import type { AccessId } from '#core/ids.ts';
import type { SigningKey } from '#core/note/ed25519.ts';
import { openAnyCheckpoint, signCheckpoint } from '#core/tlog/checkpoint.ts';
import { retireLogKey } from '#service/log-keys.ts';
import { receiptOf } from '#service/receipts.ts';
import { formatStamped } from '#time-stamp/file.ts';
import { judgeStamp } from '#time-stamp/receipt-stamp.ts';
import { nativeEd25519 } from '../../src/native.ts';
import { askTsa } from '../../src/node/time-stamp/ask.ts';
import { ask, calledByKeeper, signedScene } from '../support/actors.ts';
import { type Fixture, ORIGIN, openFixture, random } from '../support/ledger-fixture.ts';
import { add, LOG_KEYS_PATH, switchTo, textOf, vkeyOf } from '../support/log-keys.ts';
import { certificatesIn, HAS_OPENSSL, openTsa, type TestTsa } from '../support/tsa.ts';

describe.skipIf(!HAS_OPENSSL)('a time-stamp of a log whose key was exchanged', () => {
  let tsa: TestTsa;
  let fixture: Fixture;
  let second: SigningKey;
  /** While both keys sign, and after the first one is retired. */
  let between: string;
  let after: string;

  beforeAll(async () => {
    const start = Date.now() - LOG_OVERLAP_MS_MIN - 1_000;
    tsa = await openTsa();
    second = await nativeEd25519.importSeed(random(32));
    fixture = await openFixture('pglite', { furtherLog: [second], time: start });
    const { context, keys } = fixture;
    const scene = await signedScene(context);
    const accessed = async () => {
      const { access } = await ask(context, scene.reportAccess);
      await published();
      return receiptOf(context, access as AccessId);
    };
    await add(context, second);
    await published();
    await switchTo(context, second);
    between = await accessed();
    fixture.setTime(start + LOG_OVERLAP_MS_MIN);
    const vkey = textOf(keys.log);
    await retireLogKey(context, await calledByKeeper(context, `${LOG_KEYS_PATH}/retirement`, { vkey }), vkey);
    after = await accessed();
  });
  afterAll(async () => {
    await tsa.close();
    await fixture.close();
  });

  async function published(): Promise<void> {
    await fixture.ledger.publisher.published((await fixture.audit()).size, 10_000);
  }

  /** The checkpoint of a receipt, signed by these keys, and stamped. */
  async function stampOf(receipt: string, ...keys: readonly [SigningKey, ...SigningKey[]]): Promise<Uint8Array> {
    const vkeys = [vkeyOf(fixture.keys.log), vkeyOf(second)];
    const { size, root } = await openAnyCheckpoint(noteOf(receipt), vkeys, nativeEd25519);
    const note = await signCheckpoint({ origin: ORIGIN, size, root }, ...keys);
    const settings = { url: tsa.url, certificates: certificatesIn(tsa.ca), policy: undefined };
    const means = { fetch, random, clock: Date.now };
    const { token } = await askTsa(settings, utf8(note), means, AbortSignal.timeout(20_000));
    return formatStamped(note, token);
  }
  const noteOf = (receipt: string) => checkpointNoteOf(parseReceipt(utf8(receipt)));
  const judged = (receipt: string, file: Uint8Array, trusted: SigningKey) => {
    const terms = { file, certificates: certificatesIn(tsa.ca), proof: undefined };
    return judgeStamp(utf8(receipt), [vkeyOf(trusted)], terms, nativeEd25519);
  };

  it('shows a receipt by either key while both sign, whichever is trusted', async () => {
    const { log } = fixture.keys;
    const both = await stampOf(between, log, second);
    expect(JSON.parse(parseUtf8(both)).checkpoint).toBe(noteOf(between));
    for (const file of [both, await stampOf(between, log), await stampOf(between, second)]) {
      for (const trusted of [log, second]) {
        expect(await judged(between, file, trusted)).toMatchObject({
          problem: null,
          stamp: { tsa: expect.stringContaining('Test TSA') },
        });
      }
    }
  });

  it('shows nothing by a key that signs no trees of that size any more, or by a stranger’s', async () => {
    const { log } = fixture.keys;
    const stranger = await nativeEd25519.importSeed(random(32));
    for (const trusted of [log, second]) {
      expect(await judged(after, await stampOf(after, second), trusted)).toMatchObject({ problem: null });
      const byRetired = await judged(after, await stampOf(after, log), trusted);
      expect(byRetired).toMatchObject({ stamp: null, problem: { code: 'time_stamp_invalid' } });
      expect(byRetired.problem?.message).toContain('signs no tree of');
      const byStranger = await judged(after, await stampOf(after, stranger), trusted);
      expect(byStranger.problem?.message).toContain('no checkpoint of this log');
    }
  });
});
