/** Pausing, freezing, and the ends of both, through the door; and that the audit finds what was signed, however written. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { signHold } from '#client/device.ts';
import { type Signatory, subjectSignatory } from '#client/sign.ts';
import { digestPermit } from '#core/consent/permit.ts';
import { hashText } from '#core/hash.ts';
import {
  bindPersonKey,
  enrolPerson,
  newParty,
  newPerson,
  type Party,
  signedScene,
  twoClauses,
} from '../support/actors.ts';
import { checkLedger } from '../support/ledger-fixture.ts';
import { type Answer, type Door, expectProblem, openDoor, signersOf } from './door.ts';

const HOUR = 3_600_000;
const UNKNOWN = '0000000000000000000000000000000f';
type Kind = 'pause' | 'resume' | 'freeze' | 'release';

let door: Door;
let scene: Awaited<ReturnType<typeof signedScene>>;
let stranger: Party;
let asLender: Door;
let subject: readonly Signatory[];
let size: number;

beforeAll(async () => {
  door = await openDoor();
  scene = await signedScene(door.fixture.context);
  stranger = await newParty(door.fixture.context, 'grantee');
  asLender = door.as(signersOf(scene.lender));
  subject = [subjectSignatory(scene.handle, scene.person.key)];
});
afterAll(async () => {
  await checkLedger(door.fixture);
  await door.fixture.close();
});
beforeEach(async () => {
  size = await door.size();
});

async function refused(answer: Answer | Promise<Answer>, status: number, code: string): Promise<void> {
  expectProblem(await answer, status, code);
  expect(await door.size()).toBe(size);
}

function drafted(kind: Kind, by: readonly Signatory[] = subject, change: object = {}): Promise<Answer> {
  const grant = kind === 'pause' || kind === 'resume' ? scene.query : null;
  const body = { handle: scene.handle, kind, grant, expires_at: Date.now() + HOUR };
  return door.as(by).post('/v1/statements', { ...body, ...change });
}

const pathOf = (kind: Kind) =>
  ({
    pause: `/v1/grants/${scene.query}/pause`,
    resume: `/v1/grants/${scene.query}/resumption`,
    freeze: `/v1/relationships/${scene.handle}/freeze`,
    release: `/v1/relationships/${scene.handle}/release`,
  })[kind];

/** Drafts, signs on the person's device, and hands in, which needs nobody's signature under the request. */
async function hold(kind: Kind, by: readonly Signatory[] = subject, key = scene.person.key): Promise<Answer> {
  const draft = await drafted(kind, by);
  expect(draft.status).toBe(201);
  size = await door.size();
  return door.post(pathOf(kind), await signHold(key, draft.json, Date.now()));
}

/** Asks, and has the door take the permit: the same may be asked for again. */
async function decision() {
  const { json } = await asLender.post('/v1/accesses', scene.queryAccess);
  if (json.permit !== null) {
    const permit = hashText(digestPermit(json.permit));
    const taken = await door.as(signersOf(scene.bureau)).post(`/v1/accesses/${json.access}/redemption`, { permit });
    expect(taken.json.decision).toBe('allow');
  }
  return [json.decision, ...json.codes];
}

