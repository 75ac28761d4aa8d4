import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { parseBase64 } from '#core/bytes.ts';
import { type Hash, hashLeaf, hashNode, parseHash, sha256, useSha256 } from '#core/hash.ts';
import {
  foldInclusion,
  type InclusionProof,
  parseInclusionProof,
  planInclusion,
  verifyInclusion,
} from '#core/tlog/inclusion.ts';
import { PROOF_HASHES_MAX } from '#core/tlog/subtree.ts';
import { type Index, parseIndex, parseSize, type Size, type TreeHead } from '#core/tlog/tree.ts';
import { nativeSha256 } from '../../../src/native.ts';
import { expectFailure } from '../../support/failure.ts';
import { describeWithVectors, readVectors } from '../../support/vectors.ts';
import { crookProof } from './crooked-proofs.ts';
import { makeLeaves, naiveTree } from './naive.ts';

beforeAll(() => useSha256(nativeSha256));

const SIZE_MAX = 1025;
const leaves = makeLeaves(SIZE_MAX);
const naive = naiveTree(leaves);
const headOf = (size: number): TreeHead => ({ size: size as Size, root: naive.root(size) });
const leafAt = (index: number) => leaves[index] as Hash;

/** Proves as a ledger does: plan, read, fold. */
function prove(index: number, size: number): InclusionProof {
  const plan = planInclusion(index as Index, size as Size);
  return foldInclusion(
    plan,
    plan.map(({ start, end }) => naive.subtree(start, end)),
  );
}

describe('an inclusion proof', () => {
  test('of every entry of every tree up to 130 entries is the one of RFC 6962, and verifies', () => {
    for (let size = 1; size <= 130; size++) {
      for (let index = 0; index < size; index++) {
        const proof = prove(index, size);
        expect(proof).toEqual(naive.inclusion(index, size));
        verifyInclusion(proof, index as Index, leafAt(index), headOf(size));
      }
    }
  });

  test('of chosen entries of every tree up to 1025 entries verifies', () => {
    for (let size = 1; size <= SIZE_MAX; size++) {
      for (const index of new Set([0, size - 1, Math.floor(size / 2), (size * 7919) % size, Math.min(255, size - 1)])) {
        const proof = prove(index, size);
        expect(proof).toEqual(naive.inclusion(index, size));
        verifyInclusion(proof, index as Index, leafAt(index), headOf(size));
      }
    }
  });

  test('has at most 53 hashes, in the largest tree there can be', () => {
    const plan = planInclusion(parseIndex(0), parseSize(2 ** 53 - 1));
    expect(plan).toHaveLength(PROOF_HASHES_MAX);
    expectFailure('proof_invalid', () => parseInclusionProof(makeLeaves(PROOF_HASHES_MAX + 1)));
  });

  test('is refused when it is corrupted in any way', () => {
    for (const size of [1, 2, 3, 4, 5, 7, 8, 9, 255, 256, 257, 1025]) {
      for (const index of new Set([0, 1, Math.floor(size / 2), size - 1])) {
        if (index >= size) continue;
        const good = prove(index, size);
        const verify = (hashes: readonly Hash[], at: number, leaf: Hash, head: TreeHead) =>
          verifyInclusion(parseInclusionProof(hashes), at as Index, leaf, head);
        verify(good, index, leafAt(index), headOf(size));
        for (const { name, hashes } of crookProof(good)) {
          expect(() => verify(hashes, index, leafAt(index), headOf(size)), `${name}, ${index} of ${size}`).toThrow(
            expect.objectContaining({ code: 'proof_invalid' }),
          );
        }
        for (const wrong of [index - 1, index + 1, index * 2 + 1, size, size + 1, 2 ** 53 - 1]) {
          if (wrong < 0 || wrong === index) continue;
          expectFailure('proof_invalid', () => verify(good, wrong, leafAt(index), headOf(size)));
        }
        const otherLeaf = hashLeaf(new Uint8Array([size % 256, index % 256]));
        expectFailure('proof_invalid', () => verify(good, index, otherLeaf, headOf(size)));
        expectFailure('proof_invalid', () => verify(good, index, leafAt(index), { ...headOf(size), root: otherLeaf }));
      }
    }
  });

  test('in another tree of the same size is refused (attack 72)', () => {
    const other = naiveTree(makeLeaves(100, 'another log'));
    const proof = prove(42, 100);
    const head = { size: 100 as Size, root: other.root(100) };
    expectFailure('proof_invalid', () => verifyInclusion(proof, 42 as Index, leafAt(42), head));
  });

  test('proves an entry and not its size: it verifies only with a root of that very shape', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 300 }), fc.integer({ min: 1, max: 300 }), fc.nat(), (size, other, at) => {
        const index = at % size;
        if (size === other) return;
        expectFailure('proof_invalid', () =>
          verifyInclusion(prove(index, size), index as Index, leafAt(index), headOf(other)),
        );
      }),
    );
  });

  test('of an inner node as if it were an entry is refused (attack 69)', () => {
    // Node (0, 1) stands where a leaf would in a tree of half the size: only the leaf prefix tells them apart.
    const entry = new Uint8Array([...leafAt(0), ...leafAt(1)]);
    const node = hashNode(leafAt(0), leafAt(1));
    const proof = parseInclusionProof([naive.subtree(2, 4)]);
    const head = { size: 2 as Size, root: naive.root(4) };
    expect(() => verifyInclusion(proof, 0 as Index, node, head)).not.toThrow();
    expectFailure('proof_invalid', () => verifyInclusion(proof, 0 as Index, hashLeaf(entry), head));
  });

  test('of a tree of one entry is empty, and of an empty tree there is none', () => {
    verifyInclusion(parseInclusionProof([]), 0 as Index, leafAt(0), headOf(1));
    expectFailure('proof_invalid', () =>
      verifyInclusion(parseInclusionProof([]), 0 as Index, leafAt(0), { size: 0 as Size, root: leafAt(0) }),
    );
    expect(() => planInclusion(0 as Index, 0 as Size)).toThrow('an entry lies inside its tree');
  });

  test('cannot be made of too few hashes', () => {
    expect(() => foldInclusion(planInclusion(0 as Index, 2 as Size), [])).toThrow('every planned hash was read');
  });
});

