/** What every request has to be like, before anything looks at what it asks for. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { Failure } from '#core/failure.ts';
import { BODY_BYTES_MAX } from '../../src/api/body.ts';
import { type Door, doorTo, expectProblem, HOST, openDoor } from './door.ts';

const PARTY = { name: '示例机构', roles: ['provider'], keys: [] };

/** As the keeper: every request here is signed, so that what is refused is refused for what it is. */
let door: Door;
let size: number;
beforeAll(async () => {
  door = (await openDoor()).asKeeper();
});
afterAll(() => door.fixture.close());
beforeEach(async () => {
  size = await door.size();
});

/** Sends what is to be refused, and looks that nothing was written. */
async function refused(status: number, code: string, path: string, init: RequestInit) {
  const answer = await door.fetch(path, init);
  expectProblem(answer, status, code);
  expect(await door.size()).toBe(size);
  return answer;
}

function post(body: BodyOf, headers: Record<string, string> = {}): RequestInit {
  return { method: 'POST', headers: { 'content-type': 'application/json', 'idempotency-key': 'k', ...headers }, body };
}
type BodyOf = string | Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array>;

describe('a body', () => {
  test.each([
    ['malformed JSON', '{"name":'],
    ['no body', ''],
    ['a duplicate key', '{"name":"a","name":"b","roles":["provider"],"keys":[]}'],
    ['a byte order mark', `\uFEFF${JSON.stringify(PARTY)}`],
    ['nesting that is too deep', '['.repeat(5_000)],
    ['a lone surrogate', '{"name":"\\ud800","roles":["provider"],"keys":[]}'],
    ['the name __proto__', '{"name":"a","roles":["provider"],"keys":[],"__proto__":{}}'],
  ])('with %s is refused', async (_what, body) => {
    await refused(400, 'json_malformed', '/v1/parties', post(body));
  });

  test.each([
    ['Latin-1', [0xe4]],
    ['UTF-16', [0xff, 0xfe, 0x7b, 0x00]],
    ['an overlong form', [0xc0, 0xaf]],
    ['an encoded surrogate', [0xed, 0xa0, 0x80]],
  ])('in %s is refused', async (_what, bytes) => {
    const body = Uint8Array.from([0x22, ...bytes, 0x22]);
    await refused(400, 'json_malformed', '/v1/parties', post(body));
  });

  test.each([
    ['an unknown field', { ...PARTY, extra: 1 }],
    ['a missing field', { name: 'a' }],
    ['a wrong type', { ...PARTY, name: 5 }],
    ['a list instead', [PARTY]],
    ['a number in another spelling', '{"name":1.0,"roles":["provider"],"keys":[]}'],
    ['a role twice', { ...PARTY, roles: ['provider', 'provider'] }],
  ])('with %s is refused', async (_what, body) => {
    await refused(400, 'input_invalid', '/v1/parties', post(typeof body === 'string' ? body : JSON.stringify(body)));
  });

  test('of a byte too many is refused, whether it says so or comes in pieces', async () => {
    const body = JSON.stringify(PARTY).padEnd(BODY_BYTES_MAX + 1);
    await refused(413, 'too_large', '/v1/parties', post(body, { 'content-length': String(BODY_BYTES_MAX + 1) }));
    await refused(413, 'too_large', '/v1/parties', post(body));
    const stream = new ReadableStream<Uint8Array>({
      pull: (controller) => controller.enqueue(new Uint8Array(64 * 1024).fill(0x20)),
    });
    await refused(413, 'too_large', '/v1/parties', { ...post(stream), duplex: 'half' } as RequestInit);
  });

  test('that breaks off is refused', async () => {
    const stream = new ReadableStream<Uint8Array>({ pull: (controller) => controller.error(new Error('gone')) });
    await refused(400, 'json_malformed', '/v1/parties', { ...post(stream), duplex: 'half' } as RequestInit);
  });

  test.each([
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'application/json; charset=gbk',
    'application/json, text/plain',
    'application/jsonp',
    'text/json',
    '',
  ])('of the type "%s" is refused', async (type) => {
    await refused(415, 'media_type', '/v1/parties', post(JSON.stringify(PARTY), { 'content-type': type }));
  });

  test('that is encoded is refused', async () => {
    await refused(415, 'media_type', '/v1/parties', post(JSON.stringify(PARTY), { 'content-encoding': 'gzip' }));
  });

  test('of just the limit is taken, and a charset may be named', async () => {
    const type = 'application/json; charset=UTF-8';
    const body = JSON.stringify({ ...PARTY, name: 'example' }).padEnd(BODY_BYTES_MAX);
    const answer = await door.fetch('/v1/parties', post(body, { 'content-type': type }));
    expect(answer.status).toBe(201);
  });
});

