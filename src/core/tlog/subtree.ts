/**
 * Subtrees: the parts of a tree whose root hashes a proof is made of.
 *
 * @module
 */
import { assert } from '../assert.ts';
import type { Index, Size } from './tree.ts';

/** The leaves `[start, end)`. It may be ragged: at the tree's right edge it need not be a power of two. */
export interface Subtree {
  readonly start: Index;
  readonly end: Size;
}

/** Where a proof is longer, the tree would have more than 2^53 entries. */
export const PROOF_HASHES_MAX = 53;

export function subtree(start: number, end: number): Subtree {
  return { start: start as Index, end: end as Size };
}

/** Returns the largest power of two below `count`: where RFC 6962 (section 2.1) splits a tree. */
export function powerOfTwoBelow(count: number): number {
  assert(count > 1, 'only a tree of two or more entries is split');
  let power = 1;
  while (power * 2 < count) power *= 2;
  return power;
}

/** Cuts a subtree into perfect ones, the largest first; each starts at a multiple of its width. */
export function cutPerfect({ start, end }: Subtree): readonly Subtree[] {
  assert(start < end, 'a subtree has a leaf');
  const pieces: Subtree[] = [];
  for (let at: number = start; at < end; ) {
    const left = end - at;
    const width = left === 1 ? 1 : powerOfTwoBelow(left + 1);
    assert(at % width === 0, 'a subtree starts where the tree is split');
    pieces.push(subtree(at, at + width));
    at += width;
  }
  return pieces;
}
