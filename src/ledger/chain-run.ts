/**
 * A run of entries, checked as far as it can be without what stands before it: bytes, leaves, commitments, and the links within
 * it. So runs can be checked side by side, by other threads; what is left to join them is little.
 *
 * @module
 */
import { type Hash, hashLeaf } from '#core/hash.ts';
import type { Instant } from '#core/instant.ts';
import { type StreamHead, verifyLink } from '#core/tlog/chain.ts';
import { type Entry, parseEntry } from '#core/tlog/entry.ts';
import type { PartDigests } from '#core/tlog/payload.ts';
import { LOG_STREAM, type StreamId } from '#core/tlog/stream.ts';
import type { DigestRow } from '#store/payloads.ts';
import type { SourcedEntry } from './audit-source.ts';
import { verifyCommitment, verifyFiled, verifyStored, verifyTime } from './entry-check.ts';
import type { Finding, FindingCode } from './replay.ts';
import { reasonOf } from './thrown.ts';

/** Its signature is nobody's concern here. */
export type RunEntry = Omit<SourcedEntry, 'signature'>;

/** Entries as they were read, in index order, and the digests of their parts. */
export interface ReadRun {
  /** The index that the first one is due at. */
  readonly start: number;
  readonly rows: readonly RunEntry[];
  readonly digests: readonly DigestRow[];
}

export interface ChainRun {
  /** Of the entries that are there. */
  readonly leaves: readonly Hash[];
  /** Each stream that the run has entries of, in the order of its first ones. */
  readonly streams: readonly StreamRun[];
  /** Ledger time of the first entry that could be read, and of the last; undefined: none could. */
  readonly time: { readonly index: number; readonly first: Instant; readonly last: Instant } | undefined;
  /** What the entries say the log's name is: from which index on another one than before. */
  readonly names: readonly NameRun[];
  /** Indexes of the entries of the log's own stream. */
  readonly log: readonly number[];
  readonly findings: readonly Finding[];
}

/** A stream's entries in a run: the first, whose link leads out of it, and where it ends. */
export interface StreamRun {
  readonly stream: StreamId;
  readonly index: number;
  readonly first: Pick<Entry, 'seq' | 'prev'>;
  readonly head: StreamHead;
}

export interface NameRun {
  readonly index: number;
  readonly log: string;
}

/** Checks runs in any way that the runtime has: here, or by other threads. */
export type RunChecker = (run: ReadRun) => Promise<ChainRun>;

export function checkRun({ start, rows, digests }: ReadRun): ChainRun {
  const parts = digestsByEntry(digests);
  const streams = new Map<StreamId, { readonly opened: Omit<StreamRun, 'head'>; head: StreamHead }>();
  const leaves: Hash[] = [];
  const names: NameRun[] = [];
  const log: number[] = [];
  const findings: Finding[] = [];
  let time: ChainRun['time'];
  let next = start;
  for (const row of rows) {
    const { index } = row;
    const leaf = hashLeaf(row.bytes);
    leaves.push(leaf);
    attempt(findings, 'entry', index, () => verifyStored(row, leaf, next));
    next = index + 1;
    const entry = attempt(findings, 'entry', index, () => parseEntry(row.bytes));
    if (entry === undefined) continue;
    attempt(findings, 'entry', index, () => {
      verifyFiled(entry, row);
      verifyTime(entry, time?.last ?? (0 as Instant));
    });
    time = { index: time?.index ?? index, first: time?.first ?? entry.time, last: entry.time };
    if (names.at(-1)?.log !== entry.log) names.push({ index, log: entry.log });
    attempt(findings, 'payload', index, () => verifyCommitment(entry, parts.get(index) ?? {}));
    const { stream, seq, prev } = entry;
    if (stream === LOG_STREAM) log.push(index);
    const head: StreamHead = { seq, leaf };
    const known = streams.get(stream);
    if (known === undefined) streams.set(stream, { opened: { stream, index, first: { seq, prev } }, head });
    else {
      attempt(findings, 'chain', index, () => verifyLink(known.head, entry, leaf));
      known.head = head;
    }
  }
  return {
    leaves,
    names,
    log,
    time,
    findings,
    streams: [...streams.values()].map(({ opened, head }) => ({ ...opened, head })),
  };
}

/** What a check throws is a finding, and never the end of an audit. */
export function attempt<T>(findings: Finding[], code: FindingCode, index: number, check: () => T): T | undefined {
  try {
    return check();
  } catch (thrown) {
    findings.push({ code, index, message: reasonOf(thrown) });
    return undefined;
  }
}

function digestsByEntry(digests: readonly DigestRow[]): ReadonlyMap<number, PartDigests> {
  const byEntry = new Map<number, Record<string, Hash>>();
  for (const { index, name, digest } of digests) {
    // A part may be called as nothing but an object’s own fields are: it is one too many.
    const parts: Record<string, Hash> = byEntry.get(index) ?? Object.create(null);
    parts[name] = digest;
    byEntry.set(index, parts);
  }
  return byEntry;
}
