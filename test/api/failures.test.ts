/** How failures of our own side look: bland outside, rich in the log, and never an "allow". */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Failure, type FailureCode } from '#core/failure.ts';
import type { Context } from '#service/context.ts';
import { createApp } from '../../src/api/app.ts';
import { PROBLEMS, PUBLIC_PROBLEMS } from '../../src/api/problem.ts';
import { type Door, doorTo, HOST, openDoor } from './door.ts';

let door: Door;
beforeAll(async () => {
  door = await openDoor();
});
afterAll(() => door.fixture.close());

/** An app whose ledger fails at everything. */
function failing(thrown: unknown, fenced?: string) {
  const refuse = () => Promise.reject(thrown);
  const ledger = {
    ...door.fixture.ledger,
    store: { read: refuse, readOnce: refuse, transaction: refuse, close: refuse },
    submit: refuse,
  };
  const logged: [string, unknown][] = [];
  const context: Context = {
    ...door.fixture.context,
    ledger: { ...ledger, fenced: () => fenced },
    log: { info() {}, warn: (event, cause) => logged.push([event, cause]) },
  };
  const { app, asKeeper } = doorTo(door.fixture, { context });
  return { app, keeper: asKeeper(), logged };
}

async function post(keeper: Door) {
  const response = await keeper.post('/v1/parties', { name: '示例', roles: ['provider'], keys: [] });
  return { response, problem: response.json as Record<string, unknown> };
}

describe('a failure', () => {
  test.each<FailureCode>(['queue_full', 'store_unavailable', 'read_only', 'clock_unsound'])(
    'that passes (%s) is 503, with when to try again',
    async (code) => {
      const { keeper, logged } = failing(new Failure(code, 'secret: 12 ms apart'));
      const { response, problem } = await post(keeper);
      expect(response.status).toBe(503);
      expect(Number(response.headers.get('retry-after'))).toBeGreaterThan(0);
      expect(problem).toMatchObject({ code, status: 503 });
      expect(JSON.stringify(problem)).not.toContain('secret');
      expect(logged).toHaveLength(1);
      expect(logged[0]?.[0]).toContain(problem['request_id']);
    },
  );

  test.each<[string, unknown]>([
    ['of the store', new Failure('entry_invalid', 'secret')],
    ['of the keys', new Failure('keys_missing', 'secret')],
    ['that is a mistake of ours', new TypeError('secret')],
    ['that is no error at all', 'secret'],
  ])('%s says nothing but a request id', async (_what, thrown) => {
    const { keeper, logged } = failing(thrown instanceof Error ? thrown : new Error(String(thrown)));
    const { response, problem } = await post(keeper);
    expect(response.status).toBe(500);
    expect(problem).toMatchObject({ code: 'internal', type: '/docs#problem-internal' });
    expect(JSON.stringify(problem)).not.toContain('secret');
    expect(logged[0]?.[0]).toContain(problem['request_id']);
  });

  test('of the caller is not logged', async () => {
    const { keeper, logged } = failing(new Failure('party_unknown', 'no such party'));
    expect((await post(keeper)).response.status).toBe(404);
    expect(logged).toEqual([]);
  });

  test('has words for every code', () => {
    for (const kind of Object.values(PROBLEMS)) {
      for (const words of [kind.title, kind.next]) expect(words.length).toBeGreaterThan(10);
      expect('retryAfter' in kind).toBe(kind.status === 503 || kind.status === 429);
    }
    expect(PUBLIC_PROBLEMS.map(([code]) => code)).toContain('internal');
    expect(PUBLIC_PROBLEMS.map(([code]) => code)).not.toContain('keys_missing');
  });
});

describe('/ready', () => {
  test('is 503 with the reason behind the restore fence', async () => {
    const { app } = failing(undefined, 'unused');
    const fenced = createApp(
      { ...door.fixture.context, ledger: { ...door.fixture.ledger, fenced: () => 'the database is behind' } },
      { hosts: () => true },
    );
    const response = await fenced.request('/ready');
    expect(response.status).toBe(503);
    expect(await response.json()).toEqual({
      status: 'not_ready',
      reason: 'the database is behind',
      witnesses: null,
      time_stamps: null,
    });
    expect((await app.request(`http://${HOST}/health`)).status).toBe(200);
  });

  test('is 503 where the database fails, or does not answer in time', async () => {
    const reason = 'the database does not answer';
    const { app } = failing(new Failure('store_unavailable', 'secret'));
    const broken = await app.request(`http://${HOST}/ready`);
    expect([broken.status, await broken.json()]).toEqual([
      503,
      { status: 'not_ready', reason, witnesses: null, time_stamps: null },
    ]);
    const { fixture } = door;
    const hanging = { ...fixture.store, read: () => new Promise<never>(() => {}) };
    const slow = createApp(
      { ...fixture.context, ledger: { ...fixture.ledger, store: hanging } },
      { hosts: () => true },
    );
    const late = await slow.request('/ready');
    expect([late.status, await late.json()]).toEqual([
      503,
      { status: 'not_ready', reason, witnesses: null, time_stamps: null },
    ]);
  });
});
