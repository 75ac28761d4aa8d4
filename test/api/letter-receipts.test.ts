/** Receipts of letters over HTTP: whose they are, what they prove with packs in force, and what they keep to themselves. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { signDecline } from '#client/device.ts';
import { subjectSignatory } from '#client/sign.ts';
import { utf8 } from '#core/bytes.ts';
import { encodeCanonical } from '#core/canonical.ts';
import type { Verdict } from '#core/consent/verdict.ts';
import { verifyReceipt } from '#core/consent/verify-receipt.ts';
import { useSha256 } from '#core/hash.ts';
import type { LetterId } from '#core/ids.ts';
import { letterCapability, letterReceiptCapability, receiptCapability } from '#service/capabilities.ts';
import { declineLetter } from '#service/declines.ts';
import type { DraftedLetter } from '#service/letters.ts';
import { nativeEd25519, nativeP256, nativeSha256 } from '../../src/native.ts';
import { draft, newParty, request, revoke, sign, twoClauses } from '../support/actors.ts';
import { type Court, openCourt } from '../support/court.ts';
import { addWitness, onPaper, SCAN } from '../support/ink.ts';
import { type Answer, type Door, expectProblem, signersOf } from './door.ts';

useSha256(nativeSha256);

let court: Court;
let signed: DraftedLetter;
let declined: DraftedLetter;
let inInk: DraftedLetter;
let waiting: DraftedLetter;

const TEXT = '授权书（示例文本），𠮷示例。';
const asLender = (): Door => court.door.as(signersOf(court.lender));
const asSubject = (): Door => court.door.as([subjectSignatory(court.handle, court.person.key)]);
const pathOf = ({ letter }: { readonly letter: LetterId }) => `/v1/letters/${letter}/receipt`;
const verdictOf = ({ text }: Answer): Promise<Verdict> =>
  verifyReceipt(utf8(text), court.fixture.vkey, nativeEd25519, nativeP256);

beforeAll(async () => {
  court = await openCourt({ time: '2024-05-01T10:00:00' });
  const { lender, handle, person, bureau } = court;
  const { context } = court.fixture;
  const drafting = () => draft(context, { lender, handle, text: TEXT, grants: twoClauses(bureau, context.clock()) });
  signed = await drafting();
  await sign(context, signed, person, [true, false]);
  inInk = await drafting();
  const counter = court.door.as(await addWitness(context, lender));
  await counter.post(`/v1/letters/${inInk.letter}/paper`, onPaper(lender, inInk, context.clock()));
  waiting = await drafting();
  declined = await drafting();
  const answer = await signDecline(person.key, declined, context.clock());
  await declineLetter(context, request(), { letter: declined.letter, ...answer });
}, 60_000);
afterAll(() => court.close());

describe('the receipt of a letter', () => {
  it('proves to its grantee what was answered, by the packs in force', async () => {
    const answer = await asLender().get(pathOf(signed));
    expect(answer.status).toBe(200);
    const verdict = await verdictOf(answer);
    expect(verdict).toMatchObject({
      recorded: 'unwitnessed',
      decision: 're-derived',
      payload: 'withheld',
      problem: null,
    });
    expect(verdict.letter).toMatchObject({ letter: signed.letter, answer: 'signed', grantee: court.lender.party });
    expect(verdict.letter?.clauses.map(({ given }) => given)).toEqual([true, false]);
    expect(JSON.parse(answer.text).packs.length).toBeGreaterThan(1);
    expect(answer.headers.get('content-disposition')).toBe(`attachment; filename="receipt-${signed.letter}.json"`);
    const capability = letterReceiptCapability(court.fixture.context, signed.letter);
    expect(answer.headers.get('link')).toBe(`</letters/${capability}>; rel="alternate"; type="text/html"`);
  });

  it('of a refusal, and of one in ink, says so', async () => {
    const refusal = await verdictOf(await asSubject().get(pathOf(declined)));
    expect(refusal.letter).toMatchObject({ answer: 'declined', evidence: { grade: 'B' } });
    const ink = await verdictOf(await asLender().get(pathOf(inInk)));
    expect(ink.letter).toMatchObject({ answer: 'signed_on_paper', evidence: { grade: 'C' } });
    expect(ink.papers.at(-1)).toMatchObject({ letter: inInk.letter, scan: { bytes: SCAN.length } });
  });

  it('does not hold without the packs that decided, with one less, or with others', async () => {
    const { text } = await asSubject().get(pathOf(declined));
    const file = JSON.parse(text);
    const { packs, ...without } = file;
    const some = packs.slice(1);
    const twice = [...packs, packs[0].replace('"version":1', '"version":2')];
    for (const other of [without, { ...file, packs: some }, { ...file, packs: [] }, { ...file, packs: twice }]) {
      const verdict = await verifyReceipt(encodeCanonical(other), court.fixture.vkey, nativeEd25519);
      expect(verdict).toMatchObject({ recorded: 'invalid', letter: null });
    }
  });

  it('is opened by its subject, and then shows the signature over the text', async () => {
    const verdict = await verdictOf(await asSubject().get(`${pathOf(signed)}?open=signatures`));
    expect(verdict).toMatchObject({ payload: 'opened', problem: null });
    expect(verdict.signatures).toEqual([
      expect.objectContaining({ type: 'letter.signed', text: TEXT, signature: 'verified' }),
    ]);
    const refusal = await verdictOf(await asSubject().get(`${pathOf(declined)}?open=signatures`));
    expect(refusal.signatures.map(({ type, signature }) => [type, signature])).toEqual([
      ['letter.signed', 'verified'],
      ['letter.declined', 'verified'],
    ]);
    expectProblem(await asLender().get(`${pathOf(signed)}?open=signatures`), 403, 'principal_mismatch');
  });

  it('is its grantee’s and its subject’s, and opens to no other', async () => {
    const { context } = court.fixture;
    for (const role of ['grantee', 'bureau', 'supervisor'] as const) {
      const other = court.door.as(signersOf(await newParty(context, role, `示例${role}二`)));
      expectProblem(await other.get(pathOf(signed)), 404, 'letter_unknown');
    }
    expectProblem(await court.door.get(pathOf(signed)), 401, 'signature_required');
    expectProblem(await asLender().get(pathOf({ letter: '0'.repeat(32) as LetterId })), 404, 'letter_unknown');
  });

  it('is there once there is an answer', async () => {
    expectProblem(await asLender().get(pathOf(waiting)), 409, 'letter_unanswered');
    const { context } = court.fixture;
    const capability = letterReceiptCapability(context, waiting.letter);
    expectProblem(await court.door.get(`/v1/letter-receipts/${capability}`), 409, 'letter_unanswered');
  });

  it('opens by its capability without who signed, and by no other one', async () => {
    const { context } = court.fixture;
    const answer = await court.door.get(`/v1/letter-receipts/${letterReceiptCapability(context, signed.letter)}`);
    expect(answer.status).toBe(200);
    expect((await verdictOf(answer)).letter?.letter).toBe(signed.letter);
    for (const personal of ['𠮷', '张示例', court.person.idNumber, 'person/', '"evidence":{"keys"', '"text_salt"']) {
      expect(answer.text).not.toContain(personal);
    }
    const others = [letterCapability(context, signed.letter), receiptCapability(context, signed.letter as never)];
    for (const other of others) {
      expectProblem(await court.door.get(`/v1/letter-receipts/${other}`), 404, 'letter_unknown');
    }
  });

  it('ends with the answer: what came after it is not in it', async () => {
    const before = await verdictOf(await asLender().get(pathOf(signed)));
    await revoke(court.fixture.context, court.lender, court.person, signed.grants[0]?.grant as never);
    const after = await asLender().get(pathOf(signed));
    expect(after.text).not.toContain('grant.revoked');
    expect((await verdictOf(after)).letter).toEqual(before.letter);
  });
});