describe('an Idempotency-Key', () => {
  test.each([
    ['empty', ''],
    ['with a space', 'a b'],
    ['longer than 128 characters', 'k'.repeat(129)],
    ['outside of ASCII', 'k\u00e9'],
  ])('that is %s is refused', async (_what, key) => {
    const headers = { 'idempotency-key': key };
    await refused(400, 'idempotency_key_invalid', '/v1/parties', post(JSON.stringify(PARTY), headers));
  });

  test('is missed, and may stand only once', async () => {
    const headers = new Headers({ 'content-type': 'application/json' });
    const init = { method: 'POST', headers, body: JSON.stringify(PARTY) };
    await refused(400, 'idempotency_key_invalid', '/v1/parties', init);
    headers.append('idempotency-key', 'one');
    headers.append('idempotency-key', 'two');
    await refused(400, 'idempotency_key_invalid', '/v1/parties', init);
  });

  test('gets the same answer again, byte for byte, and makes nothing new', async () => {
    const init = post(JSON.stringify(PARTY), { 'idempotency-key': 'again' });
    const first = await door.fetch('/v1/parties', init);
    expect(first.status).toBe(201);
    size = await door.size();
    const second = await door.fetch('/v1/parties', init);
    expect([second.status, second.text]).toEqual([first.status, first.text]);
    expect(second.headers.get('location')).toBe(first.headers.get('location'));
    expect(second.headers.get('x-request-id')).not.toBe(first.headers.get('x-request-id'));
    expect(await door.size()).toBe(size);
    const other = post(JSON.stringify({ ...PARTY, name: '另一示例' }), { 'idempotency-key': 'again' });
    await refused(409, 'idempotency_mismatch', '/v1/parties', other);
  });
});

describe('a host', () => {
  test.each([
    'evil.example',
    '127.0.0.1:8788',
    '127.0.0.1',
    'localhost:8787',
    `${HOST}.evil.example`,
    `evil@${HOST}`,
    '',
  ])('that is not ours (%s) is refused, for reading and for writing', async (host) => {
    for (const path of ['/', '/health', '/docs', '/style.css', '/checkpoint', '/openapi.json', '/nowhere']) {
      await refused(421, 'host_unknown', path, { headers: { host } });
    }
    await refused(421, 'host_unknown', '/v1/parties', post(JSON.stringify(PARTY), { host }));
  });

  test('in the request line is looked at too', async () => {
    await refused(421, 'host_unknown', 'http://evil.example/health', {});
    await refused(421, 'host_unknown', 'http://evil.example/health', { headers: { host: HOST } });
  });
});

describe('a query', () => {
  test.each([
    '/v1/proofs/inclusion?index=0&extra=1',
    '/v1/proofs/inclusion?index=0&index=0',
    '/v1/proofs/inclusion?index=0&size=1&size=',
    '/v1/proofs/inclusion',
    '/v1/proofs/inclusion?index=%ff',
    '/v1/proofs/inclusion?index=0&__proto__=1',
    '/v1/proofs/consistency?from=1',
    '/v1/proofs/consistency?from=1&to=1.0',
    '/health?x',
    '/checkpoint?a=b',
  ])('that is not as documented is refused: %s', async (path) => {
    await refused(400, 'input_invalid', path, {});
  });

  test('has no place on a write', async () => {
    await refused(400, 'input_invalid', '/v1/parties?dry=1', post(JSON.stringify(PARTY)));
  });
});

