/** What the ledger refuses of a request that is well-formed; and that each refusal leaves nothing behind. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { provePartyKey } from '#client/device.ts';
import type { Signatory } from '#client/sign.ts';
import { toBase64Url } from '#core/bytes.ts';
import type { Json, JsonObject } from '#core/canonical.ts';
import { DRAFTS_MAX } from '#core/consent/relationship.ts';
import {
  bindingSigningBytes,
  digestIdentity,
  revocationStatement,
  statementSigningBytes,
} from '#core/consent/statement.ts';
import { SALT_BYTES } from '#core/hash.ts';
import type { GrantId } from '#core/ids.ts';
import type { SigningKey } from '#core/note/ed25519.ts';
import { nativeEd25519 } from '../../src/native.ts';
import {
  bindPersonKey,
  draft,
  enrolPerson,
  newParty,
  newPerson,
  type Party,
  type Person,
  signature,
  signedScene,
  twoClauses,
} from '../support/actors.ts';
import { checkLedger, keeperOf, ORIGIN, random } from '../support/ledger-fixture.ts';
import { type Answer, adminsOf, type Door, expectProblem, openDoor, signersOf } from './door.ts';

/** What every signed request can be refused with. */
const OF_SIGNING = ['principal_mismatch', 'duty_missing', 'second_signature', 'key_ended'];
const UNKNOWN = '0000000000000000000000000000000f';
let door: Door;
/** As the lender, unless a test says otherwise. */
let asLender: Door;
let scene: Awaited<ReturnType<typeof signedScene>>;
let stranger: Party;
let documented: Record<string, Record<string, { 'x-problems': string[] }>>;
let size: number;

beforeAll(async () => {
  door = await openDoor();
  scene = await signedScene(door.fixture.context);
  stranger = await newParty(door.fixture.context, 'grantee');
  asLender = door.as(signersOf(scene.lender));
  documented = (await door.get('/openapi.json')).json.paths;
});
afterAll(async () => {
  await checkLedger(door.fixture);
  await door.fixture.close();
});
beforeEach(async () => {
  size = await door.size();
});

/** A refusal has the code, the documentation has it too, and the ledger has nothing of it. */
async function refused(answer: Answer | Promise<Answer>, status: number, code: string, path: string, method = 'post') {
  expectProblem(await answer, status, code);
  if (!OF_SIGNING.includes(code)) expect(documented[path]?.[method]?.['x-problems']).toContain(code);
  expect(await door.size()).toBe(size);
}

const keyText = (key: SigningKey) => toBase64Url(key.publicKey);

describe('an id that the ledger does not know', () => {
  test.each([
    ['/v1/parties/{id}', `/v1/parties/${UNKNOWN}`, 'party_unknown'],
    ['/v1/letters/{id}', `/v1/letters/${UNKNOWN}`, 'letter_unknown'],
    ['/v1/grants/{id}', `/v1/grants/${UNKNOWN}`, 'grant_unknown'],
    ['/v1/accesses/{id}', `/v1/accesses/${UNKNOWN}`, 'access_unknown'],
    ['/v1/accesses/{id}/receipt', `/v1/accesses/${UNKNOWN}/receipt`, 'access_unknown'],
    ['/v1/relationships/{handle}/entries', `/v1/relationships/${UNKNOWN}/entries`, 'relationship_unknown'],
    ['/v1/proofs/inclusion', '/v1/proofs/inclusion?index=9007199254740991&size=9007199254740991', 'index_unknown'],
    ['/v1/proofs/inclusion', '/v1/proofs/inclusion?index=1&size=1', 'index_unknown'],
    ['/v1/proofs/inclusion', '/v1/proofs/inclusion?index=0&size=0', 'index_unknown'],
    ['/v1/proofs/consistency', '/v1/proofs/consistency?from=0&to=1', 'index_unknown'],
    ['/v1/proofs/consistency', '/v1/proofs/consistency?from=2&to=1', 'index_unknown'],
    ['/v1/proofs/consistency', '/v1/proofs/consistency?from=1&to=9007199254740991', 'index_unknown'],
    ['/v1/time-stamps/{size}', '/v1/time-stamps/1', 'not_found'],
  ])('is refused: %s', async (path, asked, code) => {
    await refused(asLender.get(asked), 404, code, path, 'get');
  });

  test('of another kind is like an unknown one', async () => {
    const { lender, handle, drafted, query } = scene;
    await refused(asLender.get(`/v1/letters/${query}`), 404, 'letter_unknown', '/v1/letters/{id}', 'get');
    await refused(asLender.get(`/v1/grants/${drafted.letter}`), 404, 'grant_unknown', '/v1/grants/{id}', 'get');
    await refused(asLender.get(`/v1/accesses/${query}`), 404, 'access_unknown', '/v1/accesses/{id}', 'get');
    await refused(asLender.get(`/v1/parties/${handle}`), 404, 'party_unknown', '/v1/parties/{id}', 'get');
    const entries = `/v1/relationships/${lender.party}/entries`;
    await refused(asLender.get(entries), 404, 'relationship_unknown', '/v1/relationships/{handle}/entries', 'get');
  });
});

