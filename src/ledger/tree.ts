/**
 * The tree as the store keeps it: leaves with their entries, and full tiles. Everything else is folded when asked for.
 *
 * @module
 */
import { assert } from '#core/assert.ts';
import type { Hash } from '#core/hash.ts';
import { type ConsistencyProof, foldConsistency, planConsistency } from '#core/tlog/consistency.ts';
import { foldGrowth, planGrowth } from '#core/tlog/growth.ts';
import { foldInclusion, type InclusionProof, planInclusion } from '#core/tlog/inclusion.ts';
import type { Subtree } from '#core/tlog/subtree.ts';
import {
  foldSubtrees,
  formatTile,
  type HashRange,
  parseTile,
  planSubtrees,
  TILE_WIDTH,
  type TileId,
} from '#core/tlog/tile.ts';
import type { Index, Size } from '#core/tlog/tree.ts';
import { loadLeaves } from '#store/entries.ts';
import type { Tx } from '#store/schema.ts';
import { insertTiles, loadTileRoots, loadTiles } from '#store/tiles.ts';

/** The proof that entry `index` is in the tree of `size` entries. */
export async function proveInclusion(tx: Tx, index: Index, size: Size): Promise<InclusionProof> {
  const plan = planInclusion(index, size);
  return foldInclusion(plan, await loadSubtrees(tx, plan, size));
}

/** The proof that the tree of `oldSize` entries is a prefix of that of `newSize`. */
export async function proveConsistency(tx: Tx, oldSize: Size, newSize: Size): Promise<ConsistencyProof> {
  const plan = planConsistency(oldSize, newSize);
  return foldConsistency(plan, await loadSubtrees(tx, plan, newSize));
}

/** Stores the tiles that become full by appending `leaves` to a tree of `oldSize`, in the batch's transaction. */
export async function completeTiles(tx: Tx, oldSize: Size, leaves: readonly Hash[]): Promise<void> {
  const plan = planGrowth(oldSize, (oldSize + leaves.length) as Size);
  const stored: (readonly Hash[])[] = [];
  for (const range of plan.ranges) stored.push(await loadRange(tx, range));
  const full = foldGrowth(plan, stored, leaves);
  await insertTiles(
    tx,
    full.map((tile) => ({ ...tile, hashes: formatTile(tile.hashes) })),
  );
}

/** The first `width` hashes of a tile, as it is served. Asking beyond the stored tree is a mistake of ours. */
export async function loadTile(tx: Tx, tile: TileId, width: number): Promise<Uint8Array> {
  const [full] = width === TILE_WIDTH ? await loadTiles(tx, [tile]) : [];
  if (full !== undefined) return full.hashes;
  const start = tile.n * TILE_WIDTH;
  return formatTile(await loadRange(tx, { level: tile.level, start, end: start + width }));
}

/** Reads the root hashes of subtrees, in their order. */
async function loadSubtrees(tx: Tx, subtrees: readonly Subtree[], size: Size): Promise<readonly Hash[]> {
  const plan = planSubtrees(subtrees, size);
  const tiles = new Map((await loadTiles(tx, plan.tiles)).map((row) => [nameOf(row), parseTile(row.hashes)]));
  const ranges: (readonly Hash[])[] = [];
  for (const range of plan.ranges) ranges.push(await loadRange(tx, range));
  return foldSubtrees(
    plan,
    plan.tiles.map((tile) => {
      const hashes = tiles.get(nameOf(tile));
      assert(hashes !== undefined, 'a full tile is stored');
      return hashes;
    }),
    ranges,
  );
}

/** Hashes that are in no full tile: leaves, or the roots of full tiles of the level below. */
async function loadRange(tx: Tx, { level, start, end }: HashRange): Promise<readonly Hash[]> {
  const numbers = Array.from({ length: end - start }, (_, i) => start + i);
  const found = level === 0 ? await loadLeaves(tx, [{ start, end }]) : await loadRoots(tx, level - 1, numbers);
  return numbers.map((n) => {
    const hash = found.get(n);
    assert(hash !== undefined, 'every hash below the size is stored');
    return hash;
  });
}

async function loadRoots(tx: Tx, level: number, numbers: readonly number[]): Promise<ReadonlyMap<number, Hash>> {
  const tiles = await loadTileRoots(
    tx,
    numbers.map((n) => ({ level, n })),
  );
  return new Map(tiles.map((tile) => [tile.n, tile.root]));
}

function nameOf(tile: { readonly level: number; readonly n: number }): string {
  return `${tile.level}/${tile.n}`;
}
