import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { parseBase64 } from '#core/bytes.ts';
import { type Hash, parseHash, sha256, useSha256 } from '#core/hash.ts';
import {
  type ConsistencyProof,
  foldConsistency,
  parseConsistencyProof,
  planConsistency,
  verifyConsistency,
} from '#core/tlog/consistency.ts';
import {
  appendLeaves,
  EMPTY_ROOT,
  emptyFrontier,
  parseSize,
  rootOf,
  type Size,
  type TreeHead,
} from '#core/tlog/tree.ts';
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

/** Proves as a ledger does: plan, read, fold. */
function prove(oldSize: number, newSize: number, tree = naive): ConsistencyProof {
  const plan = planConsistency(oldSize as Size, newSize as Size);
  return foldConsistency(
    plan,
    plan.map(({ start, end }) => tree.subtree(start, end)),
  );
}

describe('a consistency proof', () => {
  test('between all trees up to 130 entries is the one of RFC 6962, and verifies', () => {
    for (let newSize = 1; newSize <= 130; newSize++) {
      for (let oldSize = 1; oldSize <= newSize; oldSize++) {
        const proof = prove(oldSize, newSize);
        expect(proof).toEqual(naive.consistency(oldSize, newSize));
        verifyConsistency(proof, headOf(oldSize), headOf(newSize));
      }
    }
  });

  test('from chosen sizes to every size up to 1025 verifies', () => {
    for (let newSize = 1; newSize <= SIZE_MAX; newSize++) {
      for (const oldSize of new Set([
        1,
        Math.ceil(newSize / 2),
        ((newSize * 7919) % newSize) + 1,
        255,
        256,
        257,
        newSize - 1,
      ])) {
        if (oldSize < 1 || oldSize > newSize) continue;
        const proof = prove(oldSize, newSize);
        expect(proof).toEqual(naive.consistency(oldSize, newSize));
        verifyConsistency(proof, headOf(oldSize), headOf(newSize));
      }
    }
  });

  test('holds between any two heads of any history', () => {
    const history = fc.array(fc.integer({ min: 1, max: 200 }), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(history, (batches) => {
        let frontier = emptyFrontier();
        const heads: TreeHead[] = [];
        for (const batch of batches) {
          frontier = appendLeaves(frontier, leaves.slice(frontier.size, frontier.size + batch));
          heads.push({ size: frontier.size, root: rootOf(frontier) });
        }
        for (const [i, before] of heads.entries()) {
          for (const after of heads.slice(i)) verifyConsistency(prove(before.size, after.size), before, after);
        }
      }),
    );
  });

  test('never holds between a history and one that differs in an entry of the old tree', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 300 }), fc.nat(300), fc.nat(), (oldSize, growth, at) => {
        const forged = leaves.slice(0, oldSize + growth);
        forged[at % oldSize] = makeLeaves(1, 'forged')[0] as Hash;
        const fork = naiveTree(forged);
        const after = { size: forged.length as Size, root: fork.root(forged.length) };
        for (const proof of [prove(oldSize, forged.length), prove(oldSize, forged.length, fork)]) {
          expectFailure('proof_invalid', () => verifyConsistency(proof, headOf(oldSize), after));
        }
      }),
    );
  });

  test('is refused when it is corrupted in any way', () => {
    const pairs = [
      [1, 1],
      [1, 2],
      [1, 8],
      [2, 5],
      [3, 4],
      [3, 7],
      [4, 7],
      [6, 8],
      [8, 13],
      [255, 256],
      [256, 257],
      [257, 600],
      [512, 1025],
    ];
    for (const [oldSize, newSize] of pairs as [number, number][]) {
      const good = prove(oldSize, newSize);
      const verify = (hashes: readonly Hash[], before: TreeHead, after: TreeHead) =>
        verifyConsistency(parseConsistencyProof(hashes), before, after);
      verify(good, headOf(oldSize), headOf(newSize));
      for (const { name, hashes } of crookProof(good)) {
        expect(() => verify(hashes, headOf(oldSize), headOf(newSize)), `${name}, ${oldSize} to ${newSize}`).toThrow(
          expect.objectContaining({ code: 'proof_invalid' }),
        );
      }
      const foreign = makeLeaves(1, 'foreign')[0] as Hash;
      expectFailure('proof_invalid', () => verify(good, { ...headOf(oldSize), root: foreign }, headOf(newSize)));
      expectFailure('proof_invalid', () => verify(good, headOf(oldSize), { ...headOf(newSize), root: foreign }));
      for (const wrong of [oldSize - 1, oldSize + 1, newSize + 1]) {
        if (wrong === newSize) continue;
        const before = { ...headOf(oldSize), size: wrong as Size };
        expectFailure('proof_invalid', () => verify(good, before, headOf(newSize)));
      }
    }
  });
});