describe('a party', () => {
  const path = '/v1/parties';
  const register = (body: object, by = door.asKeeper()) => by.post(path, { keys: [], ...body });

  test('is not registered as one who identifies and receives', async () => {
    await refused(register({ name: '示例', roles: ['grantee', 'identifier'] }), 403, 'party_role', path);
  });

  test('is registered by two administrators of the keeper, and by nobody else', async () => {
    const body = { name: '示例', roles: ['grantee'] };
    const [first, second] = keeperOf(door.fixture.context) as [Signatory, Signatory];
    await refused(register(body, door.as([first])), 403, 'second_signature', path);
    await refused(register(body, door.as([second, second])), 403, 'second_signature', path);
    await refused(register(body, asLender), 403, 'principal_mismatch', path);
    await refused(register(body, door.as(adminsOf(scene.lender))), 403, 'principal_mismatch', path);
    await refused(register({ ...body, roles: ['keeper'] }), 403, 'party_role', path);
  });

  test('has no name with characters that nobody sees', async () => {
    for (const name of ['a\u202eb', 'a\u200bb', '\ufeffa', 'a\u2028b', 'a\u00adb', 'a\u{e0041}', 'a\u001b[2J']) {
      await refused(register({ name, roles: ['grantee'] }), 400, 'input_invalid', path);
    }
  });

  test('gets no key that cannot be shown to sign for this log', async () => {
    const key = await nativeEd25519.importSeed(random(32));
    const good = { ...(await provePartyKey(key, ORIGIN)), duty: 'query' };
    const elsewhere = { ...(await provePartyKey(key, 'other.example/log')), duty: 'query' };
    const others = { ...good, possession: (await provePartyKey(scene.lender.key, ORIGIN)).possession };
    for (const proof of [elsewhere, others]) {
      await refused(register({ name: '示例', roles: ['grantee'], keys: [proof] }), 422, 'signature_invalid', path);
      const added = door
        .as(adminsOf(scene.lender))
        .post(`${path}/${scene.lender.party}/keys`, { ...proof, operator: null });
      await refused(added, 422, 'signature_invalid', '/v1/parties/{id}/keys');
    }
    await refused(register({ name: '示例', roles: ['grantee'], keys: [good, good] }), 409, 'already_there', path);
  });
  test('gets no key twice, and none that is crooked', async () => {
    const keys = '/v1/parties/{id}/keys';
    const own = `/v1/parties/${scene.lender.party}/keys`;
    const asAdmin = door.as(adminsOf(scene.lender));
    const again = { ...(await provePartyKey(scene.lender.key, ORIGIN)), duty: 'query', operator: null };
    await refused(asAdmin.post(own, again), 409, 'already_there', keys);
    // The identity, a point off the curve, and an encoding that is not the canonical one.
    const crooked = [[1], [2], Array(32).fill(0xff)].map((bytes) => {
      const key = new Uint8Array(32);
      key.set(bytes);
      return toBase64Url(key);
    });
    for (const key of crooked) await refused(asAdmin.post(own, { ...again, key }), 422, 'key_invalid', keys);
    const fresh = { ...(await provePartyKey(scene.person.key, ORIGIN)), duty: 'query', operator: null };
    await refused(door.asKeeper().post(`/v1/parties/${UNKNOWN}/keys`, fresh), 404, 'party_unknown', keys);
    await refused(asAdmin.post(own, { ...fresh, operator: UNKNOWN }), 404, 'operator_unknown', keys);
  });

  test('has its keys changed by its own administrator or the keeper: to others it is unknown', async () => {
    const keys = '/v1/parties/{id}/keys';
    const own = `/v1/parties/${scene.lender.party}/keys`;
    const fresh = { ...(await provePartyKey(scene.person.key, ORIGIN)), duty: 'query', operator: null };
    const { key } = fresh;
    await refused(asLender.post(own, fresh), 403, 'duty_missing', keys);
    await refused(asLender.post(`${own}/retirement`, { key }), 401, 'key_ended', `${keys}/retirement`);
    for (const [by, code, status] of [
      [adminsOf(stranger), 'party_unknown', 404],
      [keeperOf(door.fixture.context).slice(1), 'second_signature', 403],
    ] as const) {
      await refused(door.as(by).post(own, fresh), status, code, keys);
      const suspension = door.as(by).post(`/v1/parties/${scene.lender.party}/suspension`, {});
      await refused(suspension, status, code, '/v1/parties/{id}/suspension');
    }
    const bySelf = door.as(adminsOf(scene.lender)).post(`/v1/parties/${scene.lender.party}/suspension`, {});
    await refused(bySelf, 403, 'principal_mismatch', '/v1/parties/{id}/suspension');
  });
});

