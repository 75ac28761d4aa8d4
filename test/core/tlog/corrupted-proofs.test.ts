/** Attacks 70, 73: at every size that matters proofs are the naive ones, verify, and are refused once anything in them is another. */
import { beforeAll, describe, expect, test } from 'vitest';
import { isFailure } from '#core/failure.ts';
import { type Hash, useSha256 } from '#core/hash.ts';
import { foldConsistency, parseConsistencyProof, planConsistency, verifyConsistency } from '#core/tlog/consistency.ts';
import { foldInclusion, parseInclusionProof, planInclusion, verifyInclusion } from '#core/tlog/inclusion.ts';
import type { Subtree } from '#core/tlog/subtree.ts';
import type { Index, Size, TreeHead } from '#core/tlog/tree.ts';
import { nativeSha256 } from '../../../src/native.ts';
import { crookProof } from './crooked-proofs.ts';
import { makeLeaves, naiveTree } from './naive.ts';

beforeAll(() => useSha256(nativeSha256));

const SIZES = [...Array.from({ length: 1_025 }, (_, at) => at + 1), 65_535, 65_536, 65_537];
const leaves = makeLeaves(65_537);
const naive = naiveTree(leaves);
const headOf = (size: number): TreeHead => ({ size: size as Size, root: naive.root(size) });
const read = (plan: readonly Subtree[]) => plan.map(({ start, end }) => naive.subtree(start, end));

/** What is wrong with a proof and is taken all the same. */
function taken(good: readonly Hash[], verify: (hashes: readonly Hash[]) => void): readonly string[] {
  verify(good);
  return crookProof(good).flatMap(({ name, hashes }) => {
    try {
      verify(hashes);
      return [name];
    } catch (thrown) {
      if (!isFailure(thrown, 'proof_invalid')) throw thrown;
      return [];
    }
  });
}

describe('at every size from 1 to 1,025 and around 65,536', () => {
  test('a proof of inclusion is the naive one, and none that is corrupted verifies (attacks 70, 73)', () => {
    for (const size of SIZES) {
      for (const index of new Set([(size * 7_919) % size, size >> 1, size - 1])) {
        const plan = planInclusion(index as Index, size as Size);
        const good = foldInclusion(plan, read(plan));
        expect(good, `${index} of ${size}`).toEqual(naive.inclusion(index, size));
        const verify = (hashes: readonly Hash[]) =>
          verifyInclusion(parseInclusionProof(hashes), index as Index, leaves[index] as Hash, headOf(size));
        expect(taken(good, verify), `${index} of ${size}`).toEqual([]);
      }
    }
  });

  test('a proof of consistency is the naive one, and none that is corrupted verifies (attacks 70, 73)', () => {
    for (const size of SIZES) {
      for (const old of new Set([(size * 104_729) % size, size >> 1, size - 1, size])) {
        if (old === 0) continue;
        const plan = planConsistency(old as Size, size as Size);
        const good = foldConsistency(plan, read(plan));
        expect(good, `${old} to ${size}`).toEqual(naive.consistency(old, size));
        const verify = (hashes: readonly Hash[]) =>
          verifyConsistency(parseConsistencyProof(hashes), headOf(old), headOf(size));
        expect(taken(good, verify), `${old} to ${size}`).toEqual([]);
      }
    }
  });
});
