/** Several keys of one person over HTTP: read, ended by another, by itself or at a counter; and what an ended one is good for. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { keyEndChallenge, signKeyEnd, signKeyLoss } from '#client/key-end.ts';
import { subjectSignatory } from '#client/sign.ts';
import { toBase64Url } from '#core/bytes.ts';
import { keyEndSigningBytes, keyEndStatement } from '#core/consent/statement.ts';
import { sha256 } from '#core/hash.ts';
import type { Handle } from '#core/ids.ts';
import type { SigningKey } from '#core/note/ed25519.ts';
import { nativeEd25519 } from '../../src/native.ts';
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
import { bindPasskey } from '../support/passkeys.ts';
import { type Answer, type Door, expectProblem, openDoor, signersOf } from './door.ts';

const UNKNOWN = '0000000000000000000000000000000f' as Handle;

let door: Door;
let lender: Party;
let otherLender: Party;
let bureau: Party;
let identifier: Party;
/** The person of each test, with a key of Ed25519 that an identifying party vouches for. */
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
const identityOf = ({ idNumber }: Person) => ({ id_type: 'resident_id', id_number: idNumber });

async function bindFurther(): Promise<Person> {
  const further = { ...person, key: await newKey() };
  await bindPersonKey(door.fixture.context, { lender, person: further, handle, identifier });
  return further;
}

async function bindPasskeyToo(): Promise<Passkey> {
  const passkey = newPasskey('localhost', 'ES256', 'http://localhost:8787');
  const { status, text } = await bindPasskey(door, { lender, identifier, handle, person, passkey });
  expect([status, text]).toEqual([201, text]);
  return passkey;
}

const end = async (key: SigningKey, ends: string, of = handle): Promise<Answer> =>
  door.post(`/v1/relationships/${of}/keys/end`, await signKeyEnd(key, { log: ORIGIN, handle: of, ends }, Date.now()));

async function lose(
  ends: string,
  {
    by = lender,
    identified = person,
    identifying = identifier,
    of = handle,
    change = {},
  }: { by?: Party; identified?: Person; identifying?: Party; of?: Handle; change?: object } = {},
): Promise<Answer> {
  const loss = { log: ORIGIN, handle: of, ends, identity: identityOf(identified), salt: random(32) };
  const said = await signKeyLoss(identifying, loss, Date.now());
  const body = { principal: by.party, ...said, ...change };
  return door.as(signersOf(by)).post(`/v1/relationships/${of}/keys/loss`, body);
}

const find = (by: Party, who: Person, principal = by.party) =>
  door.as(signersOf(by)).post('/v1/identified-keys', { principal, identity: identityOf(who) });

async function letterFor(signer: Person) {
  const { context } = door.fixture;
  const drafted = await draft(context, { lender, handle, grants: twoClauses(bureau, Date.now()) });
  const signed = await signatureOf(drafted, signer, [true, true], Date.now());
  return door.post(`/v1/letters/${drafted.letter}/signature`, signed);
}

const keysOf = async (of = handle) =>
  (await door.as([subjectSignatory(of, person.key)]).get(`/v1/relationships/${of}/keys`)).json.keys;

describe('at the counter of who identifies persons', () => {
  it('the keys that stand on its identification are found by the document, and one is reported lost with no other key at hand', async () => {
    const passkey = await bindPasskeyToo();
    const { status, json } = await find(identifier, person);
    expect(status).toBe(200);
    expect(json.handle).toBe(handle);
    expect(json.keys.map((each: { key: string; kind: string }) => [each.key, each.kind])).toEqual([
      [textOf(person.key), 'ed25519'],
      [passkey.key, 'passkey'],
    ]);
    expect((await lose(passkey.key, { by: identifier, of: json.handle })).status).toBe(201);
    expect((await find(identifier, person)).json.keys).toHaveLength(1);
  });

  it('who was identified by another, is not known at all, or lost all keys, is answered alike', async () => {
    const other = await newParty(door.fixture.context, 'identifier');
    const none = { handle: null, keys: [] };
    expect((await find(other, person)).json).toEqual(none);
    expect((await find(identifier, await newPerson())).json).toEqual(none);
    // Nor does the lender that enrolled the person find it so.
    expect((await find(lender, person)).json).toEqual(none);
    await lose(textOf(person.key), { by: identifier });
    expect((await find(identifier, person)).json).toEqual(none);
  });

  it('a party finds for itself only, and makes no entry', async () => {
    const before = await door.size();
    expectProblem(await find(lender, person, identifier.party), 403, 'principal_mismatch');
    await find(identifier, person);
    expect(await door.size()).toBe(before);
  });
});

