/** Personal data that was sent stays out of every refusal, header, address and log line, wherever it was put. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { newParty, signedScene } from '../support/actors.ts';
import { type Answer, type Door, openDoor, signersOf } from './door.ts';

const NAME = '卡那利甲';
const NUMBER = '990001189001010014';
const PHONE = '09909900990';
const TEXT = '卡那利授权文本';
/** ASCII, so that it may also stand in a header. */
const WORD = 'canary7f3a';
const CANARIES = [NAME, NUMBER, PHONE, TEXT, WORD, encodeURIComponent(NAME), encodeURIComponent(TEXT)];

const HEADERS = [
  'host',
  'x-request-id',
  'idempotency-key',
  'content-type',
  'content-encoding',
  'origin',
  'content-digest',
  'signature',
  'signature-input',
];

let door: Door;
/** As the lender. */
let asLender: Door;
let scene: Awaited<ReturnType<typeof signedScene>>;
beforeAll(async () => {
  door = await openDoor();
  scene = await signedScene(door.fixture.context);
  asLender = door.as(signersOf(scene.lender));
});
afterAll(() => door.fixture.close());

function expectNoCanary(answer: Answer): void {
  const said = `${answer.text}\n${JSON.stringify([...answer.headers])}`;
  for (const canary of CANARIES) expect(said).not.toContain(canary);
}

function identity(change: object = {}) {
  return { id_type: 'resident_id', id_number: NUMBER, name: NAME, phone: PHONE, ...change };
}

describe('personal data', () => {
  test('of an enrolment is in no answer and no header', async () => {
    const body = { principal: scene.lender.party, subject: 'person', identity: identity() };
    const enrolled = await asLender.post('/v1/relationships', body);
    expect(enrolled.status).toBe(201);
    expectNoCanary(enrolled);
    expectNoCanary(await asLender.get(enrolled.headers.get('location') as string));
    expectNoCanary(await asLender.get(`/v1/relationships/${enrolled.json.handle}/identity`));
    const bureau = await newParty(door.fixture.context, 'bureau');
    const refused = await door.as(signersOf(bureau)).post('/v1/relationships', { ...body, principal: bureau.party });
    expect(refused.json.code).toBe('party_role');
    expectNoCanary(refused);
    expectNoCanary(await door.post('/v1/relationships', body));
  });

  test('in the wrong place of a body is not quoted', async () => {
    const { lender, handle, query } = scene;
    const base = { principal: lender.party, subject: 'person' };
    const letter = {
      principal: lender.party,
      handle,
      text: TEXT,
      template: null,
      warnings: [],
      expires_at: 1,
      grants: [],
    };
    const bodies: [string, unknown][] = [
      ['/v1/relationships', { ...base, identity: identity({ [NAME]: NUMBER }) }],
      ['/v1/relationships', { ...base, identity: identity({ id_type: NAME }) }],
      ['/v1/relationships', { ...base, identity: identity({ name: [NAME] }) }],
      ['/v1/relationships', { ...base, identity: identity({ id_number: NUMBER.repeat(9) }) }],
      ['/v1/relationships', { ...base, identity: NAME }],
      ['/v1/relationships', { ...base, principal: NUMBER, subject: NAME, identity: identity() }],
      ['/v1/relationships', `{"identity":{"name":"${NAME}","name":"${NUMBER}"}}`],
      ['/v1/relationships', `{"identity":{"name":"${NAME}"`],
      ['/v1/relationships', NAME],
      ['/v1/parties', { name: WORD, roles: [NAME] }],
      ['/v1/letters', letter],
      ['/v1/letters', { ...letter, grants: [{ action: NAME, purposes: [WORD.toUpperCase()], items: [TEXT] }] }],
      ['/v1/letters', { ...letter, template: NAME, warnings: [TEXT] }],
      ['/v1/accesses', { ...scene.queryAccess, purpose: NAME, items: [NUMBER, PHONE] }],
      ['/v1/accesses', { ...scene.queryAccess, ground: { [NAME]: 1 }, door: NUMBER }],
      [`/v1/grants/${query}/revocation`, { key: NAME, signature: NUMBER, signed_at: NAME }],
    ];
    for (const [path, body] of bodies) {
      const answer = await asLender.post(path, body);
      expect(answer.status).toBe(400);
      expectNoCanary(answer);
    }
  });

  test('in a path, a query or a header is not quoted', async () => {
    for (const path of [
      `/v1/parties/${NUMBER}`,
      `/v1/grants/${encodeURIComponent(NAME)}`,
      `/v1/relationships/${NUMBER}/entries`,
      `/${encodeURIComponent(NAME)}/${NUMBER}`,
      `/v1/proofs/inclusion?index=${NUMBER}&${encodeURIComponent(NAME)}=${NUMBER}`,
      `/v1/proofs/inclusion?index=${encodeURIComponent(NAME)}`,
      `/health?${NUMBER}`,
    ]) {
      expectNoCanary(await asLender.get(path));
    }
    for (const header of HEADERS) {
      expectNoCanary(await asLender.post('/v1/parties', { name: 'a', roles: [] }, { [header]: `${WORD} ${NUMBER}` }));
    }
    expectNoCanary(await door.fetch(`http://${WORD}.example/`));
  });

  test('as the reference of a judicial access is in no answer', async () => {
    const ground = { basis: 'judicial', reference: NUMBER };
    for (const handle of [scene.handle, scene.lender.party]) {
      const answer = await asLender.post('/v1/accesses', { ...scene.queryAccess, handle, ground });
      expect(answer.status).toBe(201);
      expectNoCanary(answer);
      expectNoCanary(await asLender.get(answer.headers.get('location') as string));
    }
  });

  test('is in no line of the log', () => {
    for (const canary of CANARIES) expect(door.fixture.logged.join('\n')).not.toContain(canary);
  });
});
