/**
 * Time-stamps that a ledger holds, serves, or that a mirror has kept, against the tree that was replayed. What the log's key
 * signed and a TSA stamped must be its beginning: if it is not, the log has signed two histories, and the file shows it to
 * anyone, with the time by which the other one existed.
 *
 * @module
 */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseUtf8 } from '#core/bytes.ts';
import { signs } from '#core/consent/log-key-spans.ts';
import { isFailure } from '#core/failure.ts';
import { formatVkey, type VerifierKey } from '#core/note/key.ts';
import type { VerifiedCheckpoint } from '#core/tlog/checkpoint.ts';
import type { Resources } from '#ledger/tiled-source.ts';
import type { ToldSpan } from '#ledger/trusted-log-key.ts';
import type { TsaCertificates } from '#time-stamp/certificates.ts';
import { openStamped, openStampedCheckpoint, STAMP_BYTES_MAX } from '#time-stamp/file.ts';
import type { TimeStamp } from '#time-stamp/token.ts';
import { nativeEd25519 } from '../../native.ts';
import { contradiction, type FollowedTree } from '../one-tree.ts';
import { readFile } from '../resources.ts';

/** Where they are served, and kept. */
const STAMPS_PATH = 'v1/time-stamps';

export const stampPath = (size: number): string => `${STAMPS_PATH}/${size}`;

/** A file, and the size of the tree that it is filed under. */
export interface FiledStamp {
  readonly size: number;
  /** Undefined: it is listed, and not there. */
  readonly bytes: Uint8Array | undefined;
}

export interface StampFinding {
  readonly size: number;
  readonly message: string;
  /** The file, where the log's key signed in it what is no beginning of its tree; null: it accuses nobody of that. */
  readonly fork: string | null;
}

export interface JudgedStamps {
  /** How many are of this history, and by who is pinned, if anybody is. */
  readonly held: number;
  /** Of the largest tree among them, by who is pinned; null: none, or nobody is. */
  readonly newest: (Pick<TimeStamp, 'notLaterThan' | 'tsa' | 'policy'> & { readonly size: number }) | null;
  readonly findings: readonly StampFinding[];
}

export interface StampJudge extends FollowedTree {
  /** The log's keys: the trusted one, and those that the replayed log names. */
  readonly vkeys: readonly VerifierKey[];
  /** Whether the tiles are what the replay made of the entries: else they convict nobody. */
  readonly isHashed: boolean;
  /** Undefined: who stamped is not asked. */
  readonly certificates: TsaCertificates | undefined;
  /** Which of all these sign trees of which sizes, as the replayed log says; empty: nothing was replayed. */
  readonly spans: readonly ToldSpan[];
  /** The keys of its former names, and the size of the tree that was left of each: older stamps are of those. */
  readonly former: readonly { readonly key: VerifierKey; readonly size: number }[];
}

export async function judgeStamps(stamps: readonly FiledStamp[], by: StampJudge): Promise<JudgedStamps> {
  const findings: StampFinding[] = [];
  let newest: JudgedStamps['newest'] = null;
  for (const filed of stamps) {
    const { finding, stamp } = await judgeStamp(filed, by);
    if (finding !== undefined) findings.push({ size: filed.size, ...finding });
    else if (stamp !== undefined && filed.size >= (newest?.size ?? 0)) {
      const { notLaterThan, tsa, policy } = stamp;
      newest = { size: filed.size, notLaterThan, tsa, policy };
    }
  }
  return { held: stamps.length - findings.length, newest, findings };
}

type Judged = {
  readonly finding?: Omit<StampFinding, 'size'>;
  readonly stamp?: TimeStamp;
};

async function judgeStamp({ size, bytes }: FiledStamp, by: StampJudge): Promise<Judged> {
  if (bytes === undefined) return { finding: harmless('is listed, and not served') };
  if (bytes.length > STAMP_BYTES_MAX) return { finding: harmless('is too large for one') };
  try {
    // Before who stamped it: what the log's key signed convicts it, whatever else of the file is broken.
    const vkeys = [...by.vkeys, ...by.former.map(({ key }) => key)];
    const checkpoint = await openStampedCheckpoint(bytes, vkeys, nativeEd25519);
    const isLost = by.former.some(({ key, size: left }) => key.name === checkpoint.origin && checkpoint.size > left);
    if (isLost) return { finding: harmless('is of what was lost') };
    const fork = await forkOf(checkpoint, bytes, by);
    if (fork !== undefined) return { finding: fork };
    if (checkpoint.size !== size) return { finding: harmless(`is of the tree of ${checkpoint.size} entries`) };
    if (by.spans.length > 0 && !(await isInForce(bytes, vkeys, size, by.spans))) {
      return { finding: harmless('is signed by no log key that signed trees of that size') };
    }
    if (by.certificates === undefined) return {};
    return { stamp: (await openStamped(bytes, vkeys, by.certificates, nativeEd25519)).stamp };
  } catch (failure) {
    if (!isFailure(failure)) throw failure;
    return { finding: harmless(failure.message) };
  }
}

