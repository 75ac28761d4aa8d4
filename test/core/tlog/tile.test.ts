import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { toHex } from '#core/bytes.ts';
import { type Hash, useSha256 } from '#core/hash.ts';
import { planConsistency } from '#core/tlog/consistency.ts';
import { type FullTile, foldGrowth, planGrowth } from '#core/tlog/growth.ts';
import { planInclusion } from '#core/tlog/inclusion.ts';
import { cutPerfect, powerOfTwoBelow, type Subtree, subtree } from '#core/tlog/subtree.ts';
import {
  foldSubtrees,
  formatTile,
  type HashRange,
  parseTile,
  planSubtrees,
  rootOfTile,
  TILE_WIDTH,
  tilesCompleted,
} from '#core/tlog/tile.ts';
import { appendLeaves, emptyFrontier, type Index, rootOf, type Size } from '#core/tlog/tree.ts';
import { nativeSha256 } from '../../../src/native.ts';
import { expectFailure } from '../../support/failure.ts';
import { makeLeaves, naiveTree } from './naive.ts';

beforeAll(() => useSha256(nativeSha256));

/** A store as the ledger has one: leaves with their entries, and full tiles with their roots. Nothing else. */
function makeStore() {
  const leaves: Hash[] = [];
  const tiles = new Map<string, FullTile>();
  const tileAt = (level: number, n: number) => {
    const tile = tiles.get(`${level}/${n}`);
    if (!tile) throw new Error(`no full tile ${level}/${n}`);
    return tile;
  };

  function readRange({ level, start, end }: HashRange): readonly Hash[] {
    if (end > Math.floor(leaves.length / TILE_WIDTH ** level)) throw new Error(`no hashes ${level}/${start}-${end}`);
    if (level === 0) return leaves.slice(start, end);
    return Array.from({ length: end - start }, (_, i) => tileAt(level - 1, start + i).root);
  }

  return {
    append(batch: readonly Hash[]): readonly FullTile[] {
      const plan = planGrowth(leaves.length as Size, (leaves.length + batch.length) as Size);
      const completed = foldGrowth(plan, plan.ranges.map(readRange), batch);
      leaves.push(...batch);
      for (const tile of completed) tiles.set(`${tile.level}/${tile.n}`, tile);
      return completed;
    },
    read(subtrees: readonly Subtree[], size: number): readonly Hash[] {
      const plan = planSubtrees(subtrees, size as Size);
      return foldSubtrees(
        plan,
        plan.tiles.map(({ level, n }) => tileAt(level, n).hashes),
        plan.ranges.map(readRange),
      );
    },
    tileAt,
  };
}

const hex = (hashes: readonly Hash[]) => hashes.map(toHex);

