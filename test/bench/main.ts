/**
 * The bench: our server beside the plain service (design §12), then the audit, grants and proofs. Everything runs in
 * one go on this machine, on a PostgreSQL server of its own that flushes to the disk, and is cleaned up afterwards.
 *
 *     npm run bench -- [--quick] [--connections N] [--json FILE]
 *
 * It gates nothing: absolute times say as much about the machine as about us, so look at the ratios.
 *
 * @module
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import pg from 'pg';
import { parsePrivatePem, partySignatory, type Signatory } from '#client/index.ts';
import { nativeEd25519 } from '../../src/native.ts';
import { freshDatabase, startPostgres } from '../support/postgres.ts';
import type { AuditAsked, Audited } from './audit.ts';
import type { ChainsRated } from './chains.ts';
import { type Child, startChild } from './child.ts';
import type { GatewayMeasured, GatewayQuestion, Shown } from './gateway.ts';
import type { LedgerReady } from './ledger-server.ts';
import type { Measured, Round } from './load.ts';
import { printTable } from './report.ts';
import type { GatewayResults, LawRated, Machine, Pair, Proved, Rated, Results } from './results.ts';
import {
  accessBody,
  attestAdult,
  type Borrower,
  type Cast,
  castParties,
  enrolBorrower,
  giveLetter,
  onConnections,
  PURPOSES,
  publishLaw,
} from './scene.ts';

const { values: args } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    connections: { type: 'string', default: '32' },
    json: { type: 'string', default: join(tmpdir(), 'assent-bench.json') },
  },
});

/** Short rounds and many pairs: what else runs on the machine then meets both sides alike. */
const plan = args.quick
  ? {
      borrowers: 400,
      warmSeconds: 0.5,
      roundSeconds: 1,
      pairs: 3,
      entriesMin: 0,
      letters: 40,
      batches: 8,
      permits: 100,
      audits: 1,
    }
  : {
      borrowers: 3_000,
      warmSeconds: 3,
      roundSeconds: 2,
      pairs: 9,
      entriesMin: 20_000,
      letters: 1_000,
      batches: 80,
      permits: 800,
      audits: 3,
    };
/** So many rows go into one request, and so many requests at once. */
const BATCH_ROWS = 256;
const BATCH_CONNECTIONS = 4;
/** More than any round asks. */
const ASKED_PER_SECOND_MAX = 5_000;

const connections = Number(args.connections);
if (!Number.isInteger(connections) || connections < 1)
  throw new Error(`--connections ${args.connections}: want 1 or more`);

type Server<Ready> = Child<Ready, never, undefined>;
type Load = Child<undefined, Round, Measured>;

/** What was started, to be ended in the reverse order however the run goes. */
const started: (() => unknown)[] = [];
process.once('SIGINT', () => end().finally(() => process.exit(130)));
try {
  const results = await run();
  writeFileSync(args.json, `${JSON.stringify(results, null, 2)}\n`);
  printTable(results);
  console.log(`\n${args.json}`);
} finally {
  await end();
}

async function end(): Promise<void> {
  for (const stop of started.splice(0).reverse()) await stop();
}

async function run(): Promise<Results> {
  const postgres = await startPostgres();
  started.push(postgres.stop);
  const folder = mkdtempSync(join(tmpdir(), 'assent-bench-'));
  started.push(() => rmSync(folder, { recursive: true, force: true }));
  const machine = await machineFacts(postgres.url);
  const load: Load = await child('load.ts', {});
  const plain: Server<{ port: number; bodies: readonly string[] }> = await child('plain.ts', {
    databaseUrl: (await freshDatabase(postgres.url)).url,
    grants: plan.borrowers,
  });
  const { url: databaseUrl } = await freshDatabase(postgres.url);
  const ledger: Server<LedgerReady> = await child('ledger-server.ts', { databaseUrl, folder });

  say(`a ledger of ${plan.borrowers} relationships is prepared`);
  const scene = await prepare(ledger.ready);
  const { lender, lenderKey } = scene.cast;
  const signer = { party: lender, seed: lenderKey.seed };
  const unsigned = { path: '/accesses', bodies: plain.ready.bodies, signer: null };
  // The same access again would be denied while its permit is out: each is asked once, from one round to the next.
  let asked = 0;
  const decide = async (seconds: number) => {
    const bodies = scene.bodies.slice(asked, asked + seconds * ASKED_PER_SECOND_MAX);
    const rated = await rate(load, ledger, { path: '/v1/accesses', bodies, signer }, seconds);
    asked += rated.answers + connections;
    return rated;
  };
  const pairs = await comparePairs((seconds) => rate(load, plain, unsigned, seconds), decide);
  await plain.close();
  say('decisions by the shipped law');
  const law = await rateLaw(ledger.ready, scene, decide);
  say('grants');
  const grants = await rateGrants(ledger.ready, scene);
  while ((await sizeOf(databaseUrl)) < plan.entriesMin) await decide(plan.roundSeconds);
  say('batches');
  const batches = await rateBatches(load, ledger, { bodies: scene.bodies.slice(asked), signer });
  say('gateway');
  const gateway = await rateGateway(ledger.ready, scene);
  say('proofs');
  const size = await sizeOf(databaseUrl);
  const proofs = [];
  for (const of of new Set([Math.min(10_000, size), size])) proofs.push(await rateProofs(load, ledger.ready.port, of));
  await ledger.close();
  say(`audit of ${size} entries`);
  return {
    machine,
    connections,
    pairs,
    law,
    batches,
    gateway,
    grants,
    proofs,
    audit: await rateAudit(databaseUrl, ledger.ready.vkey),
  };
}