describe('an enrolment', () => {
  const identity = { id_type: 'resident_id', id_number: '990001189001010014', name: '示例人甲', phone: null };
  test('wants a number that a document of its kind can have', async () => {
    const asLender = door.as(signersOf(scene.lender));
    for (const [id_type, id_number] of [
      ['resident_id', '990001189001010015'],
      ['resident_id', '990001189002300011'],
      ['uscc', '91990001MA00000158'],
      ['loan_card', '9900000000000167'],
      ['institution_code', '91990001MA00000157'],
    ]) {
      const body = { principal: scene.lender.party, subject: 'person', identity: { ...identity, id_type, id_number } };
      const answer = await asLender.post('/v1/relationships', body);
      await refused(answer, 422, 'identifier_invalid', '/v1/relationships');
      expect(JSON.stringify(answer.json)).not.toContain(id_number);
    }
  });
  test('wants a party that is registered, and may receive', async () => {
    const enrol = (principal: string, by: Party) =>
      door.as(signersOf(by)).post('/v1/relationships', { principal, subject: 'person', identity });
    await refused(enrol(UNKNOWN, scene.lender), 403, 'principal_mismatch', '/v1/relationships');
    await refused(enrol(scene.bureau.party, scene.bureau), 403, 'party_role', '/v1/relationships');
    await refused(enrol(scene.lender.party, stranger), 403, 'principal_mismatch', '/v1/relationships');
    const byAdmin = { party: scene.lender.party, key: scene.lender.admin };
    const body = { principal: scene.lender.party, subject: 'person', identity };
    await refused(
      door.as(signersOf(byAdmin)).post('/v1/relationships', body),
      403,
      'duty_missing',
      '/v1/relationships',
    );
  });
});