describe('a hold', () => {
  test.each([
    ['pause', 'resume', 'the lender'],
    ['pause', 'resume', 'the subject'],
    ['freeze', 'release', 'the lender'],
    ['freeze', 'release', 'the subject'],
  ] as const)('(%s) denies until its end (%s), drafted by %s', async (begin, end, who) => {
    const by = who === 'the subject' ? subject : signersOf(scene.lender);
    expect(await decision()).toEqual(['allow']);
    const held = await hold(begin, by);
    expect([held.status, held.json.handle, held.json.entry.level]).toEqual([201, scene.handle, 'sequenced']);
    expect(await decision()).toEqual(['deny', 'FROZEN']);
    size = await door.size();
    const again = await drafted(begin, by);
    if (again.status !== 201) expect(again.json.code).toBe('hold_mismatch');
    else {
      size = await door.size();
      const twice = door.post(pathOf(begin), await signHold(scene.person.key, again.json, Date.now()));
      await refused(twice, 409, 'hold_mismatch');
    }
    expect((await hold(end, by)).status).toBe(201);
    expect(await decision()).toEqual(['allow']);
  });

  test('is signed once: the same again gets the same answer, whoever brings it', async () => {
    const draft = await drafted('pause');
    const signed = await signHold(scene.person.key, draft.json, Date.now());
    const first = await door.post(pathOf('pause'), signed);
    expect(first.status).toBe(201);
    size = await door.size();
    expect((await door.post(pathOf('pause'), signed)).text).toBe(first.text);
    expect((await asLender.post(pathOf('pause'), signed)).text).toBe(first.text);
    expect(await door.size()).toBe(size);
    const other = await signHold(scene.person.key, draft.json, Date.now() + 1);
    await refused(door.post(pathOf('pause'), other), 409, 'already_signed');
    expect((await hold('resume')).status).toBe(201);
  });

  test('counts only over exactly what was drafted, by a key of the subject', async () => {
    const draft = (await drafted('pause')).json;
    const other = (await drafted('freeze')).json;
    size = await door.size();
    const now = Date.now();
    const { statement } = draft;
    for (const change of [
      { log: 'other.example/log' },
      { kind: 'resume' },
      { ref: other.ref },
      { nonce: other.statement.nonce },
      { parties: [stranger.party] },
      { expires_at: statement.expires_at + 1 },
    ]) {
      const wrong = await signHold(scene.person.key, { ...draft, statement: { ...statement, ...change } }, now);
      await refused(door.post(pathOf('pause'), { ...wrong, ref: draft.ref }), 422, 'signature_invalid');
    }
    const byLender = await signHold(scene.lender.key, draft, now);
    await refused(door.post(pathOf('pause'), byLender), 422, 'subject_key_unknown');
    const good = await signHold(scene.person.key, draft, now);
    // What was drafted for one place is unknown at another.
    for (const kind of ['resume', 'freeze', 'release'] as const) {
      await refused(door.post(pathOf(kind), good), 404, 'statement_unknown');
    }
    const { report } = scene;
    await refused(door.post(`/v1/grants/${report}/pause`, good), 404, 'statement_unknown');
    await refused(door.post(pathOf('pause'), { ...good, ref: UNKNOWN }), 404, 'statement_unknown');
    const late = await signHold(scene.person.key, draft, now + HOUR);
    await refused(door.post(pathOf('pause'), late), 422, 'signed_ahead');
    const early = await signHold(scene.person.key, draft, now - HOUR);
    await refused(door.post(pathOf('pause'), early), 422, 'signed_before');
    expect(await decision()).toEqual(['allow']);
  });

  test('is drafted by the grantee or the subject: to others the relationship is unknown', async () => {
    await refused(drafted('freeze', signersOf(stranger)), 404, 'relationship_unknown');
    await refused(drafted('freeze', signersOf(scene.bureau)), 404, 'relationship_unknown');
    await refused(drafted('freeze', []), 401, 'signature_required');
    const someone = await newPerson();
    const { lender, identifier } = scene;
    const handle = await enrolPerson(door.fixture.context, lender, someone);
    await bindPersonKey(door.fixture.context, { lender, person: someone, handle, identifier });
    size = await door.size();
    const other = [subjectSignatory(handle, someone.key)];
    await refused(drafted('freeze', other), 404, 'relationship_unknown');
    await refused(drafted('freeze', subject, { handle }), 404, 'relationship_unknown');
    await refused(drafted('pause', subject, { grant: UNKNOWN }), 404, 'grant_unknown');
    await refused(drafted('pause', subject, { grant: null }), 400, 'input_invalid');
    await refused(drafted('freeze', subject, { grant: scene.query }), 400, 'input_invalid');
    await refused(drafted('freeze', subject, { expires_at: 1 }), 409, 'letter_expired');
  });

  test('of everything stops every lender of the subject', async () => {
    const { context } = door.fixture;
    const handle = await enrolPerson(context, stranger, scene.person);
    const letter = await door.as(signersOf(stranger)).post('/v1/letters', {
      principal: stranger.party,
      handle,
      text: '示例',
      template: null,
      warnings: [],
      expires_at: Date.now() + HOUR,
      grants: twoClauses(scene.bureau, Date.now()),
    });
    expect(letter.status).toBe(201);
    expect((await hold('freeze')).status).toBe(201);
    const asked = {
      ...scene.queryAccess,
      principal: stranger.party,
      handle,
      ground: { basis: 'judicial', reference: null },
    };
    const { json } = await door.as(signersOf(stranger)).post('/v1/accesses', asked);
    expect(json.codes).toContain('FROZEN');
    // Who enrols the person meanwhile gets no way round it, and hears nothing of it.
    const late = await newParty(context, 'grantee');
    const lateHandle = await enrolPerson(context, late, scene.person);
    const lateAsked = { ...asked, principal: late.party, handle: lateHandle };
    const first = await door.as(signersOf(late)).post('/v1/accesses', lateAsked);
    expect([first.status, first.json.codes]).toEqual([201, expect.arrayContaining(['FROZEN'])]);
    expect((await hold('release')).status).toBe(201);
    const after = await door.as(signersOf(late)).post('/v1/accesses', lateAsked);
    expect(after.json.codes).not.toContain('FROZEN');
  });
});

