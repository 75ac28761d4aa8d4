import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { concat, parseUtf8, toBase64Url, utf8 } from '#core/bytes.ts';
import { encodeCanonical, type Json, type JsonObject } from '#core/canonical.ts';
import { discloseReceipt, openableParts } from '#core/consent/disclose.ts';
import { ENGINE } from '#core/consent/engine.ts';
import { parseReceipt, RECEIPT_BYTES_MAX, SLICES_MAX, type Slice } from '#core/consent/receipt.ts';
import { commandOf, decide, sawOf, touches } from '#core/consent/rules.ts';
import type { Verdict } from '#core/consent/verdict.ts';
import { verifyReceipt } from '#core/consent/verify-receipt.ts';
import { hashLeaf, hashText, useSha256 } from '#core/hash.ts';
import type { AccessId, LetterId } from '#core/ids.ts';
import type { Instant } from '#core/instant.ts';
import { portableEd25519 } from '#core/note/ed25519.ts';
import { type Entry, encodeEntry, parseEntry } from '#core/tlog/entry.ts';
import { commitTo, digestParts, type Payload } from '#core/tlog/payload.ts';
import { formatTlogProof, parseTlogProof } from '#core/tlog/proof.ts';
import { LOG_STREAM, partyStream, refusedStream, relationshipStream } from '#core/tlog/stream.ts';
import { parseIndex } from '#core/tlog/tree.ts';
import { nativeSha256 } from '../../../src/native.ts';
import { expectFailure } from '../../support/failure.ts';
import { signedOnPaper, withWitness } from './paper-ink.ts';
import {
  ask,
  askInput,
  BUREAU,
  COMMIT,
  calledBy,
  DAY,
  drafted,
  draftInput,
  LENDER,
  LETTER,
  type Line,
  LOG,
  MINUTE,
  OTHER_BUREAU,
  OTHER_LENDER,
  openedPaper,
  openPaper,
  operatorOf,
  type Paper,
  paperId,
  QUERY_GRANT,
  REL,
  redeemed,
  refusedInput,
  relationshipOf,
  revoked,
  revokeInput,
  sealedBy,
  settled,
  signedPaper,
  signInput,
  TODAY,
  terms,
} from './paper-ledger.ts';
import { fileOf, keysOf, type Parts, receiptOf, signLeaf, verdictOf } from './paper-receipt.ts';

useSha256(nativeSha256);

const keys = await keysOf(0x11);
const strangers = await keysOf(0x31);
const LATER = TODAY + DAY;
const at = (ms: number) => ms as Instant;

/** A ledger with an allow, a revocation, a deny, a refusal, and something after them. */
const paper = signedPaper(keys.texts);
const allowed = paper.write(ask(), LATER);
paper.write(revoked({ signed_at: at(LATER) }), LATER);
// Of another purpose: the permit for the same is still out.
const denied = paper.write(ask({ purpose: 'post_loan' }), LATER);
const CLAIMED: Payload = {
  claimed: { owner: 'party', salt: new Uint8Array(32).fill(9), value: { handle: 'f'.repeat(32), ground: {} } },
};
const refused = paper.write(
  { type: 'access.refused', stream: refusedStream(LENDER), input: refusedInput() },
  LATER,
  commitTo(digestParts(CLAIMED)),
);
paper.write(ask({ purpose: 'marketing' }), LATER);

const good = await receiptOf(paper, keys, allowed);
const goodDeny = await receiptOf(paper, keys, denied);

async function expectInvalid(parts: Parts | Uint8Array, by: Pick<typeof keys, 'vkey'> = keys): Promise<Verdict> {
  const verdict = await verdictOf(parts, by);
  expect(verdict).toMatchObject({
    recorded: 'invalid',
    decision: 'not checked',
    payload: 'withheld',
    access: null,
    letter: null,
    asOf: null,
    facts: [],
    signatures: [],
    papers: [],
    names: {},
  });
  expect(verdict.problem).not.toBeNull();
  return verdict;
}
const sliceAt = (parts: Parts, place: number): Slice => parts.slices[place] as Slice;
const withSlice = (parts: Parts, place: number, change: Partial<Slice>): Parts => ({
  ...parts,
  slices: parts.slices.with(place, { ...sliceAt(parts, place), ...change }),
});

