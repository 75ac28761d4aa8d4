/** The table `checkpoints`: signed tree heads. */
import type { Hash } from '#core/hash.ts';
import type { Tx } from './schema.ts';

export interface CheckpointRow {
  readonly size: number;
  readonly root: Hash;
  readonly note: string;
}

export async function insertCheckpoint(tx: Tx, row: CheckpointRow): Promise<void> {
  await tx
    .insertInto('checkpoints')
    .values({ ...row })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

/** The newest checkpoint, or undefined where none is published yet. */
export async function loadNewestCheckpoint(tx: Tx): Promise<CheckpointRow | undefined> {
  const row = await tx
    .selectFrom('checkpoints')
    .select(['size', 'root', 'note'])
    .orderBy('size', 'desc')
    .limit(1)
    .executeTakeFirst();
  return row;
}

/** The checkpoint of exactly this size, or undefined. */
export async function loadCheckpoint(tx: Tx, size: number): Promise<CheckpointRow | undefined> {
  return tx.selectFrom('checkpoints').select(['size', 'root', 'note']).where('size', '=', size).executeTakeFirst();
}

/** One page of checkpoints larger than `after`, by size. */
export async function loadCheckpoints(tx: Tx, after: number, countMax: number): Promise<readonly CheckpointRow[]> {
  const rows = await tx
    .selectFrom('checkpoints')
    .select(['size', 'root', 'note'])
    .where('size', '>', after)
    .orderBy('size')
    .limit(countMax)
    .execute();
  return rows;
}
