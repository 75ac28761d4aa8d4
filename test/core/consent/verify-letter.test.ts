/** The receipt of a letter: what it says where it holds, and that it does not hold where anything of it is otherwise. */
import { describe, expect, test } from 'vitest';
import { parseUtf8, utf8 } from '#core/bytes.ts';
import { encodeCanonical, type Json, type JsonObject } from '#core/canonical.ts';
import { checkCode } from '#core/consent/check-code.ts';
import { shownBeside } from '#core/consent/open-receipt.ts';
import type { ShownEvidence, Slice } from '#core/consent/receipt.ts';
import type { Verdict } from '#core/consent/verdict.ts';
import { explainReceipt, readLetterReceipt, readReceipt, verifyReceipt } from '#core/consent/verify-receipt.ts';
import { hashLeaf, useSha256 } from '#core/hash.ts';
import type { Instant } from '#core/instant.ts';
import { portableEd25519 } from '#core/note/ed25519.ts';
import { LOG_STREAM, partyStream } from '#core/tlog/stream.ts';
import { nativeEd25519, nativeP256, nativeSha256 } from '../../../src/native.ts';
import { expectRefusal } from '../../support/failure.ts';
import { changedAt, leavesOf } from './corrupt.ts';
import { ed25519Signer, passkeySigner, told } from './paper-evidence.ts';
import { signedOnPaper, withWitness } from './paper-ink.ts';
import {
  ask,
  BUREAU,
  COMMIT,
  declined,
  drafted,
  IDENTIFIER,
  LENDER,
  LETTER,
  MINUTE,
  OTHER_LENDER,
  openedPaper,
  paperId,
  QUERY_GRANT,
  REL,
  REPORT_GRANT,
  signed,
  signInput,
  TODAY,
} from './paper-ledger.ts';
import { fileOf, keysOf, type LetterParts, letterReceiptOf, receiptOf, signLeaf, verdictOf } from './paper-receipt.ts';

useSha256(nativeSha256);

const keys = await keysOf(0x51);
const passkey = passkeySigner();
const appKey = await ed25519Signer(7);
const honest = await told(keys, passkey);

function newLetter() {
  const paper = withWitness(openedPaper(keys.texts));
  paper.write(drafted(), TODAY - MINUTE);
  return paper;
}
const paper = newLetter();
const line = paper.write(signed({ given: [true, true], declined_items: [[], ['basic']] }), TODAY);
paper.write(ask(), TODAY + 1);
const good = await letterReceiptOf(paper, keys, line);

const opened = (parts: LetterParts): Promise<Verdict> =>
  verifyReceipt(fileOf(parts), keys.vkey, nativeEd25519, nativeP256);
async function expectInvalid(parts: LetterParts | Uint8Array, message: string | RegExp = ''): Promise<void> {
  const verdict = await verdictOf(parts, keys);
  expect(verdict).toMatchObject({
    recorded: 'invalid',
    decision: 'not checked',
    access: null,
    letter: null,
    asOf: null,
  });
  expect(verdict.problem?.message).toMatch(message);
}

