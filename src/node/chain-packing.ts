/**
 * Runs of entries, and what was found of them, as they go from thread to thread: hashes and bytes side by side in a few buffers,
 * which are handed over. To copy an array for each of them would cost more than to check it.
 *
 * @module
 */
import { HASH_BYTES, type Hash } from '#core/hash.ts';
import type { StreamId } from '#core/tlog/stream.ts';
import type { ChainRun, ReadRun, StreamRun } from '#ledger/chain-run.ts';

export interface PackedRead {
  readonly start: number;
  readonly indexes: Float64Array;
  readonly leaves: Uint8Array;
  readonly lengths: Uint32Array;
  readonly bytes: Uint8Array;
  /** Where each is filed; null: not told. */
  readonly filed: readonly (StreamId | null)[];
  readonly filedSeqs: Float64Array;
  readonly digestIndexes: Float64Array;
  readonly digestNames: readonly string[];
  readonly digests: Uint8Array;
}

export interface PackedChecked extends Pick<ChainRun, 'time' | 'names' | 'log' | 'findings'> {
  readonly leaves: Uint8Array;
  readonly streams: readonly StreamId[];
  readonly indexes: Float64Array;
  readonly firstSeqs: Float64Array;
  /** At seq 0 there is none. */
  readonly prevs: Uint8Array;
  readonly headSeqs: Float64Array;
  readonly heads: Uint8Array;
}

const NO_HASH = new Uint8Array(HASH_BYTES) as Hash;

/** Whether its hashes can lie side by side: in a database they may be bytes of any length, which is for the check to find. */
export function isPackable({ rows, digests }: ReadRun): boolean {
  return (
    rows.every(({ leaf }) => leaf.length === HASH_BYTES) && digests.every(({ digest }) => digest.length === HASH_BYTES)
  );
}

/** @param read {@link isPackable} */
export function packRead({ start, rows, digests }: ReadRun): PackedRead {
  return {
    start,
    indexes: Float64Array.from(rows, ({ index }) => index),
    leaves: packHashes(rows.map(({ leaf }) => leaf)),
    lengths: Uint32Array.from(rows, ({ bytes }) => bytes.length),
    bytes: packBytes(rows.map(({ bytes }) => bytes)),
    filed: rows.map(({ filed }) => filed?.stream ?? null),
    filedSeqs: Float64Array.from(rows, ({ filed }) => filed?.seq ?? 0),
    digestIndexes: Float64Array.from(digests, ({ index }) => index),
    digestNames: digests.map(({ name }) => name),
    digests: packHashes(digests.map(({ digest }) => digest)),
  };
}

export function unpackRead(read: PackedRead): ReadRun {
  let end = 0;
  const rows = Array.from(read.lengths, (length, at) => {
    const bytes = read.bytes.subarray(end, end + length);
    end += length;
    const stream = read.filed[at] ?? null;
    const row = { index: read.indexes[at] as number, leaf: hashAt(read.leaves, at), bytes };
    return stream === null ? row : { ...row, filed: { stream, seq: read.filedSeqs[at] as number } };
  });
  const digests = read.digestNames.map((name, at) => {
    return { index: read.digestIndexes[at] as number, name, digest: hashAt(read.digests, at) };
  });
  return { start: read.start, rows, digests };
}

export function packChecked({ leaves, streams, ...rest }: ChainRun): PackedChecked {
  return {
    ...rest,
    leaves: packHashes(leaves),
    streams: streams.map(({ stream }) => stream),
    indexes: Float64Array.from(streams, ({ index }) => index),
    firstSeqs: Float64Array.from(streams, ({ first }) => first.seq),
    prevs: packHashes(streams.map(({ first }) => first.prev ?? NO_HASH)),
    headSeqs: Float64Array.from(streams, ({ head }) => head.seq),
    heads: packHashes(streams.map(({ head }) => head.leaf)),
  };
}

export function unpackChecked(packed: PackedChecked): ChainRun {
  const { leaves, streams, indexes, firstSeqs, prevs, headSeqs, heads, ...rest } = packed;
  return {
    ...rest,
    leaves: Array.from({ length: leaves.length / HASH_BYTES }, (_, at) => hashAt(leaves, at)),
    streams: streams.map((stream, at): StreamRun => {
      const seq = firstSeqs[at] as number;
      const first = { seq, prev: seq === 0 ? null : hashAt(prevs, at) };
      return {
        stream,
        index: indexes[at] as number,
        first,
        head: { seq: headSeqs[at] as number, leaf: hashAt(heads, at) },
      };
    }),
  };
}

/** What of a packed run is handed over instead of copied. */
export function buffersOf(packed: PackedRead | PackedChecked): ArrayBuffer[] {
  return Object.values(packed).flatMap((value) => (ArrayBuffer.isView(value) ? [value.buffer as ArrayBuffer] : []));
}

function packHashes(hashes: readonly Hash[]): Uint8Array {
  const packed = new Uint8Array(hashes.length * HASH_BYTES);
  for (const [at, hash] of hashes.entries()) packed.set(hash, at * HASH_BYTES);
  return packed;
}

function packBytes(pieces: readonly Uint8Array[]): Uint8Array {
  const packed = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let end = 0;
  for (const piece of pieces) {
    packed.set(piece, end);
    end += piece.length;
  }
  return packed;
}

function hashAt(packed: Uint8Array, at: number): Hash {
  return packed.subarray(at * HASH_BYTES, (at + 1) * HASH_BYTES) as Hash;
}