describe('the keys of a person', () => {
  it('are listed with their kind, and with who vouches for them', async () => {
    const passkey = await bindPasskeyToo();
    const common = {
      method: 'identity_provider',
      identified_by: identifier.party,
      identified_at: expect.any(Number),
      added_by: null,
      enrolled_by: lender.party,
      bound_at: expect.any(Number),
    };
    expect(await keysOf()).toEqual([
      { key: textOf(person.key), kind: 'ed25519', ...common },
      { key: passkey.key, kind: 'passkey', ...common },
    ]);
  });

  it('are the person’s to see; to a grantee those that it brought itself', async () => {
    const elsewhere = await enrolPerson(door.fixture.context, otherLender, person);
    const own = { ...person, key: await newKey() };
    await bindPersonKey(door.fixture.context, { lender: otherLender, person: own, handle: elsewhere, identifier });
    const seenBy = async (by: Party, of: Handle) =>
      (await door.as(signersOf(by)).get(`/v1/relationships/${of}/keys`)).json.keys.map(
        (each: { key: string }) => each.key,
      );
    expect(await seenBy(lender, handle)).toEqual([textOf(person.key)]);
    expect(await seenBy(otherLender, elsewhere)).toEqual([textOf(own.key)]);
    expect(await keysOf()).toHaveLength(2);
    expect(await keysOf(elsewhere)).toHaveLength(2);
  });
});

describe('a key that was ended', () => {
  it('by another signs nothing more, neither statements nor requests; what it signed before stands', async () => {
    const lost = await bindFurther();
    const signed = await letterFor(lost);
    expect(signed.status).toBe(201);
    const { status, json } = await end(person.key, textOf(lost.key));
    expect(status).toBe(201);
    expect(json).toMatchObject({ handle, entry: { type: 'person.key_ended' } });
    // Which stream it stands in, and how far that has grown, is the person's.
    expect(Object.keys(json.entry).sort()).toEqual(['index', 'leaf', 'level', 'signature', 'time', 'type']);

    expectProblem(await letterFor(lost), 401, 'key_ended');
    const asLost = door.as([subjectSignatory(handle, lost.key)]);
    expectProblem(await asLost.get(`/v1/relationships/${handle}/keys`), 401, 'key_ended');
    const freeze = { handle, kind: 'freeze', grant: null, expires_at: Date.now() + DAY_MS };
    expectProblem(await asLost.post('/v1/statements', freeze), 401, 'key_ended');
    expectProblem(await end(lost.key, textOf(person.key)), 401, 'key_ended');
    const grant = await door.as(signersOf(lender)).get(`/v1/grants/${signed.json.given[0]}`);
    expect(grant.json).toMatchObject({ status: 'active', grade: 'B' });
    expect(await keysOf()).toHaveLength(1);
  });

  it('is never bound again', async () => {
    const lost = await bindFurther();
    await end(person.key, textOf(lost.key));
    const bound = bindPersonKey(door.fixture.context, { lender, person: lost, handle, identifier });
    await expect(bound).rejects.toMatchObject({ code: 'already_there' });
  });

  it('counts in no relationship of its person', async () => {
    const elsewhere = await enrolPerson(door.fixture.context, otherLender, person);
    const lost = await bindFurther();
    expect((await end(person.key, textOf(lost.key), elsewhere)).status).toBe(201);
    expectProblem(await letterFor(lost), 401, 'key_ended');
  });

  it('was ended once: the same again is the same answer, and anything else a conflict', async () => {
    const lost = await bindFurther();
    const ends = textOf(lost.key);
    const path = `/v1/relationships/${handle}/keys/end`;
    const body = await signKeyEnd(person.key, { log: ORIGIN, handle, ends }, Date.now());
    const first = await door.post(path, body);
    const again = await door.post(path, body);
    expect([again.status, again.json]).toEqual([201, first.json]);
    expectProblem(await end(person.key, ends), 409, 'already_revoked');
    expectProblem(await lose(ends), 409, 'already_revoked');
  });

  it('by a passkey, or one that is a passkey', async () => {
    const passkey = await bindPasskeyToo();
    const ends = textOf(person.key);
    const signed_at = Date.now();
    const bytes = keyEndSigningBytes(
      keyEndStatement({ log: ORIGIN, handle, key: ends, identity: null, identifiedBy: null, signedAt: signed_at }),
    );
    expect(keyEndChallenge({ log: ORIGIN, handle, ends }, signed_at)).toEqual(sha256(bytes));
    const path = `/v1/relationships/${handle}/keys/end`;
    const put = (signature: string) => door.post(path, { ends, key: passkey.key, signature, signed_at });
    expectProblem(await put(passkey.sign(bytes, { flags: 1 })), 422, 'signature_invalid');
    expectProblem(await put(newPasskey('localhost').sign(bytes)), 422, 'signature_invalid');
    expect((await put(passkey.sign(bytes))).status).toBe(201);
    expectProblem(await letterFor(person), 401, 'key_ended');
    // At a counter, what is ended is named by its text, of whatever kind it is.
    expect((await lose(passkey.key)).status).toBe(201);
    const { json } = await door.as(signersOf(lender)).get(`/v1/relationships/${handle}/keys`);
    expect(json.keys).toEqual([]);
  });
});

