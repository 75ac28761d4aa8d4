/** The HTTP door over a ledger in memory, as a caller meets it. */
import { randomUUID } from 'node:crypto';
import { expect } from 'vitest';
import { createApp } from '../../src/api/app.ts';
import { createPages } from '../../src/web/pages.ts';
import { type Fixture, openFixture } from '../support/ledger-fixture.ts';

export const HOST = '127.0.0.1:8787';
const ADDRESS = `http://${HOST}`;

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly json: any;
}

export interface Door {
  readonly fixture: Fixture;
  readonly app: ReturnType<typeof createApp>;
  fetch(path: string, init?: RequestInit): Promise<Answer>;
  get(path: string): Promise<Answer>;
  /** Posts a value as JSON, or a text or bytes as they are. */
  post(path: string, body: unknown, headers?: Record<string, string>): Promise<Answer>;
  /** How many entries the ledger has. */
  size(): Promise<number>;
}

export interface DoorOptions {
  readonly writes?: 'allowed' | 'refused';
  readonly hosts?: (host: string) => boolean;
}

export async function openDoor(options: DoorOptions = {}): Promise<Door> {
  return doorTo(await openFixture('pglite'), options);
}

/** A door to a ledger that is open already. */
export function doorTo(fixture: Fixture, options: DoorOptions = {}): Door {
  const app = createApp(fixture.context, {
    hosts: options.hosts ?? ((host) => host === HOST),
    writes: options.writes ?? 'allowed',
    pages: (described) => createPages(fixture.context, described),
  });
  const fetch = async (path: string, init?: RequestInit): Promise<Answer> => {
    const response = await app.request(path.startsWith('http') ? path : `${ADDRESS}${path}`, init);
    const text = await response.text();
    const isJson = text !== '' && /json/.test(response.headers.get('content-type') ?? '');
    return { status: response.status, headers: response.headers, text, json: isJson ? JSON.parse(text) : undefined };
  };
  return {
    fixture,
    app,
    fetch,
    get: (path) => fetch(path),
    post: (path, body, headers = {}) =>
      fetch(path, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'idempotency-key': randomUUID(), ...headers },
        body:
          typeof body === 'string' || body instanceof Uint8Array
            ? (body as Uint8Array<ArrayBuffer>)
            : JSON.stringify(body),
      }),
    size: () =>
      fixture.store.read(async (tx) => (await tx.selectFrom('head').select('size').executeTakeFirst())?.size ?? 0),
  };
}

/** Expects a problem with this code, complete and as it is documented. */
export function expectProblem(answer: Answer, status: number, code: string): void {
  expect({ status: answer.status, code: answer.json?.code }).toEqual({ status, code });
  expect(answer.headers.get('content-type')).toBe('application/problem+json');
  expect(answer.json).toMatchObject({ type: `/docs#problem-${code}`, status });
  expect(answer.json.request_id).toBe(answer.headers.get('x-request-id'));
  for (const field of ['title', 'detail', 'next']) expect(answer.json[field]).not.toBe('');
}
