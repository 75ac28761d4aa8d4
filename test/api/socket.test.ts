/** The same door behind a real server and a raw socket, where a request can be what no client library would send. */
import { connect } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { signRequest } from '#client/sign.ts';
import { type Server, serveFetch } from '../../src/node/serve.ts';
import { keeperOf } from '../support/ledger-fixture.ts';
import { type Door, openDoor } from './door.ts';

const BODY = JSON.stringify({ name: 'example', roles: ['provider'], keys: [] });
/** Signed by the keeper, over BODY. */
let HEADERS: readonly string[];

let door: Door;
let server: Server;
let host: string;
let size: number;
beforeAll(async () => {
  door = await openDoor({ hosts: (asked) => asked === host });
  server = await serveFetch((asked) => door.app.fetch(asked), { host: '127.0.0.1', port: 0 });
  host = new URL(server.url).host;
  const signed = await signRequest(
    keeperOf(door.fixture.context),
    { method: 'POST', authority: host, path: '/v1/parties', query: '', body: BODY, idempotencyKey: 'k' },
    Math.floor(Date.now() / 1_000),
  );
  HEADERS = Object.entries({ 'content-type': 'application/json', ...signed }).map((each) => each.join(': '));
});
afterAll(async () => {
  await server.close();
  await door.fixture.close();
});
beforeEach(async () => {
  size = await door.size();
});

/** Sends bytes as they are, and returns what came back until the server closed, or had nothing more to say. */
function raw(text: string, options: { readonly end?: boolean } = {}): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(Number(new URL(server.url).port), '127.0.0.1');
    let answer = '';
    socket.on('data', (chunk) => {
      answer += String(chunk);
    });
    socket.on('error', () => resolve(answer));
    socket.on('close', () => resolve(answer));
    socket.setTimeout(2_000, () => socket.destroy());
    socket.write(text);
    if (options.end) socket.end();
  });
}

function request(line: string, headers: readonly string[], body = ''): string {
  const length = body === '' ? [] : [`content-length: ${Buffer.byteLength(body)}`];
  return `${[line, ...headers, 'connection: close', ...length].join('\r\n')}\r\n\r\n${body}`;
}

async function expectRefused(answer: Promise<string>, status: number, code = ''): Promise<void> {
  const text = await answer;
  expect(text).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
  expect(text).toContain(code);
  expect(await door.size()).toBe(size);
}