/** A key that was retired, or not switched to yet, vouches for nothing (ADR 0031). */
async function isInForce(
  bytes: Uint8Array,
  vkeys: readonly VerifierKey[],
  size: number,
  spans: readonly ToldSpan[],
): Promise<boolean> {
  const signing = new Set(spans.filter((span) => signs(span, size)).map(({ vkey }) => vkey));
  const keys = vkeys.filter((key) => signing.has(formatVkey(key)));
  try {
    await openStampedCheckpoint(bytes, keys, nativeEd25519);
    return true;
  } catch (failure) {
    if (!isFailure(failure)) throw failure;
    return false;
  }
}

async function forkOf(
  checkpoint: VerifiedCheckpoint,
  bytes: Uint8Array,
  by: StampJudge,
): Promise<Omit<StampFinding, 'size'> | undefined> {
  const found = await contradiction(checkpoint, by);
  if (found === undefined) return undefined;
  const isShown = found.isShown && (by.isHashed || found.isAhead);
  return isShown ? { message: found.message, fork: parseUtf8(bytes) } : harmless(`nothing shows it: ${found.message}`);
}

function harmless(message: string): Omit<StampFinding, 'size'> {
  return { message, fork: null };
}

/** What is served of trees of more than `after` entries; what can't be read of it is a finding, since a ledger could hide so. */
export interface ServedStamps {
  readonly stamps: readonly FiledStamp[];
  readonly problem: StampFinding | undefined;
}

/** An hour apart, more than eleven years. */
const STAMPS_READ_MAX = 100_000;

/**
 * Reads them. To be called before the checkpoint is read that they are judged by: then none of them is ahead of it.
 *
 * @throws {Failure} `store_unavailable`, and whatever else the resources throw.
 */
export async function readServedStamps(resources: Resources, after: number): Promise<ServedStamps> {
  const stamps: FiledStamp[] = [];
  for (let from: number | null = after + 1; from !== null; ) {
    const bytes = await resources.read(`${STAMPS_PATH}?from=${from}`);
    // A ledger of an older version serves none.
    if (bytes === undefined) break;
    const page = parseList(bytes, from);
    if (page === undefined || stamps.length > STAMPS_READ_MAX) {
      const message = 'what is served as the list of time-stamps is none';
      return { stamps, problem: { size: from, message, fork: null } };
    }
    for (const size of page.sizes) stamps.push({ size, bytes: await resources.read(stampPath(size)) });
    from = page.next;
  }
  return { stamps, problem: undefined };
}

/** Undefined, unless it is a list that only goes up. */
function parseList(bytes: Uint8Array, from: number) {
  try {
    const { time_stamps: listed, next } = JSON.parse(parseUtf8(bytes)) as {
      readonly time_stamps: readonly { readonly size: unknown }[];
      readonly next: unknown;
    };
    const sizes = listed.map(({ size }) => Number(size));
    const isRising = sizes.every(
      (size, at) => Number.isSafeInteger(size) && size >= (at === 0 ? from : (sizes[at - 1] ?? 0) + 1),
    );
    const isNext = next === null || (Number.isSafeInteger(next) && Number(next) > (sizes.at(-1) ?? Number.MAX_VALUE));
    return isRising && isNext ? { sizes, next: next === null ? null : Number(next) } : undefined;
  } catch {
    return undefined;
  }
}

/** Those that a mirror has kept, by size. */
export function keptStamps(folder: string): readonly FiledStamp[] {
  let names: readonly string[];
  try {
    names = readdirSync(join(folder, STAMPS_PATH));
  } catch {
    return [];
  }
  const sizes = names.filter((name) => /^[1-9][0-9]*$/.test(name)).map(Number);
  return sizes.sort((a, b) => a - b).map((size) => ({ size, bytes: readFile(join(folder, stampPath(size))) }));
}
