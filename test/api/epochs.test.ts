/** After the log was continued under a new name (ADR 0028), through the door: a party goes on, a grant is confirmed. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { signHold } from '#client/device.ts';
import { toBase64Url } from '#core/bytes.ts';
import { bindPersonKey, type Party, signedScene } from '../support/actors.ts';
import { continueLog } from '../support/epochs.ts';
import { type Answer, type Door, expectProblem, openDoor, signersOf } from './door.ts';

const HOUR = 3_600_000;

let door: Door;
let scene: Awaited<ReturnType<typeof signedScene>>;
let asLender: Door;

beforeAll(async () => {
  door = await openDoor();
  scene = await signedScene(door.fixture.context);
  asLender = door.as(signersOf(scene.lender));
  await continueLog(door.fixture);
});
afterAll(() => door.fixture.close());

async function refused(answer: Promise<Answer>, status: number, code: string): Promise<void> {
  const before = await door.size();
  expectProblem(await answer, status, code);
  expect(await door.size()).toBe(before);
}

const keysOf = ({ key, admin }: Party) => [key, admin].map(({ publicKey }) => toBase64Url(publicKey));
const goOn = (party: Party, keys = keysOf(party)) =>
  door.asKeeper().post(`/v1/parties/${party.party}/continuation`, { keys });

/** Drafts what confirms a grant, or the relationship. */
const drafted = (grant: string | null, kind = 'confirm') =>
  asLender.post('/v1/statements', { handle: scene.handle, kind, grant, expires_at: Date.now() + HOUR });

describe('a party', () => {
  test('goes on with the keys that two of the keeper name, and shows since when', async () => {
    await refused(asLender.get(`/v1/parties/${scene.lender.party}`) as Promise<Answer>, 403, 'key_waiting');
    await refused(goOn(scene.lender, []), 400, 'input_invalid');
    await refused(goOn(scene.lender, [toBase64Url(scene.person.key.publicKey)]), 401, 'key_ended');
    for (const party of [scene.identifier, scene.bureau, scene.lender]) {
      const { status, json } = await goOn(party);
      expect([status, json.party]).toEqual([201, party.party]);
    }
    await refused(goOn(scene.lender), 409, 'already_there');
    await refused(
      asLender.post(`/v1/parties/${scene.lender.party}/continuation`, { keys: keysOf(scene.lender) }),
      403,
      'principal_mismatch',
    );
    const { json } = await asLender.get(`/v1/parties/${scene.lender.party}`);
    expect([json.epoch, ...json.keys.map(({ epoch }: { epoch: number }) => epoch)]).toEqual([1, 1, 1]);
  });
});

describe('a grant', () => {
  test('is suspended, said wherever it is asked for', async () => {
    const { json } = await asLender.get(`/v1/grants/${scene.query}`);
    expect([json.status, Object.hasOwn(json, 'epoch')]).toEqual(['suspended', false]);
    const asked = await asLender.post('/v1/grants/status', { grants: [scene.query] });
    expect(asked.json.statuses).toEqual([{ grant: scene.query, status: 'suspended' }]);
    expect((await asLender.post('/v1/accesses', scene.queryAccess)).json.codes).toEqual(['SUSPENDED']);
  });

  test('is confirmed by a key that gives: one of before is affirmed first, by the request that binds one', async () => {
    const draft = await drafted(scene.query);
    expect([draft.status, draft.json.kind, draft.json.makes]).toEqual([201, 'confirm', null]);
    const path = `/v1/grants/${scene.query}/confirmation`;
    const signed = await signHold(scene.person.key, draft.json, Date.now());
    await refused(door.post(path, signed), 403, 'key_suspended');
    await bindPersonKey(door.fixture.context, { ...scene });
    await refused(door.post(`/v1/grants/${scene.report}/confirmation`, signed), 404, 'statement_unknown');
    await refused(door.post(`/v1/relationships/${scene.handle}/confirmation`, signed), 404, 'statement_unknown');
    const done = await door.post(path, signed);
    expect([done.status, done.json.grant, done.json.handle]).toEqual([201, scene.query, scene.handle]);
    expect(done.headers.get('location')).toBe(`/v1/grants/${scene.query}`);
    expect((await asLender.post('/v1/accesses', scene.queryAccess)).json.decision).toBe('allow');
    // Handed in again it is the same answer; drafted again there is nothing to confirm.
    expect((await door.post(path, signed)).json).toEqual(done.json);
    await refused(drafted(scene.query), 409, 'hold_mismatch');
  });

  test('is not extended before that', async () => {
    const { json } = await asLender.get(`/v1/grants/${scene.report}`);
    const { grant: _own, ...old } = json.terms;
    const terms = { ...old, from: old.to, to: old.to + HOUR };
    const draft = await asLender.post('/v1/statements', {
      ...{ handle: scene.handle, kind: 'extend', grant: scene.report, terms },
      expires_at: Date.now() + HOUR,
    });
    expect(draft.status).toBe(201);
    const signed = await signHold(scene.person.key, draft.json, Date.now());
    await refused(door.post(`/v1/grants/${scene.report}/extension`, signed), 409, 'grant_suspended');
  });

  test('the relationship is confirmed without one', async () => {
    // What confirmed the query grant confirmed the relationship, too.
    await refused(drafted(null), 409, 'hold_mismatch');
    await continueLog(door.fixture, 2);
    for (const party of [scene.identifier, scene.bureau, scene.lender]) expect((await goOn(party)).status).toBe(201);
    await bindPersonKey(door.fixture.context, { ...scene });
    const draft = await drafted(null);
    const signed = await signHold(scene.person.key, draft.json, Date.now());
    const done = await door.post(`/v1/relationships/${scene.handle}/confirmation`, signed);
    expect([done.status, done.json.grant]).toEqual([201, null]);
    expect((await asLender.get(`/v1/grants/${scene.query}`)).json.status).toBe('suspended');
  });
});
