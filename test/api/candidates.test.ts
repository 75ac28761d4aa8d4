/** Conditional grantees over HTTP (domain/seeds.md 0.19): a report clause for one of two banks, whichever grants the line. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { verifyReceipt } from '#client/index.ts';
import { subjectSignatory } from '#client/sign.ts';
import { utf8 } from '#core/bytes.ts';
import { digestPermit } from '#core/consent/permit.ts';
import { hashText } from '#core/hash.ts';
import type { AccessId, GrantId, Handle } from '#core/ids.ts';
import { refusedStream } from '#core/tlog/stream.ts';
import { openKeys, sealPayload } from '#ledger/vault.ts';
import { nameCall } from '#service/call.ts';
import { nativeEd25519 } from '../../src/native.ts';
import {
  bindPersonKey,
  calledBy,
  draft,
  enrolPerson,
  newParty,
  newPerson,
  type Party,
  type Person,
  revoke,
  sign,
  twoClauses,
} from '../support/actors.ts';
import { checkLedger } from '../support/ledger-fixture.ts';
import { type Answer, type Door, expectProblem, openDoor, signersOf } from './door.ts';

let door: Door;
let platform: Party;
let bankB: Party;
let bankC: Party;
let bureau: Party;
let identifier: Party;
const NOBODYS = 'f'.repeat(32);

beforeAll(async () => {
  door = await openDoor();
  const { context } = door.fixture;
  platform = await newParty(context, 'grantee', '示例平台有限公司');
  bankB = await newParty(context, 'grantee', '示例银行乙股份有限公司');
  bankC = await newParty(context, 'grantee', '示例银行丙股份有限公司');
  bureau = await newParty(context, 'bureau');
  identifier = await newParty(context, 'identifier');
});
afterAll(async () => {
  await checkLedger(door.fixture);
  await door.fixture.close();
});

interface Scene {
  readonly person: Person;
  readonly handle: Handle;
  readonly query: GrantId;
  readonly report: GrantId;
}

/** A person of the platform, who signed a query of its own, and a report of whichever bank grants the line. */
async function newScene(): Promise<Scene> {
  const { context } = door.fixture;
  const person = await newPerson();
  const handle = await enrolPerson(context, platform, person);
  await bindPersonKey(context, { lender: platform, person, handle, identifier });
  const [query, report] = twoClauses(bureau, context.clock()) as [never, never];
  const banks = [bankB.party, bankC.party];
  const grants = [query, { ...(report as object), candidates: banks } as never];
  const drafted = await draft(context, { lender: platform, handle, grants });
  await sign(context, drafted, person, [true, true]);
  const [own, ofBank] = drafted.grants.map(({ grant }) => grant) as [GrantId, GrantId];
  return { person, handle, query: own, report: ofBank };
}

const as = (party: Party) => door.as(signersOf(party));
const bodyOf = ({ handle, report }: Scene, { party }: Party) => ({
  principal: party,
  handle,
  ground: { grant: report },
  action: 'REPORT',
  purpose: 'credit_reporting',
  items: ['repayment'],
  door: bureau.party,
  bound: null,
});
const report = (scene: Scene, by: Party, change: object = {}): Promise<Answer> =>
  as(by).post('/v1/accesses', { ...bodyOf(scene, by), ...change });
const bindingOf = (scene: Scene, bank: Party = bankB) => ({
  principal: platform.party,
  grant: scene.report,
  party: bank.party,
});
const bind = (scene: Scene, bank?: Party, change: object = {}, headers = {}, by: Party = platform) =>
  as(by).post(`/v1/relationships/${scene.handle}/bindings`, { ...bindingOf(scene, bank), ...change }, headers);
/** What an answer says of the decision, less what is another each time. */
const said = ({ status, json }: Answer) => ({
  status,
  decision: json.decision,
  codes: json.codes,
  ground: json.ground,
  law: json.law,
  permit: json.permit,
  type: json.entry.type,
});

