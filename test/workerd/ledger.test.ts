/** A whole ledger in the real runtime: Durable Object, Hyperdrive's local connection, a real PostgreSQL. */
import { randomBytes, randomUUID } from 'node:crypto';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, inject, test } from 'vitest';
import {
  type Client,
  openClient,
  parsePrivatePem,
  parseVkey,
  partySignatory,
  provePartyKey,
  type Signatory,
  type VerifierKey,
  verifyReceipt,
} from '#client/index.ts';
import { utf8 } from '#core/bytes.ts';
import type { AccessId, PartyId } from '#core/ids.ts';
import { openCheckpoint } from '#core/tlog/checkpoint.ts';
import { readShipped } from '../../src/cli/packs/publish.ts';
import { playStory, type Story } from '../../src/cli/story.ts';
import { nativeEd25519 } from '../../src/native.ts';
import { ended, type Home, launch, newHome, printed, run } from '../support/command.ts';
import { type FreshDatabase, freshDatabase } from '../support/postgres.ts';
import { type RunningWorker, START_MS_MAX, startWorker } from '../support/wrangler.ts';

const ORIGIN = 'ledger.example.org/workers';
const STEP_MS_MAX = 2 * START_MS_MAX;
const random = (bytes: number) => new Uint8Array(randomBytes(bytes));

let home: Home;
let database: FreshDatabase;
let keys: string;
let vkey: VerifierKey;
let keeper: readonly Signatory[];
let worker: RunningWorker | undefined;

beforeAll(async () => {
  home = newHome();
  const made = await run(home, ['keygen', join(home.folder, 'data'), '--ledger', ORIGIN, '--json']);
  const files: { vkey: string; keys: string; keepers: string[] } = JSON.parse(made.stdout);
  keys = readFileSync(files.keys, 'utf8');
  vkey = parseVkey(files.vkey);
  const { party }: { party: PartyId } = JSON.parse(keys).keeper;
  const seeds = files.keepers.map((file) => parsePrivatePem(readFileSync(file, 'utf8')));
  keeper = await Promise.all(seeds.map(async (seed) => partySignatory(party, await nativeEd25519.importSeed(seed))));
  database = await freshDatabase(inject('postgresUrl'));
});

afterEach(async () => {
  await worker?.stop();
  worker = undefined;
});

afterAll(async () => {
  await database?.drop();
  home?.remove();
});

async function start(databaseUrl = database.url, authority?: string): Promise<RunningWorker> {
  worker = await startWorker({
    folder: home.folder,
    databaseUrl,
    keys,
    ...(authority === undefined ? {} : { authority }),
  });
  return worker;
}

function clientOf({ url }: RunningWorker, signers: readonly Signatory[], by = fetch, authority?: string): Client {
  const sleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
  return openClient({
    url,
    ...(authority === undefined ? {} : { authority }),
    fetch: by,
    signers,
    clock: Date.now,
    newKey: randomUUID,
    sleep,
  });
}

async function sizeNow(running: RunningWorker): Promise<number> {
  return (await openCheckpoint(await clientOf(running, []).checkpoint(), vkey, nativeEd25519)).size;
}

/** Waits until what was written is signed, and answers how large the tree is then. */
async function sizeAfter(running: RunningWorker, atLeast: number): Promise<number> {
  await expect.poll(() => sizeNow(running), { timeout: 5_000 }).toBeGreaterThanOrEqual(atLeast);
  return sizeNow(running);
}

/** The size once nothing more is signed: what was answered last may be committed, and not signed yet. */
async function settledSize(running: RunningWorker): Promise<number> {
  let last = -1;
  const isSettled = async () => {
    const now = await sizeNow(running);
    const isSame = now === last;
    last = now;
    return isSame;
  };
  await expect.poll(isSettled, { timeout: 10_000, interval: 500 }).toBe(true);
  return last;
}