describe('a subject’s key', () => {
  const path = '/v1/relationships/{handle}/keys';

  const salt = random(SALT_BYTES);
  const identityOf = (id_number: string, id_type = 'resident_id') => digestIdentity(salt, { id_type, id_number });

  async function bind(
    change: JsonObject,
    options: { signed?: JsonObject; by?: SigningKey; handle?: string; as?: Party } = {},
  ) {
    const { lender, identifier, handle } = scene;
    const person = await newPerson();
    const named = {
      key: keyText(person.key),
      method: 'identity_provider',
      identified_by: identifier.party,
      identified_at: Date.now(),
    };
    const identity = identityOf(scene.person.idNumber);
    const bytes = bindingSigningBytes({ v: 1, log: ORIGIN, handle, identity, ...named, ...options.signed });
    const body = {
      principal: lender.party,
      ...named,
      identity_salt: toBase64Url(salt),
      possession: toBase64Url(await person.key.sign(bytes)),
      identification: toBase64Url(await (options.by ?? identifier.key).sign(bytes)),
      ...change,
    };
    const caller = door.as(signersOf(options.as ?? lender));
    return caller.post(`/v1/relationships/${options.handle ?? handle}/keys`, body);
  }

  test('is not bound by signatures over anything else', async () => {
    for (const signed of [
      { log: 'other.example/log' },
      { handle: UNKNOWN },
      { method: 'link' },
      { identified_at: 1 },
      { identified_by: scene.lender.party },
    ]) {
      await refused(bind({}, { signed }), 422, 'signature_invalid', path);
    }
    const { signature: other } = await signature(scene.drafted, scene.person, [true, true], 1);
    await refused(bind({ possession: other }), 422, 'signature_invalid', path);
    await refused(bind({ identification: other }), 422, 'signature_invalid', path);
    await refused(bind({}, { by: scene.lender.key }), 422, 'signature_invalid', path);
  });

  test('is not bound where someone else was identified than the relationship is about', async () => {
    const { idNumber } = scene.person;
    const other = await newPerson();
    for (const identity of [
      identityOf(other.idNumber),
      identityOf(idNumber, 'passport'),
      identityOf(idNumber.slice(1)),
      digestIdentity(random(SALT_BYTES), { id_type: 'resident_id', id_number: idNumber }),
      null,
    ]) {
      await refused(bind({}, { signed: { identity } }), 422, 'signature_invalid', path);
    }
    await refused(bind({ identity_salt: toBase64Url(random(SALT_BYTES)) }), 422, 'signature_invalid', path);
    // Not even where the ledger knows the other one, through the identifier's own honest signature.
    await enrolPerson(door.fixture.context, scene.lender, other);
    size = await door.size();
    await refused(bind({}, { signed: { identity: identityOf(other.idNumber) } }), 422, 'signature_invalid', path);
  });

  test('is bound to the relationship’s person however the number was written', async () => {
    const spaced = ` ${[...scene.person.idNumber].join(' ')} `;
    expect((await bind({}, { signed: { identity: identityOf(spaced) } })).status).toBe(201);
  });

  test('is not bound with a salt of another form', async () => {
    const text = toBase64Url(salt);
    for (const identity_salt of ['', text.slice(1), `${text}A`, `${text}=`, '!'.repeat(43), 1, [text]] as Json[]) {
      await refused(bind({ identity_salt }), 400, 'input_invalid', path);
    }
    // 43 characters whose last one holds bits that are no part of 32 bytes.
    await refused(bind({ identity_salt: `${'A'.repeat(42)}B` }), 400, 'input_invalid', path);
  });

  test('is not bound through a relationship that is another’s or none', async () => {
    await refused(bind({ principal: stranger.party }), 403, 'principal_mismatch', path);
    await refused(bind({ principal: stranger.party }, { as: stranger }), 404, 'relationship_unknown', path);
    await refused(bind({}, { handle: UNKNOWN }), 404, 'relationship_unknown', path);
  });

  test('is not bound without who identified the person', async () => {
    await refused(bind({ identification: null }), 422, 'identification_missing', path);
    const saltless = { signed: { identity: null } };
    await refused(bind({ identity_salt: null }, saltless), 422, 'identification_missing', path);
    const { lender, bureau } = scene;
    const unnamed = { signed: { identified_by: null } };
    await refused(bind({ identified_by: null }, unnamed), 422, 'identification_missing', path);
    // A party that is not registered for it, even by its own signature.
    const byBureau = { signed: { identified_by: bureau.party }, by: bureau.key };
    await refused(bind({ identified_by: bureau.party }, byBureau), 403, 'party_role', path);
    const byLender = { signed: { identified_by: lender.party }, by: lender.key };
    await refused(bind({ identified_by: lender.party }, byLender), 403, 'party_role', path);
    await refused(bind({ identified_by: UNKNOWN }, { signed: { identified_by: UNKNOWN } }), 404, 'party_unknown', path);
    const later = Date.now() + 3_600_000;
    await refused(bind({ identified_at: later }, { signed: { identified_at: later } }), 422, 'signed_ahead', path);
  });

  test('by a link only, is no further key, and names no identification', async () => {
    const link = { method: 'link', identified_by: null, identified_at: null };
    const unsaid = { ...link, identity_salt: null, identification: null };
    const signed = { ...link, identity: null };
    await refused(bind(unsaid, { signed }), 422, 'identification_missing', path);
    const salted = { ...link, identification: null };
    await refused(bind(salted, { signed: link }), 422, 'identification_missing', path);
    const half = { method: 'link' };
    await refused(bind(half, { signed: half }), 400, 'input_invalid', path);
  });
});