interface Probe {
  readonly desc: string;
  readonly leafIdx: number;
  readonly treeSize: number;
  readonly root: string;
  readonly leafHash: string;
  readonly proof: readonly string[] | null;
  readonly wantErr: boolean;
  readonly file: string;
}

describeWithVectors('merkle/inclusion.json', 'the probes of transparency-dev/merkle for inclusion', () => {
  const { vectors } = readVectors<{ readonly vectors: readonly Probe[] }>('merkle/inclusion.json');
  const readHash = (text: string) => parseHash(parseBase64(text));
  // Some probes have short texts for hashes, which no type of ours lets in; hashed they are as equal, or not.
  const readText = (text: string) => {
    const bytes = parseBase64(text);
    return bytes.length === 0 || bytes.length === 32 ? readHash(text) : sha256(bytes);
  };

  test.each(vectors.map((probe) => [probe.file, probe] as const))('%s', (_, probe) => {
    const verify = () =>
      verifyInclusion(
        parseInclusionProof((probe.proof ?? []).map(readHash)),
        parseIndex(probe.leafIdx),
        readText(probe.leafHash),
        { size: parseSize(probe.treeSize), root: readText(probe.root) },
      );
    if (probe.wantErr) expect(verify).toThrow(expect.objectContaining({ name: 'Failure' }));
    else verify();
  });

  test('are 98, and 6 of them good (attack 68)', () => {
    expect(vectors).toHaveLength(98);
    expect(vectors.filter(({ wantErr }) => !wantErr)).toHaveLength(6);
  });
});
