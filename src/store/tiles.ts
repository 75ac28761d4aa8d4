/** The table `tiles`: full tiles of 256 hashes. */
import { sql } from 'kysely';
import type { Hash } from '#core/hash.ts';
import type { Tx } from './schema.ts';

export interface TileName {
  readonly level: number;
  readonly n: number;
}

export interface TileRow extends TileName {
  readonly hashes: Uint8Array;
  /** The node over all 256: one hash of the tile above. */
  readonly root: Hash;
}

export async function insertTiles(tx: Tx, rows: readonly TileRow[]): Promise<void> {
  if (rows.length === 0) return;
  await tx
    .insertInto('tiles')
    .values([...rows])
    .execute();
}

export async function loadTiles(tx: Tx, names: readonly TileName[]): Promise<readonly TileRow[]> {
  if (names.length === 0) return [];
  const { rows } = await sql<TileRow>`
    select tiles.level, tiles.n, tiles.hashes, tiles.root
    from unnest(${names.map((name) => name.level)}::smallint[], ${names.map((name) => name.n)}::bigint[]) as wanted(level, n)
    join tiles on tiles.level = wanted.level and tiles.n = wanted.n
  `.execute(tx);
  return rows;
}

/** The roots of full tiles, without the 8 kB of each. */
export async function loadTileRoots(tx: Tx, names: readonly TileName[]): Promise<readonly Omit<TileRow, 'hashes'>[]> {
  if (names.length === 0) return [];
  const { rows } = await sql<Omit<TileRow, 'hashes'>>`
    select tiles.level, tiles.n, tiles.root
    from unnest(${names.map((name) => name.level)}::smallint[], ${names.map((name) => name.n)}::bigint[]) as wanted(level, n)
    join tiles on tiles.level = wanted.level and tiles.n = wanted.n
  `.execute(tx);
  return rows;
}