describe('what was signed is what is written, however it was spelled', () => {
  test('spaces, escapes, another order of fields, other forms of a name', async () => {
    const { lender } = scene;
    const identity = {
      phone: ' +86 (990) 0990-0990',
      name: 'Ame\u0301lie  示例\u3000',
      id_number: ' ９９0001 1890 0101 009x ',
      id_type: 'resident_id',
    };
    const enrol = { identity, subject: 'person', principal: lender.party };
    for (const text of [
      JSON.stringify(enrol, undefined, '\t'),
      JSON.stringify({ ...enrol, identity: { ...identity, id_number: '990001189001010022' } }).replaceAll(
        '示',
        '\\u793a',
      ),
      ` \r\n${JSON.stringify({ ...enrol, identity: { ...identity, id_type: 'passport', phone: null } })}\n`,
      JSON.stringify({
        ...enrol,
        subject: 'firm',
        identity: { ...identity, id_type: 'uscc', id_number: '91990001MA00000157', name: '\u{20000}𝒳' },
      }),
    ]) {
      const answer = await asLender.post('/v1/relationships', text);
      expect([answer.status, answer.json.errors]).toEqual([201, undefined]);
    }
    const access = { ...scene.queryAccess, items: ['credit_report', 'credit_info'] };
    expect((await asLender.post('/v1/accesses', JSON.stringify(access, undefined, 3))).status).toBe(201);
    const grants = twoClauses(scene.bureau, Date.now());
    const letter = {
      grants: grants.map((each) => Object.fromEntries(Object.entries(each).toReversed())),
      text: 'e\u0301\r\n\t示例',
      expires_at: Date.now() + HOUR,
      warnings: ['adverse_reporting'],
      template: null,
      handle: scene.handle,
      principal: lender.party,
    };
    expect((await asLender.post('/v1/letters', JSON.stringify(letter, undefined, 1))).status).toBe(201);
    const judicial = { ...access, ground: { reference: '（2026）示例 1 号', basis: 'judicial' } };
    expect((await asLender.post('/v1/accesses', ` ${JSON.stringify(judicial)}`)).status).toBe(201);
    const party = '{ "keys" : [ ] ,\n"roles":["provider","bureau"], "name":"Soci\\u00e9te\\u0301 示例"}';
    expect((await door.asKeeper().post('/v1/parties', party)).status).toBe(201);
    await checkLedger(door.fixture);
  });
});
