/** `requirePermit()` before a route of a real Hono app: whoever has no good permit gets no data, and what passes is settled. */
import { Hono } from 'hono';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Door } from '#client/door.ts';
import {
  ACCESS_HEADER,
  PERMIT_HEADER,
  REQUEST_SALT_HEADER,
  RESPONSE_SALT_HEADER,
  requirePermit,
  SOURCE_WAIT_MS,
} from '#client/require-permit.ts';
import { parseBase64Url, toBase64Url, utf8 } from '#core/bytes.ts';
import { bindRequest } from '#core/consent/permit.ts';
import { PERMIT_MS } from '#core/consent/use.ts';
import type { AccessId } from '#core/ids.ts';
import { newParty, revoke } from '../support/actors.ts';
import { type DoorScene, openDoorScene } from '../support/door-scene.ts';
import { checkLedger, random } from '../support/ledger-fixture.ts';
import { askPermit, grantOf, newQuery } from '../support/releases.ts';

let at: DoorScene;
let door: Door;
/** What the route does; a test puts something else here. */
let handle: () => Response | Promise<Response>;
let handled = 0;
let app: Hono;

const REPORT = { credit_report: { accounts: 2, name: '张示例' } };

beforeAll(async () => {
  at = await openDoorScene();
  door = await at.doorOf(at.scene.bureau);
  app = new Hono();
  app.onError((thrown, call) => call.text(`the provider’s own page: ${thrown.message}`, 500));
  const asked = (body: Uint8Array) => JSON.parse(new TextDecoder().decode(body));
  const guard = requirePermit(door, {
    action: 'QUERY',
    subjectOf: (_request, body) => asked(body).person ?? null,
    itemsOf: (_request, body) => asked(body).items,
  });
  app.use('/reports', guard);
  const counting = requirePermit(door, {
    action: 'QUERY',
    subjectOf: (_request, body) => asked(body).person ?? null,
    itemsOf: (_request, body) => asked(body).items,
    releasedOf(response, body) {
      if (body.length === 0) throw new Error(`a response of ${response.status} can’t be counted`);
      const found = JSON.parse(new TextDecoder().decode(body)) as Record<string, unknown[]>;
      return { items: Object.keys(found), count: Object.values(found).flat().length };
    },
  });
  app.use('/lists', counting);
  app.on('POST', ['/reports', '/lists'], () => {
    handled++;
    return handle();
  });
});
afterEach(async () => {
  at.through = at.fetch;
  at.setTime(at.now + PERMIT_MS);
  await checkLedger(at.fixture);
});
afterAll(() => at.close());

const person = () => ({ id_type: 'resident_id', id_number: at.scene.person.idNumber });

async function post(
  permit: string | null,
  change: { path?: string; body?: object; headers?: Record<string, string> } = {},
) {
  handled = 0;
  const body = JSON.stringify({ person: person(), items: ['credit_report'], ...change.body });
  const headers = { ...(permit === null ? {} : { [PERMIT_HEADER]: permit }), ...change.headers };
  return app.request(change.path ?? '/reports', { method: 'POST', body, headers });
}

async function settlementOf(access: AccessId) {
  await door.drain();
  const settled = (await at.entriesOf(access)).filter(({ type }) => type === 'access.settled');
  expect(settled.length).toBeLessThanOrEqual(1);
  return settled[0]?.body;
}

async function expectTurned(response: Response, status: number, code: string) {
  expect({ status: response.status, type: response.headers.get('content-type') }).toEqual({
    status,
    type: 'application/problem+json',
  });
  expect(response.headers.get('cache-control')).toBe('no-store');
  const problem = await response.json();
  expect(problem).toMatchObject({ status, code });
  expect(handled).toBe(0);
  return problem;
}

