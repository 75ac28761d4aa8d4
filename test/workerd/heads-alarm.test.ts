/**
 * The object's alarm, and the heads that it records. The class is the Worker's own, over a real PostgreSQL; alarm and clock are
 * ours, since nobody can wait for a day. That the real runtime takes the alarm, every other test here shows: without it no ledger opens.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, expect, inject, test, vi } from 'vitest';
import { parseVkey, type VerifierKey } from '#client/index.ts';
import { openCheckpoint } from '#core/tlog/checkpoint.ts';
import { nativeEd25519 } from '../../src/native.ts';
import { WAKE_EVERY_MS } from '../../src/worker/heads-alarm.ts';
import { LedgerObject } from '../../src/worker.ts';
import { type Home, newHome, run } from '../support/command.ts';
import { executeSql, type FreshDatabase, freshDatabase } from '../support/postgres.ts';
import { START_MS_MAX } from '../support/wrangler.ts';

const DAY = 24 * 3_600_000;
const REAL_NOW = Date.now;

let home: Home;
let database: FreshDatabase;
let keys: string;
let vkey: VerifierKey;
beforeAll(async () => {
  home = newHome();
  const made = await run(home, ['keygen', join(home.folder, 'data'), '--ledger', 'ledger.example.org/w', '--json']);
  const files: { vkey: string; keys: string } = JSON.parse(made.stdout);
  keys = readFileSync(files.keys, 'utf8');
  vkey = parseVkey(files.vkey);
  database = await freshDatabase(inject('postgresUrl'));
});
afterEach(() => vi.restoreAllMocks());
afterAll(async () => {
  await database?.drop();
  home?.remove();
});

/** What an object keeps, and its one alarm. */
class Storage {
  readonly #kept = new Map<string, unknown>();
  alarm: number | null = null;
  readonly kv = {
    get: (key: string) => this.#kept.get(key),
    put: (key: string, value: unknown) => void this.#kept.set(key, value),
  };
  async getAlarm(): Promise<number | null> {
    return this.alarm;
  }
  async setAlarm(time: number): Promise<void> {
    this.alarm = time;
  }
}

const bindings = (connectionString: string) => ({
  ASSENT_HOSTS: 'localhost',
  ASSENT_KEYS: keys,
  HYPERDRIVE: { connectionString },
  LEDGER: { idFromName: () => expect.unreachable(), get: () => expect.unreachable() },
});

const sizeOf = async (object: LedgerObject) => {
  const answer = await object.fetch(new Request('http://localhost/checkpoint'));
  return (await openCheckpoint(await answer.text(), vkey, nativeEd25519)).size;
};

/** The runtime clears the alarm before it calls. */
async function wake(object: LedgerObject, storage: Storage): Promise<void> {
  storage.alarm = null;
  await object.alarm();
}

/** New connections to the database find a function of ours before the one that tells its time. */
async function putClockAhead(): Promise<void> {
  await executeSql(
    database.url,
    `create schema ahead;
     create function ahead.clock_timestamp() returns timestamptz language sql volatile
       as 'select pg_catalog.clock_timestamp() + interval ''1 day''';
     do $$ begin execute format('alter database %I set search_path = public, ahead, pg_catalog', current_database()); end $$`,
  );
}

async function typesIn(url: string): Promise<readonly string[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const { rows } = await client.query<{ bytes: Buffer }>('select bytes from entries order by index');
    return rows.map(({ bytes }) => (JSON.parse(bytes.toString()) as { type: string }).type);
  } finally {
    await client.end();
  }
}

test('is set when the ledger opens, and after a day of silence it records the heads, once', {
  timeout: START_MS_MAX,
}, async () => {
  const storage = new Storage();
  const object = new LedgerObject({ storage }, bindings(database.url));
  await expect.poll(() => sizeOf(object).catch(() => 0), { timeout: 20_000 }).toBeGreaterThan(0);
  const size = await sizeOf(object);
  expect(Math.abs((storage.alarm ?? 0) - REAL_NOW() - WAKE_EVERY_MS)).toBeLessThan(WAKE_EVERY_MS / 2);
  // Not due yet.
  await wake(object, storage);
  expect(await typesIn(database.url)).not.toContain('heads.recorded');

  // The object went, and its alarm wakes a new one on the next day: by both clocks, the server's and the database's.
  const later = vi.spyOn(Date, 'now').mockImplementation(() => REAL_NOW() + DAY);
  await putClockAhead();
  const woken = new LedgerObject({ storage }, bindings(database.url));
  await wake(woken, storage);
  expect((await typesIn(database.url)).filter((type) => type === 'heads.recorded')).toHaveLength(1);
  expect(storage.alarm).toBeGreaterThan(REAL_NOW() + DAY);
  await expect.poll(() => sizeOf(woken)).toBe(size + 1);
  await wake(woken, storage);
  expect((await typesIn(database.url)).filter((type) => type === 'heads.recorded')).toHaveLength(1);
  later.mockRestore();
});

test('is set again though the database is away, so that a later one finds it back', async () => {
  vi.spyOn(console, 'log').mockImplementation(() => {});
  const storage = new Storage();
  const object = new LedgerObject({ storage }, bindings('postgres://nobody:none@127.0.0.1:1/none'));
  await wake(object, storage);
  expect(storage.alarm).not.toBeNull();
  expect((await object.fetch(new Request('http://localhost/ready'))).status).toBe(503);
});