describe('over a socket', () => {
  test('a good write is taken', async () => {
    const answer = await raw(request('POST /v1/parties HTTP/1.1', [`host: ${host}`, ...HEADERS], BODY));
    expect(answer).toMatch(/^HTTP\/1.1 201 /);
    expect(answer).toMatch(/\r\nlocation: \/v1\/parties\/[0-9a-f]{32}\r\n/i);
  });

  test('two Idempotency-Keys are refused, also if they are equal', async () => {
    const headers = [`host: ${host}`, ...HEADERS, 'Idempotency-Key: k'];
    await expectRefused(raw(request('POST /v1/parties HTTP/1.1', headers, BODY)), 400, 'idempotency_key_invalid');
  });

  test('two content types are refused', async () => {
    const headers = [`host: ${host}`, ...HEADERS, 'content-type: text/plain'];
    await expectRefused(raw(request('POST /v1/parties HTTP/1.1', headers, BODY)), 415, 'media_type');
  });

  test('two hosts, no host, and a host in the request line are refused', async () => {
    const post = 'POST /v1/parties HTTP/1.1';
    const two = raw(request(post, [`host: ${host}`, 'host: evil.example', ...HEADERS], BODY));
    await expectRefused(two, 421, 'host_unknown');
    await expectRefused(raw(request(post, ['host: evil.example', ...HEADERS], BODY)), 421, 'host_unknown');
    await expectRefused(raw(request(post, HEADERS, BODY)), 400);
    const absolute = 'POST http://evil.example/v1/parties HTTP/1.1';
    await expectRefused(raw(request(absolute, [`host: ${host}`, ...HEADERS], BODY)), 421, 'host_unknown');
    const odd = raw(request('GET /health HTTP/1.1', [`host: evil.example/?@${host}`]));
    expect(await odd).toMatch(/^HTTP\/1.1 4/);
  });

  test.each([
    '/tile/0/../0/000.p/1',
    '/tile/0/%2e%2E/0/000.p/1',
    '/x/../tile/0/000.p/1',
    '/tile/./0/000.p/1',
    '/tile\\0/000.p/1',
    '/checkpoint/../checkpoint',
    '/checkpoint#x',
    'http://HOST/x/../checkpoint',
  ])('attack 65: %s is not resolved to a path that something stands at', async (target) => {
    const answer = await raw(request(`GET ${target.replace('HOST', host)} HTTP/1.1`, [`host: ${host}`]));
    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
    expect(answer.toLowerCase()).toContain('cache-control: no-store');
    expect(JSON.parse(answer.split('\r\n\r\n')[1] ?? '')).toMatchObject({ status: 400, code: 'path_crooked' });
  });

  test('a path as it is written is served, and its query may hold anything', async () => {
    const statusOf = async (target: string) =>
      (await raw(request(`GET ${target} HTTP/1.1`, [`host: ${host}`]))).slice('HTTP/1.1 '.length).slice(0, 3);
    expect(await statusOf('/checkpoint')).toBe('200');
    expect(await statusOf(`http://${host}/checkpoint`)).toBe('200');
    expect(await statusOf('/v1/log?of=/../')).toBe(await statusOf('/v1/log?of=x'));
    expect(await statusOf('/.well-known/x')).toBe('404');
    expect(await statusOf('/x..y/...')).toBe('404');
  });

  test('a body that says it is too large, and one in chunks that is, are refused', async () => {
    const headers = [`host: ${host}`, ...HEADERS];
    const announced = [...headers, 'content-length: 999999999'];
    await expectRefused(raw(request('POST /v1/parties HTTP/1.1', announced)), 413, 'too_large');
    const chunk = `${(64 * 1024).toString(16)}\r\n${' '.repeat(64 * 1024)}\r\n`;
    const chunked = request('POST /v1/parties HTTP/1.1', [...headers, 'transfer-encoding: chunked']);
    await expectRefused(raw(chunked + chunk.repeat(5)), 413, 'too_large');
  });

  test('headers past all bounds, and what is no HTTP, are refused with a code and a next step', async () => {
    const huge = await raw(
      request('POST /v1/parties HTTP/1.1', [`host: ${host}`, ...HEADERS, `x-big: ${'x'.repeat(60_000)}`], BODY),
    );
    expect(huge).toMatch(/^HTTP\/1\.1 431 /);
    expect(JSON.parse(huge.split('\r\n\r\n')[1] ?? '')).toMatchObject({ status: 431, code: 'headers_too_large' });
    const odd = await raw('\u0016\u0003\u0001 not HTTP\r\n\r\n');
    expect(JSON.parse(odd.split('\r\n\r\n')[1] ?? '')).toMatchObject({ status: 400, code: 'http_malformed' });
    expect(await door.size()).toBe(size);
  });

  test('a body that is shorter than it says makes nothing', async () => {
    const headers = [`host: ${host}`, ...HEADERS, `content-length: ${BODY.length + 1}`];
    await raw(`${request('POST /v1/parties HTTP/1.1', headers)}${BODY}`, { end: true });
    expect(await door.size()).toBe(size);
  });

  test('a body beyond what it says is no part of it', async () => {
    const headers = [`host: ${host}`, ...HEADERS, 'content-length: 2'];
    await expectRefused(raw(`${request('POST /v1/parties HTTP/1.1', headers)}{}${BODY}`), 400);
  });

  test('both a length and chunks are refused', async () => {
    const headers = [`host: ${host}`, ...HEADERS, 'transfer-encoding: chunked'];
    await expectRefused(raw(request('POST /v1/parties HTTP/1.1', headers, BODY)), 400);
  });
});