describe('a good receipt', () => {
  test('of an allow says what was recorded, and that the rules decide so', async () => {
    const verdict = await verdictOf(good, keys);
    expect(verdict).toMatchObject({
      recorded: 'unwitnessed',
      decision: 're-derived',
      payload: 'withheld',
      asOf: paper.lines.length,
      problem: null,
    });
    expect(verdict.access).toMatchObject({
      access: allowed.entry.body['access'],
      stream: REL,
      index: allowed.index,
      time: LATER,
      principal: LENDER,
      action: 'QUERY',
      purpose: 'loan_apply',
      items: ['credit_report'],
      door: BUREAU,
      ground: { grant: QUERY_GRANT },
      decision: 'allow',
      codes: [],
      engine: ENGINE,
    });
    expect(verdict.facts).toHaveLength(1);
    expect(verdict.facts[0]?.en).toContain('letter.signed: signed with evidence of grade B');
  });

  test('of an access under a letter signed in ink says so, of which grade, and of which scan', async () => {
    const ink = withWitness(openedPaper(keys.texts));
    ink.write(drafted(), TODAY - MINUTE);
    const { entry } = ink.write(signedOnPaper(), TODAY);
    const verdict = await verdictOf(await receiptOf(ink, keys, ink.write(ask(), TODAY)), keys);
    expect(verdict).toMatchObject({ recorded: 'unwitnessed', decision: 're-derived', access: { decision: 'allow' } });
    expect(verdict.facts.map(({ en }) => en)).toEqual([
      `seq ${entry.seq} letter.signed_on_paper: signed with evidence of grade C (counter; the person identified by party ${LENDER})`,
    ]);
    expect(verdict.papers).toEqual([{ seq: entry.seq, letter: LETTER, scan: entry.body['scan'] }]);
    expect((await verdictOf(good, keys)).papers).toEqual([]);
  });

  test('of a deny says why', async () => {
    const verdict = await verdictOf(goodDeny, keys);
    expect(verdict.access).toMatchObject({ decision: 'deny', codes: ['REVOKED'] });
    expect(verdict.decision).toBe('re-derived');
    expect(verdict.facts).toHaveLength(2);
  });

  describe('after its permit was taken and settled', () => {
    const released = signedPaper(keys.texts);
    const first = released.write(ask(), LATER);
    const access = first.entry.body['access'] as AccessId;
    const taken = released.write(redeemed({ access }), LATER + 1);
    const told = released.write(settled({ access }), LATER + 2);
    const second = released.write(ask(), LATER + 3);
    const othersOf = (line: Line) => ({ others: touches(commandOf(line.entry)).slice(1) });

    test('says of this access and of the next what was decided', async () => {
      for (const line of [first, second]) {
        const verdict = await verdictOf(await receiptOf(released, keys, line), keys);
        expect(verdict).toMatchObject({ recorded: 'unwitnessed', decision: 're-derived', problem: null });
        expect(verdict.access).toMatchObject({ access: line.entry.body['access'], decision: 'allow', codes: [] });
      }
    });

    test.each([
      ['redemption', taken],
      ['settlement', told],
    ] as const)('is no receipt of its %s: that is no access', async (_what, line) => {
      const parts = await receiptOf(released, keys, line, othersOf(line));
      expect(await verdictOf(parts, keys)).toMatchObject({ recorded: 'invalid', access: null });
    });
  });

  test('of a refusal says that it rests on what the ledger attests', async () => {
    const verdict = await verdictOf(await receiptOf(paper, keys, refused), keys);
    expect(verdict).toMatchObject({ recorded: 'unwitnessed', decision: 'attested', payload: 'withheld' });
    expect(verdict.access).toMatchObject({ decision: 'deny', codes: ['PARTY'], ground: null, door: BUREAU });
  });

  test('is the same under any later checkpoint, and under the portable Ed25519', async () => {
    for (const size of [allowed.index + 1, allowed.index + 2, paper.lines.length]) {
      expect(await verdictOf(await receiptOf(paper, keys, allowed, { size }), keys)).toMatchObject({
        recorded: 'unwitnessed',
        asOf: size,
      });
    }
    expect(await verifyReceipt(fileOf(good), keys.vkey, portableEd25519)).toEqual(await verdictOf(good, keys));
  });

  test('may end in one line break, as editors leave one, and not in two', async () => {
    const file = fileOf(good);
    expect((await verdictOf(concat(file, utf8('\n')), keys)).problem).toBeNull();
    await expectInvalid(concat(file, utf8('\n\n')));
    await expectInvalid(concat(file, utf8('\r\n')));
    await expectInvalid(concat(file, utf8(' ')));
    await expectInvalid(concat(utf8('\n'), file));
  });
});

describe('a receipt’s file', () => {
  test.each([
    ['empty', new Uint8Array(0)],
    ['no JSON', utf8('receipt')],
    ['no UTF-8', new Uint8Array([0x7b, 0xff, 0x7d])],
    ['a list', utf8('[]')],
    ['an empty object', utf8('{}')],
    ['__proto__', utf8(parseUtf8(fileOf(good)).replace('{"access"', '{"__proto__":{},"access"'))],
    ['nested deeper than any reader goes', utf8('['.repeat(1_000_000))],
    ['nested and closed', utf8(`${'['.repeat(100_000)}${']'.repeat(100_000)}`)],
    ['not canonical', utf8(parseUtf8(fileOf(good)).replace(':', ': '))],
    ['with a byte order mark', concat(new Uint8Array([0xef, 0xbb, 0xbf]), fileOf(good))],
    ['twice', concat(fileOf(good), fileOf(good))],
    ['cut off', fileOf(good).subarray(0, -1)],
  ])('is no receipt when it is %s', async (_what, bytes) => {
    expect((await expectInvalid(bytes)).problem?.code).toBe('receipt_invalid');
  });

  test('is not even read beyond its largest size', async () => {
    const bytes = new Uint8Array(RECEIPT_BYTES_MAX + 1).fill(0x20);
    expect((await expectInvalid(bytes)).problem?.message).toContain('too large');
    bytes.set(fileOf(good));
    await expectInvalid(bytes);
  });

  const FIELDS = ['v', 'kind', 'log', 'access', 'slices', 'opened'];
  test.each(FIELDS)('is refused without %s, or with something else for it', async (name) => {
    const value = JSON.parse(parseUtf8(fileOf(good))) as Record<string, Json>;
    const { [name]: _gone, ...less } = value;
    await expectInvalid(encodeCanonical(less));
    for (const other of [null, 2, 'x', '', [], {}, [null], [{}]] as Json[]) {
      if (name === 'opened' && Array.isArray(other) && other.length === 0) continue;
      await expectInvalid(encodeCanonical({ ...value, [name]: other }));
    }
  });

  test('is refused with a field more, or with more slices than any receipt has', async () => {
    const value = JSON.parse(parseUtf8(fileOf(good))) as JsonObject;
    await expectInvalid(encodeCanonical({ ...value, vkey: keys.texts.log_key }));
    await expectInvalid({ ...good, slices: Array(SLICES_MAX + 1).fill(sliceAt(good, 0)) });
  });
});