describe('a good permit', () => {
  it('gets the response as it is, and what the ledger has of it can be checked by the lender', async () => {
    handle = () => Response.json(REPORT, { headers: { 'x-own': 'kept', 'set-cookie': 'a=b' } });
    const { access, permit } = await at.permit();
    const response = await post(permit);
    const bytes = new Uint8Array(await response.arrayBuffer());
    expect(response.status).toBe(200);
    expect(JSON.parse(new TextDecoder().decode(bytes))).toEqual(REPORT);
    expect(response.headers.get('x-own')).toBe('kept');
    expect(response.headers.get('content-type')).toContain('application/json');
    expect(response.headers.get(ACCESS_HEADER)).toBe(access);
    const salt = parseBase64Url(response.headers.get(RESPONSE_SALT_HEADER) as string);
    expect(await settlementOf(access)).toMatchObject({
      result: 'released',
      items: ['credit_report'],
      count: 1,
      response: bindRequest(salt, bytes),
      codes: [],
    });
  });

  it('is settled by what the route says it sent, more than permitted included', async () => {
    handle = () => Response.json({ credit_report: [1, 2], tax: [3] });
    const { access, permit } = await at.permit();
    expect((await post(permit, { path: '/lists' })).status).toBe(200);
    expect(await settlementOf(access)).toMatchObject({ items: ['credit_report', 'tax'], count: 3, codes: ['SCOPE'] });
  });

  it.each<[string, () => Response, string, string | null]>([
    ['404', () => new Response(null, { status: 404 }), 'nothing_found', null],
    ['204', () => new Response(null, { status: 204 }), 'nothing_found', null],
    ['403', () => new Response('no', { status: 403 }), 'refused', 'OTHER'],
    ['302', () => new Response(null, { status: 302 }), 'refused', 'OTHER'],
    ['500', () => new Response('broken', { status: 500 }), 'failed', null],
    ['503', () => new Response(null, { status: 503 }), 'failed', null],
  ])('that the route answers with %s is settled as such', async (_status, made, result, reason) => {
    handle = made;
    const { access, permit } = await at.permit();
    const response = await post(permit);
    expect(response.status).toBe(made().status);
    expect(await settlementOf(access)).toMatchObject({ result, reason, items: [], count: 0, response: null });
  });

  it('whose route finds no item in it has found nothing', async () => {
    handle = () => Response.json({});
    const { access, permit } = await at.permit();
    await post(permit, { path: '/lists' });
    expect(await settlementOf(access)).toMatchObject({ result: 'nothing_found' });
  });

  it('is recorded as an attempt where the route fails, and its use is given back', async () => {
    handle = () => {
      throw new Error('a mistake of the provider');
    };
    const asked = await newQuery(at.fixture.context, at.scene, { uses_max: 1 });
    const { access, permit } = await askPermit(at.fixture.context, asked);
    const response = await post(permit);
    expect(response.status).toBe(500);
    expect(await settlementOf(access)).toMatchObject({ result: 'failed' });
    expect((await askPermit(at.fixture.context, asked)).decision).toBe('allow');
  });

  it('is recorded as an attempt where what was sent can’t be told, and then nothing is sent', async () => {
    handle = () => new Response(new Uint8Array(), { status: 200 });
    const { access, permit } = await at.permit();
    const response = await post(permit, { path: '/lists' });
    expect(response.status).toBe(500);
    expect(await settlementOf(access)).toMatchObject({ result: 'failed' });
  });

  it('is recorded as an attempt where another router’s route throws', async () => {
    const guard = requirePermit(door, { action: 'QUERY', subjectOf: person, itemsOf: () => ['credit_report'] });
    const { access, permit } = await at.permit();
    const raw = new Request('http://bureau.example/reports', { headers: { [PERMIT_HEADER]: permit } });
    const call = { req: { raw }, res: new Response('never sent') };
    await expect(guard(call, () => Promise.reject(new Error('a mistake')))).rejects.toThrow('a mistake');
    expect(await settlementOf(access)).toMatchObject({ result: 'failed' });
  });

  it('gets 504 from a route that hangs, and nothing that comes later', async () => {
    let late = (_response: Response) => {};
    handle = () =>
      new Promise<Response>((resolve) => {
        late = resolve;
      });
    const asked = await newQuery(at.fixture.context, at.scene, { uses_max: 1 });
    const { access, permit } = await askPermit(at.fixture.context, asked);
    const began = Date.now();
    const response = await post(permit);
    expect(Date.now() - began).toBeGreaterThanOrEqual(SOURCE_WAIT_MS - 100);
    expect([response.status, await response.json()]).toMatchObject([504, { code: 'source_silent' }]);
    late(Response.json(REPORT));
    expect(await settlementOf(access)).toMatchObject({ result: 'failed' });
    expect((await askPermit(at.fixture.context, asked)).decision).toBe('allow');
  });
});

