/** A further key of a person over HTTP, added by one that is there: what it takes, what it is good for, and how it is shown. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { addedKeyChallenge, keyAddChallenge, signAddedKey, signKeyAdd } from '#client/key-add.ts';
import { signKeyEnd } from '#client/key-end.ts';
import { subjectSignatory } from '#client/sign.ts';
import { toBase64Url } from '#core/bytes.ts';
import { keyAddSigningBytes, keyAddStatement } from '#core/consent/key-add.ts';
import { bindingSigningBytes, bindingStatement } from '#core/consent/statement.ts';
import { verifyReceipt } from '#core/consent/verify-receipt.ts';
import { sha256 } from '#core/hash.ts';
import type { Handle } from '#core/ids.ts';
import type { SigningKey } from '#core/note/ed25519.ts';
import { nativeEd25519, nativeP256 } from '../../src/native.ts';
import {
  bindPersonKey,
  DAY_MS,
  draft,
  enrolPerson,
  newParty,
  newPerson,
  type Party,
  type Person,
  signature as signatureOf,
  twoClauses,
} from '../support/actors.ts';
import { newPasskey, type Passkey } from '../support/authenticator.ts';
import { ORIGIN, random } from '../support/ledger-fixture.ts';
import { type Answer, type Door, expectProblem, openDoor, signersOf } from './door.ts';

let door: Door;
let lender: Party;
let otherLender: Party;
let bureau: Party;
let identifier: Party;
let person: Person;
let handle: Handle;

beforeAll(async () => {
  door = await openDoor();
  const { context } = door.fixture;
  lender = await newParty(context, 'grantee');
  otherLender = await newParty(context, 'grantee');
  bureau = await newParty(context, 'bureau');
  identifier = await newParty(context, 'identifier');
}, 60_000);
beforeEach(async () => {
  const { context } = door.fixture;
  person = await newPerson();
  handle = await enrolPerson(context, lender, person);
  await bindPersonKey(context, { lender, person, handle, identifier });
});
afterAll(async () => {
  const { findings, attested } = await door.fixture.audit();
  expect([findings, attested]).toEqual([[], 0]);
  await door.fixture.close();
});

const textOf = (key: SigningKey) => toBase64Url(key.publicKey);
const newKey = () => nativeEd25519.importSeed(random(32));
const pathOf = (of: Handle) => `/v1/relationships/${of}/keys/add`;

async function bodyOf(by: SigningKey, key: SigningKey, change: { log?: string; handle?: Handle; at?: number } = {}) {
  const { at = Date.now(), ...where } = change;
  const said = { log: ORIGIN, handle, ...where };
  const added = await signAddedKey(key, said);
  return { ...added, ...(await signKeyAdd(by, { ...said, adds: added.adds }, at)) };
}
const add = async (by: SigningKey, key: SigningKey, of = handle): Promise<Answer> =>
  door.post(pathOf(of), await bodyOf(by, key, { handle: of }));

async function letterFor(key: SigningKey, of = handle) {
  const { context } = door.fixture;
  const drafted = await draft(context, { lender, handle: of, grants: twoClauses(bureau, Date.now()) });
  const signed = await signatureOf(drafted, { ...person, key }, [true, true], Date.now());
  return { letter: drafted.letter, ...(await door.post(`/v1/letters/${drafted.letter}/signature`, signed)) };
}
const end = async (key: SigningKey, ends: string): Promise<Answer> =>
  door.post(`/v1/relationships/${handle}/keys/end`, await signKeyEnd(key, { log: ORIGIN, handle, ends }, Date.now()));
const keysAs = async (key: SigningKey, of = handle) =>
  (await door.as([subjectSignatory(of, key)]).get(`/v1/relationships/${of}/keys`)).json.keys;

describe('a key that another key of its person adds', () => {
  it('signs letters with evidence of the same grade, and the receipt follows it to who identified the person', async () => {
    const one = await newKey();
    const two = await newKey();
    const { status, json } = await add(person.key, one);
    expect(status).toBe(201);
    expect(json).toMatchObject({ handle, entry: { type: 'person.key_bound' } });
    // Which stream it stands in, and how far that has grown, is the person's.
    expect(Object.keys(json.entry).sort()).toEqual(['index', 'leaf', 'level', 'signature', 'time', 'type']);
    expect((await add(one, two)).status).toBe(201);
    const { letter, status: signedStatus, json: signed } = await letterFor(two);
    expect(signedStatus).toBe(201);
    const grant = await door.as(signersOf(lender)).get(`/v1/grants/${signed.given[0]}`);
    expect(grant.json).toMatchObject({ status: 'active', grade: 'B' });
    await door.fixture.ledger.publisher.published((await door.size()) as never, 5_000);
    const receipt = await door.as([subjectSignatory(handle, two)]).get(`/v1/letters/${letter}/receipt?open=signatures`);
    const verdict = await verifyReceipt(
      new TextEncoder().encode(receipt.text),
      door.fixture.vkey,
      nativeEd25519,
      nativeP256,
    );
    expect(verdict.problem).toBeNull();
    expect(verdict.signatures).toMatchObject([
      { key: textOf(two), identified_by: identifier.party, added_by: textOf(one), signature: 'verified' },
    ]);
  });

  it('is listed with the one that added it, also after that one ended; no grantee is shown it', async () => {
    const [one, two] = [await newKey(), await newKey()];
    await add(person.key, one);
    await add(one, two);
    expect((await end(two, textOf(one))).status).toBe(201);
    const direct = {
      ...{ key: textOf(person.key), kind: 'ed25519', method: 'identity_provider', identified_by: identifier.party },
      ...{ identified_at: expect.any(Number), added_by: null, enrolled_by: lender.party, bound_at: expect.any(Number) },
    };
    const added = { ...direct, method: 'existing_key', identified_at: null, enrolled_by: null };
    expect(await keysAs(two)).toEqual([direct, { ...added, key: textOf(two), added_by: textOf(one) }]);
    const { json } = await door.as(signersOf(lender)).get(`/v1/relationships/${handle}/keys`);
    expect(json.keys).toEqual([direct]);
  });

  it('adds others, ends others, and signs requests; none of it once it ended', async () => {
    const [one, two] = [await newKey(), await newKey()];
    await add(person.key, one);
    expect((await end(one, textOf(person.key))).status).toBe(201);
    expect((await add(one, two)).status).toBe(201);
    expect((await end(two, textOf(one))).status).toBe(201);
    expectProblem(await add(one, await newKey()), 401, 'key_ended');
    expectProblem(await add(person.key, await newKey()), 401, 'key_ended');
    expect((await letterFor(two)).status).toBe(201);
    expect(await keysAs(two)).toHaveLength(1);
  });

  it('counts in every relationship of its person, through whichever it was brought', async () => {
    const elsewhere = await enrolPerson(door.fixture.context, otherLender, person);
    const one = await newKey();
    expect((await add(person.key, one, elsewhere)).status).toBe(201);
    expect((await letterFor(one)).status).toBe(201);
  });

  it('is of grade D where the one that adds it is', async () => {
    const { context } = door.fixture;
    const other = await newPerson();
    const theirs = await enrolPerson(context, lender, other);
    await bindPersonKey(context, { lender, person: other, handle: theirs });
    const one = await newKey();
    expect((await add(other.key, one, theirs)).status).toBe(201);
    const [, added] = await keysAs(one, theirs);
    expect(added).toMatchObject({ method: 'existing_key', identified_by: null });
    const signed = await letterFor(one, theirs);
    const grant = await door.as(signersOf(lender)).get(`/v1/grants/${signed.json.given[0]}`);
    expect(grant.json).toMatchObject({ grade: 'D' });
  });

  it('is added once: the same again is the same answer, anything else a conflict, also after it ended', async () => {
    const one = await newKey();
    const body = await bodyOf(person.key, one);
    const first = await door.post(pathOf(handle), body);
    const again = await door.post(pathOf(handle), body);
    expect([again.status, again.json]).toEqual([201, first.json]);
    expectProblem(await add(person.key, one), 409, 'already_there');
    expectProblem(await add(one, person.key), 409, 'already_there');
    await end(person.key, textOf(one));
    expectProblem(await add(person.key, one), 409, 'already_there');
    expect(await keysAs(person.key)).toHaveLength(1);
  });

  it('is one of 10 at most', async () => {
    for (let n = 0; n < 10; n++) expect((await add(person.key, await newKey())).status).toBe(201);
    expectProblem(await add(person.key, await newKey()), 409, 'limit_reached');
    const further = { ...person, key: await newKey() };
    await bindPersonKey(door.fixture.context, { lender, person: further, handle, identifier });
    expect(await keysAs(further.key)).toHaveLength(12);
  });
});

describe('between passkeys', () => {
  const ORIGIN_OF_PAGE = 'http://localhost:8787';
  const newDevice = () => newPasskey('localhost', 'ES256', ORIGIN_OF_PAGE);
  const bindingBytes = (adds: string) =>
    bindingSigningBytes(
      bindingStatement({
        ...{ log: ORIGIN, handle, key: adds, identity: null, method: 'existing_key' },
        ...{ identifiedBy: null, identifiedAt: null },
      }),
    );
  const approvalBytes = (adds: string, signedAt: number) =>
    keyAddSigningBytes(keyAddStatement({ log: ORIGIN, handle, key: adds, signedAt }));

  it('each signs by an assertion over what the SDK says, with its user verified', async () => {
    const first = newDevice();
    const second = newDevice();
    const signed_at = Date.now();
    const adding = { log: ORIGIN, handle, adds: first.key };
    expect(addedKeyChallenge(adding)).toEqual(sha256(bindingBytes(first.key)));
    expect(keyAddChallenge(adding, signed_at)).toEqual(sha256(approvalBytes(first.key, signed_at)));
    const byApp = await signKeyAdd(person.key, adding, signed_at);
    const { credential } = first;
    const possession = first.sign(bindingBytes(first.key));
    expect((await door.post(pathOf(handle), { adds: first.key, possession, credential, ...byApp })).status).toBe(201);

    const put = (by: Passkey, flags: number | undefined, own: number | undefined) =>
      door.post(pathOf(handle), {
        ...{ adds: second.key, credential: second.credential, key: first.key, signed_at },
        possession: second.sign(bindingBytes(second.key), own === undefined ? {} : { flags: own }),
        signature: by.sign(approvalBytes(second.key, signed_at), flags === undefined ? {} : { flags }),
      });
    expectProblem(await put(first, 1, undefined), 422, 'signature_invalid');
    expectProblem(await put(first, undefined, 1), 422, 'signature_invalid');
    expectProblem(await put(second, undefined, undefined), 422, 'signature_invalid');
    expect((await put(first, undefined, undefined)).status).toBe(201);
  });
});

describe('a key is not added', () => {
  it('by signatures over anything else', async () => {
    const [one, two] = [await newKey(), await newKey()];
    const theirs = await enrolPerson(door.fixture.context, otherLender, person);
    const size = await door.size();
    const good = await bodyOf(person.key, one);
    const another = await bodyOf(person.key, two);
    const changes: readonly object[] = [
      { adds: another.adds },
      { possession: another.possession },
      { signature: another.signature },
      { signed_at: good.signed_at - 1 },
      { possession: good.signature },
      { signature: good.possession },
      { possession: toBase64Url(random(64)) },
    ];
    for (const change of changes) {
      expectProblem(await door.post(pathOf(handle), { ...good, ...change }), 422, 'signature_invalid');
    }
    // Nor over another log, or brought through another relationship of the same person.
    const elsewhere = await bodyOf(person.key, one, { log: 'other.example/log' });
    expectProblem(await door.post(pathOf(handle), elsewhere), 422, 'signature_invalid');
    expectProblem(await door.post(pathOf(theirs), good), 422, 'signature_invalid');
    expect(await door.size()).toBe(size);
  });

  it('long after it was signed for, nor ahead of that', async () => {
    const one = await newKey();
    const size = await door.size();
    const late = await bodyOf(person.key, one, { at: Date.now() - 5 * 60_000 });
    expectProblem(await door.post(pathOf(handle), late), 401, 'signature_stale');
    const ahead = await bodyOf(person.key, one, { at: Date.now() + DAY_MS });
    expectProblem(await door.post(pathOf(handle), ahead), 422, 'signed_ahead');
    expect(await door.size()).toBe(size);
  });

  it('by the key of someone else, by itself, nor through someone else’s relationship', async () => {
    const someone = await newPerson();
    const theirs = await enrolPerson(door.fixture.context, lender, someone);
    await bindPersonKey(door.fixture.context, { lender, person: someone, handle: theirs, identifier });
    const one = await newKey();
    const size = await door.size();
    expectProblem(await add(someone.key, one), 422, 'subject_key_unknown');
    expectProblem(await add(one, one), 422, 'subject_key_unknown');
    expectProblem(await add(person.key, one, theirs), 422, 'subject_key_unknown');
    expectProblem(
      await add(person.key, one, '0000000000000000000000000000000f' as Handle),
      404,
      'relationship_unknown',
    );
    expect(await door.size()).toBe(size);
  });
});