describe('a store of full tiles and leaves', () => {
  test('gives every hash of every proof, at every size up to 1025', () => {
    const leaves = makeLeaves(1025);
    const naive = naiveTree(leaves);
    const store = makeStore();
    for (let size = 1; size <= leaves.length; size++) {
      store.append(leaves.slice(size - 1, size));
      const index = ((size * 7919) % size) as Index;
      const oldSize = Math.max(1, (size * 104_729) % size) as Size;
      const plan = [
        ...planInclusion(index, size as Size),
        ...planInclusion((size - 1) as Index, size as Size),
        ...planConsistency(oldSize, size as Size),
        subtree(0, size),
      ];
      expect(hex(store.read(plan, size))).toEqual(hex(plan.map(({ start, end }) => naive.subtree(start, end))));
    }
  });

  test('gives them across two levels of tiles, around 65,536', () => {
    const leaves = makeLeaves(66_100);
    const naive = naiveTree(leaves);
    const store = makeStore();
    let appended = 0;
    for (const size of [65_000, 65_279, 65_280, 65_281, 65_535, 65_536, 65_537, 65_792, 66_100]) {
      store.append(leaves.slice(appended, size));
      appended = size;
      for (const index of [0, 255, 256, 40_000, 65_000 - 1, size - 1]) {
        const plan = planInclusion(index as Index, size as Size);
        expect(hex(store.read(plan, size))).toEqual(hex(naive.inclusion(index, size)));
      }
      for (const oldSize of [1, 256, 32_768, 64_999, size - 1]) {
        const plan = planConsistency(oldSize as Size, size as Size);
        expect(hex(store.read(plan, size))).toEqual(hex(naive.consistency(oldSize, size)));
      }
      expect(hex(store.read([subtree(0, size)], size))).toEqual(hex([naive.root(size)]));
    }
  });

  test('gives the proofs of an older tree too, planned for its size or for the present one', () => {
    const leaves = makeLeaves(1000);
    const naive = naiveTree(leaves);
    const store = makeStore();
    store.append(leaves);
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1000 }), fc.nat(), (size, at) => {
        const plan = planInclusion((at % size) as Index, size as Size);
        const want = hex(naive.inclusion(at % size, size));
        expect(hex(store.read(plan, size))).toEqual(want);
        expect(hex(store.read(plan, 1000))).toEqual(want);
      }),
    );
  });

  test('grows alike in whatever batches, and agrees with the frontier', () => {
    const leaves = makeLeaves(70_000);
    const whole = makeStore();
    const tiles = whole.append(leaves);
    const batches = fc.array(fc.integer({ min: 1, max: 40_000 }), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(batches, (counts) => {
        const store = makeStore();
        let size = 0;
        const completed: FullTile[] = [];
        for (const count of [...counts, leaves.length]) {
          const batch = leaves.slice(size, size + count);
          completed.push(...store.append(batch));
          size += batch.length;
        }
        const order = (a: FullTile, b: FullTile) => a.level - b.level || a.n - b.n;
        expect(hex(completed.sort(order).map(({ root }) => root))).toEqual(hex(tiles.map(({ root }) => root)));
      }),
      { numRuns: 4 },
    );
    const frontier = appendLeaves(emptyFrontier(), leaves);
    expect(toHex(whole.read([subtree(0, 70_000)], 70_000)[0] as Hash)).toBe(toHex(rootOf(frontier)));
    expect(tiles.filter(({ level }) => level === 0)).toHaveLength(273);
    expect(tiles.filter(({ level }) => level === 1)).toHaveLength(1);
    expect(whole.tileAt(1, 0).hashes).toEqual(tiles.slice(0, 256).map(({ root }) => root));
  });
});

describe('a plan of reads', () => {
  test('names each tile and range once, however many subtrees need it', () => {
    const size = 70_000 as Size;
    const subtrees = [0, 1, 2, 300].flatMap((index) => planInclusion(index as Index, size));
    const plan = planSubtrees([...subtrees, ...subtrees], size);
    const names = [...plan.tiles, ...plan.ranges].map((item) => Object.values(item).join('/'));
    expect(new Set(names).size).toBe(names.length);
    expect(plan.tiles).toEqual([
      { level: 0, n: 0 },
      { level: 1, n: 0 },
      { level: 0, n: 1 },
    ]);
  });

  test('reads little in the largest tree there can be', () => {
    const size = (2 ** 53 - 1) as Size;
    const plan = planSubtrees(planInclusion((2 ** 52 + 12_345) as Index, size), size);
    expect(plan.tiles.length).toBeLessThanOrEqual(7);
    expect(plan.ranges.length).toBeLessThanOrEqual(60);
    for (const { start, end } of plan.ranges) expect(end - start).toBeLessThan(TILE_WIDTH);
  });

  test('asks for no tile that is not full', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2 ** 40 }), fc.nat(), (size, at) => {
        const plan = planSubtrees(planInclusion((at % size) as Index, size as Size), size as Size);
        for (const { level, n } of plan.tiles) expect((n + 1) * TILE_WIDTH ** (level + 1)).toBeLessThanOrEqual(size);
        for (const { level, end } of plan.ranges) expect(end * TILE_WIDTH ** level).toBeLessThanOrEqual(size);
      }),
    );
  });

  test('stops at our own mistakes', () => {
    expect(() => planSubtrees([subtree(0, 5)], 4 as Size)).toThrow('inside the stored tree');
    expect(() => planSubtrees([subtree(1, 3)], 4 as Size)).toThrow('starts where the tree is split');
    expect(() => cutPerfect(subtree(2, 2))).toThrow('has a leaf');
    expect(() => powerOfTwoBelow(1)).toThrow('two or more');
    const plan = planSubtrees([subtree(0, 2)], 256 as Size);
    expect(() => foldSubtrees(plan, [], [])).toThrow('was read');
    expect(() => foldSubtrees(plan, [makeLeaves(255)], [])).toThrow('256 hashes');
  });
});

