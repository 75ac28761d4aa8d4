/** The gateway before a system that can't be changed: closed but for what is mapped, and that only with a permit. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Door } from '#client/door.ts';
import { ACCESS_HEADER, PERMIT_HEADER, REQUEST_SALT_HEADER, RESPONSE_SALT_HEADER } from '#client/require-permit.ts';
import { parseBase64Url, toBase64Url, utf8 } from '#core/bytes.ts';
import { bindRequest } from '#core/consent/permit.ts';
import { PERMIT_MS } from '#core/consent/use.ts';
import type { AccessId } from '#core/ids.ts';
import type { GatewayMap } from '#wire/gateway.ts';
import { type Gateway, openGateway } from '../../src/gateway/gateway.ts';
import { type DoorScene, openDoorScene } from '../support/door-scene.ts';
import { checkLedger, random } from '../support/ledger-fixture.ts';
import { askPermit, newQuery } from '../support/releases.ts';

const MAP: GatewayMap = {
  routes: [
    {
      method: 'POST',
      path: '/reports',
      action: 'QUERY',
      subject: { id_type: { is: 'resident_id' }, id_number: { at: '/body/id_number' } },
      items: { at: '/body/items' },
      response: {
        items: { credit_report: ['/report/accounts/*/state'], credit_info: ['/info'] },
        always: ['/status'],
        count: '/report/accounts',
      },
    },
    {
      method: 'GET',
      path: '/persons/{id}',
      action: 'QUERY',
      subject: { id_type: { is: 'resident_id' }, id_number: { at: '/path/id' } },
      items: { are: ['credit_report'] },
      response: { items: { credit_report: ['/report'] } },
    },
  ],
};
const RESPONSE = {
  status: 'ok',
  report: { accounts: [{ state: 'paid', bank: '张示例银行' }, { state: 'open' }], internal: 1 },
  info: { band: 'B' },
};

let at: DoorScene;
let door: Door;
let gateway: Gateway;
let upstream: (url: string, init: RequestInit) => Promise<Response>;
let seen: { url: string; init: RequestInit; headers: Headers; body: string }[];

beforeAll(async () => {
  at = await openDoorScene();
  door = await at.doorOf(at.scene.bureau);
  gateway = openGateway({
    door,
    map: MAP,
    upstream: 'http://127.0.0.1:9',
    waitMs: 200,
    fetch: async (url, init) => {
      const body = init.body === undefined ? '' : new TextDecoder().decode(init.body as Uint8Array);
      seen.push({ url, init, headers: new Headers(init.headers), body });
      return upstream(url, init);
    },
  });
});
const reset = () => {
  seen = [];
  upstream = async () => Response.json(RESPONSE);
};
afterEach(async () => {
  at.through = at.fetch;
  at.setTime(at.now + PERMIT_MS);
  await checkLedger(at.fixture);
});
afterAll(() => at.close());

interface Asking {
  readonly path?: string;
  readonly method?: string;
  readonly body?: object | string;
  readonly headers?: Record<string, string>;
}

function send(permit: string | null, { path = '/reports', method = 'POST', body, headers = {} }: Asking = {}) {
  reset();
  return sendOn(permit, { path, method, headers, ...(body === undefined ? {} : { body }) });
}

async function sendOn(permit: string | null, { path = '/reports', method = 'POST', body, headers = {} }: Asking) {
  const asked = body ?? { id_number: at.scene.person.idNumber, items: ['credit_report'] };
  const response = await gateway(
    new Request(`http://gateway.example${path}`, {
      method,
      headers: { ...(permit === null ? {} : { [PERMIT_HEADER]: permit }), ...headers },
      ...(method === 'GET' || method === 'HEAD'
        ? {}
        : { body: typeof asked === 'string' ? asked : JSON.stringify(asked) }),
    }),
  );
  const text = await response.text();
  return { status: response.status, headers: response.headers, text, json: text === '' ? undefined : JSON.parse(text) };
}

const settlementOf = async (access: AccessId) => {
  await door.drain();
  return (await at.entriesOf(access)).find(({ type }) => type === 'access.settled')?.body;
};