async function child<Ready, Question, Answer>(file: string, options: unknown): Promise<Child<Ready, Question, Answer>> {
  const made = await startChild<Ready, Question, Answer>(file, options);
  started.push(made.close);
  return made;
}

interface Scene {
  readonly cast: Cast;
  readonly borrowers: readonly Borrower[];
  readonly bodies: readonly string[];
  /** The keeper's two administrators. */
  readonly keeper: readonly Signatory[];
}

async function prepare({ port, origin, keeper }: LedgerReady): Promise<Scene> {
  const seeds = keeper.pems.map(parsePrivatePem);
  const keys = await Promise.all(seeds.map((seed) => nativeEd25519.importSeed(seed)));
  const signers = keys.map((key) => partySignatory(keeper.party, key));
  const [cast] = (await onConnections(port, 1, 1, (clientOf) => castParties(clientOf(signers), origin))) as [Cast];
  const made = await onConnections(port, connections, plan.borrowers, async (clientOf, n) => {
    const borrower = await enrolBorrower(clientOf, cast, origin, n);
    return { borrower, grant: await giveLetter(clientOf, cast, borrower) };
  });
  const bodies = PURPOSES.flatMap((_purpose, n) =>
    made.map(({ borrower, grant }) => accessBody(cast, borrower, grant, n)),
  );
  return { cast, borrowers: made.map(({ borrower }) => borrower), bodies, keeper: signers };
}

type Rate = (seconds: number) => Promise<Rated>;

/** Both in turns, and each pair in the other order, so that what drifts meets both. */
async function comparePairs(plain: Rate, ledger: Rate): Promise<Pair[]> {
  say('warm-up');
  await plain(plan.warmSeconds);
  await ledger(plan.warmSeconds);
  const pairs: Pair[] = [];
  for (let n = 0; n < plan.pairs; n++) {
    const [first, second] = n % 2 === 0 ? [plain, ledger] : [ledger, plain];
    const [a, b] = [await first(plan.roundSeconds), await second(plan.roundSeconds)];
    const pair = n % 2 === 0 ? { plain: a, ledger: b } : { plain: b, ledger: a };
    pairs.push({ ...pair, ratio: pair.ledger.perSecond / pair.plain.perSecond });
    say(`pair ${n + 1}: ${pair.plain.perSecond.toFixed(0)} and ${pair.ledger.perSecond.toFixed(0)} decisions/s`);
  }
  return pairs;
}

async function rate(
  load: Load,
  server: Server<{ readonly port: number }>,
  { path, bodies, signer }: Pick<Round, 'signer'> & { readonly path: string; readonly bodies: readonly string[] },
  seconds: number,
): Promise<Rated> {
  const before = await server.cpuSeconds();
  const measured = await load.ask({
    port: server.ready.port,
    method: 'POST',
    asked: bodies.map((body) => ({ path, body })),
    signer,
    connections,
    seconds,
    expect: { status: 201, text: '"decision":"allow"' },
  });
  const cpuMicros = (((await server.cpuSeconds()) - before) / measured.answers) * 1e6;
  return { ...measured, cpuMicros };
}

/** Decisions without packs, and then by the shipped law: rounds right before and right after it is put in force. */
async function rateLaw({ port }: LedgerReady, { cast, borrowers, keeper }: Scene, decide: Rate): Promise<LawRated> {
  const rounds = async () => {
    const made: Rated[] = [];
    for (let n = 0; n < plan.pairs; n++) made.push(await decide(plan.roundSeconds));
    return made;
  };
  const without = await rounds();
  await onConnections(port, 1, 1, (clientOf) => publishLaw(clientOf(keeper), cast));
  await onConnections(port, connections, borrowers.length, (clientOf, n) =>
    attestAdult(clientOf, cast, borrowers[n] as Borrower),
  );
  return { without, by: await rounds() };
}

/** Decisions in batch requests: each row an entry of its own. */
async function rateBatches(
  load: Load,
  { ready }: Server<LedgerReady>,
  { bodies, signer }: { readonly bodies: readonly string[]; readonly signer: NonNullable<Round['signer']> },
): Promise<Measured> {
  const rows = bodies.slice(0, plan.batches * BATCH_ROWS).map((body) => {
    const { principal: _principal, ...row } = JSON.parse(body);
    return row;
  });
  const asked = Array.from({ length: Math.floor(rows.length / BATCH_ROWS) }, (_, n) => ({
    path: '/v1/accesses/batch',
    body: JSON.stringify({ principal: signer.party, rows: rows.slice(n * BATCH_ROWS, (n + 1) * BATCH_ROWS) }),
  }));
  const expect = { status: 201, text: '"decision":"allow"' };
  const round = { port: ready.port, method: 'POST', asked, signer, expect, seconds: 60 } as const;
  const measured = await load.ask({ ...round, connections: BATCH_CONNECTIONS });
  return { ...measured, perSecond: measured.perSecond * BATCH_ROWS };
}

