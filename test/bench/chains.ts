/**
 * Bytes, chains and tree of a ledger, by the audit of chains itself, on one thread and on two: beside the bare SHA-256 of the
 * same bytes. Reading is not counted.
 *
 * @module
 */
import { type Hash, sha256 } from '#core/hash.ts';
import { parseVkey } from '#core/note/key.ts';
import {
  type AuditHead,
  type AuditSource,
  databaseSource,
  type SourcedEntry,
  type SourcedTile,
} from '#ledger/audit-source.ts';
import { openChainAudit } from '#ledger/chain-audit.ts';
import { checkRun, type RunChecker } from '#ledger/chain-run.ts';
import type { CheckpointRow } from '#store/checkpoints.ts';
import type { DigestRow } from '#store/payloads.ts';
import type { Store } from '#store/store.ts';
import { nativeEd25519 } from '../../src/native.ts';
import { openChainThreads } from '../../src/node/chain-threads.ts';

const THREADS = 2;
const ROUNDS = 5;

/** In seconds, the least of several rounds. */
export interface ChainsRated {
  readonly entries: number;
  /** By the CPU of one thread. */
  readonly seconds: number;
  /** By the clock, on two. */
  readonly besideSeconds: number;
  /** SHA-256 of the same bytes, and nothing else, by the CPU of one thread. */
  readonly hashSeconds: number;
}

interface Read {
  readonly head: AuditHead;
  readonly entries: readonly SourcedEntry[];
  readonly digests: readonly DigestRow[];
  readonly checkpoints: readonly CheckpointRow[];
  readonly tiles: readonly SourcedTile[];
}

export async function rateChains(store: Store, vkey: string): Promise<ChainsRated> {
  const ledger = await readLedger(store);
  const source = heldSource(ledger);
  const follow = async (checker: RunChecker) => {
    const options = { vkey: parseVkey(vkey), ed25519: nativeEd25519, checkRun: checker };
    const report = await openChainAudit(source, options).advance();
    if (!report.holds) throw new Error(`the chains do not hold: ${JSON.stringify(report.findings.slice(0, 5))}`);
  };
  const threads = openChainThreads(THREADS);
  const rounds: Omit<ChainsRated, 'entries'>[] = [];
  try {
    // In turns, so that what else runs on the machine meets all of them.
    for (let round = 0; round < ROUNDS; round++) {
      rounds.push({
        hashSeconds: await cpuSecondsOf(async () => hashAll(ledger)),
        seconds: await cpuSecondsOf(() => follow(async (run) => checkRun(run))),
        besideSeconds: await secondsOf(() => follow(threads.check)),
      });
    }
  } finally {
    await threads.close();
  }
  const least = (of: (round: (typeof rounds)[number]) => number) => Math.min(...rounds.map(of));
  return {
    entries: ledger.entries.length,
    seconds: least(({ seconds }) => seconds),
    besideSeconds: least(({ besideSeconds }) => besideSeconds),
    hashSeconds: least(({ hashSeconds }) => hashSeconds),
  };
}

async function readLedger(store: Store): Promise<Read> {
  return store.read(async (tx) => {
    const source = databaseSource(tx);
    const head = await source.head();
    if (head === undefined) throw new Error('the database holds no log');
    const tiles = [];
    for (let level = 0, width = head.size; width >= 256; level++) {
      width = Math.floor(width / 256);
      tiles.push(...(await source.tiles(Array.from({ length: width }, (_, n) => ({ level, n })))));
    }
    return {
      head,
      tiles,
      entries: await source.entries(0, head.size),
      digests: await source.digests(0, head.size),
      checkpoints: await source.checkpoints(-1, Number.MAX_SAFE_INTEGER),
    };
  });
}

/** What was read, in memory. */
function heldSource({ head, entries, digests, checkpoints, tiles }: Read): AuditSource {
  const firsts = firstDigests(digests, head.size);
  const byName = new Map(tiles.map((tile) => [`${tile.level}/${tile.n}`, tile]));
  return {
    head: async () => head,
    entries: async (start, end) => entries.slice(start, end),
    digests: async (start, end) => digests.slice(firsts[start], firsts[end]),
    parts: async () => [],
    requests: async () => [],
    packs: async () => [],
    checkpoints: async (after) => checkpoints.filter(({ size }) => size > after),
    tiles: async (names) => names.flatMap(({ level, n }) => byName.get(`${level}/${n}`) ?? []),
  };
}

/** For each index, how many digests are of entries before it. */
function firstDigests(digests: readonly DigestRow[], size: number): readonly number[] {
  const firsts: number[] = [];
  for (let index = 0, at = 0; index <= size; index++) {
    while (at < digests.length && (digests[at] as DigestRow).index < index) at++;
    firsts.push(at);
  }
  return firsts;
}

function hashAll({ entries }: Read): readonly Hash[] {
  return entries.map(({ bytes }) => sha256(bytes));
}

/** CPU seconds of this process: what else runs on the machine counts less. */
async function cpuSecondsOf(work: () => Promise<unknown>): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
}

async function secondsOf(work: () => Promise<unknown>): Promise<number> {
  const before = performance.now();
  await work();
  return (performance.now() - before) / 1_000;
}