describe('seeds 0.19', () => {
  test('bind to bank B: a report by bank C is PARTY, and the subject reads that the line comes from bank B', async () => {
    const scene = await newScene();
    for (const by of [platform, bankB, bankC]) expect((await report(scene, by)).json.codes).toEqual(['PARTY']);
    const bound = await bind(scene);
    expect([bound.status, bound.json]).toEqual([
      201,
      { handle: scene.handle, grant: scene.report, party: bankB.party, entry: expect.anything() },
    ]);
    expect(bound.headers.get('location')).toBe(`/v1/grants/${scene.report}`);
    expect((await report(scene, bankC)).json.codes).toEqual(['PARTY']);
    expect((await report(scene, platform)).json.codes).toEqual(['PARTY']);
    const allowed = await report(scene, bankB);
    expect(allowed.json).toMatchObject({ decision: 'allow', codes: [], entry: { type: 'access.decided' } });

    const asSubject = door.as([subjectSignatory(scene.handle, scene.person.key)]);
    const words = { zh: '您的授信由示例银行乙股份有限公司提供', en: 'Your line comes from 示例银行乙股份有限公司' };
    const { entries } = (await asSubject.get(`/v1/relationships/${scene.handle}/entries`)).json;
    const told = entries.filter((each: { said: object | null }) => each.said !== null);
    expect(told).toMatchObject([{ type: 'grantee.bound', said: words }]);
    expect((await asSubject.get(`/v1/grants/${scene.report}`)).json).toMatchObject({
      terms: { candidates: [bankB.party, bankC.party] },
      bound: { party: bankB.party, at: bound.json.entry.time, said: words },
    });
    // It is its own to take back, as ever.
    await revoke(door.fixture.context, platform, scene.person, scene.report);
    expect((await report(scene, bankB, { items: ['basic'] })).json.codes).toEqual(['REVOKED']);
  });

  test('a permit of the bound bank is taken by its door, and its receipt, the platform’s and the subject’s, verifies', async () => {
    const scene = await newScene();
    await bind(scene);
    const { access, permit } = (await report(scene, bankB)).json;
    const shown = { permit: hashText(digestPermit(permit)) };
    const redeemed = await as(bureau).post(`/v1/accesses/${access}/redemption`, shown);
    expect(redeemed.json).toMatchObject({ decision: 'allow', codes: [] });
    await door.fixture.ledger.publisher.published(await door.size(), 5_000);
    const receipt = await as(platform).get(`/v1/accesses/${access}/receipt`);
    const verdict = await verifyReceipt(utf8(receipt.text), door.fixture.vkey, nativeEd25519);
    expect(verdict).toMatchObject({
      recorded: 'unwitnessed',
      decision: 're-derived',
      access: { decision: 'allow', principal: bankB.party, ground: { grant: scene.report } },
      problem: null,
    });
  });
});

