/**
 * Whether a tree that the log has signed is the beginning of the one that is followed: out of the tiles that are served, each
 * of which the proof itself puts to the test.
 *
 * @module
 */
import { Failure, isFailure } from '#core/failure.ts';
import type { Hash } from '#core/hash.ts';
import type { VerifiedCheckpoint } from '#core/tlog/checkpoint.ts';
import { type ConsistencyProof, foldConsistency, planConsistency, verifyConsistency } from '#core/tlog/consistency.ts';
import { subtree } from '#core/tlog/subtree.ts';
import { foldSubtrees, leavesUnder, parseTile, planSubtrees, TILE_WIDTH, type TileId } from '#core/tlog/tile.ts';
import { formatTilePath } from '#core/tlog/tile-path.ts';
import type { Size, TreeHead } from '#core/tlog/tree.ts';
import type { Resources } from '#ledger/tiled-source.ts';

export interface Fork {
  readonly message: string;
  /** Whether the two checkpoints alone say so. */
  readonly isAhead: boolean;
  /** Whether all was there that would have shown the contrary. */
  readonly isShown: boolean;
}

/** The tree that is followed, and who proves that another is its beginning. */
export interface FollowedTree {
  readonly head: TreeHead;
  /** @throws {Failure} `not_published`, where what it takes is missing. */
  prove(from: Size, to: Size): Promise<ConsistencyProof>;
}

/** How a signed tree contradicts the one that is followed; undefined: it does not. */
export async function contradiction(
  shown: VerifiedCheckpoint,
  { head, prove }: FollowedTree,
): Promise<Fork | undefined> {
  if (shown.size > head.size) {
    const message = `its tree of ${shown.size} entries is signed, and ${head.size} are served: rolled back, or an old copy`;
    return { message, isAhead: true, isShown: true };
  }
  try {
    verifyConsistency(await prove(shown.size, head.size), shown, head);
    return undefined;
  } catch (failure) {
    if (isFailure(failure, 'not_published')) return { message: failure.message, isAhead: false, isShown: false };
    if (!isFailure(failure, 'proof_invalid')) throw failure;
    const message = `its tree of ${shown.size} entries is signed, and is no beginning of the one of ${head.size} that is served`;
    return { message, isAhead: false, isShown: true };
  }
}

/** Proves by the tiles that are served. */
export function proveByTiles(resources: Resources): FollowedTree['prove'] {
  return async (from, to) => {
    const plan = from === 0 ? [] : planConsistency(from, to);
    return foldConsistency(plan, await readSubtrees(resources, plan, to));
  };
}

/** The root of a tree of `size` entries, if it is a beginning of the one that is served: by tiles, and so proven by nothing yet. */
export async function rootByTiles(resources: Resources, size: Size, served: Size): Promise<Hash> {
  return (await readSubtrees(resources, [subtree(0, size)], served))[0] as Hash;
}

async function readSubtrees(
  resources: Resources,
  subtrees: ReturnType<typeof planConsistency>,
  size: Size,
): Promise<readonly Hash[]> {
  const plan = planSubtrees(subtrees, size);
  const tiles = await Promise.all(plan.tiles.map((tile) => readTile(resources, tile, size)));
  const ranges = await Promise.all(
    plan.ranges.map(async ({ level, start, end }) => {
      const n = Math.floor(start / TILE_WIDTH);
      return (await readTile(resources, { level, n }, size)).slice(start - n * TILE_WIDTH, end - n * TILE_WIDTH);
    }),
  );
  return foldSubtrees(plan, tiles, ranges);
}

/** @throws {Failure} `not_published`, where it is missing or unreadable: nothing is shown by it then. */
async function readTile(resources: Resources, { level, n }: TileId, size: Size): Promise<readonly Hash[]> {
  const width = Math.min(TILE_WIDTH, Math.floor(size / leavesUnder(level)) - n * TILE_WIDTH);
  const bytes = await resources.read(formatTilePath({ kind: 'tile', level, n, width }));
  const hashes = bytes === undefined || bytes.length !== width * 32 ? undefined : parseTile(bytes);
  if (hashes === undefined) throw new Failure('not_published', `tile ${level}/${n} is missing or cut`);
  return hashes;
}