describe('the slices of a receipt', () => {
  test('are all there', async () => {
    for (const place of good.slices.keys()) await expectInvalid({ ...good, slices: good.slices.toSpliced(place, 1) });
    await expectInvalid({ ...good, slices: [] });
  });

  test('begin with the access’s own', async () => {
    const [own, ...others] = good.slices as [Slice, ...Slice[]];
    for (const place of others.keys()) await expectInvalid({ ...good, slices: others.toSpliced(place + 1, 0, own) });
    // The order of the others says nothing.
    expect((await verdictOf({ ...good, slices: [own, ...others.toReversed()] }, keys)).problem).toBeNull();
  });

  test('are of one stream each', async () => {
    for (const slice of good.slices) await expectInvalid({ ...good, slices: [...good.slices, slice] });
    const deny = sliceAt(goodDeny, 0);
    await expectInvalid({ ...good, slices: [...good.slices, deny] });
  });

  test('are those that the decision read, and no other, however true it is', async () => {
    const [log, lender, door] = [LOG_STREAM, partyStream(LENDER), partyStream(BUREAU)];
    for (const stream of [partyStream(OTHER_BUREAU), partyStream(OTHER_LENDER), refusedStream(LENDER)]) {
      const access = paper.lines.at(-1) as Line;
      const verdict = await expectInvalid(
        await receiptOf(paper, keys, access, { others: [log, lender, door, stream] }),
      );
      expect(verdict.problem).toEqual({
        code: 'receipt_invalid',
        message: 'a slice that the decision did not read',
      });
      expect((await verdictOf(await receiptOf(paper, keys, access), keys)).problem).toBeNull();
    }
    const beside = await receiptOf(paper, keys, refused, { others: [log, lender, REL] });
    expect((await expectInvalid(beside)).problem?.message).toBe('a slice that the decision did not read');
  });

  test('hold every entry, in order, once', async () => {
    for (const [place, { entries, signatures }] of good.slices.entries()) {
      for (let each = 0; each < entries.length; each++) {
        const cut = (list: readonly string[]) => list.toSpliced(each, 1);
        const twice = (list: readonly string[]) => list.toSpliced(each, 0, list[each] as string);
        for (const change of [cut, twice]) {
          await expectInvalid(withSlice(good, place, { entries: change(entries), signatures: change(signatures) }));
        }
        await expectInvalid(withSlice(good, place, { entries: cut(entries) }));
        await expectInvalid(withSlice(good, place, { signatures: cut(signatures) }));
      }
      if (entries.length < 2) continue;
      const turned = { entries: entries.toReversed(), signatures: signatures.toReversed() };
      await expectInvalid(withSlice(good, place, turned));
      await expectInvalid(withSlice(good, place, { signatures: turned.signatures }));
    }
  });

  test('can’t be cut before the revocation: the access is chained over it', async () => {
    const { entries, signatures } = sliceAt(goodDeny, 0);
    const place = entries.findIndex((text) => text.includes('"grant.revoked"'));
    const without = { entries: entries.toSpliced(place, 1), signatures: signatures.toSpliced(place, 1) };
    expect((await expectInvalid(withSlice(goodDeny, 0, without))).problem?.code).toBe('proof_invalid');
    const truncated = { entries: entries.slice(0, place), signatures: signatures.slice(0, place) };
    await expectInvalid(withSlice(goodDeny, 0, truncated));
  });

  test('can’t be chained anew without the revocation: the tree has another leaf', async () => {
    const { entries, signatures } = sliceAt(goodDeny, 0);
    const place = entries.findIndex((text) => text.includes('"grant.revoked"'));
    const before = parseEntry(utf8(entries[place - 1] as string));
    const access = parseEntry(utf8(entries.at(-1) as string));
    const body = { ...access.body, decision: 'allow', codes: [] };
    const leaf = hashLeaf(utf8(entries[place - 1] as string));
    const forged = encodeEntry({ ...access, seq: before.seq + 1, prev: leaf, body });
    const kept = entries.slice(0, place);
    // Even with the issuing key's own signature.
    const signature = await signLeaf(keys, hashLeaf(forged));
    const change = { entries: [...kept, parseUtf8(forged)], signatures: [...signatures.slice(0, place), signature] };
    const verdict = await expectInvalid(withSlice(goodDeny, 0, change));
    expect(verdict.problem).toEqual({ code: 'proof_invalid', message: 'the proof leads to another root' });
  });

  test('of another stream, log or access are refused', async () => {
    const elsewhere = relationshipStream(paperId(0xdd));
    await expectInvalid(withSlice(good, 0, { stream: elsewhere }));
    await expectInvalid({ ...good, access: paperId(1) });
    await expectInvalid({ ...good, access: denied.entry.body['access'] as never });
    await expectInvalid({ ...good, log: `${LOG}2` });
    const { entries, signatures, proof } = sliceAt(good, 0);
    const upToLetter = { entries: entries.slice(0, -1), signatures: signatures.slice(0, -1), proof };
    await expectInvalid(withSlice(good, 0, upToLetter));
  });

  test('that end before what the decision saw are refused', async () => {
    const ledger = signedPaper(keys.texts);
    const input = {
      key: 'A'.repeat(43),
      operator: operatorOf(LENDER, 'query'),
      duty: 'query',
      ...calledBy(LENDER, 'admin'),
    } as const;
    ledger.write({ type: 'party.key_added', stream: partyStream(LENDER), input }, TODAY);
    const access = ledger.write(ask(), LATER);
    const receipt = await receiptOf(ledger, keys, access);
    expect((await verdictOf(receipt, keys)).problem).toBeNull();
    const registration = ledger.lines.find((line) => line.entry.stream === partyStream(LENDER)) as Line;
    const early = await receiptOf(ledger, keys, { ...access, index: registration.index }, { others: [] }).catch(
      () => null,
    );
    expect(early).toBeNull();
    const cut = await sliceUpTo(ledger, registration);
    await expectInvalid({ ...receipt, slices: receipt.slices.with(2, cut) });
  });
});