describe('a bank that is not bound, and a bound one beyond its grant', () => {
  test('hears the same as of a handle that is nobody’s', async () => {
    const scene = await newScene();
    await bind(scene);
    const nobodys = said(await report(scene, bankC, { handle: NOBODYS }));
    expect(nobodys).toMatchObject({ codes: ['PARTY'], ground: null, type: 'access.refused' });
    const strange = [
      await report(scene, bankC),
      await report(scene, bankB, { ground: { grant: scene.query } }),
      await report(scene, bankB, { ground: { grant: NOBODYS } }),
      await report(scene, bankB, { ground: { basis: 'statutory_duty', reference: null } }),
      await report(scene, bankB, { ground: { basis: 'judicial', reference: 'EX-1890-1' } }),
    ];
    for (const answer of strange) expect(said(answer)).toEqual(nobodys);
  });

  test('reads nothing of the relationship but its grant, and its own accesses', async () => {
    const scene = await newScene();
    await bind(scene);
    const { access: own } = (await report(scene, bankB)).json;
    const { access: other } = (await report(scene, platform)).json;
    const { letter } = (await as(platform).get(`/v1/grants/${scene.report}`)).json;
    const statusOf = async (by: Party, path: string) => (await as(by).get(path)).status;
    const readable: readonly (readonly [string, number, number])[] = [
      [`/v1/grants/${scene.report}`, 200, 404],
      [`/v1/accesses/${own}`, 200, 404],
      [`/v1/grants/${scene.query}`, 404, 404],
      [`/v1/accesses/${other}`, 404, 404],
      // A receipt is the relationship from its beginning, and an explanation looks at more than the grant.
      [`/v1/accesses/${own}/receipt`, 404, 404],
      [`/v1/accesses/${own}/explanation`, 404, 404],
      [`/v1/letters/${letter}`, 404, 404],
      [`/v1/relationships/${scene.handle}/entries`, 404, 404],
      [`/v1/relationships/${scene.handle}/facts`, 404, 404],
    ];
    for (const [path, b, c] of readable) {
      expect([path, await statusOf(bankB, path), await statusOf(bankC, path)]).toEqual([path, b, c]);
    }
    const grants = [scene.report, scene.query];
    const standing = async (by: Party) =>
      (await as(by).post('/v1/grants/status', { grants })).json.statuses.map((each: { status: string }) => each.status);
    expect(await standing(bankB)).toEqual(['active', 'unknown']);
    expect(await standing(bankC)).toEqual(['unknown', 'unknown']);
    expect(await standing(platform)).toEqual(['active', 'active']);
  });

  test('previews and asks in lists alike: row by row what is its own, and what is not', async () => {
    const scene = await newScene();
    await bind(scene);
    const preview = (by: Party, change = {}) =>
      as(by).post('/v1/accesses/preview', { ...bodyOf(scene, by), ...change });
    expect((await preview(bankB)).json).toMatchObject({ decision: 'allow', codes: [] });
    expectProblem(await preview(bankB, { ground: { grant: scene.query } }), 404, 'relationship_unknown');
    expectProblem(await preview(bankC), 404, 'relationship_unknown');
    expect((await preview(platform)).json).toMatchObject({ decision: 'deny', codes: ['PARTY'] });
    const { principal, ...row } = bodyOf(scene, bankB);
    const rows = [row, { ...row, ground: { grant: scene.query } }, { ...row, purpose: 'marketing' }];
    const { json } = await as(bankB).post('/v1/accesses/batch', { principal, rows });
    expect(json.results.map(said)).toMatchObject([
      { codes: [], type: 'access.decided' },
      { codes: ['PARTY'], type: 'access.refused' },
      { codes: ['PURPOSE'], type: 'access.decided' },
    ]);
    function said({ codes, entry }: { codes: string[]; entry: { type: string } }) {
      return { codes, type: entry.type };
    }
  });
});