describe('a request with a good permit', () => {
  it('passes, and of its response what was asked for and permitted, and nothing else', async () => {
    const { access, permit } = await at.permit();
    const response = await send(permit, { headers: { authorization: 'Basic own', 'x-own': '1' } });
    expect(response.status).toBe(200);
    expect(response.json).toEqual({ status: 'ok', report: { accounts: [{ state: 'paid' }, { state: 'open' }] } });
    expect(response.headers.get(ACCESS_HEADER)).toBe(access);
    const salt = parseBase64Url(response.headers.get(RESPONSE_SALT_HEADER) as string);
    expect(await settlementOf(access)).toMatchObject({
      result: 'released',
      items: ['credit_report'],
      count: 2,
      response: bindRequest(salt, utf8(response.text)),
      codes: [],
    });
  });

  it('goes on as it came, less what is between lender and gateway', async () => {
    const salt = random(32);
    const body = JSON.stringify({ id_number: at.scene.person.idNumber, items: ['credit_report'], n: 1.5 });
    const { permit } = await at.permit({ bound: bindRequest(salt, utf8(body)) });
    const headers = {
      [REQUEST_SALT_HEADER]: toBase64Url(salt),
      'content-type': 'application/json',
      'accept-encoding': 'gzip',
      authorization: 'Basic own',
      te: 'trailers',
    };
    const response = await send(permit, { path: '/reports?trace=1', body, headers });
    expect(response.status).toBe(200);
    expect(seen).toHaveLength(1);
    const [sent] = seen;
    expect([sent?.url, sent?.init.method, sent?.body]).toEqual(['http://127.0.0.1:9/reports', 'POST', body]);
    expect(sent?.headers.get('authorization')).toBe('Basic own');
    for (const name of [PERMIT_HEADER, REQUEST_SALT_HEADER, 'accept-encoding', 'te', 'content-length', 'host']) {
      expect([name, sent?.headers.has(name)]).toEqual([name, false]);
    }
    expect(JSON.stringify([...(sent?.headers ?? [])])).not.toContain(permit);
    expect(sent?.init.redirect).toBe('manual');
  });

  it('gets none of the system’s own headers', async () => {
    const { permit } = await at.permit();
    reset();
    upstream = async () =>
      Response.json(RESPONSE, { headers: { 'x-internal': '1', 'set-cookie': 's=1', etag: 'x', server: 'old' } });
    const { headers } = await sendOn(permit, {});
    expect([...headers.keys()].sort()).toEqual(
      [ACCESS_HEADER, RESPONSE_SALT_HEADER, 'cache-control', 'content-type'].sort(),
    );
  });

  it('by GET is about the person of its path', async () => {
    const { access, permit } = await at.permit();
    const response = await send(permit, { method: 'GET', path: `/persons/${at.scene.person.idNumber}` });
    expect(response.json).toEqual({ report: RESPONSE.report });
    expect(seen[0]?.init.body).toBeUndefined();
    expect(await settlementOf(access)).toMatchObject({ result: 'released', count: 1 });
  });

  it('passes once', async () => {
    const { permit } = await at.permit();
    expect((await send(permit)).status).toBe(200);
    expect(await send(permit)).toMatchObject({ status: 403, json: { code: 'permit_redeemed' } });
    expect(seen).toEqual([]);
  });

  it.each<[string, () => Promise<Response>, number, string | undefined, string, string | null]>([
    ['404', async () => new Response('张示例 is unknown', { status: 404 }), 404, undefined, 'nothing_found', null],
    ['204', async () => new Response(null, { status: 204 }), 204, undefined, 'nothing_found', null],
    ['400', async () => new Response('张示例 is wrong', { status: 400 }), 502, 'source_refused', 'refused', 'OTHER'],
    [
      '302',
      async () => new Response(null, { status: 302, headers: { location: '/zhang' } }),
      502,
      'source_refused',
      'refused',
      'OTHER',
    ],
    ['500', async () => new Response('张示例 broke it', { status: 500 }), 502, 'source_refused', 'failed', null],
    ['a page', async () => new Response('<p>张示例</p>'), 502, 'response_unreadable', 'failed', null],
    ['nothing', async () => new Response(''), 502, 'response_unreadable', 'failed', null],
    ['other fields', async () => Response.json({ name: '张示例' }), 200, undefined, 'nothing_found', null],
    ['no connection', () => Promise.reject(new TypeError('fetch failed')), 504, 'source_silent', 'failed', null],
    [
      'half a body',
      async () =>
        new Response(
          new ReadableStream({
            start(controller) {
              controller.enqueue(utf8('{"report":'));
              controller.error(new Error('reset'));
            },
          }),
        ),
      504,
      'source_silent',
      'failed',
      null,
    ],
  ])(
    'that the system answers with %s gets nothing of what that says',
    async (_what, answer, status, code, result, reason) => {
      const { access, permit } = await at.permit();
      reset();
      upstream = answer;
      const response = await sendOn(permit, {});
      expect([response.status, response.json?.code]).toEqual([status, code]);
      expect(response.text).not.toContain('张');
      expect(await settlementOf(access)).toMatchObject({ result, reason, items: [], count: 0, response: null });
    },
  );

  it('that the system does not answer gets 504, and the use is given back', async () => {
    const asked = await newQuery(at.fixture.context, at.scene, { uses_max: 1 });
    const { access, permit } = await askPermit(at.fixture.context, asked);
    reset();
    upstream = async (_url, init) => {
      await sleep(10_000, undefined, { signal: init.signal as AbortSignal });
      return Response.json(RESPONSE);
    };
    expect(await sendOn(permit, {})).toMatchObject({ status: 504, json: { code: 'source_silent' } });
    expect(await settlementOf(access)).toMatchObject({ result: 'failed' });
    expect((await askPermit(at.fixture.context, asked)).decision).toBe('allow');
  });
});