describe('heads of equal size', () => {
  test('are consistent if they are equal, with no hashes', () => {
    expect(prove(5, 5)).toEqual([]);
    verifyConsistency(parseConsistencyProof([]), headOf(5), headOf(5));
    verifyConsistency(parseConsistencyProof([]), headOf(0), headOf(0));
    const noHead = { size: 0 as Size, root: naive.root(1) };
    expectFailure('proof_invalid', () => verifyConsistency(parseConsistencyProof([]), noHead, noHead));
    expectFailure('proof_invalid', () =>
      verifyConsistency(parseConsistencyProof(leaves.slice(0, 1)), headOf(5), headOf(5)),
    );
  });

  test('with different roots are a fork', () => {
    const fork = { ...headOf(5), root: naive.root(6) };
    expectFailure('proof_invalid', () => verifyConsistency(parseConsistencyProof([]), headOf(5), fork));
    expectFailure('proof_invalid', () => verifyConsistency(parseConsistencyProof([]), fork, headOf(5)));
  });
});

describe('no proof', () => {
  test('leads from an empty tree to another (attack 71)', () => {
    for (const size of [1, 2, 8, 600]) {
      expectFailure('proof_invalid', () => verifyConsistency(parseConsistencyProof([]), headOf(0), headOf(size)));
      const hashes = parseConsistencyProof([naive.root(size)]);
      expectFailure('proof_invalid', () => verifyConsistency(hashes, headOf(0), headOf(size)));
      expect(() => planConsistency(0 as Size, size as Size)).toThrow('not from nothing');
    }
    expect(naive.root(0)).toEqual(Buffer.from(EMPTY_ROOT));
  });

  test('leads back to a smaller tree', () => {
    expectFailure('proof_invalid', () => verifyConsistency(prove(3, 7), headOf(7), headOf(3)));
    expectFailure('proof_invalid', () => verifyConsistency(parseConsistencyProof([]), headOf(7), headOf(0)));
  });

  test('has more than 54 hashes', () => {
    expect(planConsistency(parseSize(2 ** 52 + 1), parseSize(2 ** 53 - 1)).length).toBeLessThanOrEqual(54);
    expect(parseConsistencyProof(leaves.slice(0, 54))).toHaveLength(54);
    expectFailure('proof_invalid', () => parseConsistencyProof(leaves.slice(0, 55)));
  });
});

interface Probe {
  readonly desc: string;
  readonly size1: number;
  readonly size2: number;
  readonly root1: string;
  readonly root2: string;
  readonly proof: readonly string[] | null;
  readonly wantErr: boolean;
  readonly file: string;
}

describeWithVectors('merkle/consistency.json', 'the probes of transparency-dev/merkle for consistency', () => {
  const { vectors } = readVectors<{ readonly vectors: readonly Probe[] }>('merkle/consistency.json');
  const readHash = (text: string) => parseHash(parseBase64(text));
  // Some probes have short texts for hashes, which no type of ours lets in; hashed they are as equal, or not.
  const readText = (text: string) => {
    const bytes = parseBase64(text);
    return bytes.length === 0 || bytes.length === 32 ? readHash(text) : sha256(bytes);
  };

  test.each(vectors.map((probe) => [probe.file, probe] as const))('%s', (_, probe) => {
    const verify = () =>
      verifyConsistency(
        parseConsistencyProof((probe.proof ?? []).map(readHash)),
        { size: parseSize(probe.size1), root: readText(probe.root1) },
        { size: parseSize(probe.size2), root: readText(probe.root2) },
      );
    if (probe.wantErr) expect(verify).toThrow(expect.objectContaining({ name: 'Failure' }));
    else verify();
  });

  test('are 98, and 6 of them good', () => {
    expect(vectors).toHaveLength(98);
    expect(vectors.filter(({ wantErr }) => !wantErr)).toHaveLength(6);
  });
});
