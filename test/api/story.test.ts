/** The whole way through the public door, as the README walks it. */
import { createHash, createHmac, randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Signatory } from '#client/sign.ts';
import { toBase64Url, utf8 } from '#core/bytes.ts';
import { bindingSigningBytes, statementSigningBytes } from '#core/consent/statement.ts';
import type { PartyId } from '#core/ids.ts';
import type { SigningKey } from '#core/note/ed25519.ts';
import { nativeEd25519 } from '../../src/native.ts';
import { checkLedger, keeperOf, ORIGIN, random } from '../support/ledger-fixture.ts';
import { adminsOf, type Door, openDoor, signersOf } from './door.ts';

const DAY_MS = 86_400_000;
let door: Door;
beforeAll(async () => {
  door = await openDoor();
});
afterAll(() => door.fixture.close());

/** By whom the request is signed; a statement that stands in its body needs nobody. */
async function made(path: string, body: unknown, by: readonly Signatory[] = []) {
  const answer = await door.as(by).post(path, body);
  expect(answer.json).toMatchObject({ entry: { level: 'sequenced' } });
  expect(answer.status).toBe(201);
  return answer;
}

async function partyOf(role: string) {
  const [key, admin] = [await nativeEd25519.importSeed(random(32)), await nativeEd25519.importSeed(random(32))];
  // As somebody else than our own client would make it.
  const newKey = async (made: SigningKey, duty: string) => {
    const text = toBase64Url(made.publicKey);
    const proof = utf8(`assent/party-key/v1\n{"key":"${text}","log":"${ORIGIN}","v":1}`);
    return { key: text, possession: toBase64Url(await made.sign(proof)), duty };
  };
  const first = { name: `示例${role}`, roles: [role], keys: [await newKey(admin, 'admin')] };
  const { json, headers } = await made('/v1/parties', first, keeperOf(door.fixture.context));
  expect(headers.get('location')).toBe(`/v1/parties/${json.party}`);
  const party = json.party as PartyId;
  const added = { ...(await newKey(key, 'query')), operator: null };
  await made(`/v1/parties/${party}/keys`, added, adminsOf({ party, admin }));
  return { party, key, admin };
}

