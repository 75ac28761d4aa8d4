/** The table `packs`: the bytes of every version that was published, by their digest. */
import { sql } from 'kysely';
import type { Hash } from '#core/hash.ts';
import type { Tx } from './schema.ts';

export interface PackRow {
  readonly digest: Hash;
  readonly bytes: Uint8Array;
}

/** Bytes that are there already are the same ones: a digest has no others. */
export async function insertPacks(tx: Tx, rows: readonly PackRow[]): Promise<void> {
  if (rows.length === 0) return;
  await tx
    .insertInto('packs')
    .values([...rows])
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

/** The packs of these digests, as far as they are there. */
export async function loadPacks(tx: Tx, digests: readonly Hash[]): Promise<readonly PackRow[]> {
  if (digests.length === 0) return [];
  return tx
    .selectFrom('packs')
    .select(['digest', 'bytes'])
    .where(sql<boolean>`digest = any(${digests}::bytea[])`)
    .execute();
}

/** All of them. */
export async function loadAllPacks(tx: Tx): Promise<readonly PackRow[]> {
  return tx.selectFrom('packs').select(['digest', 'bytes']).execute();
}
