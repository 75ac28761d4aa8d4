/**
 * Inclusion proofs: that an entry stands at its index in the tree of a head (RFC 9162, section 2.1.3).
 *
 * The core reads no storage: it plans which subtrees a proof needs, others read their hashes, and the core folds
 * them. The verifier walks the same plan, so it cannot drift from the prover.
 *
 * @module
 */
import { assert } from '../assert.ts';
import type { Brand } from '../brand.ts';
import { Failure } from '../failure.ts';
import { equalHash, type Hash, hashNode } from '../hash.ts';
import { PROOF_HASHES_MAX, powerOfTwoBelow, type Subtree, subtree } from './subtree.ts';
import type { Index, Size, TreeHead } from './tree.ts';

/** Sibling hashes, from the leaf's sibling up to the root's child. By itself it proves nothing. */
export type InclusionProof = Brand<readonly Hash[], 'InclusionProof'>;

/** Plans the subtrees whose hashes prove entry `index`, the leaf's sibling first. Pairs with {@link foldInclusion}. */
export function planInclusion(index: Index, size: Size): readonly Subtree[] {
  assert(index < size, 'an entry lies inside its tree');
  const plan: Subtree[] = [];
  let start = 0;
  let end: number = size;
  while (end - start > 1) {
    const split = start + powerOfTwoBelow(end - start);
    if (index < split) {
      plan.push(subtree(split, end));
      end = split;
    } else {
      plan.push(subtree(start, split));
      start = split;
    }
  }
  return plan.reverse();
}

/** Makes the proof of the hashes that were read for a plan, in its order. */
export function foldInclusion(plan: readonly Subtree[], hashes: readonly Hash[]): InclusionProof {
  assert(hashes.length === plan.length, 'every planned hash was read');
  return [...hashes] as unknown as InclusionProof;
}

/** @throws {Failure} `proof_invalid`, if there are more hashes than any tree has levels. */
export function parseInclusionProof(hashes: readonly Hash[]): InclusionProof {
  if (hashes.length > PROOF_HASHES_MAX) {
    throw new Failure('proof_invalid', `${hashes.length} hashes, at most ${PROOF_HASHES_MAX}`);
  }
  return [...hashes] as unknown as InclusionProof;
}

/**
 * Verifies that `leaf` stands at `index` in the tree of `head`. Proof and index are attacker-controlled.
 *
 * @throws {Failure} `proof_invalid`, if the index is outside, or the proof has another length or another root.
 */
export function verifyInclusion(proof: InclusionProof, index: Index, leaf: Hash, head: TreeHead): void {
  if (index >= head.size) throw new Failure('proof_invalid', `index ${index} is outside a tree of ${head.size}`);
  const plan = planInclusion(index, head.size);
  if (proof.length !== plan.length) throw new Failure('proof_invalid', `${proof.length} hashes, want ${plan.length}`);
  const root = proof.reduce((node, sibling, level) => {
    const isLeft = (plan[level] as Subtree).end <= index;
    return isLeft ? hashNode(sibling, node) : hashNode(node, sibling);
  }, leaf);
  if (!equalHash(root, head.root)) throw new Failure('proof_invalid', 'the proof leads to another root');
}