describe('a path or a method', () => {
  test('that is not there is refused with what there is', async () => {
    for (const path of ['/v1', '/v1/partie', '/v1/parties/', '/v2/parties', '/v1/accesses/a/b/c', '/.env', '//']) {
      await refused(404, 'not_found', path, {});
    }
    const put = await refused(405, 'method_not_allowed', '/v1/parties', { method: 'PUT' });
    expect(put.headers.get('allow')).toBe('POST');
    const get = await refused(405, 'method_not_allowed', '/v1/accesses', {});
    expect(get.headers.get('allow')).toBe('POST');
    const remove = await refused(405, 'method_not_allowed', '/v1/grants/abc', { method: 'DELETE' });
    expect(remove.headers.get('allow')).toBe('GET, HEAD');
    const options = await refused(405, 'method_not_allowed', '/checkpoint', { method: 'OPTIONS' });
    expect(options.headers.get('access-control-allow-origin')).toBe(null);
    await refused(405, 'method_not_allowed', '/', post('{}'));
  });

  test('that is not there is a page for a browser, and a problem for a program or under /v1', async () => {
    const browser = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' };
    const page = await door.fetch('/nowhere?lang=en', { headers: browser });
    expect(page.status).toBe(404);
    expect(page.headers.get('content-type')).toContain('text/html');
    expect(page.headers.get('content-security-policy')).toContain("style-src 'self'");
    expect(page.headers.get('x-request-id')).toMatch(/^[0-9a-f]{16}$/);
    expect(page.text).toContain('There is no such page');
    expect(page.text).toContain('href="/"');
    const chinese = await door.fetch('/nowhere', { headers: { accept: 'text/html' } });
    expect(chinese.text).toContain('没有这个页面');
    const method = await door.fetch('/view', { headers: browser });
    expect([method.status, method.headers.get('allow')]).toEqual([405, 'POST']);
    expect(method.text).toContain('<code>method_not_allowed</code>');
    await refused(404, 'not_found', '/v1/nowhere', { headers: browser });
    await refused(404, 'not_found', '/nowhere', { headers: { accept: '*/*' } });
  });

  test('HEAD answers what GET would, without a body', async () => {
    const answer = await door.fetch('/health', { method: 'HEAD' });
    expect([answer.status, answer.text]).toEqual([200, '']);
  });

  test.each(['parties', 'letters', 'grants', 'accesses'])('with an id that is none is refused: %s', async (kind) => {
    await refused(400, 'input_invalid', `/v1/${kind}/${'F'.repeat(32)}`, {});
  });
});

describe('every answer', () => {
  test('carries a request id of our own, and says that it is no page of others', async () => {
    const seen = new Set<string>();
    for (const path of ['/', '/docs', '/style.css', '/health', '/ready', '/openapi.json', '/nowhere', '/v1/grants/x']) {
      const { headers } = await door.fetch(path, { headers: { 'x-request-id': 'theirs' } });
      seen.add(headers.get('x-request-id') ?? '');
      expect(headers.get('x-request-id')).toMatch(/^[0-9a-f]{16}$/);
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      // Forms of pages have to say to us where they stood; nobody else is told.
      const isPage = ['/', '/docs', '/style.css'].includes(path);
      expect(headers.get('referrer-policy'), path).toBe(isPage ? 'same-origin' : 'no-referrer');
      expect(headers.get('content-security-policy')).toContain("default-src 'none'");
      expect(headers.get('access-control-allow-origin')).toBe(null);
    }
    expect(seen.size).toBe(8);
  });

  test('is not to be kept, but for what is public and does not change', async () => {
    await door.fixture.ledger.publisher.published(1, 2_000);
    for (const path of ['/health', '/ready', '/nowhere', '/v1/grants/x', '/v1/proofs/inclusion?index=0']) {
      expect((await door.get(path)).headers.get('cache-control')).toBe('no-store');
    }
    expect((await door.get('/checkpoint')).headers.get('cache-control')).toBe('public, max-age=1');
    const { headers } = await door.get('/v1/proofs/consistency?from=1&to=1');
    expect(headers.get('cache-control')).toContain('immutable');
  });
});

describe('a server that takes no writes', () => {
  test('says so with a code, and still answers reads', async () => {
    const { context, ledger } = door.fixture;
    const { party } = (await door.post('/v1/parties', PARTY)).json;
    const why = 'the database is behind';
    const submit = () => Promise.reject(new Failure('read_only', why));
    const fenced = { ...context, ledger: { ...ledger, fenced: () => why, submit } };
    const readOnly = doorTo(door.fixture, { context: fenced }).asKeeper();
    const answer = await readOnly.post('/v1/parties', PARTY);
    expectProblem(answer, 503, 'read_only');
    expect(answer.headers.get('retry-after')).toMatch(/^\d+$/);
    expect((await readOnly.get('/checkpoint')).status).toBe(200);
    expect((await readOnly.get(`/v1/parties/${party}`)).json).toMatchObject({ party, name: PARTY.name });
  });
});
