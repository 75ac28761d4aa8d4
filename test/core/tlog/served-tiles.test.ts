/** Attack 73: what a log serves of a tree, at every size that matters, against a naive recomputation and out of its tiles alone. */
import { beforeAll, describe, expect, test } from 'vitest';
import { toHex } from '#core/bytes.ts';
import { type Hash, useSha256 } from '#core/hash.ts';
import { formatTile, leavesUnder, parseTile, rootOfTile, TILE_WIDTH } from '#core/tlog/tile.ts';
import { appendLeaves, emptyFrontier, joinRoots, rootOf } from '#core/tlog/tree.ts';
import { nativeSha256 } from '../../../src/native.ts';
import { makeLeaves, naiveTree } from './naive.ts';

beforeAll(() => useSha256(nativeSha256));

const SIZES = [...Array.from({ length: 1_026 }, (_, size) => size), 65_535, 65_536, 65_537];
const leaves = makeLeaves(65_537);
const naive = naiveTree(leaves);

/** The partial tiles of a tree, as tlog-tiles says: at level l, floor(s / 256^l) mod 256 hashes; none is empty. */
function partialTiles(size: number): readonly Uint8Array[] {
  const tiles: Uint8Array[] = [];
  for (let level = 0; leavesUnder(level) <= size; level++) {
    const count = Math.floor(size / leavesUnder(level));
    const width = count % TILE_WIDTH;
    if (width === 0) {
      tiles.push(new Uint8Array());
      continue;
    }
    const first = count - width;
    const hashes = Array.from({ length: width }, (_, i) => {
      const start = (first + i) * leavesUnder(level);
      return naive.subtree(start, start + leavesUnder(level));
    });
    tiles.push(formatTile(hashes));
  }
  return tiles;
}

/** The root of a tree out of its partial tiles alone: each hash of them is a perfect subtree, from left to right. */
function rootOutOf(tiles: readonly Uint8Array[]): Hash {
  const perfect = tiles.flatMap((bytes) => (bytes.length === 0 ? [] : [perfectRoots(parseTile(bytes))])).reverse();
  return joinRoots(perfect.flat());
}

/** Joins neighbours into the largest perfect subtrees. */
function perfectRoots(hashes: readonly Hash[]): readonly Hash[] {
  return appendLeaves(emptyFrontier(), hashes).roots;
}

describe('a tree of every size from 0 to 1,025 and around 65,536', () => {
  test('has the naive root', () => {
    for (const size of SIZES) {
      const root = rootOf(appendLeaves(emptyFrontier(), leaves.slice(0, size)));
      expect(toHex(root), String(size)).toBe(toHex(naive.root(size)));
    }
  });

  test('has its root in its partial tiles, of which no bit can be another', () => {
    for (const size of SIZES.filter((each) => each > 0)) {
      const tiles = partialTiles(size);
      expect(rootOutOf(tiles), String(size)).toEqual(naive.root(size));
      const level = tiles.findIndex((bytes) => bytes.length > 0);
      const bytes = tiles[level] as Uint8Array;
      const other = bytes.map((byte, at) => (at === (size * 31) % bytes.length ? byte ^ 1 : byte));
      expect(rootOutOf(tiles.with(level, other)), String(size)).not.toEqual(naive.root(size));
    }
  });

  test('has at 65,536 one full tile on level 1, whose hashes are the roots of those below', () => {
    const below = Array.from({ length: TILE_WIDTH }, (_, n) =>
      rootOfTile(leaves.slice(n * TILE_WIDTH, (n + 1) * TILE_WIDTH)),
    );
    expect(rootOfTile(below)).toEqual(naive.root(65_536));
    expect(partialTiles(65_536).map(({ length }) => length)).toEqual([0, 0, 32]);
    expect(partialTiles(65_537).map(({ length }) => length)).toEqual([32, 0, 32]);
  });
});
