/**
 * The chain of one stream: every entry names its place and the leaf of the one before.
 *
 * The chain is never trusted without the tree, nor the tree without the chain: who verifies a slice folds it here,
 * from seq 0, and then proves its last leaf in the tree, because `prev` is a leaf.
 *
 * @module
 */
import { Failure } from '../failure.ts';
import { equalHash, type Hash } from '../hash.ts';
import type { Entry } from './entry.ts';

/** Where a stream ends: its last entry's place and leaf. */
export interface StreamHead {
  readonly seq: number;
  readonly leaf: Hash;
}

/** The place of the next entry of a stream that ends at `head`. */
export function nextLink(head: StreamHead | undefined): { readonly seq: number; readonly prev: Hash | null } {
  return head === undefined ? { seq: 0, prev: null } : { seq: head.seq + 1, prev: head.leaf };
}

/**
 * Verifies that `entry` follows `head` in its stream, and returns the new head.
 *
 * @throws {Failure} `proof_invalid`, if there is a gap, a repeat, or another predecessor.
 */
export function verifyLink(
  head: StreamHead | undefined,
  entry: Pick<Entry, 'stream' | 'seq' | 'prev'>,
  leaf: Hash,
): StreamHead {
  const want = nextLink(head);
  if (entry.seq !== want.seq)
    throw new Failure('proof_invalid', `${entry.stream} has seq ${entry.seq}, want ${want.seq}`);
  const same = entry.prev === null || want.prev === null ? entry.prev === want.prev : equalHash(entry.prev, want.prev);
  if (!same) throw new Failure('proof_invalid', `${entry.stream} seq ${entry.seq} names another predecessor`);
  return { seq: entry.seq, leaf };
}
