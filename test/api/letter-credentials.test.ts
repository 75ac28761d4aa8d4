/** A letter as a Verifiable Credential over HTTP: whose it is, what it says, and that the receipt beside it proves the same. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { signDecline } from '#client/device.ts';
import { subjectSignatory } from '#client/sign.ts';
import { utf8 } from '#core/bytes.ts';
import { type JsonObject, parseCanonical } from '#core/canonical.ts';
import { readLetterReceipt } from '#core/consent/verify-receipt.ts';
import { verifyProof } from '#core/credential/data-integrity.ts';
import { formatDidKey } from '#core/credential/did-key.ts';
import { useSha256 } from '#core/hash.ts';
import { declineLetter } from '#service/declines.ts';
import type { DraftedLetter } from '#service/letters.ts';
import { nativeEd25519, nativeSha256 } from '../../src/native.ts';
import { draft, newParty, request, sign, twoClauses } from '../support/actors.ts';
import { type Court, openCourt } from '../support/court.ts';
import { expectProblem, signersOf } from './door.ts';

useSha256(nativeSha256);

const TEXT = '授权书（示例文本），𠮷示例。';
let court: Court;
let signed: DraftedLetter;
let refused: DraftedLetter;
let waiting: DraftedLetter;
let declined: DraftedLetter;

const asLender = () => court.door.as(signersOf(court.lender));
const pathOf = ({ letter }: DraftedLetter, what = 'credential') => `/v1/letters/${letter}/${what}`;

beforeAll(async () => {
  court = await openCourt({ time: '2024-05-01T10:00:00' });
  const { lender, handle, person, bureau } = court;
  const { context } = court.fixture;
  const drafting = () => draft(context, { lender, handle, text: TEXT, grants: twoClauses(bureau, context.clock()) });
  signed = await drafting();
  await sign(context, signed, person, [true, false]);
  refused = await drafting();
  await sign(context, refused, person, [false, false]);
  waiting = await drafting();
  declined = await drafting();
  const answer = await signDecline(person.key, declined, context.clock());
  await declineLetter(context, request(), { letter: declined.letter, ...answer });
}, 60_000);
afterAll(() => court.close());

describe('a letter as a Verifiable Credential', () => {
  it('is signed by the did:key of the issuing key, canonical, and says what its receipt proves', async () => {
    const answer = await asLender().get(pathOf(signed));
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toMatch(/^application\/vc/);
    const credential = parseCanonical(utf8(answer.text)) as JsonObject;
    const { issuingKey, ledger } = court.fixture.context;
    expect(await verifyProof(credential, nativeEd25519)).toEqual(issuingKey.publicKey);
    const receipt = await asLender().get(pathOf(signed, 'receipt'));
    const { letter } = await readLetterReceipt(utf8(receipt.text), court.fixture.vkey, nativeEd25519);
    const [given] = letter.clauses;
    expect(credential).toMatchObject({
      type: ['VerifiableCredential', 'LetterOfAuthorizationCredential'],
      issuer: { id: formatDidKey(issuingKey.publicKey), name: ledger.origin },
      validUntil: `${new Date(given?.to ?? 0).toISOString().slice(0, 19)}Z`,
      evidence: [{ type: 'AssentReceipt', leaf: letter.leaf, index: letter.index, checkCode: letter.check_code }],
    });
    const subject = credential['credentialSubject'] as JsonObject;
    const grants = subject['grants'] as readonly JsonObject[];
    // Of two clauses one was given.
    expect(grants.map(({ grant }) => grant)).toEqual([given?.grant]);
    expect(grants[0]).toMatchObject({ action: given?.action });
    expect(grants[0]?.['items']).toMatchObject(given?.items.map((code) => ({ code })) ?? []);
    expect(credential['credentialStatus']).toEqual([
      { type: 'AssentGrantStatus', log: ledger.origin, grant: given?.grant, path: `/v1/grants/${given?.grant}` },
    ]);
    // A letter's receipt shows no party's registration, and so not what it is called; packs name the items.
    expect(subject['grantee']).toEqual({ party: court.lender.party });
    expect(grants[0]?.['items']).toContainEqual({
      code: given?.items[0],
      name: expect.stringMatching(/\p{Script=Han}/u),
    });
    expect(grants[0]?.['doors']).toEqual([{ party: court.bureau.party }]);
  });

  it('holds nothing of whom it is about', async () => {
    const { text } = await asLender().get(pathOf(signed));
    expect(text).not.toContain('示例文本');
    expect(text).not.toContain('person/');
    expect(text).not.toMatch(/"salt"|"signature"/);
  });

  it('is its subject’s, too, and to others unknown', async () => {
    const asSubject = court.door.as([subjectSignatory(court.handle, court.person.key)]);
    expect((await asSubject.get(pathOf(signed))).status).toBe(200);
    const stranger = await newParty(court.fixture.context, 'grantee');
    expectProblem(await court.door.as(signersOf(stranger)).get(pathOf(signed)), 404, 'letter_unknown');
  });

  it('is not made of a letter that gave nothing, or has no answer', async () => {
    expectProblem(await asLender().get(pathOf(declined)), 409, 'letter_declined');
    expectProblem(await asLender().get(pathOf(refused)), 409, 'letter_declined');
    expectProblem(await asLender().get(pathOf(waiting)), 409, 'letter_unanswered');
  });
});
