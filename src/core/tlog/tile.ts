/**
 * Tiles: the hashes of the tree in rows of 256 (C2SP tlog-tiles).
 *
 * Hash i of level 0 is leaf i; hash i of level L > 0 is the root of the full tile i of level L-1. Only full tiles are
 * stored, as 256 hashes and their root, and a full tile never changes. A hash that is in no full tile yet stands
 * nevertheless somewhere: on level 0 with its entry, above as the root of the full tile below it.
 *
 * @module
 */
import { assert } from '../assert.ts';
import { concat } from '../bytes.ts';
import { Failure } from '../failure.ts';
import { HASH_BYTES, type Hash, hashNode, parseHash } from '../hash.ts';
import { cutPerfect, type Subtree } from './subtree.ts';
import { joinRoots, type Size } from './tree.ts';

export const TILE_WIDTH = 256;

/** The n-th tile of a level: the hashes `[n * 256, n * 256 + 256)` of that level. */
export interface TileId {
  readonly level: number;
  readonly n: number;
}

/** The hashes `[start, end)` of a level: leaves on level 0, roots of full tiles of the level below on the others. */
export interface HashRange {
  readonly level: number;
  readonly start: number;
  readonly end: number;
}

/** What to read for the hashes of some subtrees, each thing once, and how they are made of it. */
export interface TilePlan {
  /** Full tiles, to be read whole. */
  readonly tiles: readonly TileId[];
  /** Hashes that are in no full tile yet. */
  readonly ranges: readonly HashRange[];
  /** For each subtree, the perfect pieces it consists of, the largest first. */
  readonly pieces: readonly (readonly Piece[])[];
}

/** The root of `width` neighbouring hashes, the first of them at `start`, out of a tile or range of the plan. */
export interface Piece {
  readonly kind: 'tile' | 'range';
  readonly source: number;
  readonly start: number;
  readonly width: number;
}

/**
 * Plans the reads for the root hashes of subtrees, in a store that has `size` entries or more: one query for tiles,
 * one for leaves and one for roots of tiles are enough. Pairs with {@link foldSubtrees}.
 */
export function planSubtrees(subtrees: readonly Subtree[], size: Size): TilePlan {
  const tiles = listOnce<TileId>();
  const ranges = listOnce<HashRange>();
  const pieces = subtrees.map((subtree) =>
    cutPerfect(subtree).map((part): Piece => {
      assert(part.end <= size, 'a subtree lies inside the stored tree');
      const { level, start, end } = rangeOf(part);
      const width = end - start;
      const n = Math.floor(start / TILE_WIDTH);
      if ((n + 1) * TILE_WIDTH * leavesUnder(level) <= size) {
        return { kind: 'tile', source: tiles.placeOf({ level, n }), start: start % TILE_WIDTH, width };
      }
      return { kind: 'range', source: ranges.placeOf({ level, start, end }), start: 0, width };
    }),
  );
  return { tiles: tiles.items, ranges: ranges.items, pieces };
}

/** Computes the root hashes of the planned subtrees, in their order, from what was read in the plan's order. */
export function foldSubtrees(
  plan: TilePlan,
  tiles: readonly (readonly Hash[])[],
  ranges: readonly (readonly Hash[])[],
): readonly Hash[] {
  assert(tiles.length === plan.tiles.length && ranges.length === plan.ranges.length, 'all that is planned was read');
  assert(
    tiles.every((hashes) => hashes.length === TILE_WIDTH),
    'a full tile has 256 hashes',
  );
  const sources = { tile: tiles.map(growPyramid), range: ranges.map(growPyramid) };
  const rootOfPiece = ({ kind, source, start, width }: Piece) => (sources[kind][source] as Pyramid)(start, width);
  return plan.pieces.map((pieces) => joinRoots(pieces.map(rootOfPiece)));
}

/** Names the full tiles that are complete when a tree of `newSize` is, and were not at `oldSize`, lower levels first. */
export function tilesCompleted(oldSize: Size, newSize: Size): readonly TileId[] {
  const completed: TileId[] = [];
  for (let level = 0; leavesUnder(level + 1) <= newSize; level++) {
    const leaves = leavesUnder(level + 1);
    for (let n = Math.floor(oldSize / leaves); n < Math.floor(newSize / leaves); n++) completed.push({ level, n });
  }
  return completed;
}

/** Returns how many leaves lie under one hash of a level. */
export function leavesUnder(level: number): number {
  return TILE_WIDTH ** level;
}

/** Computes the root of a full tile. */
export function rootOfTile(hashes: readonly Hash[]): Hash {
  assert(hashes.length === TILE_WIDTH, 'a full tile has 256 hashes');
  return growPyramid(hashes)(0, TILE_WIDTH);
}

/** Writes the bytes of a tile, as they are served; a partial one is shorter. */
export function formatTile(hashes: readonly Hash[]): Uint8Array {
  assert(0 < hashes.length && hashes.length <= TILE_WIDTH, 'a tile has 1 to 256 hashes');
  return concat(...hashes);
}

/** @throws {Failure} `proof_invalid`, if the bytes are not 1 to 256 hashes. */
export function parseTile(bytes: Uint8Array): readonly Hash[] {
  const width = bytes.length / HASH_BYTES;
  if (!Number.isInteger(width) || width < 1 || width > TILE_WIDTH) {
    throw new Failure('proof_invalid', `${bytes.length} bytes are no tile`);
  }
  return Array.from({ length: width }, (_, i) => parseHash(bytes.subarray(i * HASH_BYTES, (i + 1) * HASH_BYTES)));
}

/** Finds the hashes that a perfect subtree is the root of: on the highest level that has whole hashes for it. */
function rangeOf({ start, end }: Subtree): HashRange {
  let level = 0;
  while (leavesUnder(level + 1) <= end - start) level++;
  return { level, start: start / leavesUnder(level), end: end / leavesUnder(level) };
}

/** A list that takes each item once and tells its place. */
interface OnceList<T> {
  readonly items: readonly T[];
  placeOf(item: T): number;
}

function listOnce<T extends TileId | HashRange>(): OnceList<T> {
  const items: T[] = [];
  const places = new Map<string, number>();
  return {
    items,
    placeOf(item) {
      const name = Object.values(item).join('/');
      const place = places.get(name) ?? items.push(item) - 1;
      places.set(name, place);
      return place;
    },
  };
}

/** Gives the root of `width` (a power of two) neighbouring hashes from `start` (a multiple of it). */
type Pyramid = (start: number, width: number) => Hash;

/** Builds a row when it is first asked for, so that proofs out of one tile hash it once. */
function growPyramid(hashes: readonly Hash[]): Pyramid {
  const rows: (readonly Hash[])[] = [hashes];
  return (start, width) => {
    let row = 0;
    for (let covered = 1; covered < width; covered *= 2) {
      row++;
      rows[row] ??= halve(rows[row - 1] as readonly Hash[]);
    }
    return (rows[row] as readonly Hash[])[start / width] as Hash;
  };
}

function halve(row: readonly Hash[]): readonly Hash[] {
  const half: Hash[] = [];
  for (let i = 0; i + 1 < row.length; i += 2) half.push(hashNode(row[i] as Hash, row[i + 1] as Hash));
  return half;
}
