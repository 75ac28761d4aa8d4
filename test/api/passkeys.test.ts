/** Passkeys over HTTP: bound, signing letters and revocations, audited; and every assertion that is not over just this refused. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { JsonObject } from '#core/canonical.ts';
import { revocationStatement, statementSigningBytes } from '#core/consent/statement.ts';
import type { GrantId, Handle } from '#core/ids.ts';
import { mintChallenge, openSession } from '#service/sessions.ts';
import { DAY_MS, enrolPerson, newParty, newPerson, type Party, type Person, twoClauses } from '../support/actors.ts';
import { type AssertionChange, newPasskey, type Passkey } from '../support/authenticator.ts';
import { expectRefusal } from '../support/failure.ts';
import { bindPasskey } from '../support/passkeys.ts';
import { answeredBy } from '../support/sessions.ts';
import { type Answer, type Door, expectProblem, openDoor, signersOf } from './door.ts';

let door: Door;
let lender: Party;
let bureau: Party;
let identifier: Party;
let person: Person;
let handle: Handle;
const passkey = newPasskey('localhost', 'ES256', 'http://localhost:8787');

interface Binding {
  readonly passkey: Passkey;
  readonly by?: Party | undefined;
  readonly change?: AssertionChange;
}

const bind = ({ passkey: brought, by, change }: Binding): Promise<Answer> =>
  bindPasskey(door, {
    lender,
    identifier: by,
    handle,
    person,
    passkey: brought,
    ...(change === undefined ? {} : { change }),
  });

async function draft() {
  const answer = await door.as(signersOf(lender)).post('/v1/letters', {
    principal: lender.party,
    handle,
    template: null,
    text: '本人授权示例消费金融有限公司查询本人信用报告。',
    warnings: [],
    expires_at: Date.now() + DAY_MS,
    grants: twoClauses(bureau, Date.now()),
  });
  expect([answer.status, answer.text]).toEqual([201, answer.text]);
  return answer.json;
}

/** Signs a letter as it was shown; `shown` is what the page then made of it. */
function sign(
  letter: { readonly letter: string; readonly statement: JsonObject },
  by: Passkey,
  {
    change,
    shown = (statement) => statement,
  }: { change?: AssertionChange; shown?: (statement: JsonObject) => JsonObject } = {},
): Promise<Answer> {
  const signed_at = Date.now();
  const clauses = letter.statement['grants'] as readonly JsonObject[];
  const statement = { ...letter.statement, signed_at, grants: clauses.map((clause) => ({ ...clause, given: true })) };
  const grants = clauses.map(({ grant }) => ({ grant, given: true }));
  const signature = by.sign(statementSigningBytes(shown(statement)), change);
  return door.post(`/v1/letters/${letter.letter}/signature`, { key: by.key, signature, signed_at, grants });
}

const otherDigest = (text: string) => `${text.startsWith('A') ? 'B' : 'A'}${text.slice(1)}`;

beforeAll(async () => {
  door = await openDoor();
  const { context } = door.fixture;
  lender = await newParty(context, 'grantee');
  bureau = await newParty(context, 'bureau');
  identifier = await newParty(context, 'identifier');
  person = await newPerson();
  handle = await enrolPerson(context, lender, person);
}, 60_000);
afterAll(async () => {
  const { findings, attested } = await door.fixture.audit();
  expect([findings, attested]).toEqual([[], 0]);
  await door.fixture.close();
});

