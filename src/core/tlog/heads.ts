/**
 * Heads: where every stream ended when the log had `size` entries, under one root (design §7). The ledger records it daily;
 * whoever replays the log computes it again. One head says, signed, that a stream is shown whole.
 *
 * @module
 */
import { concat, utf8 } from '../bytes.ts';
import { encodeCanonical } from '../canonical.ts';
import { type Hash, hashLeaf, hashText } from '../hash.ts';
import type { StreamHead } from './chain.ts';
import type { StreamId } from './stream.ts';
import { appendLeaves, emptyFrontier, rootOf } from './tree.ts';

/** The Merkle root (RFC 6962) over JCS([stream, seq, leaf]), sorted by stream, which is ASCII. */
export function rootOfHeads(heads: ReadonlyMap<StreamId, StreamHead>): Hash {
  const sorted = [...heads].sort(([a], [b]) => (a < b ? -1 : 1));
  const leaves = sorted.map(([stream, { seq, leaf }]) => hashLeaf(encodeCanonical([stream, seq, hashText(leaf)])));
  return rootOf(appendLeaves(emptyFrontier(), leaves));
}

/** That a stream ended there in the tree of `size` entries. */
export interface HeadStatement extends StreamHead {
  readonly log: string;
  readonly stream: StreamId;
  readonly size: number;
}

const HEAD_CONTEXT = utf8('assent/head/v1\n');

/** What the issuing key signs: `"assent/head/v1\n" || JCS({v, log, stream, seq, leaf, size})`. */
export function headSigningBytes({ log, stream, seq, leaf, size }: HeadStatement): Uint8Array {
  return concat(HEAD_CONTEXT, encodeCanonical({ v: 1, log, stream, seq, leaf: hashText(leaf), size }));
}
