/** Declining, extending and narrowing through the door: by the subject's signature alone, and the audit finds it so. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { signDecline, signHold, signLetterStatement } from '#client/device.ts';
import { subjectSignatory } from '#client/sign.ts';
import { DAY_MS, draft, newPerson, signedScene, twoClauses } from '../support/actors.ts';
import { checkLedger } from '../support/ledger-fixture.ts';
import { type Door, expectProblem, openDoor, signersOf } from './door.ts';

type Scene = Awaited<ReturnType<typeof signedScene>>;

let door: Door;
let scene: Scene;
let asLender: Door;
let nobody: Door;

beforeAll(async () => {
  door = await openDoor();
  nobody = door.as([]);
});
beforeEach(async () => {
  scene = await signedScene(door.fixture.context);
  asLender = door.as(signersOf(scene.lender));
});
afterAll(async () => {
  await checkLedger(door.fixture);
  await door.fixture.close();
});

const HOUR = 3_600_000;
async function termsOf(grant: string) {
  const { json } = await asLender.get(`/v1/grants/${grant}`);
  const { grant: _id, ...terms } = json.terms;
  return terms;
}

async function drafted(kind: 'extend' | 'narrow', change: object, as: Door = asLender) {
  const terms = { ...(await termsOf(scene.query)), ...change };
  const body = { handle: scene.handle, kind, grant: scene.query, terms, expires_at: Date.now() + HOUR };
  return as.post('/v1/statements', body);
}
const put = async (path: string, draft: Parameters<typeof signHold>[1], person = scene.person) =>
  nobody.post(`/v1/grants/${scene.query}/${path}`, await signHold(person.key, draft, Date.now()));
const accessOf = (change: object) => asLender.post('/v1/accesses', { ...scene.queryAccess, ...change });

describe('narrowing', () => {
  test('ends the grant and puts the narrower one in its place, for whoever reads', async () => {
    const draft = await drafted('narrow', { items: ['credit_report'] });
    expect(draft.status, draft.text).toBe(201);
    expect(draft.json.statement.grants).toEqual([
      { ...(await termsOf(scene.query)), items: ['credit_report'], grant: draft.json.makes, of: scene.query },
    ]);
    const made = await put('narrowing', draft.json);
    expect(made.status, made.text).toBe(201);
    expect(made.json).toMatchObject({ grant: scene.query, makes: draft.json.makes, entry: { type: 'grant.narrowed' } });
    const old = (await asLender.get(`/v1/grants/${scene.query}`)).json;
    expect(old).toMatchObject({ status: 'revoked', followed_by: made.json.makes });
    expect(old.propagation.map((each: { party: string }) => each.party)).toContain(scene.bureau.party);
    const now = (await asLender.get(`/v1/grants/${made.json.makes}`)).json;
    expect(now).toMatchObject({ status: 'active', of: scene.query, letter: old.letter });
    expect((await accessOf({ items: ['credit_report'] })).json.codes).toEqual(['REVOKED']);
    const ground = { grant: made.json.makes };
    expect((await accessOf({ ground, items: ['credit_report'] })).json.codes).toEqual([]);
    expect((await accessOf({ ground, items: ['credit_info'] })).json.codes).toEqual(['SCOPE']);
    const statuses = await asLender.post('/v1/grants/status', { grants: [scene.query, made.json.makes] });
    expect(statuses.json.statuses.map((each: { status: string }) => each.status)).toEqual(['revoked', 'active']);
  });

  test('is on the list of the doors that take permits without asking, and what stands in its place is not', async () => {
    const draft = await drafted('narrow', { items: ['credit_report'] });
    const made = await put('narrowing', draft.json);
    const { json } = await door.as(signersOf(scene.bureau)).post('/v1/revocations', {});
    expect(json.list).toContain(scene.query);
    expect(json.list).not.toContain(made.json.makes);
  });

  test('is refused with terms that allow more, and leaves nothing behind', async () => {
    const size = await door.size();
    expectProblem(await drafted('narrow', { items: ['credit_report', 'tax'] }), 422, 'terms_wider');
    expectProblem(await drafted('extend', { to: Date.now() + 1_000 * DAY_MS }), 422, 'terms_wider');
    const body = { handle: scene.handle, grant: scene.query, expires_at: Date.now() + HOUR };
    expectProblem(await asLender.post('/v1/statements', { ...body, kind: 'narrow' }), 400, 'input_invalid');
    const terms = await termsOf(scene.query);
    expectProblem(await asLender.post('/v1/statements', { ...body, kind: 'pause', terms }), 400, 'input_invalid');
    expect(await door.size()).toBe(size);
  });
});

describe('extending', () => {
  const later = async () => {
    const { to } = await termsOf(scene.query);
    return { from: to, to: to + 30 * DAY_MS };
  };

  test('adds a grant that follows; the subject may ask for it by its own request', async () => {
    const asSubject = door.as([subjectSignatory(scene.handle, scene.person.key)]);
    const draft = await drafted('extend', await later(), asSubject);
    expect(draft.status, draft.text).toBe(201);
    const made = await put('extension', draft.json);
    expect(made.json).toMatchObject({ entry: { type: 'grant.extended' } });
    const next = (await asLender.get(`/v1/grants/${made.json.makes}`)).json;
    expect(next).toMatchObject({ status: 'pending', of: scene.query, grade: 'B' });
    expect((await asLender.get(`/v1/grants/${scene.query}`)).json).toMatchObject({
      status: 'active',
      followed_by: made.json.makes,
    });
    expectProblem(await drafted('extend', await later()), 409, 'already_there');
  });

  test('takes the subject’s own signature over exactly this, once', async () => {
    const draft = await drafted('extend', await later());
    expectProblem(await put('extension', draft.json, await newPerson()), 422, 'subject_key_unknown');
    const [terms] = draft.json.statement.grants;
    const longer = { ...draft.json.statement, grants: [{ ...terms, to: terms.to + 1 }] };
    expectProblem(await put('extension', { ...draft.json, statement: longer }), 422, 'signature_invalid');
    expectProblem(await put('narrowing', draft.json), 404, 'statement_unknown');
    const signed = await signHold(scene.person.key, draft.json, Date.now());
    const hand = () => nobody.post(`/v1/grants/${scene.query}/extension`, signed);
    const first = await hand();
    expect((await hand()).json.entry).toEqual(first.json.entry);
    expectProblem(await put('extension', draft.json), 409, 'already_signed');
  });
});

describe('contesting', () => {
  async function stated(kind: 'object' | 'affirm', signedAt: number) {
    const body = { handle: scene.handle, kind, grant: scene.query, expires_at: Date.now() + HOUR };
    const asked = await asLender.post('/v1/statements', body);
    expect(asked.status, asked.text).toBe(201);
    const signed = await signHold(scene.person.key, asked.json, signedAt);
    const path = kind === 'object' ? 'contest' : 'affirmation';
    return nobody.post(`/v1/grants/${scene.query}/${path}`, signed);
  }
  const standing = async () => {
    const { json } = await asLender.post('/v1/grants/status', { grants: [scene.query, scene.report] });
    return json.statuses.map((each: { status: string }) => each.status);
  };
  const listed = async () => (await door.as(signersOf(scene.bureau)).post('/v1/revocations', {})).json.list;

  test('by the subject stops everything under the grant until it affirms it; explained in both languages', async () => {
    const contested = await stated('object', Date.now());
    expect(contested.json).toMatchObject({ grant: scene.query, makes: null, entry: { type: 'grant.contested' } });
    expect(await standing()).toEqual(['contested', 'active']);
    expect(await listed()).toContain(scene.query);
    const denied = await accessOf({});
    expect(denied.json.codes).toEqual(['FROZEN']);
    const { json } = await asLender.get(`/v1/accesses/${denied.json.access}/explanation`);
    const failed = json.checks.filter((each: { failed: boolean }) => each.failed);
    expect(failed).toMatchObject([{ code: 'FROZEN', looked_at: { contested_at: contested.json.entry.time } }]);
    expect(failed[0].asks).toEqual({
      zh: expect.stringContaining('主张授权无效'),
      en: expect.stringContaining('contest'),
    });
    const affirmed = await stated('affirm', Date.now() + 1);
    expect(affirmed.status, affirmed.text).toBe(201);
    expect(await standing()).toEqual(['active', 'active']);
    expect(await listed()).not.toContain(scene.query);
    expect((await accessOf({})).json.codes).toEqual([]);
  });

  test('by a door is lifted by that door alone; a stranger hears that there is no such grant', async () => {
    const bureau = door.as(signersOf(scene.bureau));
    const path = `/v1/grants/${scene.query}/finding`;
    const principal = scene.bureau.party;
    const { identifier } = scene;
    expectProblem(
      await door.as(signersOf(identifier)).post(path, { principal: identifier.party }),
      404,
      'grant_unknown',
    );
    expectProblem(await asLender.post(path, { principal }), 403, 'principal_mismatch');
    const recorded = await bureau.post(path, { principal });
    expect(recorded.status, recorded.text).toBe(201);
    expect((await asLender.get(`/v1/grants/${scene.query}`)).json).toMatchObject({
      status: 'contested',
      findings: [{ party: principal }],
    });
    expect((await accessOf({})).json.codes).toEqual(['FROZEN']);
    expectProblem(await bureau.post(path, { principal }), 409, 'already_there');
    expectProblem(await stated('affirm', Date.now() + 1), 409, 'hold_mismatch');
    expectProblem(await asLender.post(`${path}/lifting`, { principal: scene.lender.party }), 409, 'hold_mismatch');
    expect((await bureau.post(`${path}/lifting`, { principal })).status).toBe(201);
    expect((await accessOf({})).json.codes).toEqual([]);
  });
});

describe('declining', () => {
  const letter = () =>
    draft(door.fixture.context, {
      lender: scene.lender,
      handle: scene.handle,
      grants: twoClauses(scene.bureau, Date.now()),
    });

  test('closes the letter, whoever relays it', async () => {
    const waiting = await letter();
    const body = await signDecline(scene.person.key, waiting, Date.now());
    const declined = await nobody.post(`/v1/letters/${waiting.letter}/decline`, body);
    expect(declined.status, declined.text).toBe(201);
    const { json } = await asLender.get(`/v1/letters/${waiting.letter}`);
    expect(json).toMatchObject({ status: 'declined', grants: [{ status: 'declined' }, { status: 'declined' }] });
    const signed = await signLetterStatement(scene.person.key, waiting, [true, true], Date.now());
    const answer = await nobody.post(`/v1/letters/${waiting.letter}/signature`, signed);
    expectProblem(answer, 409, 'letter_declined');
  });

  test('of single items is what was signed', async () => {
    const waiting = await letter();
    const ticks = [{ declined_items: ['credit_info'] }, false];
    const signed = await signLetterStatement(scene.person.key, waiting, ticks, Date.now());
    const answer = await nobody.post(`/v1/letters/${waiting.letter}/signature`, signed);
    expect(answer.status, answer.text).toBe(201);
    const { json } = await asLender.get(`/v1/letters/${waiting.letter}`);
    expect(
      json.grants.map((each: { status: string; declined_items: string[] }) => [each.status, each.declined_items]),
    ).toEqual([
      ['active', ['credit_info']],
      ['declined', []],
    ]);
  });
});