describe('without a good permit the route is never asked:', () => {
  it('no permit, or garbage', async () => {
    await expectTurned(await post(null), 401, 'permit_required');
    await expectTurned(await post('garbage'), 401, 'permit_invalid');
    await expectTurned(await post(''), 401, 'permit_invalid');
  });

  it('the wrong person, or more items', async () => {
    const nobody = { person: { id_type: 'resident_id', id_number: '990001180001011231' } };
    await expectTurned(await post((await at.permit()).permit, { body: nobody }), 403, 'permit_subject');
    await expectTurned(await post((await at.permit()).permit, { body: { person: null } }), 403, 'permit_subject');
    await expectTurned(
      await post((await at.permit()).permit, { body: { items: ['credit_report', 'tax'] } }),
      403,
      'permit_scope',
    );
  });

  it('another request than it is bound to', async () => {
    const salt = random(32);
    const body = JSON.stringify({ person: person(), items: ['credit_report'] });
    const bound = bindRequest(salt, utf8(body));
    const headers = { [REQUEST_SALT_HEADER]: toBase64Url(salt) };
    const altered = { body: { more: true }, headers };
    await expectTurned(await post((await at.permit({ bound })).permit, altered), 403, 'permit_request');
    await expectTurned(await post((await at.permit({ bound })).permit), 403, 'permit_request');
    handle = () => Response.json(REPORT);
    expect((await post((await at.permit({ bound })).permit, { headers })).status).toBe(200);
  });

  it('another door’s permit', async () => {
    const other = await newParty(at.fixture.context, 'bureau');
    const { permit } = await at.permit();
    const guard = requirePermit(await at.doorOf(other), {
      action: 'QUERY',
      subjectOf: person,
      itemsOf: () => ['credit_report'],
    });
    const own = new Hono().use('*', guard).get('/', () => Response.json(REPORT));
    handled = 0;
    await expectTurned(await own.request('/', { headers: { [PERMIT_HEADER]: permit } }), 403, 'permit_door');
  });

  it('one that was taken, has lapsed, or was taken back', async () => {
    handle = () => Response.json(REPORT);
    const { permit } = await at.permit();
    expect((await post(permit)).status).toBe(200);
    await expectTurned(await post(permit), 403, 'permit_redeemed');
    const lapsed = await at.permit();
    at.setTime(at.now + PERMIT_MS);
    await expectTurned(await post(lapsed.permit), 403, 'permit_lapsed');
    const asked = await newQuery(at.fixture.context, at.scene);
    const answer = await askPermit(at.fixture.context, asked);
    await revoke(at.fixture.context, at.scene.lender, at.scene.person, grantOf(asked));
    const problem = await expectTurned(await post(answer.permit), 403, 'permit_denied');
    expect(problem).toMatchObject({ codes: ['REVOKED'] });
  });

  it('a ledger that does not answer: 503, and when to come again', async () => {
    const { permit } = await at.permit();
    at.through = () => Promise.reject(new Error('gone'));
    const response = await post(permit);
    expect(response.headers.get('retry-after')).toBe('2');
    await expectTurned(response, 503, 'ledger_unreachable');
  });
});
