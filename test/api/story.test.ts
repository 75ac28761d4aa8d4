/** The whole way through the public door, as the README walks it. */
import { createHmac, randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { toBase64Url } from '#core/bytes.ts';
import { bindingSigningBytes, statementSigningBytes } from '#core/consent/statement.ts';
import type { SigningKey } from '#core/note/ed25519.ts';
import { nativeEd25519 } from '../../src/native.ts';
import { checkLedger, ORIGIN, random } from '../support/ledger-fixture.ts';
import { type Door, openDoor } from './door.ts';

const DAY_MS = 86_400_000;
let door: Door;
beforeAll(async () => {
  door = await openDoor();
});
afterAll(() => door.fixture.close());

async function made(path: string, body: unknown) {
  const answer = await door.post(path, body);
  expect(answer.json).toMatchObject({ entry: { level: 'sequenced' } });
  expect(answer.status).toBe(201);
  return answer;
}

async function partyOf(role: string): Promise<{ party: string; key: SigningKey }> {
  const { json, headers } = await made('/v1/parties', { name: `示例${role}`, roles: [role] });
  expect(headers.get('location')).toBe(`/v1/parties/${json.party}`);
  const key = await nativeEd25519.importSeed(random(32));
  await made(`/v1/parties/${json.party}/keys`, { key: toBase64Url(key.publicKey) });
  return { party: json.party, key };
}

describe('the story', () => {
  test('goes from a registered party to a receipt, and to a denial after consent is withdrawn', async () => {
    const identifier = await partyOf('identifier');
    const lender = await partyOf('grantee');
    const bureau = await partyOf('bureau');
    expect((await door.get(`/v1/parties/${lender.party}`)).json).toEqual({
      party: lender.party,
      name: '示例grantee',
      roles: ['grantee'],
      keys: [toBase64Url(lender.key.publicKey)],
    });

    const person = await nativeEd25519.importSeed(random(32));
    const identity = { id_type: 'resident_id', id_number: '990001189001010014', name: '示例人甲', phone: null };
    const { handle } = (await made('/v1/relationships', { principal: lender.party, subject: 'person', identity })).json;
    const key = toBase64Url(person.publicKey);
    const named = { method: 'identity_provider', identified_by: identifier.party, identified_at: Date.now() };
    // As somebody else than our own client would make it: HMAC-SHA-256 under a fresh salt.
    const salt = randomBytes(32);
    const told = createHmac('sha256', salt).update(`["resident_id","${identity.id_number}"]`).digest('base64url');
    const binding = bindingSigningBytes({ v: 1, log: ORIGIN, handle, key, identity: told, ...named });
    await made(`/v1/relationships/${handle}/keys`, {
      principal: lender.party,
      key,
      ...named,
      identity_salt: salt.toString('base64url'),
      possession: toBase64Url(await person.sign(binding)),
      identification: toBase64Url(await identifier.key.sign(binding)),
    });

    const common = { from: null, to: Date.now() + DAY_MS, basis: 'separate_consent', necessity: 'necessary' };
    const drafted = await made('/v1/letters', {
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
    });
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
    expect((await door.get(`/v1/letters/${letter}`)).json).toMatchObject({
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
    };
    const allowed = (await made('/v1/accesses', asked)).json;
    expect(allowed).toMatchObject({ decision: 'allow', codes: [], receipt: `/v1/accesses/${allowed.access}/receipt` });
    const { receipt, ...view } = allowed;
    expect((await door.get(`/v1/accesses/${allowed.access}`)).json).toEqual({ ...view, receipt });
    expect((await made('/v1/accesses', { ...asked, purpose: 'marketing' })).json).toMatchObject({
      decision: 'deny',
      codes: ['PURPOSE'],
    });

    const file = await door.get(receipt);
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
    expect((await door.get(`/v1/grants/${query}`)).json.status).toBe('revoked');
    expect((await door.get(`/v1/grants/${report}`)).json.status).toBe('active');
    expect((await made('/v1/accesses', asked)).json).toMatchObject({ decision: 'deny', codes: ['REVOKED'] });

    const page = (await door.get(`/v1/relationships/${handle}/entries?from=1`)).json;
    expect(page.entries.map((each: { type: string }) => each.type)).toEqual([
      'letter.drafted',
      'letter.signed',
      'access.decided',
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
    for (const { party } of lenders) {
      const before = await door.size();
      const { json } = await made('/v1/relationships', { principal: party, subject: 'person', identity });
      expect(await door.size()).toBe(before + 1);
      const page = (await door.get(`/v1/relationships/${json.handle}/entries`)).json;
      expect(page.entries).toHaveLength(1);
      answers.push([Object.keys(json.entry).sort(), JSON.parse(page.entries[0].entry).type]);
      // The same party again: the same handle, and no entry at all.
      const again = await door.post('/v1/relationships', { principal: party, subject: 'person', identity });
      expect(again.json.handle).toBe(json.handle);
      expect(await door.size()).toBe(before + 1);
    }
    expect(answers[0]).toEqual(answers[1]);
    expect(answers[0]?.[1]).toBe('relationship.opened');
    await checkLedger(door.fixture);
  });
});