describe('a good receipt of a letter', () => {
  test('says what was asked for and answered, clause by clause, and that the rules decide so', async () => {
    const verdict = await verdictOf(good, keys);
    expect(verdict).toMatchObject({
      recorded: 'unwitnessed',
      decision: 're-derived',
      payload: 'withheld',
      asOf: paper.lines.length,
      access: null,
      problem: null,
    });
    const { clauses, ...letter } = verdict.letter as NonNullable<Verdict['letter']>;
    expect(letter).toEqual({
      letter: LETTER,
      stream: REL,
      index: line.index,
      check_code: checkCode(line.leaf),
      leaf: Buffer.from(line.leaf).toString('hex'),
      answer: 'signed',
      time: TODAY,
      signed_at: signInput().signed_at,
      grantee: LENDER,
      template: null,
      evidence: { grade: 'B', kind: 'ed25519', method: 'identity_provider', identified_by: IDENTIFIER },
    });
    expect(
      clauses.map(({ grant, action, doors, given, declined_items: left }) => [grant, action, doors, given, left]),
    ).toEqual([
      [QUERY_GRANT, 'QUERY', [BUREAU], true, []],
      [REPORT_GRANT, 'REPORT', [BUREAU], true, ['basic']],
    ]);
    expect(clauses[1]?.items).toContain('basic');
    expect(verdict.facts.map(({ en }) => en)).toEqual([
      `seq ${line.entry.seq} letter.signed: signed with evidence of grade B (identity_provider; the person identified by party ${IDENTIFIER})`,
    ]);
  });

  test('of a clause whose every item was declined says that it was not given', async () => {
    const none = newLetter();
    const [, report] = (await verdictOf(good, keys)).letter?.clauses ?? [];
    const { items = [] } = report ?? {};
    const answer = none.write(signed({ given: [false, true], declined_items: [[], items] }), TODAY);
    const { letter } = await verdictOf(await letterReceiptOf(none, keys, answer), keys);
    expect(letter?.clauses.map(({ given }) => given)).toEqual([false, false]);
  });

  test('of a refusal says that nothing was given', async () => {
    const refusal = newLetter();
    const answer = refusal.write(declined(), TODAY);
    const verdict = await verdictOf(await letterReceiptOf(refusal, keys, answer), keys);
    expect(verdict).toMatchObject({ recorded: 'unwitnessed', decision: 're-derived', letter: { answer: 'declined' } });
    expect(verdict.letter?.clauses.map(({ given }) => given)).toEqual([false, false]);
  });

  test('of a letter in ink says so, and which scan was brought in', async () => {
    const ink = newLetter();
    const answer = ink.write(signedOnPaper(), TODAY);
    const verdict = await verdictOf(await letterReceiptOf(ink, keys, answer), keys);
    expect(verdict.letter).toMatchObject({
      answer: 'signed_on_paper',
      evidence: { grade: 'C', identified_by: LENDER },
    });
    expect(verdict.papers).toEqual([{ seq: answer.entry.seq, letter: LETTER, scan: answer.entry.body['scan'] }]);
  });

  test('is the same under the portable Ed25519, and with one line break at its end', async () => {
    const verdict = await verdictOf(good, keys);
    expect(await verifyReceipt(fileOf(good), keys.vkey, portableEd25519)).toEqual(verdict);
    expect(await verdictOf(utf8(`${parseUtf8(fileOf(good))}\n`), keys)).toEqual(verdict);
  });

  test('is read as what it is, and nothing is explained of it', async () => {
    expect((await readLetterReceipt(fileOf(good), keys.vkey, nativeEd25519)).letter.letter).toBe(LETTER);
    await expectRefusal('receipt_invalid', readReceipt(fileOf(good), keys.vkey, nativeEd25519));
    await expectRefusal('entry_invalid', explainReceipt(fileOf(good), keys.vkey, nativeEd25519));
    const access = await receiptOf(paper, keys, paper.lines.at(-1) as typeof line);
    await expectRefusal('receipt_invalid', readLetterReceipt(fileOf(access), keys.vkey, nativeEd25519));
  });
});

describe('a receipt of a letter that its subject opens', () => {
  test.each([
    ['an Ed25519 key', appKey],
    ['a passkey', passkey],
  ] as const)('shows which key signed just this text, by %s', async (_what, signer) => {
    const verdict = await opened((await told(keys, signer)).letter);
    expect(verdict).toMatchObject({ recorded: 'unwitnessed', payload: 'opened', problem: null });
    expect(verdict.signatures).toEqual([
      expect.objectContaining({ seq: 2, key: signer.key, signature: 'verified', text: '示例授权书（纸上）' }),
    ]);
    expect(verdict.facts.map(({ en }) => en)).toEqual([
      'seq 2 letter.signed: that its key had not ended, and that it was its subject who was identified',
    ]);
  });

  test('is found where a keeper who turned shows another signature, text or person', async () => {
    for (const lies of [
      { signer: passkeySigner() },
      { text: '另一' },
      { person: paperId(0xe9) },
      { statement: { nonce: 'x' } },
    ]) {
      const { letter } = await told(keys, passkey, lies as never);
      expect(await opened(letter)).toMatchObject({ recorded: 'invalid', letter: null, signatures: [] });
    }
  });

  test('opens nothing that came after it, nor what nobody signed', async () => {
    const later = (honest.parts.evidence as ShownEvidence).opened.filter(({ seq }) => seq === 3);
    const evidence = honest.letter.evidence as ShownEvidence;
    const more = { ...honest.letter, evidence: { ...evidence, opened: [...evidence.opened, ...later] } };
    expect((await opened(more)).problem?.message).toContain('did not sign');
  });

  test('is found wherever any one text or number of the file is another (attack 109)', async () => {
    const value = JSON.parse(parseUtf8(fileOf(honest.letter))) as JsonObject;
    const ways = leavesOf(value);
    expect(ways.length).toBeGreaterThan(50);
    for (const way of ways) {
      const file = encodeCanonical(changedAt(value, way));
      const verdict = await verifyReceipt(file, keys.vkey, nativeEd25519, nativeP256);
      expect([way.join('.'), verdict.recorded]).toEqual([way.join('.'), 'invalid']);
    }
  });
});