describe('a draft', () => {
  const path = '/v1/letters';

  async function drafting(change: object, terms: object = {}, as = asLender) {
    const { lender, handle, bureau } = scene;
    const grants = twoClauses(bureau, Date.now()).map((each) => ({ ...each, ...terms }));
    const body = { principal: lender.party, handle, text: '示例', template: null, warnings: [], grants };
    return as.post(path, { ...body, expires_at: Date.now() + 60_000, ...change });
  }

  test('wants the drafter’s own relationship', async () => {
    await refused(drafting({ handle: UNKNOWN }), 404, 'relationship_unknown', path);
    await refused(drafting({ principal: stranger.party }), 403, 'principal_mismatch', path);
    const asStranger = door.as(signersOf(stranger));
    await refused(drafting({ principal: stranger.party }, {}, asStranger), 404, 'relationship_unknown', path);
  });

  test('wants clauses that can stand', async () => {
    await refused(drafting({}, { action: 'QUERY', sources: [], recipients: [] }), 400, 'input_invalid', path);
    await refused(drafting({}, { to: 1 }), 400, 'input_invalid', path);
    await refused(drafting({}, { action: 'QUERY', sources: [UNKNOWN], recipients: [] }), 404, 'party_unknown', path);
    await refused(drafting({ expires_at: 1 }), 409, 'letter_expired', path);
  });

  test('is one of a few that wait for a signature, whatever the relationship’s age', async () => {
    const someone = await newPerson();
    const handle = await enrolPerson(door.fixture.context, scene.lender, someone);
    for (let n = 0; n < DRAFTS_MAX; n++) expect((await drafting({ handle })).status).toBe(201);
    size = await door.size();
    await refused(drafting({ handle }), 409, 'limit_reached', path);
    await refused(drafting({ expires_at: 8_640_000_000_000_001 }), 400, 'input_invalid', path);
    await refused(drafting({}, { to: 8_640_000_000_000_001 }), 400, 'input_invalid', path);
    await refused(drafting({}, { purposes: ['p13800000000'] }), 400, 'input_invalid', path);
  });
});

