/** The HTTP door over a ledger in memory, as a caller meets it. */
import { randomUUID } from 'node:crypto';
import { expect } from 'vitest';
import { partySignatory, type Signatory, signRequest } from '#client/sign.ts';
import type { Context } from '#service/context.ts';
import { createApp } from '../../src/api/app.ts';
import { createPages } from '../../src/web/pages.ts';
import type { Party } from '../support/actors.ts';
import { type Fixture, keeperOf, openFixture } from '../support/ledger-fixture.ts';

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
  /** The same door for a caller who signs with these keys. */
  as(signers: readonly Signatory[]): Door;
  /** The same door for the keeper's two administrators. */
  asKeeper(): Door;
  /** How many entries the ledger has. */
  size(): Promise<number>;
}

export interface DoorOptions {
  readonly hosts?: (host: string) => boolean;
  /** What signatures have to name, where it is not the Host. */
  readonly authority?: string;
  /** Whose keys sign each request; nobody's if none. */
  readonly signers?: readonly Signatory[];
  /** What the app is given instead of the fixture's own. */
  readonly context?: Context;
}

export async function openDoor(options: DoorOptions = {}): Promise<Door> {
  return doorTo(await openFixture(), options);
}

/** A door to a ledger that is open already. */
export function doorTo(fixture: Fixture, options: DoorOptions = {}): Door {
  const context = options.context ?? fixture.context;
  const app = createApp(context, {
    hosts: options.hosts ?? ((host) => host === HOST),
    ...(options.authority === undefined ? {} : { authorities: [options.authority] }),
    pages: (described) => createPages(context, described),
  });
  return doorThrough(fixture, app, options);
}

function doorThrough(fixture: Fixture, app: Door['app'], options: DoorOptions): Door {
  const { signers = [], authority = HOST } = options;

  async function fetch(path: string, init?: RequestInit): Promise<Answer> {
    const url = path.startsWith('http') ? path : `${ADDRESS}${path}`;
    const sent = signers.length === 0 ? init : await signInit(signers, authority, new URL(url), init ?? {});
    const response = await app.request(url, sent);
    const text = await response.text();
    const isJson = text !== '' && /json/.test(response.headers.get('content-type') ?? '');
    return { status: response.status, headers: response.headers, text, json: isJson ? JSON.parse(text) : undefined };
  }

  async function signInit(by: readonly Signatory[], named: string, url: URL, init: RequestInit): Promise<RequestInit> {
    const headers = new Headers(init.headers);
    const key = headers.get('idempotency-key') ?? undefined;
    // What is not a text can't be signed, and has to be refused before anybody looks who signed.
    const body = typeof init.body === 'string' && init.body !== '' ? init.body : undefined;
    const made = await signRequest(
      by,
      {
        method: (init.method ?? 'GET') as 'GET' | 'POST',
        authority: named,
        path: url.pathname,
        query: url.search,
        ...(body === undefined ? {} : { body }),
        ...(key === undefined ? {} : { idempotencyKey: key }),
      },
      Math.floor(fixture.context.clock() / 1_000),
    );
    for (const [name, value] of Object.entries(made)) if (!headers.has(name)) headers.set(name, value);
    return { ...init, headers };
  }

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
    as: (others) => doorThrough(fixture, app, { ...options, signers: others }),
    asKeeper: () => doorThrough(fixture, app, { ...options, signers: keeperOf(fixture.context) }),
    size: () =>
      fixture.store.read(async (tx) => (await tx.selectFrom('head').select('size').executeTakeFirst())?.size ?? 0),
  };
}

/** Who signs a party's business. */
export function signersOf({ party, key }: Pick<Party, 'party' | 'key'>): readonly Signatory[] {
  return [partySignatory(party, key)];
}

/** Who signs what a party does with its own keys. */
export function adminsOf({ party, admin }: Pick<Party, 'party' | 'admin'>): readonly Signatory[] {
  return [partySignatory(party, admin)];
}

/** Expects a problem with this code, complete and as it is documented. */
export function expectProblem(answer: Answer, status: number, code: string): void {
  expect({ status: answer.status, code: answer.json?.code }).toEqual({ status, code });
  expect(answer.headers.get('content-type')).toBe('application/problem+json');
  expect(answer.json).toMatchObject({ type: `/docs#problem-${code}`, status });
  expect(answer.json.request_id).toBe(answer.headers.get('x-request-id'));
  for (const field of ['title', 'detail', 'next']) expect(answer.json[field]).not.toBe('');
}