describe('nothing is asked of the system', () => {
  afterEach(() => {
    expect(seen).toEqual([]);
  });

  it.each([
    ['GET', '/'],
    ['GET', '/reports'],
    ['PUT', '/reports'],
    ['DELETE', '/reports'],
    ['POST', '/reports/1'],
    ['POST', '/admin'],
    ['HEAD', '/persons/7'],
    ['GET', '/persons/7/../../admin'],
    ['GET', '/persons/'],
  ])('where the route is not mapped: %s %s', async (method, path) => {
    const { permit } = await at.permit();
    expect(await send(permit, { method, path })).toMatchObject({ status: 404, json: { code: 'route_closed' } });
  });

  it.each<[string, Asking, number, string]>([
    ['another person', { body: { id_number: '990001180001011231', items: ['credit_report'] } }, 403, 'permit_subject'],
    ['nobody', { body: '{}' }, 403, 'permit_subject'],
    ['a body that is no JSON', { body: 'id_number=7' }, 403, 'permit_subject'],
    ['another person in the path', { method: 'GET', path: '/persons/990001180001011231' }, 403, 'permit_subject'],
  ])('for %s', async (_what, asking, status, code) => {
    const { permit } = await at.permit();
    expect(await send(permit, asking)).toMatchObject({ status, json: { code } });
  });

  it('for two persons at once, of whom the permit is about one', async () => {
    const { permit } = await at.permit();
    const body = `{"id_number":"990001180001011231","items":["credit_report"],"id_number":"${at.scene.person.idNumber}"}`;
    expect(await send(permit, { body })).toMatchObject({ status: 403, json: { code: 'permit_subject' } });
  });

  it('for items beyond the permit', async () => {
    const { permit } = await at.permit();
    const body = { id_number: at.scene.person.idNumber, items: ['credit_report', 'credit_info'] };
    expect(await send(permit, { body })).toMatchObject({ status: 403, json: { code: 'permit_scope' } });
  });

  it('without a permit, or with the ledger away', async () => {
    expect(await send(null)).toMatchObject({ status: 401, json: { code: 'permit_required' } });
    expect(await send('garbage')).toMatchObject({ status: 401, json: { code: 'permit_invalid' } });
    const { permit } = await at.permit();
    at.through = () => Promise.reject(new Error('gone'));
    expect(await send(permit)).toMatchObject({ status: 503, json: { code: 'ledger_unreachable' } });
  });
});
