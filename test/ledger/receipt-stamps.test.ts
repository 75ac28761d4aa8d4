/** Time-stamps of a log whose key was exchanged: a receipt is shown by the keys that signed trees of the stamped size, and by no other. */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseUtf8, utf8 } from '#core/bytes.ts';
import { LOG_OVERLAP_MS_MIN } from '#core/consent/log-key.ts';
import { parseReceipt } from '#core/consent/receipt.ts';
import { checkpointNoteOf } from '#core/consent/receipt-checkpoint.ts';
import type { AccessId } from '#core/ids.ts';
import type { Instant } from '#core/instant.ts';
import type { SigningKey } from '#core/note/ed25519.ts';
import { openAnyCheckpoint, signCheckpoint } from '#core/tlog/checkpoint.ts';
import { retireLogKey } from '#service/log-keys.ts';
import { receiptOf } from '#service/receipts.ts';
import { insertTimeStamp } from '#store/time-stamps.ts';
import { formatStamped } from '#time-stamp/file.ts';
import { judgeStamp } from '#time-stamp/receipt-stamp.ts';
import { nativeEd25519 } from '../../src/native.ts';
import { askTsa } from '../../src/node/time-stamp/ask.ts';
import { auditStamps } from '../../src/node/time-stamp/audit-stamps.ts';
import { ask, calledByKeeper, signedScene } from '../support/actors.ts';
import { undone } from '../support/attack.ts';
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
  const sizeOf = (file: Uint8Array) => Number(JSON.parse(parseUtf8(file)).checkpoint.split('\n')[1]);
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

  it('is a finding of the audit where a key that was retired by then signed it alone', async () => {
    const { log } = fixture.keys;
    const audited = async (file: Uint8Array) =>
      undone(fixture, async (tx) => {
        await insertTimeStamp(tx, { size: sizeOf(file), not_later_than: Date.now() as Instant, file: parseUtf8(file) });
        const report = await fixture.auditIn(tx);
        return auditStamps(tx, report, { vkey: fixture.vkey, certificates: readFileSync(tsa.ca, 'utf8') });
      });
    expect(await audited(await stampOf(after, second))).toMatchObject({ held: 1, findings: [] });
    const { findings } = await audited(await stampOf(after, log));
    expect(findings).toEqual([
      expect.objectContaining({ message: 'is signed by no log key that signed trees of that size', fork: null }),
    ]);
  });
});