async function registerLender(running: RunningWorker, name: string, by = fetch, authority?: string) {
  const [admin, query] = await Promise.all([
    nativeEd25519.importSeed(random(32)),
    nativeEd25519.importSeed(random(32)),
  ]);
  return clientOf(running, keeper, by, authority).registerParty({
    name,
    roles: ['grantee'],
    keys: [
      { ...(await provePartyKey(admin, ORIGIN)), duty: 'admin' },
      { ...(await provePartyKey(query, ORIGIN)), duty: 'query' },
    ],
  });
}

describe('a ledger on Workers', () => {
  let story: Story;
  let lender: Signatory;
  let size = 0;

  test('takes the story: a letter signed, an access decided, redeemed and settled', {
    timeout: STEP_MS_MAX,
  }, async () => {
    const running = await start();
    const told: string[] = [];
    const seeds = new Map<string, { party: PartyId; seed: Uint8Array }>();
    const played = await playStory({
      clientOf: (signers) => clientOf(running, signers),
      keeper,
      packs: readShipped(),
      keep: (name, party, seed) => seeds.set(name, { party, seed }),
      origin: ORIGIN,
      vkey,
      ed25519: nativeEd25519,
      random,
      clock: Date.now,
      say: (line) => told.push(line),
    });
    story = played.story;
    const { party, seed } = seeds.get('lender') ?? expect.unreachable();
    lender = partySignatory(party, await nativeEd25519.importSeed(seed));
    expect(told.at(-1)).toMatch(/^10\. Reporting still stands: allow/);
    for (const access of [story.allowed, story.denied, story.refused]) await expectReceipt(played.lender, access);
    size = await settledSize(running);
    expect(size).toBeGreaterThan(10);
    expect((await fetch(`${running.url}/ready`)).status).toBe(200);
    expect(await (await fetch(`${running.url}/`)).text()).toContain(ORIGIN);
    await running.kill();
  });

  async function expectReceipt(client: Client, access: AccessId): Promise<void> {
    const verdict = await verifyReceipt(utf8(await client.receipt(access)), vkey, nativeEd25519);
    expect(verdict).toMatchObject({ recorded: 'unwitnessed', decision: 're-derived', problem: null });
    expect(verdict.access?.access).toBe(access);
  }

  test('goes on after it was killed, and takes many writes at once', { timeout: STEP_MS_MAX }, async () => {
    const running = await start();
    expect(await sizeNow(running)).toBe(size);
    await expectReceipt(clientOf(running, [lender]), story.allowed);
    const writes = await Promise.all(Array.from({ length: 32 }, (_, at) => registerLender(running, `放款方 ${at}`)));
    const indices = writes.map(({ entry }) => entry.index).sort((a, b) => a - b);
    expect(indices).toEqual(Array.from({ length: 32 }, (_, at) => size + at));
    size = await sizeAfter(running, size + 32);
    expect(running.output()).not.toMatch(/"level":"warn"/);
  });

  test('serves the others when callers go away', { timeout: STEP_MS_MAX }, async () => {
    const running = await start();
    const before = await sizeNow(running);
    const hasty: typeof fetch = (url, init) => fetch(url, { ...init, signal: AbortSignal.timeout(15) });
    const gone = Array.from({ length: 16 }, () => registerLender(running, '放款方', hasty).catch(() => undefined));
    const stayed = await Promise.all(Array.from({ length: 16 }, () => registerLender(running, '放款方')));
    await Promise.all(gone);
    expect(new Set(stayed.map(({ entry }) => entry.index)).size).toBe(16);
    const { entry } = await registerLender(running, '放款方');
    expect(entry.index).toBeGreaterThanOrEqual(before + 16);
  });

  test('gets its connections back', { timeout: STEP_MS_MAX }, async () => {
    const running = await start();
    const first = await registerLender(running, '放款方');
    const ended = await onServer((admin) =>
      admin.query('select pg_terminate_backend(pid) from pg_stat_activity where datname = $1', [
        new URL(database.url).pathname.slice(1),
      ]),
    );
    expect(ended.rowCount).toBeGreaterThan(0);
    const second = await registerLender(running, '放款方');
    expect(second.entry.index).toBe(first.entry.index + 1);
    size = await sizeAfter(running, second.entry.index + 1);
  });

  test('takes parties from the command line', { timeout: STEP_MS_MAX }, async () => {
    const running = await start();
    const made = await run(home, ['keygen', join(home.folder, 'admin.pem')]);
    expect(made.code).toBe(0);
    const key = ['--admin-key', join(home.folder, 'admin.pem')];
    const asked = ['party', 'register', '--url', running.url, '--name', '放款方', '--role', 'grantee', ...key];
    expect(await run(home, asked)).toMatchObject({ code: 0, stderr: '' });
    size = await sizeAfter(running, size + 1);
  });

  test('is signed for by the name that it is configured with, behind whatever Host it is asked', {
    timeout: STEP_MS_MAX,
  }, async () => {
    const known = 'ledger.example.org';
    const running = await start(database.url, known);
    const { entry } = await registerLender(running, '放款方', fetch, known);
    await expect(registerLender(running, '放款方')).rejects.toMatchObject({ code: 'signature_refused' });
    size = await sizeAfter(running, entry.index + 1);
  });

  test('lets no server on Node sign beside it', { timeout: STEP_MS_MAX }, async () => {
    const server = launch(home, ['serve'], { DATABASE_URL: database.url });
    expect(await printed(server, /Ctrl-C stops/)).toMatch(/READ-ONLY checkpoints up to \d+ entries are published/);
    server.kill('SIGTERM');
    expect(await ended(server)).toMatchObject({ code: 0 });
  });

  test('holds in the audit of its database, from elsewhere', { timeout: STEP_MS_MAX }, async () => {
    const audited = await run(home, ['audit', '--json'], { DATABASE_URL: database.url });
    expect(audited.stderr).toBe('');
    expect(JSON.parse(audited.stdout)).toMatchObject({ holds: true, size });
  });

  test('is read-only on a database that is behind what its object has signed', { timeout: STEP_MS_MAX }, async () => {
    const empty = await freshDatabase(inject('postgresUrl'));
    try {
      const running = await start(empty.url);
      const ready = await fetch(`${running.url}/ready`);
      expect(ready.status).toBe(503);
      expect(await ready.json()).toMatchObject({
        status: 'not_ready',
        reason: `the database holds 0 entries, but a checkpoint of ${size} is already signed: was an old backup restored?`,
      });
      await worker?.stop();
    } finally {
      await empty.drop();
    }
  });

  test('without its memory signs nothing', { timeout: STEP_MS_MAX }, async () => {
    rmSync(join(home.folder, 'state'), { recursive: true });
    const running = await start();
    expect(await (await fetch(`${running.url}/ready`)).json()).toMatchObject({
      reason: `checkpoints up to ${size} entries are published, but the signer's state is missing`,
    });
    expect(await sizeNow(running)).toBe(size);
  });

  test('answers "not now" until there is a database, and founds its ledger then', {
    timeout: STEP_MS_MAX,
  }, async () => {
    const name = `test_${randomBytes(8).toString('hex')}`;
    const later = new URL(inject('postgresUrl'));
    later.pathname = `/${name}`;
    const running = await start(later.href);
    const answer = await fetch(`${running.url}/checkpoint`);
    expect(answer.status).toBe(503);
    expect(await answer.json()).toMatchObject({ code: 'store_unavailable' });
    expect((await fetch(`${running.url}/health`)).status).toBe(200);
    await onServer((admin) => admin.query(`create database ${name} template template0`));
    try {
      await expect.poll(async () => (await fetch(`${running.url}/ready`)).status, { timeout: 10_000 }).toBe(200);
      await expect.poll(() => sizeNow(running), { timeout: 5_000 }).toBe(2);
      await running.stop();
    } finally {
      await onServer((admin) => admin.query(`drop database ${name} with (force)`));
    }
  });
});

async function onServer<T>(work: (admin: pg.Client) => Promise<T>): Promise<T> {
  const admin = new pg.Client({ connectionString: inject('postgresUrl') });
  await admin.connect();
  try {
    return await work(admin);
  } finally {
    await admin.end();
  }
}