describe('a receipt of a letter is found', () => {
  const sliceAt = (place: number): Slice => good.slices[place] as Slice;

  test('as another kind, under another id, or ending with something else', async () => {
    const value = JSON.parse(parseUtf8(fileOf(good))) as Record<string, Json>;
    const { letter, ...rest } = value;
    await expectInvalid(encodeCanonical({ ...rest, kind: 'access', access: letter as Json }));
    await expectInvalid(encodeCanonical({ ...value, kind: 'paper' }));
    await expectInvalid(encodeCanonical({ ...value, access: letter as Json }));
    await expectInvalid({ ...good, letter: paperId(0xe2) }, 'does not end with the letter');
    const draft = paper.lines.find(({ entry }) => entry.type === 'letter.drafted') as typeof line;
    await expectInvalid(await letterReceiptOf(paper, keys, draft), 'does not end with the letter');
  });

  test('without any of its slices, with one twice, and with one that no decision read', async () => {
    expect(good.slices).toHaveLength(2);
    for (const place of good.slices.keys()) await expectInvalid({ ...good, slices: good.slices.toSpliced(place, 1) });
    for (const slice of good.slices) await expectInvalid({ ...good, slices: [...good.slices, slice] });
    await expectInvalid({ ...good, slices: good.slices.toReversed() });
    const others = [...shownBeside(line.entry), partyStream(LENDER)];
    await expectInvalid(await letterReceiptOf(paper, keys, line, { others }), 'a slice that the decision did not read');
  });

  test('with an entry or a signature less, more, or elsewhere', async () => {
    for (const place of good.slices.keys()) {
      const slice = sliceAt(place);
      const withSlice = (change: Partial<Slice>) => ({
        ...good,
        slices: good.slices.with(place, { ...slice, ...change }),
      });
      for (const each of slice.entries.keys()) {
        const entries = slice.entries.toSpliced(each, 1);
        await expectInvalid(withSlice({ entries }));
        await expectInvalid(withSlice({ entries, signatures: slice.signatures.toSpliced(each, 1) }));
        const twice = slice.entries.toSpliced(each, 0, slice.entries[each] as string);
        await expectInvalid(withSlice({ entries: twice }));
      }
    }
  });

  test('where a keeper signs other ticks than stand in the tree', async () => {
    const own = sliceAt(0);
    const text = (own.entries.at(-1) as string).replace('"given":[true,true]', '"given":[false,true]');
    expect(text).not.toBe(own.entries.at(-1));
    const forged = {
      ...own,
      entries: own.entries.with(-1, text),
      // The issuing key's own signature.
      signatures: own.signatures.with(-1, await signLeaf(keys, hashLeaf(utf8(text)))),
    };
    await expectInvalid({ ...good, slices: good.slices.with(0, forged) });
  });

  test('where a keeper writes what no rule permits, all of it in the tree', async () => {
    const body = (change: JsonObject): JsonObject => ({ ...line.entry.body, ...change });
    const forge = async (change: JsonObject, commit: typeof COMMIT | null = COMMIT) => {
      const ledger = newLetter();
      const forged = ledger.forge({
        stream: REL,
        type: 'letter.signed',
        time: TODAY as Instant,
        body: body(change),
        commit,
      });
      return letterReceiptOf(ledger, keys, forged, { others: [LOG_STREAM] });
    };
    expect((await verdictOf(await forge({}), keys)).problem).toBeNull();
    await expectInvalid(await forge({}, null), 'has no payload');
    await expectInvalid(await forge({ quiet: [null, TODAY] }), 'is decided otherwise');
    await expectInvalid(await forge({ given: [true] }), 'no rule permits');
    await expectInvalid(await forge({ declined_items: [[], ['other']] }), 'no rule permits');
    const grade = { grade: 'A', kind: 'ed25519', method: 'link', identified_by: null };
    await expectInvalid(await forge({ evidence: grade }), 'the grade of its evidence');
    await expectInvalid(await forge({ saw: 'x' }), /./);
    await expectInvalid(await forge({ signed_at: TODAY + 10 * MINUTE }), 'no rule permits');
  });

  test('in another log, or of another lender’s own making, is of no trusted key', async () => {
    const strangers = await keysOf(0x61);
    expect((await verdictOf(good, strangers)).recorded).toBe('invalid');
    expect(OTHER_LENDER).not.toBe(LENDER);
    const stranger = newLetter();
    const answer = stranger.write(signed(), TODAY);
    await expectInvalid(await letterReceiptOf(stranger, strangers, answer));
  });
});
