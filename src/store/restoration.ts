/** The table `restoration`: the restore that was begun, if it is not whole yet. */
import type { Hash } from '#core/hash.ts';
import type { Tx } from './schema.ts';

export interface RestorationRow {
  /** The tree that the database had before it. */
  readonly from_size: number;
  readonly from_root: Hash;
  /** What the signer remembered then. */
  readonly signed_size: number;
}

/** Says that it is begun. One that was begun before stays as it was. */
export async function insertRestoration(tx: Tx, row: RestorationRow): Promise<void> {
  await tx
    .insertInto('restoration')
    .values({ ...row })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

export async function loadRestoration(tx: Tx): Promise<RestorationRow | undefined> {
  return tx.selectFrom('restoration').select(['from_size', 'from_root', 'signed_size']).executeTakeFirst();
}

export async function removeRestoration(tx: Tx): Promise<void> {
  await tx.deleteFrom('restoration').execute();
}
