/**
 * Bytes, chains and tree of a ledger, by the functions that the audit calls for them, without its decisions: beside the bare
 * SHA-256 of the same bytes. Reading is not counted.
 *
 * @module
 */
import { equalHash, type Hash, hashLeaf, sha256 } from '#core/hash.ts';
import { type StreamHead, verifyLink } from '#core/tlog/chain.ts';
import { parseEntry } from '#core/tlog/entry.ts';
import { commitTo } from '#core/tlog/payload.ts';
import type { StreamId } from '#core/tlog/stream.ts';
import { appendLeaves, emptyFrontier, rootOf } from '#core/tlog/tree.ts';
import { type AuditHead, databaseSource, type SourcedEntry } from '#ledger/audit-source.ts';
import type { Store } from '#store/store.ts';

/** In CPU seconds. */
export interface ChainsRated {
  readonly entries: number;
  readonly seconds: number;
  /** SHA-256 of the same bytes, and nothing else. */
  readonly hashSeconds: number;
}

interface Read {
  readonly head: AuditHead;
  readonly entries: readonly SourcedEntry[];
  readonly digests: ReadonlyMap<number, Readonly<Record<string, Hash>>>;
}

export async function rateChains(store: Store): Promise<ChainsRated> {
  const ledger = await readLedger(store);
  // In turns, so that what else runs on the machine meets both.
  const rounds = [0, 1, 2].map(() => ({
    hashSeconds: secondsOf(() => hashAll(ledger)),
    seconds: secondsOf(() => followChains(ledger)),
  }));
  const least = (of: (round: (typeof rounds)[number]) => number) => Math.min(...rounds.map(of));
  return {
    entries: ledger.entries.length,
    seconds: least(({ seconds }) => seconds),
    hashSeconds: least(({ hashSeconds }) => hashSeconds),
  };
}

async function readLedger(store: Store): Promise<Read> {
  return store.read(async (tx) => {
    const source = databaseSource(tx);
    const head = await source.head();
    if (head === undefined) throw new Error('the database holds no log');
    const digests = new Map<number, Record<string, Hash>>();
    for (const { index, name, digest } of await source.digests(0, head.size)) {
      digests.set(index, { ...digests.get(index), [name]: digest });
    }
    return { head, entries: await source.entries(0, head.size), digests };
  });
}

function hashAll({ entries }: Read): void {
  for (const { bytes } of entries) sha256(bytes);
}

function followChains({ head, entries, digests }: Read): void {
  const heads = new Map<StreamId, StreamHead>();
  const leaves: Hash[] = [];
  let time = 0;
  for (const { index, bytes, leaf: stored } of entries) {
    const leaf = hashLeaf(bytes);
    const entry = parseEntry(bytes);
    const parts = digests.get(index);
    const isCommitted = parts === undefined ? entry.commit === null : isCommit(entry.commit, parts);
    if (!equalHash(leaf, stored) || index !== leaves.length || entry.time < time || !isCommitted) {
      throw new Error(`entry ${index} does not hold`);
    }
    heads.set(entry.stream, verifyLink(heads.get(entry.stream), entry, leaf));
    time = entry.time;
    leaves.push(leaf);
  }
  if (!equalHash(rootOf(appendLeaves(emptyFrontier(), leaves)), head.root)) throw new Error('the tree is another');
}

function isCommit(commit: Hash | null, parts: Readonly<Record<string, Hash>>): boolean {
  return commit !== null && equalHash(commitTo(parts), commit);
}

/** CPU seconds of this process: what else runs on the machine counts less. */
function secondsOf(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
}
