/**
 * Growth: which full tiles a batch of new leaves completes, and what they hold.
 *
 * Planned and folded like a proof, because a new tile may begin with hashes that are stored already: at most 255 on
 * each level, and on most batches none at all.
 *
 * @module
 */
import { assert } from '../assert.ts';
import type { Hash } from '../hash.ts';
import { type HashRange, leavesUnder, rootOfTile, TILE_WIDTH, type TileId } from './tile.ts';
import type { Size } from './tree.ts';

/** A full tile as it is stored, once and for ever. */
export interface FullTile extends TileId {
  readonly hashes: readonly Hash[];
  readonly root: Hash;
}

/** What to read before a tree can grow. */
export interface GrowthPlan {
  readonly oldSize: Size;
  readonly newSize: Size;
  /** The stored beginnings of the tiles to complete, at most one for each level, lower levels first. */
  readonly ranges: readonly HashRange[];
}

/** Plans the reads for growing from `oldSize` to `newSize` entries. Pairs with {@link foldGrowth}. */
export function planGrowth(oldSize: Size, newSize: Size): GrowthPlan {
  assert(oldSize <= newSize, 'a tree grows');
  const ranges: HashRange[] = [];
  for (let level = 0; completes(level, oldSize, newSize); level++) {
    const end = Math.floor(oldSize / leavesUnder(level));
    const start = end - (end % TILE_WIDTH);
    if (start < end) ranges.push({ level, start, end });
  }
  return { oldSize, newSize, ranges };
}

/** Makes the completed tiles of the hashes that were read in the plan's order, and the new leaves; lower ones first. */
export function foldGrowth(
  plan: GrowthPlan,
  stored: readonly (readonly Hash[])[],
  leaves: readonly Hash[],
): readonly FullTile[] {
  const { oldSize, newSize, ranges } = plan;
  assert(stored.length === ranges.length, 'all that is planned was read');
  assert(leaves.length === newSize - oldSize, 'the tree grows by these leaves');
  const completed: FullTile[] = [];
  let added = leaves;
  for (let level = 0; completes(level, oldSize, newSize); level++) {
    const row = [...(stored[ranges.findIndex((range) => range.level === level)] ?? []), ...added];
    const first = Math.floor(oldSize / leavesUnder(level + 1));
    const tiles = cutTiles(row).map((hashes, i) => ({ level, n: first + i, hashes, root: rootOfTile(hashes) }));
    for (const tile of tiles) completed.push(tile);
    added = tiles.map((tile) => tile.root);
  }
  return completed;
}

function completes(level: number, oldSize: Size, newSize: Size): boolean {
  const leaves = leavesUnder(level + 1);
  return Math.floor(oldSize / leaves) < Math.floor(newSize / leaves);
}

/** Cuts a row that begins with a tile into its full tiles; what is left over stays a partial one. */
function cutTiles(row: readonly Hash[]): readonly (readonly Hash[])[] {
  const count = Math.floor(row.length / TILE_WIDTH);
  return Array.from({ length: count }, (_, i) => row.slice(i * TILE_WIDTH, (i + 1) * TILE_WIDTH));
}