/** A valid slice of a stream up to a line, under the checkpoint of all. */
async function sliceUpTo(ledger: Paper, line: Line): Promise<Slice> {
  const whole = await receiptOf(
    ledger,
    keys,
    { ...line, entry: { ...line.entry, body: { access: '' } } },
    { others: [] },
  );
  return sliceAt(whole, 0);
}

describe('the keys behind a receipt', () => {
  test('are the trusted log’s, whatever the receipt says', async () => {
    await expectInvalid(good, strangers);
    await expectInvalid(good, await keysOf(0x11, `${LOG}2`));
    expect((await verdictOf(await receiptOf(paper, strangers, allowed), strangers)).problem?.message).toContain(
      'another key than the trusted one',
    );
  });

  test('sign every entry: another issuing key is refused, for any of them', async () => {
    const mixed = { ...keys, issuing: strangers.issuing };
    await expectInvalid(await receiptOf(paper, mixed, allowed));
    const other = await receiptOf(paper, mixed, allowed);
    for (const [place, { signatures }] of good.slices.entries()) {
      for (let each = 0; each < signatures.length; each++) {
        const wrong = signatures.with(each, sliceAt(other, place).signatures[each] as string);
        expect((await expectInvalid(withSlice(good, place, { signatures: wrong }))).problem?.code).toBe(
          'signature_invalid',
        );
      }
    }
  });

  test('sign the checkpoint: one of another log, or of none, is refused', async () => {
    const other = await receiptOf(paper, { ...keys, vkey: { ...keys.vkey, name: `${LOG}2` } }, allowed);
    await expectInvalid({ ...good, slices: other.slices });
    const forged = await receiptOf(paper, { ...keys, log: strangers.log }, allowed);
    await expectInvalid(forged);
  });

  test('sign leaves, not bytes: a signature over anything else is refused', async () => {
    const { signatures } = sliceAt(good, 0);
    const raw = toBase64Url(await keys.issuing.sign(allowed.leaf));
    await expectInvalid(withSlice(good, 0, { signatures: signatures.with(-1, raw) }));
    for (const text of ['', 'A', 'A'.repeat(86), '!'.repeat(86)]) {
      await expectInvalid(withSlice(good, 0, { signatures: signatures.with(-1, text) }));
    }
  });
});

describe('the checkpoints of a receipt', () => {
  /** The same ledger, with another history behind it: what a keeper shows to somebody else. */
  const forked = signedPaper(keys.texts);
  forked.write(ask(), LATER);
  while (forked.lines.length < paper.lines.length) forked.write(ask({ purpose: 'marketing' }), LATER);

  test('are one', async () => {
    const smaller = await receiptOf(paper, keys, allowed, { size: allowed.index + 1 });
    const mixed = { ...good, slices: good.slices.with(1, sliceAt(smaller, 1)) };
    expect((await expectInvalid(mixed)).problem?.message).toContain('different checkpoints');
  });

  test('of one size and two roots are evidence against the keeper: diverged', async () => {
    const other = await receiptOf(forked, keys, forked.lines[allowed.index] as Line);
    const verdict = await verdictOf({ ...good, slices: good.slices.with(2, sliceAt(other, 2)) }, keys);
    expect(verdict).toMatchObject({ recorded: 'diverged', decision: 'not checked', access: null });
    expect(verdict.problem?.message).toContain('keep this file');
  });

  test('diverge wherever they stand among others', async () => {
    const other = await receiptOf(forked, keys, forked.lines[allowed.index] as Line);
    const smaller = await receiptOf(paper, keys, allowed, { size: allowed.index + 1 });
    const mixed = [sliceAt(good, 0), sliceAt(smaller, 1), sliceAt(other, 2)];
    for (const slices of [mixed, mixed.toReversed(), [mixed[1], mixed[0], mixed[2]] as Slice[]]) {
      expect((await verdictOf({ ...good, slices }, keys)).recorded).toBe('diverged');
    }
  });

  test('diverge only by the trusted key’s own signature: nobody else can accuse the keeper', async () => {
    const other = await receiptOf(forked, { ...keys, log: strangers.log }, forked.lines[allowed.index] as Line);
    await expectInvalid({ ...good, slices: good.slices.with(2, sliceAt(other, 2)) });
  });

  test('carry others’ signatures and notes that nobody vouches for, and that change nothing', async () => {
    const decorate = (proof: string, extra: boolean) => {
      const read = parseTlogProof(proof);
      const line = `— witness.example ${Buffer.from('0000deadbeef').toString('base64')}\n`;
      return formatTlogProof({
        ...read,
        checkpoint: extra ? read.checkpoint : `${read.checkpoint}${line}`,
        ...(extra && { extra: utf8('anything') }),
      });
    };
    for (const extra of [true, false]) {
      const slices = good.slices.map((slice) => ({ ...slice, proof: decorate(slice.proof, extra) }));
      expect((await verdictOf({ ...good, slices }, keys)).problem).toBeNull();
    }
  });

  test('and proofs are of the right place', async () => {
    const { proof } = sliceAt(good, 0);
    const read = parseTlogProof(proof);
    for (const index of [0, allowed.index - 1, allowed.index + 1, paper.lines.length, 2 ** 40]) {
      await expectInvalid(withSlice(good, 0, { proof: formatTlogProof({ ...read, index: parseIndex(index) }) }));
    }
    await expectInvalid(withSlice(good, 0, { proof: sliceAt(good, 1).proof }));
    await expectInvalid(withSlice(good, 0, { proof: 'x' }));
  });
});