/** The gateway beside a bare proxy: permits that were asked for beforehand, one borrower each. */
async function rateGateway({ port, vkey }: LedgerReady, { cast, borrowers }: Scene): Promise<GatewayResults> {
  const shown = borrowers.slice(0, plan.permits);
  const permitsOf = (staleness: number | null) =>
    onConnections(port, connections, shown.length, async (clientOf, n): Promise<Shown> => {
      const borrower = shown[n] as Borrower;
      const grant = await giveLetter(clientOf, cast, borrower, staleness);
      const client = clientOf([partySignatory(cast.lender, cast.lenderKey.key)]);
      const { permit } = await client.askAccess(JSON.parse(accessBody(cast, borrower, grant, 0)));
      return { permit: permit as string, idNumber: borrower.idNumber };
    });
  const [offline, online] = [await permitsOf(300_000), await permitsOf(null)];
  const options = {
    ledgerUrl: `http://127.0.0.1:${port}`,
    vkey,
    bureau: { party: cast.bureau, seed: cast.bureauKey.seed },
  };
  const made: Child<undefined, GatewayQuestion, GatewayMeasured> = await child('gateway.ts', options);
  const measured = await made.ask({ offline, online });
  await made.close();
  return { ...measured, write: await middleWrite(port, cast, borrowers) };
}

/** What one ledger write takes in the middle, on one connection: what an online redemption is measured by. */
async function middleWrite(port: number, cast: Cast, borrowers: readonly Borrower[]): Promise<number> {
  const taken: number[] = [];
  await onConnections(port, 1, Math.min(200, borrowers.length), async (clientOf, n) => {
    const grant = await giveLetter(clientOf, cast, borrowers[n] as Borrower);
    const client = clientOf([partySignatory(cast.lender, cast.lenderKey.key)]);
    const start = performance.now();
    await client.askAccess(JSON.parse(accessBody(cast, borrowers[n] as Borrower, grant, 1)));
    taken.push(performance.now() - start);
  });
  return taken.sort((a, b) => a - b)[Math.floor(taken.length / 2)] ?? 0;
}

/** Letters of two grants each, drafted and signed: two requests, and the subject's signature, made here. */
async function rateGrants({ port }: LedgerReady, { cast, borrowers }: Scene): Promise<Results['grants']> {
  const start = performance.now();
  await onConnections(port, connections, plan.letters, (clientOf, n) =>
    giveLetter(clientOf, cast, borrowers[n % borrowers.length] as Borrower),
  );
  return { perSecond: (2 * plan.letters * 1_000) / (performance.now() - start), letters: plan.letters };
}

/** Inclusion proofs of entries all over a tree of one size. */
async function rateProofs(load: Load, port: number, size: number): Promise<Proved> {
  const indexes = Array.from({ length: 500 }, (_, n) => Math.floor((n * size) / 500));
  const measured = await load.ask({
    port,
    method: 'GET',
    asked: indexes.map((index) => ({ path: `/v1/proofs/inclusion?index=${index}&size=${size}`, body: '' })),
    signer: null,
    connections,
    seconds: plan.roundSeconds,
    expect: { status: 200, text: '"hashes":[' },
  });
  return { ...measured, size };
}

async function rateAudit(databaseUrl: string, vkey: string): Promise<Results['audit']> {
  const audit: Child<undefined, AuditAsked, Audited & ChainsRated> = await child('audit.ts', { databaseUrl, vkey });
  const audits = async <T>(asked: AuditAsked): Promise<readonly T[]> => {
    const made: T[] = [];
    for (let n = 0; n < plan.audits; n++) made.push((await audit.ask(asked)) as T);
    return made;
  };
  return { chains: await audits('chains'), plain: await audits('plain'), signed: await audits('signed') };
}

async function sizeOf(databaseUrl: string): Promise<number> {
  return Number((await query(databaseUrl, 'select size from head'))['size']);
}

async function machineFacts(url: string): Promise<Machine> {
  const settings =
    'select version(), current_setting($$fsync$$) as fsync, current_setting($$synchronous_commit$$) as sync';
  const { version, fsync, sync } = await query(url, settings);
  return {
    at: new Date().toISOString(),
    cores: availableParallelism(),
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    node: process.version,
    postgres: /^PostgreSQL [\d.]+/.exec(version ?? '')?.[0] ?? 'unknown',
    fsync: `fsync ${fsync}, synchronous_commit ${sync}`,
  };
}

async function query(url: string, sql: string): Promise<Readonly<Record<string, string>>> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(sql)).rows[0];
  } finally {
    await client.end();
  }
}

/** Progress goes to stderr: stdout is the table. */
function say(line: string): void {
  console.error(`bench: ${line}`);
}
