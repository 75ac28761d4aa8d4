/** Roots of the tree as it was at earlier sizes, out of whatever has its leaves. */
import { Failure } from '#core/failure.ts';
import type { Hash } from '#core/hash.ts';
import { parseTile, TILE_WIDTH } from '#core/tlog/tile.ts';
import { appendLeaves, emptyFrontier, rootOf } from '#core/tlog/tree.ts';
import type { AuditSource } from './audit-source.ts';

/** How many tiles are read at once. */
const TILES_AT_ONCE = 64;

type Leaves = Pick<AuditSource, 'tiles' | 'entries'>;

/**
 * The roots of the trees of these sizes. Full tiles are read as such, and the leaves behind them with their entries.
 *
 * @param size Of the tree that the source has; no other is larger.
 * @throws {Failure} `proof_invalid`, if leaves are missing.
 */
export async function rootsAt(source: Leaves, sizes: readonly number[], size: number): Promise<readonly Hash[]> {
  const roots = new Map<number, Hash>();
  const wanted = [...new Set(sizes)].sort((a, b) => a - b);
  let frontier = emptyFrontier();
  const grow = (leaves: readonly Hash[]) => {
    let rest = leaves;
    for (const each of wanted.filter((at) => frontier.size <= at && at <= frontier.size + leaves.length)) {
      const count = each - frontier.size;
      frontier = appendLeaves(frontier, rest.slice(0, count));
      rest = rest.slice(count);
      roots.set(each, rootOf(frontier));
    }
    frontier = appendLeaves(frontier, rest);
  };
  const largest = wanted.at(-1) ?? 0;
  if (largest > size) throw new Failure('proof_invalid', `the tree has ${size} entries, and not ${largest}`);
  do {
    const start = frontier.size;
    const end = Math.min(start + TILES_AT_ONCE * TILE_WIDTH, size);
    const leaves = await leavesOf(source, start, end);
    if (leaves.length < end - start) throw new Failure('proof_invalid', `entries from ${start} on are missing`);
    grow(leaves);
  } while (frontier.size < largest);
  return sizes.map((each) => roots.get(each) as Hash);
}

/** Leaves `[start, end)`, `start` at the edge of a tile. */
async function leavesOf(source: Leaves, start: number, end: number): Promise<readonly Hash[]> {
  const full = Math.floor(end / TILE_WIDTH);
  const names = Array.from({ length: full - start / TILE_WIDTH }, (_, i) => ({ level: 0, n: start / TILE_WIDTH + i }));
  const tiles = new Map((await source.tiles(names)).map((tile) => [tile.n, tile.hashes]));
  const inTiles = names.flatMap(({ n }) => parseTile(tiles.get(n) ?? new Uint8Array()));
  const behind = full * TILE_WIDTH < end ? await source.entries(full * TILE_WIDTH, end) : [];
  return [...inTiles, ...behind.map(({ leaf }) => leaf)];
}