describe('a signature under a letter', () => {
  const path = '/v1/letters/{id}/signature';

  async function newDraft(expires_at?: number) {
    const { lender, handle, bureau } = scene;
    const grants = twoClauses(bureau, Date.now());
    const drafted = await draft(door.fixture.context, {
      lender,
      handle,
      grants,
      ...(expires_at === undefined ? {} : { expires_at }),
    });
    size = await door.size();
    return drafted;
  }
  const sign = (letter: string, body: unknown, headers?: Record<string, string>) =>
    door.post(`/v1/letters/${letter}/signature`, body, headers);

  test('counts only over exactly this letter, for this log', async () => {
    const drafted = await newDraft();
    const other = await newDraft();
    const now = Date.now();
    const { person } = scene;
    for (const change of [
      { log: 'other.example/log' },
      { kind: 'revoke' },
      { ref: other.letter },
      { nonce: other.statement['nonce'] ?? null },
      { text: other.statement['text'] ?? null },
      { signed_at: now - 1 },
      { parties: [stranger.party] },
      { expires_at: now + 1 },
      { grants: [] },
    ]) {
      const wrong = await signature(drafted, person, [true, false], now, change);
      await refused(sign(drafted.letter, wrong), 422, 'signature_invalid', path);
    }
    const good = await signature(drafted, person, [true, false], now);
    const ticked = { ...good, grants: good.grants.map((each) => ({ ...each, given: true })) };
    await refused(sign(drafted.letter, ticked), 422, 'signature_invalid', path);
    await refused(
      sign(other.letter, { ...good, grants: other.grants.map(({ grant }) => ({ grant, given: true })) }),
      422,
      'signature_invalid',
      path,
    );
    const flipped = `${good.signature[0] === 'A' ? 'B' : 'A'}${good.signature.slice(1)}`;
    await refused(sign(drafted.letter, { ...good, signature: flipped }), 422, 'signature_invalid', path);
    await refused(sign(UNKNOWN, good), 404, 'letter_unknown', path);
  });

  test('counts only by a key that is bound to the subject', async () => {
    const drafted = await newDraft();
    const someone: Person = await newPerson();
    const good = await signature(drafted, someone, [true, true], Date.now());
    await refused(sign(drafted.letter, good), 422, 'subject_key_unknown', path);
    // A key bound to somebody else of the same lender is not this subject's either.
    const handle = await enrolPerson(door.fixture.context, scene.lender, someone);
    await bindPersonKey(door.fixture.context, {
      lender: scene.lender,
      person: someone,
      handle,
      identifier: scene.identifier,
    });
    size = await door.size();
    await refused(sign(drafted.letter, good), 422, 'subject_key_unknown', path);
  });

  test('answers every clause of the letter, once, and no other', async () => {
    const drafted = await newDraft();
    const good = await signature(drafted, scene.person, [true, true], Date.now());
    const [first, second] = good.grants;
    for (const grants of [
      [first],
      [first, first],
      [first, second, second],
      [first, { grant: scene.query, given: true }],
    ]) {
      await refused(sign(drafted.letter, { ...good, grants }), 400, 'input_invalid', path);
    }
  });

  test('is not taken too early, from the future, or too late', async () => {
    const minute = 60_000;
    const drafted = await newDraft(Date.now() + minute);
    const hour = 3_600_000;
    const ahead = await signature(drafted, scene.person, [true, true], Date.now() + hour);
    await refused(sign(drafted.letter, ahead), 422, 'signed_ahead', path);
    const before = await signature(drafted, scene.person, [true, true], Date.now() - hour);
    await refused(sign(drafted.letter, before), 422, 'signed_before', path);
    const good = await signature(drafted, scene.person, [true, true], Date.now());
    // The ledger's clock stays here; what the other tests sign is then 2 minutes old, which is not too old.
    door.fixture.setTime(Date.now() + 2 * minute);
    await refused(sign(drafted.letter, good), 409, 'letter_expired', path);
  });

  test('is given once: the same again gets the same answer, another is refused', async () => {
    const drafted = await newDraft();
    const good = await signature(drafted, scene.person, [true, false], Date.now());
    const key = { 'idempotency-key': randomUUID() };
    const first = await sign(drafted.letter, good, key);
    expect(first.status).toBe(201);
    size = await door.size();
    const replay = await sign(drafted.letter, good, key);
    const relayed = await sign(drafted.letter, good);
    expect([replay.text, relayed.text]).toEqual([first.text, first.text]);
    expect(await door.size()).toBe(size);
    const again = await signature(drafted, scene.person, [true, true], Date.now());
    await refused(sign(drafted.letter, again), 409, 'already_signed', path);
    await refused(sign(drafted.letter, again, key), 409, 'idempotency_mismatch', path);
  });
});