describe('tiles completed', () => {
  test.each([
    [0, 255, []],
    [0, 256, ['0/0']],
    [255, 256, ['0/0']],
    [256, 511, []],
    [256, 512, ['0/1']],
    [255, 513, ['0/0', '0/1']],
    [65_535, 65_536, ['0/255', '1/0']],
    [65_536, 65_536, []],
    [65_536, 65_537, []],
    [16_777_215, 16_777_216, ['0/65535', '1/255', '2/0']],
  ])('from size %i to %i are %j', (oldSize, newSize, names) => {
    const completed = tilesCompleted(oldSize as Size, newSize as Size);
    expect(completed.map(({ level, n }) => `${level}/${n}`)).toEqual(names);
  });

  test('need at most 255 stored hashes on each level', () => {
    expect(planGrowth(65_535 as Size, 65_536 as Size).ranges).toEqual([
      { level: 0, start: 65_280, end: 65_535 },
      { level: 1, start: 0, end: 255 },
    ]);
    expect(planGrowth(300 as Size, 511 as Size).ranges).toEqual([]);
    expect(planGrowth(256 as Size, 512 as Size).ranges).toEqual([]);
    expect(() => planGrowth(2 as Size, 1 as Size)).toThrow('a tree grows');
    const plan = planGrowth(300 as Size, 512 as Size);
    expect(() => foldGrowth(plan, [], makeLeaves(212))).toThrow('was read');
    expect(() => foldGrowth(plan, [makeLeaves(44)], makeLeaves(211))).toThrow('grows by these leaves');
  });

  test('are those that growth makes, at any sizes', () => {
    const leaves = makeLeaves(2000);
    const store = makeStore();
    let size = 0;
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 300 }), (count) => {
        const next = Math.min(size + count, leaves.length);
        const completed = store.append(leaves.slice(size, next));
        expect(completed.map(({ level, n }) => ({ level, n }))).toEqual(tilesCompleted(size as Size, next as Size));
        size = next;
      }),
      { numRuns: 30 },
    );
  });
});

describe('the bytes of a tile', () => {
  test('are its hashes, and read back', () => {
    const hashes = makeLeaves(256);
    expect(formatTile(hashes)).toHaveLength(8192);
    expect(parseTile(formatTile(hashes))).toEqual(hashes);
    expect(parseTile(formatTile(hashes.slice(0, 1)))).toEqual(hashes.slice(0, 1));
    expect(rootOfTile(hashes)).toEqual(naiveTree(hashes).root(256));
  });

  test.each([0, 1, 31, 33, 8191, 8193, 8224])('are not %i', (length) => {
    expectFailure('proof_invalid', () => parseTile(new Uint8Array(length)));
  });

  test('are those of 1 to 256 hashes', () => {
    expect(() => formatTile([])).toThrow('1 to 256');
    expect(() => formatTile(makeLeaves(257))).toThrow('1 to 256');
    expect(() => rootOfTile(makeLeaves(255))).toThrow('256 hashes');
  });
});