describe('the story', () => {
  test('goes from a registered party to a receipt, and to a denial after consent is withdrawn', async () => {
    const identifier = await partyOf('identifier');
    const lender = await partyOf('grantee');
    const bureau = await partyOf('bureau');
    const by = signersOf(lender);
    const asLender = door.as(by);
    const read = (await asLender.get(`/v1/parties/${lender.party}`)).json;
    expect(read).toMatchObject({ party: lender.party, name: '示例grantee', roles: ['grantee'], suspended_at: null });
    expect(read.keys).toEqual(
      [lender.admin, lender.key].map(({ publicKey }) => ({
        key: toBase64Url(publicKey),
        operator: expect.any(String),
        ended_at: null,
        compromised_since: null,
      })),
    );
    const duties = read.keys.map(({ operator }: { operator: string }) => read.operators[operator]);
    expect(duties).toEqual([
      { duty: 'admin', left_at: null },
      { duty: 'query', left_at: null },
    ]);

    const person = await nativeEd25519.importSeed(random(32));
    const identity = { id_type: 'resident_id', id_number: '990001189001010014', name: '示例人甲', phone: null };
    const { handle } = (await made('/v1/relationships', { principal: lender.party, subject: 'person', identity }, by))
      .json;
    const key = toBase64Url(person.publicKey);
    const named = { method: 'identity_provider', identified_by: identifier.party, identified_at: Date.now() };
    // As somebody else than our own client would make it: HMAC-SHA-256 under a fresh salt.
    const salt = randomBytes(32);
    const told = createHmac('sha256', salt).update(`["resident_id","${identity.id_number}"]`).digest('base64url');
    const binding = bindingSigningBytes({ v: 1, log: ORIGIN, handle, key, identity: told, ...named });
    await made(
      `/v1/relationships/${handle}/keys`,
      {
        principal: lender.party,
        key,
        ...named,
        identity_salt: salt.toString('base64url'),
        possession: toBase64Url(await person.sign(binding)),
        identification: toBase64Url(await identifier.key.sign(binding)),
      },
      by,
    );

    const limits = { uses_max: null, frequency: null, staleness_ms: null };
    const to = Date.now() + DAY_MS;
    const common = { from: null, to, basis: 'separate_consent', necessity: 'necessary', ...limits };
    const drafted = await made(
      '/v1/letters',
      {
        principal: lender.party,
        handle,
        text: '示例授权书\n一、查询\n二、报送',
        template: null,
        warnings: [],
        expires_at: Date.now() + DAY_MS,
        grants: [
          {
            action: 'QUERY',
            purposes: ['loan_apply'],
            items: ['credit_report'],
            sources: [bureau.party],
            recipients: [],
            ...common,
          },
          {
            action: 'REPORT',
            purposes: ['credit_reporting'],
            items: ['basic'],
            sources: [],
            recipients: [bureau.party],
            ...common,
          },
        ],
      },
      by,
    );
    const { letter, statement } = drafted.json;
    expect(drafted.headers.get('location')).toBe(`/v1/letters/${letter}`);
    const signed_at = Date.now();
    const grants = statement.grants.map((terms: object) => ({ ...terms, given: true }));
    const signing = statementSigningBytes({ ...statement, grants, signed_at });
    const [query, report] = grants.map((terms: { grant: string }) => terms.grant);
    await made(`/v1/letters/${letter}/signature`, {
      key,
      signature: toBase64Url(await person.sign(signing)),
      signed_at,
      grants: [
        { grant: query, given: true },
        { grant: report, given: true },
      ],
    });
    expect((await asLender.get(`/v1/letters/${letter}`)).json).toMatchObject({
      status: 'signed',
      grants: [{ status: 'active' }, { status: 'active' }],
    });

    const asked = {
      principal: lender.party,
      handle,
      ground: { grant: query },
      action: 'QUERY',
      purpose: 'loan_apply',
      items: ['credit_report'],
      door: bureau.party,
      bound: null,
    };
    const allowed = (await made('/v1/accesses', asked, by)).json;
    expect(allowed).toMatchObject({ decision: 'allow', codes: [], receipt: `/v1/accesses/${allowed.access}/receipt` });
    const { permit, until: _until, ...view } = allowed;
    const { receipt } = view;
    expect((await asLender.get(`/v1/accesses/${allowed.access}`)).json).toMatchObject({ ...view, redemptions: [] });
    const shown = { permit: createHash('sha256').update(permit).digest('base64url') };
    const redeemed = await made(`/v1/accesses/${allowed.access}/redemption`, shown, signersOf(bureau));
    expect(redeemed.json).toMatchObject({ decision: 'allow', codes: [] });
    expect((await made('/v1/accesses', { ...asked, purpose: 'marketing' }, by)).json).toMatchObject({
      decision: 'deny',
      codes: ['PURPOSE'],
    });

    const file = await asLender.get(receipt);
    expect(file.status).toBe(200);
    expect(file.headers.get('content-disposition')).toBe(`attachment; filename="receipt-${allowed.access}.json"`);
    expect(file.json).toMatchObject({ access: allowed.access, log: ORIGIN });

    const revoke = {
      v: 1,
      log: ORIGIN,
      kind: 'revoke',
      ref: query,
      text: null,
      template: null,
      grants: [],
      parties: [lender.party],
      warnings: [],
      nonce: null,
      signed_at: Date.now(),
      expires_at: null,
    };
    await made(`/v1/grants/${query}/revocation`, {
      key,
      signature: toBase64Url(await person.sign(statementSigningBytes(revoke))),
      signed_at: revoke.signed_at,
    });
    expect((await asLender.get(`/v1/grants/${query}`)).json.status).toBe('revoked');
    expect((await asLender.get(`/v1/grants/${report}`)).json.status).toBe('active');
    expect((await made('/v1/accesses', asked, by)).json).toMatchObject({ decision: 'deny', codes: ['REVOKED'] });

    const page = (await asLender.get(`/v1/relationships/${handle}/entries?from=1`)).json;
    expect(page.entries.map((each: { type: string }) => each.type)).toEqual([
      'letter.drafted',
      'letter.signed',
      'access.decided',
      'access.redeemed',
      'access.decided',
      'grant.revoked',
      'access.decided',
    ]);
    expect(page.next).toBe(null);

    const size = await door.size();
    const proof = (await door.get(`/v1/proofs/inclusion?index=3&size=${size}`)).json;
    expect(proof).toMatchObject({ index: 3, size });
    const consistency = await door.get(`/v1/proofs/consistency?from=3&to=${size}`);
    expect(consistency.json).toMatchObject({ from: 3, to: size });
    expect(consistency.headers.get('cache-control')).toContain('immutable');
    const checkpoint = await door.get('/checkpoint');
    expect(checkpoint.text).toMatch(new RegExp(`^${ORIGIN}\n`));
    expect(checkpoint.headers.get('content-type')).toBe('text/plain; charset=utf-8');
    await checkLedger(door.fixture);
  });

  test('begins with one entry for each enrolment, whether or not others know the person', async () => {
    const lenders = [await partyOf('grantee'), await partyOf('grantee')];
    const identity = { id_type: 'resident_id', id_number: '990001189001010030', name: '示例人乙', phone: null };
    const answers: [string[], string][] = [];
    for (const lender of lenders) {
      const { party } = lender;
      const asLender = door.as(signersOf(lender));
      const before = await door.size();
      const { json } = await made(
        '/v1/relationships',
        { principal: party, subject: 'person', identity },
        signersOf(lender),
      );
      expect(await door.size()).toBe(before + 1);
      const page = (await asLender.get(`/v1/relationships/${json.handle}/entries`)).json;
      expect(page.entries).toHaveLength(1);
      answers.push([Object.keys(json.entry).sort(), JSON.parse(page.entries[0].entry).type]);
      // The same party again: the same handle, and no entry at all.
      const again = await asLender.post('/v1/relationships', { principal: party, subject: 'person', identity });
      expect(again.json.handle).toBe(json.handle);
      expect(await door.size()).toBe(before + 1);
    }
    expect(answers[0]).toEqual(answers[1]);
    expect(answers[0]?.[1]).toBe('relationship.opened');
    await checkLedger(door.fixture);
  });
});