describe('a binding', () => {
  test('is made once, and asked for again under its key is the same answer', async () => {
    const scene = await newScene();
    const key = { 'idempotency-key': randomUUID() };
    const first = await bind(scene, bankB, {}, key);
    const size = await door.size();
    expect((await bind(scene, bankB, {}, key)).text).toBe(first.text);
    expectProblem(await bind(scene, bankB), 409, 'already_there');
    expectProblem(await bind(scene, bankC), 409, 'already_there');
    expectProblem(await bind(scene, bankC, {}, key), 409, 'idempotency_mismatch');
    expect(await door.size()).toBe(size);
  });

  test('is refused, and nothing written, for whoever and whatever it is not', async () => {
    const scene = await newScene();
    const size = await door.size();
    expectProblem(await bind(scene, platform), 422, 'candidate_unknown');
    expectProblem(await bind(scene, bankB, { party: NOBODYS }), 422, 'candidate_unknown');
    expectProblem(await bind(scene, bankB, { grant: scene.query }), 422, 'candidate_unknown');
    expectProblem(await bind(scene, bankB, { grant: NOBODYS }), 404, 'grant_unknown');
    expectProblem(await bind({ ...scene, handle: NOBODYS as Handle }), 404, 'relationship_unknown');
    const own = { principal: bankB.party };
    expectProblem(await bind(scene, bankB, own, {}, bankB), 404, 'relationship_unknown');
    expectProblem(await bind(scene, bankB, {}, {}, bankB), 403, 'principal_mismatch');
    expectProblem(await bind(scene, bankB, { party: undefined }), 400, 'input_invalid');
    expectProblem(
      await door.as([]).post(`/v1/relationships/${scene.handle}/bindings`, bindingOf(scene)),
      401,
      'signature_required',
    );
    expect(await door.size()).toBe(size);
  });

  test('is told to the bound bank, as is what ends its grant; another candidate hears of neither', async () => {
    const scene = await newScene();
    const feed = async (by: Party) =>
      (await as(by).get('/v1/feed')).json.items.filter((each: { grants: string[] }) =>
        each.grants.includes(scene.report),
      );
    await bind(scene);
    await revoke(door.fixture.context, platform, scene.person, scene.report);
    const types = (items: { type: string }[]) => items.map(({ type }) => type);
    expect(types(await feed(bankB))).toEqual(['grantee.bound', 'grant.revoked']);
    expect((await feed(bankB)).map((each: { handle: string | null }) => each.handle)).toEqual([null, null]);
    expect(types(await feed(bureau))).toEqual(['grantee.bound', 'grant.revoked']);
    expect(types(await feed(platform))).toEqual(['letter.signed', 'grantee.bound', 'grant.revoked']);
    expect(await feed(bankC)).toEqual([]);
    const { propagation } = (await as(platform).get(`/v1/grants/${scene.report}`)).json;
    expect(propagation.map(({ party }: { party: string }) => party)).toEqual([
      platform.party,
      bankB.party,
      bureau.party,
    ]);
  });

  test('is not asked for in terms that name one bank, or one twice, or a door', async () => {
    const scene = await newScene();
    const { context } = door.fixture;
    const [, clause] = twoClauses(bureau, context.clock()) as [object, object];
    const drafting = (candidates: readonly string[]) =>
      as(platform).post('/v1/letters', {
        principal: platform.party,
        handle: scene.handle,
        text: '示例授权书',
        template: null,
        warnings: [],
        expires_at: Date.now() + 60_000,
        grants: [{ ...clause, candidates }],
      });
    expectProblem(await drafting([bankB.party]), 400, 'input_invalid');
    expectProblem(await drafting([bankB.party, bankB.party]), 400, 'input_invalid');
    expectProblem(await drafting([bankB.party, bureau.party]), 403, 'party_role');
    expectProblem(await drafting([bankB.party, NOBODYS]), 404, 'party_unknown');
    const made = await drafting([bankB.party, bankC.party]);
    expect(made.json.statement.grants).toMatchObject([{ candidates: [bankB.party, bankC.party] }]);
  });
});

/** Last: what a dishonest keeper wrote stays in the ledger, so it is another one. */
test('a keeper that refuses the bound bank like a stranger is found out', async () => {
  const honest = door;
  door = await openDoor();
  try {
    const { context } = door.fixture;
    [platform, bankB, bankC, bureau, identifier] = (await Promise.all(
      (['grantee', 'grantee', 'grantee', 'bureau', 'identifier'] as const).map((role) => newParty(context, role)),
    )) as [Party, Party, Party, Party, Party];
    const scene = await newScene();
    await bind(scene);
    const found = async () => (await door.fixture.audit()).findings;
    expect(await found()).toEqual([]);
    for (const [grant, message] of [
      [scene.query, null],
      [scene.report, 'refused on the caller’s own relationship'],
    ] as const) {
      const { principal, handle, ground: _ground, ...asked } = { ...bodyOf(scene, bankB) };
      const body = { principal, handle, ...asked, ground: { grant } };
      const names = nameCall(context, await calledBy(context, bankB.party, '/v1/accesses', body), 'sealed');
      const stream = refusedStream(bankB.party);
      const keys = await door.fixture.store.read((tx) => openKeys(context.vault, tx, stream));
      const claimed = { handle, ground: { grant } };
      const payload = await sealPayload(context.vault, keys, 'access.refused', { claimed, ...names.part });
      const access = randomUUID().replaceAll('-', '') as AccessId;
      const input = { access, principal, ...asked, engine: 2, ...names.call(0) } as never;
      await door.fixture.ledger.submit({
        claims: [names.claim],
        touches: [stream, 'log' as never, ...names.touches],
        plan: () => [{ command: { type: 'access.refused', stream, input }, payload, mints: [access] }],
      });
      expect(await found()).toMatchObject(message === null ? [] : [{ code: 'payload', message }]);
    }
  } finally {
    await door.fixture.close();
    door = honest;
  }
});