describe('a keeper with all keys', () => {
  /** Forges the access that ends a ledger, and its receipt. */
  async function forge(ledger: Paper, change: Partial<Entry>, body: JsonObject): Promise<Verdict> {
    const line = ledger.forge({ stream: REL, type: 'access.decided', time: at(LATER), ...change, body });
    return verdictOf(await receiptOf(ledger, keys, line), keys);
  }
  const decidedBody = (ledger: Paper, time = LATER) => decide(ledger, ask(), at(time));

  test('can write an honest access by hand', async () => {
    const ledger = signedPaper(keys.texts);
    expect((await forge(ledger, {}, decidedBody(ledger))).problem).toBeNull();
  });

  test('can’t say allow where the rules say deny, nor deny where they say allow', async () => {
    const ledger = signedPaper(keys.texts);
    ledger.write(revoked(), TODAY);
    const body = decidedBody(ledger);
    expect(body['codes']).toEqual(['REVOKED']);
    const verdict = await forge(ledger, {}, { ...body, decision: 'allow', codes: [] });
    expect(verdict).toMatchObject({ recorded: 'invalid', problem: { code: 'entry_invalid' } });
    const other = signedPaper(keys.texts);
    expect((await forge(other, {}, { ...decidedBody(other), decision: 'deny', codes: ['PURPOSE'] })).recorded).toBe(
      'invalid',
    );
    const half = signedPaper(keys.texts);
    expect((await forge(half, {}, { ...decidedBody(half), decision: 'deny' })).recorded).toBe('invalid');
  });

  test('can’t decide before other facts than the receipt shows', async () => {
    const ledger = signedPaper(keys.texts);
    expect((await forge(ledger, {}, { ...decidedBody(ledger), saw: hashText(hashLeaf(utf8(''))) })).recorded).toBe(
      'invalid',
    );
  });

  test('can’t have a decision that this code’s rules do not know', async () => {
    const ledger = signedPaper(keys.texts);
    expect((await forge(ledger, { type: 'access.granted' }, decidedBody(ledger))).recorded).toBe('invalid');
    const newer = signedPaper(keys.texts);
    expect((await forge(newer, {}, { ...decidedBody(newer), engine: ENGINE + 1 })).problem?.message).toContain('newer');
  });

  test('can’t date an access back behind the entry before it', async () => {
    const ledger = signedPaper(keys.texts);
    const end = TODAY + 365 * DAY;
    ledger.write(ask(), end);
    const body = decidedBody(ledger, end - 1);
    expect(body['decision']).toBe('allow');
    expect((await forge(ledger, { time: at(end - 1) }, body)).recorded).toBe('invalid');
    const same = signedPaper(keys.texts);
    same.write(ask(), LATER);
    expect((await forge(same, { time: at(LATER) }, decidedBody(same))).problem).toBeNull();
  });

  test('can’t date an access back behind what it saw', async () => {
    const ledger = signedPaper(keys.texts);
    const end = TODAY + 365 * DAY;
    const input = {
      key: 'A'.repeat(43),
      operator: operatorOf(LENDER, 'query'),
      duty: 'query',
      ...calledBy(LENDER, 'admin'),
    } as const;
    ledger.write({ type: 'party.key_added', stream: partyStream(LENDER), input }, end);
    expect((await forge(ledger, { time: at(end - 1) }, decidedBody(ledger, end - 1))).recorded).toBe('invalid');
  });

  test('can’t open the relationship a second time to forget a revocation', async () => {
    const ledger = signedPaper(keys.texts);
    const opening = ledger.lines.find((line) => line.entry.stream === REL) as Line;
    ledger.write(revoked(), TODAY);
    ledger.forge({ ...opening.entry, prev: ledger.head(REL)?.leaf as never, seq: 4, time: at(TODAY) });
    const fresh = signedPaper(keys.texts);
    const body = { ...decidedBody(fresh), saw: decidedBody(ledger)['saw'] as string };
    // The letter drafted and signed anew, with the person's old signature for all that the chain can tell.
    for (const [type, input] of [
      ['letter.drafted', { ...draftInput(), saw: hashText(hashLeaf(utf8(''))) }],
      ['letter.signed', signInput()],
    ] as const) {
      ledger.forge({ stream: REL, type, time: at(TODAY), body: input as unknown as JsonObject, commit: COMMIT });
    }
    expect(await forge(ledger, {}, body)).toMatchObject({ recorded: 'invalid' });
  });

  test('can’t give a grant that was taken back once more under its id', async () => {
    const ledger = signedPaper(keys.texts);
    ledger.write(revoked(), TODAY);
    const letter = paperId<LetterId>(0xe9);
    const draft = { ...draftInput({ letter, grants: [terms()] }), saw: hashText(hashLeaf(utf8(''))) };
    const written = { stream: REL, time: at(TODAY), commit: COMMIT };
    ledger.forge({ ...written, type: 'letter.drafted', body: draft as unknown as JsonObject });
    const again = signInput({ letter, given: [true] }) as unknown as JsonObject;
    ledger.forge({ ...written, type: 'letter.signed', body: again });
    const body = { ...decidedBody(ledger), decision: 'allow', codes: [] };
    expect(await forge(ledger, {}, body)).toMatchObject({ recorded: 'invalid' });
  });

  test('can’t grade a bare claim up', async () => {
    const ledger = openedPaper(keys.texts);
    ledger.write(drafted(), TODAY - MINUTE);
    const evidence = { grade: 'A', kind: 'ed25519', method: 'link', identified_by: null };
    ledger.forge({
      stream: REL,
      type: 'letter.signed',
      time: at(TODAY),
      body: { ...signInput(), evidence } as unknown as JsonObject,
      commit: COMMIT,
    });
    expect(relationshipOf(ledger).grants[QUERY_GRANT]?.grade).toBe('A');
    const body = decidedBody(ledger);
    expect(body['decision']).toBe('allow');
    const verdict = await forge(ledger, {}, body);
    expect(verdict.recorded).toBe('invalid');
    expect(verdict.problem?.message).toContain('the grade of its evidence');
  });

  const WITHOUT = 'has no payload, or one that it must not have';

  test('can’t sign a letter, or take a grant back, for the person: without a signature there is no payload', async () => {
    const letter = openedPaper(keys.texts);
    letter.write(drafted(), TODAY - MINUTE);
    letter.forge({
      stream: REL,
      type: 'letter.signed',
      time: at(TODAY),
      body: signInput() as unknown as JsonObject,
      commit: null,
    });
    const granted = decidedBody(letter);
    expect(granted['decision']).toBe('allow');
    const signedVerdict = await forge(letter, {}, granted);
    expect(signedVerdict.recorded).toBe('invalid');
    expect(signedVerdict.problem?.message).toBe(`this letter.signed ${WITHOUT}`);

    const revocation = signedPaper(keys.texts);
    revocation.forge({
      stream: REL,
      type: 'grant.revoked',
      time: at(TODAY),
      body: revokeInput() as unknown as JsonObject,
      commit: null,
    });
    const denial = decidedBody(revocation);
    expect(denial['codes']).toEqual(['REVOKED']);
    const revokedVerdict = await forge(revocation, {}, denial);
    expect(revokedVerdict.recorded).toBe('invalid');
    expect(revokedVerdict.problem?.message).toBe(`this grant.revoked ${WITHOUT}`);
  });

  test('can’t give an access a payload that it must not have, nor leave out the one it must', async () => {
    const plain = signedPaper(keys.texts);
    expect((await forge(plain, { commit: COMMIT }, decidedBody(plain))).problem?.message).toBe(
      `this access.decided ${WITHOUT}`,
    );
    for (const reference of [true, false]) {
      for (const commit of [COMMIT, null]) {
        const ledger = signedPaper(keys.texts);
        const body = decide(ledger, ask({ ground: { basis: 'judicial', reference } }), at(LATER));
        const verdict = await forge(ledger, { commit }, body);
        if (reference === (commit !== null)) {
          expect(verdict.access).toMatchObject({ codes: ['BASIS'], ground: { basis: 'judicial', reference } });
        } else {
          expect(verdict.problem?.message).toBe(`this access.decided ${WITHOUT}`);
        }
      }
    }
    const { commit: _commit, ...bare } = refused.entry;
    const ledger = signedPaper(keys.texts);
    const stream = refusedStream(LENDER);
    const refusal = decide(ledger, { type: 'access.refused', stream, input: refusedInput() }, at(LATER));
    const verdict = await forge(ledger, { stream, type: bare.type, commit: null }, refusal);
    expect(verdict.problem?.message).toBe(`this access.refused ${WITHOUT}`);
  });

  test('can’t decide by another engine than the log says is in force', async () => {
    const ledger = openPaper();
    for (const { entry } of signedPaper(keys.texts).lines) {
      const { stream, type, time, commit, body } = entry;
      ledger.forge({
        stream,
        type,
        time,
        commit,
        body: type === 'log.opened' ? { ...body, engine: ENGINE + 1 } : body,
      });
    }
    expectFailure('entry_invalid', () => decidedBody(ledger));
    // Written by hand as engine 1 would decide it, over the heads of this ledger.
    const saw = sawOf(ledger, [partyStream(LENDER), LOG_STREAM]);
    const body = { ...(askInput() as unknown as JsonObject), decision: 'allow', codes: [], saw };
    expect((await forge(ledger, {}, body)).recorded).toBe('invalid');
  });

  test('can’t make the verifier stumble over an entry in a stream where it does not belong', async () => {
    const party = partyStream(BUREAU);
    const bodies: readonly (readonly [string, JsonObject])[] = [
      ['relationship.opened', { grantee: BUREAU, subject: 'person', frozen: null, ...sealedBy(BUREAU), saw: 'x' }],
      ['letter.drafted', { ...draftInput(), saw: 'x' } as unknown as JsonObject],
      ['party.registered', {}],
      ['access.decided', { ...askInput(), decision: 'allow', codes: [], saw: 'x' } as unknown as JsonObject],
    ];
    for (const [type, body] of bodies) {
      for (const stream of [party, partyStream(LENDER), LOG_STREAM, REL]) {
        const ledger = signedPaper(keys.texts);
        ledger.forge({ stream, type, time: at(TODAY), body });
        let access: Line;
        try {
          access = ledger.write(ask(), LATER);
        } catch {
          access = ledger.forge({ stream: REL, type: 'access.decided', time: at(LATER), body: allowed.entry.body });
        }
        const verdict = await verdictOf(
          await receiptOf(ledger, keys, access, {
            others: [LOG_STREAM, partyStream(LENDER), ...(stream === party ? [party] : [])],
          }),
          keys,
        );
        expect(['invalid', 'unwitnessed']).toContain(verdict.recorded);
        // What else was decided in the stream, from others that the receipt does not show, is for the audit.
        const forTheAudit = stream === REL && (type === 'letter.drafted' || type === 'access.decided');
        if (!forTheAudit) expect(verdict.recorded, `${type} ${stream}`).toBe('invalid');
      }
    }
    // A principal whose party stream begins with a relationship.
    const ledger = signedPaper(keys.texts);
    const nobody = paperId(0x999) as never;
    const stream = partyStream(nobody);
    ledger.forge({
      stream,
      type: 'relationship.opened',
      time: at(TODAY),
      body: (bodies[0] as [string, JsonObject])[1],
    });
    const rel = relationshipStream(paperId(0x998));
    const opening = { grantee: nobody, subject: 'person', frozen: null, ...sealedBy(nobody), saw: 'x' };
    ledger.forge({ stream: rel, type: 'relationship.opened', time: at(TODAY), body: opening as unknown as JsonObject });
    const body = { ...askInput({ principal: nobody }), decision: 'allow', codes: [], saw: 'x' };
    const line = ledger.forge({
      stream: rel,
      type: 'access.decided',
      time: at(LATER),
      body: body as unknown as JsonObject,
    });
    expect((await verdictOf(await receiptOf(ledger, keys, line), keys)).recorded).toBe('invalid');
  });

  test('who forks the whole log is seen only beside another checkpoint: so a receipt alone says unwitnessed', async () => {
    // The history without the revocation, of the same length.
    const ledger = signedPaper(keys.texts);
    ledger.write(ask({ purpose: 'marketing' }), LATER);
    ledger.write(ask({ purpose: 'marketing' }), LATER);
    const line = ledger.write(ask(), LATER);
    while (ledger.lines.length < paper.lines.length) ledger.write(ask({ purpose: 'marketing' }), LATER);
    const lie = await receiptOf(ledger, keys, line);
    expect(await verdictOf(lie, keys)).toMatchObject({ recorded: 'unwitnessed', access: { decision: 'allow' } });
    const beside = { ...lie, slices: [...lie.slices, sliceAt(goodDeny, 1)] };
    expect((await verdictOf(beside, keys)).recorded).toBe('diverged');
  });
});

