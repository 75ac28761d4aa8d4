/**
 * Consistency proofs: that an old tree is the beginning of a new one (RFC 9162, section 2.1.4).
 *
 * An empty tree is the beginning of every tree, so there is nothing to prove of it, and no proof from size 0 is
 * ever made or accepted: whoever holds an empty head says so, and doesn't call it a proof.
 *
 * @module
 */
import { assert } from '../assert.ts';
import type { Brand } from '../brand.ts';
import { Failure } from '../failure.ts';
import { equalHash, type Hash, hashNode } from '../hash.ts';
import { PROOF_HASHES_MAX, powerOfTwoBelow, type Subtree, subtree } from './subtree.ts';
import { EMPTY_ROOT, type Size, type TreeHead } from './tree.ts';

/** Hashes from the old tree's right edge up to the new root's child. By itself it proves nothing. */
export type ConsistencyProof = Brand<readonly Hash[], 'ConsistencyProof'>;

/**
 * Plans the subtrees whose hashes prove that a tree of `newSize` begins with that of `oldSize`, the lowest first.
 * Pairs with {@link foldConsistency}.
 */
export function planConsistency(oldSize: Size, newSize: Size): readonly Subtree[] {
  assert(0 < oldSize && oldSize <= newSize, 'a tree grows, and not from nothing');
  const plan: Subtree[] = [];
  let start = 0;
  let end: number = newSize;
  while (end !== oldSize) {
    const split = start + powerOfTwoBelow(end - start);
    if (oldSize <= split) {
      plan.push(subtree(split, end));
      end = split;
    } else {
      plan.push(subtree(start, split));
      start = split;
    }
  }
  // What is left ends where the old tree ended. If it is the old tree, the verifier has its root.
  if (start > 0) plan.push(subtree(start, end));
  return plan.reverse();
}

/** Makes the proof of the hashes that were read for a plan, in its order. */
export function foldConsistency(plan: readonly Subtree[], hashes: readonly Hash[]): ConsistencyProof {
  assert(hashes.length === plan.length, 'every planned hash was read');
  return [...hashes] as unknown as ConsistencyProof;
}

/** @throws {Failure} `proof_invalid`, if there are more hashes than any tree has levels, and one. */
export function parseConsistencyProof(hashes: readonly Hash[]): ConsistencyProof {
  if (hashes.length > PROOF_HASHES_MAX + 1) {
    throw new Failure('proof_invalid', `${hashes.length} hashes, at most ${PROOF_HASHES_MAX + 1}`);
  }
  return [...hashes] as unknown as ConsistencyProof;
}

/**
 * Verifies that the tree of `after` begins with the tree of `before`. Equal sizes want equal roots and no hashes.
 *
 * @throws {Failure} `proof_invalid`, if it shrank, began empty, or the proof has another length or other roots.
 */
export function verifyConsistency(proof: ConsistencyProof, before: TreeHead, after: TreeHead): void {
  const plan = planBetween(before, after);
  if (proof.length !== plan.length) throw new Failure('proof_invalid', `${proof.length} hashes, want ${plan.length}`);
  const [oldRoot, newRoot] = foldBoth(proof, plan, before);
  if (!equalHash(oldRoot, before.root)) throw new Failure('proof_invalid', 'the proof leads to another old root');
  if (!equalHash(newRoot, after.root)) throw new Failure('proof_invalid', 'the proof leads to another new root');
}

function planBetween(before: TreeHead, after: TreeHead): readonly Subtree[] {
  if (before.size > after.size) throw new Failure('proof_invalid', `from size ${before.size} back to ${after.size}`);
  if (before.size > 0) return planConsistency(before.size, after.size);
  if (after.size > 0) throw new Failure('proof_invalid', 'nothing is proved of an empty tree');
  if (!equalHash(before.root, EMPTY_ROOT)) throw new Failure('proof_invalid', 'an empty tree has one root only');
  return [];
}

/** Computes both roots from the one proof: what lies left is in both trees, what lies right in the new one only. */
function foldBoth(
  proof: ConsistencyProof,
  plan: readonly Subtree[],
  before: TreeHead,
): readonly [oldRoot: Hash, newRoot: Hash] {
  // The plan's first subtree ends where the old tree does, unless the old tree itself stands in its place.
  const startsAtOldRoot = plan[0]?.end !== before.size;
  const seed = startsAtOldRoot ? before.root : (proof[0] as Hash);
  let oldRoot = seed;
  let newRoot = seed;
  for (let level = startsAtOldRoot ? 0 : 1; level < plan.length; level++) {
    const sibling = proof[level] as Hash;
    if ((plan[level] as Subtree).end <= before.size) {
      oldRoot = hashNode(sibling, oldRoot);
      newRoot = hashNode(sibling, newRoot);
    } else {
      newRoot = hashNode(newRoot, sibling);
    }
  }
  return [oldRoot, newRoot];
}
