import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { parseHex, toHex } from '#core/bytes.ts';
import { type Hash, hashLeaf, useSha256 } from '#core/hash.ts';
import {
  appendLeaf,
  appendLeaves,
  EMPTY_ROOT,
  emptyFrontier,
  parseFrontier,
  parseIndex,
  parseIndexText,
  parseSize,
  parseSizeText,
  rootOf,
} from '#core/tlog/tree.ts';
import { nativeSha256 } from '../../../src/native.ts';
import { expectFailure } from '../../support/failure.ts';
import { makeLeaves, naiveTree } from './naive.ts';

beforeAll(() => useSha256(nativeSha256));

/** The canonical leaves of Certificate Transparency, and the roots of their first 0, 1, … 8. */
const CT_LEAVES = ['', '00', '10', '2021', '3031', '40414243', '5051525354555657', '606162636465666768696a6b6c6d6e6f'];
const CT_ROOTS = [
  'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
  '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
  'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
  'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
  'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
  '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
  '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
  'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
  '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
];

describe('the root', () => {
  test('of the leaves of Certificate Transparency is known, at every size', () => {
    let frontier = emptyFrontier();
    expect(toHex(rootOf(frontier))).toBe(CT_ROOTS[0]);
    for (const [i, leaf] of CT_LEAVES.entries()) {
      frontier = appendLeaf(frontier, hashLeaf(parseHex(leaf)));
      expect(toHex(rootOf(frontier))).toBe(CT_ROOTS[i + 1]);
    }
  });

  test('is that of a naive recomputation at every size from 0 to 1025', () => {
    const leaves = makeLeaves(1025);
    const naive = naiveTree(leaves);
    let frontier = emptyFrontier();
    expect(rootOf(frontier)).toEqual(EMPTY_ROOT);
    for (const [i, leaf] of leaves.entries()) {
      frontier = appendLeaf(frontier, leaf);
      expect(frontier.size).toBe(i + 1);
      expect(toHex(rootOf(frontier))).toBe(toHex(naive.root(i + 1)));
    }
  });

  test('is the same in whatever batches the leaves come', () => {
    const leaves = makeLeaves(600);
    const naive = naiveTree(leaves);
    fc.assert(
      fc.property(fc.array(fc.nat(130), { maxLength: 8 }), (batches) => {
        let frontier = emptyFrontier();
        for (const batch of batches) {
          frontier = appendLeaves(frontier, leaves.slice(frontier.size, frontier.size + batch));
        }
        expect(toHex(rootOf(frontier))).toBe(toHex(naive.root(frontier.size)));
      }),
    );
  });

  test('changes with the order of two leaves', () => {
    const [a, b, c] = makeLeaves(3) as [Hash, Hash, Hash];
    const rootAfter = (...leaves: Hash[]) => toHex(rootOf(appendLeaves(emptyFrontier(), leaves)));
    expect(new Set([rootAfter(a, b, c), rootAfter(b, a, c), rootAfter(a, c, b), rootAfter(a, b)]).size).toBe(4);
  });
});

describe('a frontier', () => {
  test('is a value: appending leaves the old one as it was', () => {
    const before = appendLeaves(emptyFrontier(), makeLeaves(7));
    const root = toHex(rootOf(before));
    const roots = [...before.roots];
    appendLeaf(before, hashLeaf(new Uint8Array(1)));
    expect(before.size).toBe(7);
    expect(before.roots).toEqual(roots);
    expect(toHex(rootOf(before))).toBe(root);
  });

  test('is restored from its size and hashes, and goes on', () => {
    const leaves = makeLeaves(300);
    for (let size = 0; size < leaves.length; size++) {
      const frontier = appendLeaves(emptyFrontier(), leaves.slice(0, size));
      const restored = parseFrontier(frontier.size, [...frontier.roots]);
      const leaf = leaves[size] as Hash;
      expect(rootOf(appendLeaf(restored, leaf))).toEqual(rootOf(appendLeaf(frontier, leaf)));
    }
  });

  test.each([
    [0, 1],
    [1, 0],
    [1, 2],
    [255, 7],
    [256, 8],
    [2 ** 52 + 1, 1],
    [2 ** 53 - 1, 52],
  ])('of size %i does not have %i hashes', (size, count) => {
    expectFailure('input_invalid', () => parseFrontier(parseSize(size), makeLeaves(count)));
  });

  test('may have any size: 53 hashes at the most', () => {
    expect(parseFrontier(parseSize(2 ** 53 - 1), makeLeaves(53)).roots).toHaveLength(53);
  });
});

describe('an index and a size', () => {
  test.each([0, 1, 256, 2 ** 32, 2 ** 53 - 1])('may be %i', (value) => {
    expect([parseIndex(value), parseSize(value)]).toEqual([value, value]);
    expect([parseIndexText(String(value)), parseSizeText(String(value))]).toEqual([value, value]);
  });

  test.each([-1, -0, 1.5, 2 ** 53, 2 ** 64, Number.NaN, Number.POSITIVE_INFINITY, '1', 1n, null, undefined])(
    'may not be %s',
    (value) => {
      expectFailure('input_invalid', () => parseIndex(value));
      expectFailure('input_invalid', () => parseSize(value));
    },
  );

  const texts = ['', '00', '01', '+5', '-1', '-0', '1.0', '1e3', '0x10', ' 1', '1 ', '1\n', '1_000', '１', '٣', 'NaN'];
  const large = [
    '9007199254740992',
    '9007199254740993',
    '9223372036854775808',
    '18446744073709551616',
    '9'.repeat(400),
  ];
  test.each([...texts, ...large])('is not written %j (attack 57)', (text) => {
    expectFailure('input_invalid', () => parseIndexText(text));
    expectFailure('input_invalid', () => parseSizeText(text));
  });
});