describe('what a receipt opens', () => {
  const receipt = () => receiptOf(paper, keys, refused);
  const digests = Object.fromEntries(
    Object.entries(digestParts(CLAIMED)).map(([name, digest]) => [name, hashText(digest)]),
  );
  const part = { salt: toBase64Url(CLAIMED['claimed']?.salt as Uint8Array), value: CLAIMED['claimed']?.value as Json };
  const opening = { index: refused.index, digests, parts: { claimed: part } };

  test('is what the entry committed to', async () => {
    const parts = { ...(await receipt()), opened: [opening] };
    expect(await verdictOf(parts, keys)).toMatchObject({ recorded: 'unwitnessed', payload: 'opened', problem: null });
  });

  test('is named by its entry, and left out by that name', async () => {
    const whole = parseReceipt(fileOf({ ...(await receipt()), opened: [opening] }));
    const name = `claimed:entry-${refused.index}`;
    expect(openableParts(whole)).toEqual([name]);
    expect((await verdictOf(utf8(discloseReceipt(whole, [name])), keys)).parts).toEqual({
      opened: [name],
      withheld: [],
    });
    const closed = discloseReceipt(whole, []);
    expect(closed).not.toContain(part.salt);
    expect((await verdictOf(utf8(closed), keys)).parts).toEqual({ opened: [], withheld: [name] });
  });

  test('is refused where the entry commits to a part that its type has not', async () => {
    const payload: Payload = { ...CLAIMED, more: { owner: 'party', salt: new Uint8Array(32).fill(8), value: 1 } };
    const ledger = signedPaper(keys.texts);
    const command = { type: 'access.refused', stream: refusedStream(LENDER), input: refusedInput() } as const;
    const line = ledger.write(command, LATER, commitTo(digestParts(payload)));
    const all = Object.fromEntries(
      Object.entries(digestParts(payload)).map(([name, digest]) => [name, hashText(digest)]),
    );
    const base = await receiptOf(ledger, keys, line);
    expect((await verdictOf(base, keys)).problem).toBeNull();
    const verdict = await expectInvalid({ ...base, opened: [{ index: line.index, digests: all, parts: {} }] });
    expect(verdict.problem?.message).toContain('a part that its type has not');
  });

  test('is withheld where digests stand without a part', async () => {
    const parts = { ...(await receipt()), opened: [{ ...opening, parts: {} }] };
    expect(await verdictOf(parts, keys)).toMatchObject({ recorded: 'unwitnessed', payload: 'withheld' });
  });

  test.each<[string, object]>([
    ['another value', { parts: { claimed: { ...part, value: { handle: 'e'.repeat(32), ground: {} } } } }],
    ['another salt', { parts: { claimed: { ...part, salt: 'A'.repeat(43) } } }],
    ['a salt too short', { parts: { claimed: { ...part, salt: part.salt.slice(0, 41) } } }],
    ['another name', { parts: { claim: part } }],
    ['the name __proto__', { parts: JSON.parse(`{"__proto__":${JSON.stringify(part)}}`) }],
    ['the name constructor', { parts: { constructor: part } }],
    ['a part more', { parts: { claimed: part, more: part } }],
    ['another digest', { digests: { claimed: 'A'.repeat(43) } }],
    ['a digest more', { digests: { ...digests, more: 'A'.repeat(43) } }],
    ['no digest', { digests: {} }],
    ['another entry', { index: refused.index - 1 }],
    ['an entry that has no payload', { index: 0 }],
    ['an entry beyond all', { index: Number.MAX_SAFE_INTEGER }],
  ])('is refused with %s', async (_what, change) => {
    await expectInvalid({ ...(await receipt()), opened: [{ ...opening, ...change }] });
  });

  test('is refused with a value missing, or null where something was committed to', async () => {
    const base = await receipt();
    const { value: _value, ...valueless } = part;
    await expectInvalid({ ...base, opened: [{ ...opening, parts: { claimed: valueless } }] } as never);
    await expectInvalid({ ...base, opened: [{ ...opening, parts: { claimed: { ...part, value: null } } }] });
  });
});