describe('a passkey', () => {
  it('is bound by an assertion over the binding, and by who identified the person', async () => {
    const before = await door.size();
    expectProblem(await bind({ passkey, by: identifier, change: { flags: 1 } }), 422, 'signature_invalid');
    expectProblem(await bind({ passkey, by: identifier, change: { relyingParty: 'other' } }), 422, 'signature_invalid');
    expect(await door.size()).toBe(before);
    const { status, text, json } = await bind({ passkey, by: identifier });
    expect([status, text]).toEqual([201, text]);
    expect(Object.keys(json.entry).sort()).toEqual(['index', 'leaf', 'level', 'signature', 'time', 'type']);
    expectProblem(await bind({ passkey, by: identifier }), 409, 'already_there');
  });

  it('signs its person in on the pages, by the credential that was named when it was brought', async () => {
    const { context } = door.fixture;
    const { session } = await openSession(context, answeredBy(mintChallenge(context), passkey));
    expect(session.binding.seq).toBe(0);
    const unknown = { ...passkey, credential: newPasskey('localhost').credential };
    await expectRefusal('signature_refused', openSession(context, answeredBy(mintChallenge(context), unknown)));
  });

  it('signs a letter: evidence of grade B, which carries a query', async () => {
    const letter = await draft();
    const signed = await sign(letter, passkey);
    expect([signed.status, signed.text]).toEqual([201, signed.text]);
    const [query] = signed.json.given as GrantId[];
    const read = await door.as(signersOf(lender)).get(`/v1/grants/${query}`);
    expect(read.json).toMatchObject({ grade: 'B', status: 'active' });
    const access = await door.as(signersOf(lender)).post('/v1/accesses', {
      principal: lender.party,
      handle,
      ground: { grant: query },
      action: 'QUERY',
      purpose: 'loan_apply',
      items: ['credit_report'],
      door: bureau.party,
      bound: null,
    });
    expect(access.json).toMatchObject({ decision: 'allow' });
  });

  it('takes a grant back', async () => {
    const signed = await sign(await draft(), passkey);
    const [, report] = signed.json.given as [GrantId, GrantId];
    const signed_at = Date.now();
    const log = door.fixture.context.ledger.origin;
    const statement = revocationStatement({ log, ref: report, grantee: lender.party, signedAt: signed_at });
    const signature = passkey.sign(statementSigningBytes(statement));
    const revoked = await door.post(`/v1/grants/${report}/revocation`, { key: passkey.key, signature, signed_at });
    expect([revoked.status, revoked.text]).toEqual([201, revoked.text]);
  });

  it('signs only what was shown: one character more, another tick or time, and it is refused', async () => {
    const letter = await draft();
    const before = await door.size();
    for (const shown of [
      (statement: JsonObject) => ({ ...statement, text: otherDigest(statement['text'] as string) }),
      (statement: JsonObject) => ({ ...statement, signed_at: 0 }),
      (statement: JsonObject) => ({
        ...statement,
        grants: (statement['grants'] as readonly JsonObject[]).map((clause) => ({ ...clause, given: false })),
      }),
    ]) {
      expectProblem(await sign(letter, passkey, { shown }), 422, 'signature_invalid');
    }
    expect(await door.size()).toBe(before);
    expect((await sign(letter, passkey)).status).toBe(201);
  });

  it('signs nothing without the user being verified, for another domain, or as someone else’s', async () => {
    const letter = await draft();
    const refused: readonly AssertionChange[] = [
      { flags: 0x01 },
      { relyingParty: 'example.org' },
      { clientData: { origin: 'https://evil.example' } },
      { clientData: { crossOrigin: true } },
    ];
    for (const change of refused) expectProblem(await sign(letter, passkey, { change }), 422, 'signature_invalid');
    expectProblem(await sign(letter, newPasskey('localhost')), 422, 'subject_key_unknown');
    const claimed = { ...newPasskey('localhost', 'ES256', 'http://localhost:8787'), key: passkey.key };
    expectProblem(await sign(letter, claimed), 422, 'signature_invalid');
  });

  it('comes with others of its person, of Ed25519 too; without an identification it is none', async () => {
    const further = newPasskey('app.lender.example', 'EdDSA');
    expectProblem(await bind({ passkey: further }), 422, 'identification_missing');
    expect((await bind({ passkey: further, by: identifier })).status).toBe(201);
    expect((await sign(await draft(), further)).status).toBe(201);
  });

  it('of RS256 is refused with what to make instead', async () => {
    const rsa = Buffer.from(`a401030339010020590100${'ff'.repeat(256)}2143010001`, 'hex').toString('base64url');
    const answer = await bind({ passkey: { ...passkey, key: `passkey:localhost:${rsa}` }, by: identifier });
    expectProblem(answer, 422, 'key_invalid');
    expect(answer.json.detail).toContain('RS256 is not taken: make one of ES256');
  });
});