describe('a revocation', () => {
  const path = '/v1/grants/{id}/revocation';
  const revoke = (grant: string, body: unknown, headers?: Record<string, string>) =>
    door.post(`/v1/grants/${grant}/revocation`, body, headers);

  async function revocation(grant: GrantId, change: JsonObject = {}, signedAt = Date.now(), person = scene.person) {
    const statement = revocationStatement({ log: ORIGIN, ref: grant, grantee: scene.lender.party, signedAt });
    const bytes = statementSigningBytes({ ...statement, ...change });
    return { key: keyText(person.key), signature: toBase64Url(await person.key.sign(bytes)), signed_at: signedAt };
  }

  test('counts only over exactly this grant, for this log', async () => {
    const { query, report, drafted, person } = scene;
    for (const change of [{ log: 'other.example/log' }, { kind: 'letter' }, { ref: report }, { parties: [] }]) {
      await refused(revoke(query, await revocation(query, change)), 422, 'signature_invalid', path);
    }
    const { key, signature: letter, signed_at } = await signature(drafted, person, [true, true], Date.now());
    await refused(revoke(query, { key, signature: letter, signed_at }), 422, 'signature_invalid', path);
    await refused(revoke(UNKNOWN, await revocation(query)), 404, 'grant_unknown', path);
    await refused(revoke(query, await revocation(query, {}, Date.now() + 3_600_000)), 422, 'signed_ahead', path);
    await refused(revoke(query, await revocation(query, {}, 1)), 422, 'signed_before', path);
    const someone = await newPerson();
    await refused(revoke(query, await revocation(query, {}, Date.now(), someone)), 422, 'subject_key_unknown', path);
    expect((await asLender.get(`/v1/grants/${query}`)).json.status).toBe('active');
  });

  test('is given once: the same again gets the same answer, another is refused', async () => {
    const { report } = scene;
    const good = await revocation(report);
    const key = { 'idempotency-key': randomUUID() };
    const first = await revoke(report, good, key);
    expect(first.status).toBe(201);
    size = await door.size();
    expect((await revoke(report, good, key)).text).toBe(first.text);
    expect((await revoke(report, good)).text).toBe(first.text);
    expect(await door.size()).toBe(size);
    await refused(revoke(report, await revocation(report, {}, Date.now() + 1)), 409, 'already_revoked', path);
  });
});

describe('an access', () => {
  test('for a party that is none, or is another, is refused, and leaves no entry', async () => {
    for (const principal of [UNKNOWN, stranger.party]) {
      const asked = asLender.post('/v1/accesses', { ...scene.queryAccess, principal });
      await refused(asked, 403, 'principal_mismatch', '/v1/accesses');
    }
  });

  test('on another’s relationship, or on none, is a denial and an entry of the caller’s own', async () => {
    for (const [by, change] of [
      [stranger, { principal: stranger.party }],
      [scene.lender, { handle: UNKNOWN }],
    ] as const) {
      const asked = { ...scene.queryAccess, ...change };
      const { status, json, text } = await door.as(signersOf(by)).post('/v1/accesses', asked);
      expect([status, json.decision, json.codes]).toEqual([201, 'deny', ['PARTY']]);
      expect(json.entry.stream).toMatch(/^refused\//);
      expect(text).not.toContain(scene.handle);
    }
    expect(await door.size()).toBe(size + 2);
  });

  test('under a grant of another relationship, or none, is a denial', async () => {
    const someone = await newPerson();
    const handle = await enrolPerson(door.fixture.context, scene.lender, someone);
    for (const change of [{ handle }, { ground: { grant: UNKNOWN } }]) {
      const { status, json } = await asLender.post('/v1/accesses', { ...scene.queryAccess, ...change });
      expect([status, json.decision, json.codes]).toEqual([201, 'deny', ['NOAUTH']]);
    }
  });

  test('asked again under its key gets the same decision, byte for byte', async () => {
    const key = { 'idempotency-key': randomUUID() };
    const first = await asLender.post('/v1/accesses', scene.queryAccess, key);
    size = await door.size();
    const again = await asLender.post('/v1/accesses', scene.queryAccess, key);
    expect(again.text).toBe(first.text);
    expect(await door.size()).toBe(size);
    const other = asLender.post('/v1/accesses', { ...scene.queryAccess, purpose: 'post_loan' }, key);
    await refused(other, 409, 'idempotency_mismatch', '/v1/accesses');
  });
});