describe('a verdict', () => {
  test('says nothing that the file’s writer put there: it is printed on a terminal', async () => {
    const evil = '\u001b[2K\r\u009b32mRECORDED\u202e';
    const log = `${LOG}${evil}`;
    const files: Parts[] = [
      { ...good, log },
      { ...good, opened: [{ index: 0, digests: {}, parts: { [evil]: { salt: 'A'.repeat(43), value: 1 } } }] },
      { ...(await receiptOf(paper, keys, refused)), opened: [] },
    ];
    const digests = Object.fromEntries(
      Object.entries(digestParts(CLAIMED)).map(([name, digest]) => [name, hashText(digest)]),
    );
    const base = files[2] as Parts;
    const parts = { [evil]: { salt: 'A'.repeat(43), value: 1 } };
    files[2] = { ...base, opened: [{ index: refused.index, digests, parts }] };
    for (const file of files) {
      const verdict = await expectInvalid(file);
      expect(JSON.stringify(verdict)).not.toMatch(/RECORDED|\\u001b|\u009b|\u202e/);
    }
  });
});

describe('verifying never throws for what a file says', () => {
  const check = async (bytes: Uint8Array) => {
    const verdict = await verdictOf(bytes, keys);
    expect(['unwitnessed', 'diverged', 'invalid']).toContain(verdict.recorded);
    return verdict;
  };

  test('whatever its bytes', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), async (bytes) => {
        expect((await check(bytes)).recorded).toBe('invalid');
      }),
    );
  });

  test('whatever its JSON', async () => {
    await fc.assert(
      fc.asyncProperty(fc.json({ maxDepth: 6 }), async (text) => {
        expect((await check(utf8(text))).recorded).toBe('invalid');
      }),
    );
  });

  test('wherever a value of a good one is another', async () => {
    const value = JSON.parse(parseUtf8(fileOf(good))) as Json;
    const paths = pathsOf(value);
    const seen = new Map<string, number>();
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...paths), fc.json({ maxDepth: 2 }), async (path, text) => {
        const other = JSON.parse(text) as Json;
        let file: Uint8Array;
        try {
          file = encodeCanonical(replaced(value, path, other));
        } catch {
          return;
        }
        const { recorded } = await check(file);
        seen.set(recorded, (seen.get(recorded) ?? 0) + 1);
        if (recorded === 'unwitnessed') expect(file).toEqual(fileOf(good));
      }),
      { numRuns: 400 },
    );
    expect(seen.get('invalid')).toBeGreaterThan(100);
  });

  test('wherever an entry’s field of a keeper’s own ledger is another', async () => {
    const lines = paper.lines.filter((line) => line.index <= allowed.index && line.entry.log === LOG);
    await fc.assert(
      fc.asyncProperty(fc.nat(lines.length - 1), fc.nat(), fc.json({ maxDepth: 2 }), async (n, field, text) => {
        const forgedLine = lines[n] as Line;
        const names = Object.keys(forgedLine.entry.body);
        const body = { ...forgedLine.entry.body, [names[field % names.length] as string]: JSON.parse(text) as Json };
        // The whole ledger anew with one body changed, every leaf and signature as they must be.
        const ledger = openedLike(lines, n, body);
        if (ledger === undefined) return;
        const access = { ...(ledger.lines[allowed.index] as Line) };
        const asked = { others: [LOG_STREAM, partyStream(LENDER)] };
        await check(fileOf({ ...(await receiptOf(ledger, keys, access, asked)), access: good.access }));
      }),
      { numRuns: 150 },
    );
  });
});

/** A ledger with the same lines, one body changed and everything after it chained over that. */
function openedLike(lines: readonly Line[], changedAt: number, body: JsonObject): Paper | undefined {
  const ledger = openPaper();
  try {
    for (const [place, { entry }] of lines.entries()) {
      const { stream, type, time, commit } = entry;
      ledger.forge({ stream, type, time, commit, body: place === changedAt ? body : entry.body });
    }
  } catch {
    return undefined;
  }
  return ledger;
}

type Path = readonly (string | number)[];

function pathsOf(value: Json, path: Path = []): Path[] {
  if (typeof value !== 'object' || value === null) return [path];
  return [path, ...Object.entries(value).flatMap(([name, each]) => pathsOf(each as Json, [...path, name]))];
}

function replaced(value: Json, path: Path, other: Json): Json {
  const [name, ...rest] = path;
  if (name === undefined) return other;
  const copy = Array.isArray(value) ? [...value] : { ...(value as JsonObject) };
  (copy as Record<string, Json>)[name] = replaced((value as Record<string, Json>)[name] as Json, rest, other);
  return copy as Json;
}