describe('a key is not ended', () => {
  it('by a signature over anything else', async () => {
    const lost = await bindFurther();
    const ending = { log: ORIGIN, handle, ends: textOf(lost.key) };
    const size = await door.size();
    for (const other of [{ log: 'other.example/log' }, { handle: UNKNOWN }, { ends: textOf(person.key) }]) {
      const signed = await signKeyEnd(person.key, { ...ending, ...other }, Date.now());
      const body = { ...signed, ends: ending.ends };
      expectProblem(await door.post(`/v1/relationships/${handle}/keys/end`, body), 422, 'signature_invalid');
    }
    const signed = await signKeyEnd(person.key, ending, Date.now());
    const later = { ...signed, signed_at: signed.signed_at + 1 };
    expectProblem(await door.post(`/v1/relationships/${handle}/keys/end`, later), 422, 'signature_invalid');
    const ahead = await signKeyEnd(person.key, ending, Date.now() + DAY_MS);
    expectProblem(await door.post(`/v1/relationships/${handle}/keys/end`, ahead), 422, 'signed_ahead');
    expect(await door.size()).toBe(size);
    expect(await keysOf()).toHaveLength(2);
  });

  it('by the key of someone else, nor through someone else’s relationship', async () => {
    const someone = await newPerson();
    const theirs = await enrolPerson(door.fixture.context, lender, someone);
    await bindPersonKey(door.fixture.context, { lender, person: someone, handle: theirs, identifier });
    const ends = textOf(person.key);
    expectProblem(await end(someone.key, ends), 422, 'subject_key_unknown');
    expectProblem(await end(someone.key, ends, theirs), 422, 'subject_key_unknown');
    expectProblem(await end(person.key, ends, theirs), 422, 'subject_key_unknown');
    expectProblem(await end(person.key, textOf(await newKey())), 422, 'subject_key_unknown');
    expectProblem(await end(person.key, ends, UNKNOWN), 404, 'relationship_unknown');
    expect(await keysOf()).toHaveLength(1);
  });

  it('by one that nobody was identified for, unless by itself', async () => {
    const { context } = door.fixture;
    const other = await newPerson();
    const theirs = await enrolPerson(context, lender, other);
    await bindPersonKey(context, { lender, person: other, handle: theirs });
    const vouched = { ...other, key: await newKey() };
    await bindPersonKey(context, { lender, person: vouched, handle: theirs, identifier });
    expectProblem(await end(other.key, textOf(vouched.key), theirs), 403, 'grade_low');
    expect((await end(other.key, textOf(other.key), theirs)).status).toBe(201);
  });

  it('at a counter where someone else was identified, or by who identifies nobody', async () => {
    const ends = textOf(person.key);
    const size = await door.size();
    expectProblem(await lose(ends, { identified: await newPerson() }), 422, 'signature_invalid');
    expectProblem(await lose(ends, { change: { identity_salt: toBase64Url(random(32)) } }), 422, 'signature_invalid');
    expectProblem(await lose(ends, { change: { signed_at: Date.now() - 1 } }), 422, 'signature_invalid');
    expectProblem(await lose(ends, { change: { identified_by: otherLender.party } }), 422, 'signature_invalid');
    expectProblem(await lose(ends, { identifying: lender }), 403, 'party_role');
    expectProblem(await lose(ends, { by: otherLender }), 404, 'relationship_unknown');
    expectProblem(await lose(ends, { by: bureau }), 404, 'relationship_unknown');
    expectProblem(await lose(ends, { by: identifier, of: UNKNOWN }), 404, 'relationship_unknown');
    expectProblem(await lose(textOf(await newKey())), 422, 'subject_key_unknown');
    expect(await door.size()).toBe(size);
  });
});

describe('a person who lost every key', () => {
  it('has them ended by the party that identified it, and goes on with a new one that it vouches for', async () => {
    expect((await lose(textOf(person.key), { by: identifier })).status).toBe(201);
    expectProblem(await letterFor(person), 401, 'key_ended');
    const next = { ...person, key: await newKey() };
    const { context } = door.fixture;
    // Whoever merely brings a key can't take the place of the one that was lost.
    const link = bindPersonKey(context, { lender, person: next, handle });
    await expect(link).rejects.toMatchObject({ code: 'identification_missing' });
    await bindPersonKey(context, { lender, person: next, handle, identifier });
    const signed = await letterFor(next);
    expect(signed.status).toBe(201);
    const grant = await door.as(signersOf(lender)).get(`/v1/grants/${signed.json.given[0]}`);
    expect(grant.json).toMatchObject({ status: 'active', grade: 'B' });
  });
});
