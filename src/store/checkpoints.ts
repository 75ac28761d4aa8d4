/** The table `checkpoints`: signed tree heads. */

import { sql } from 'kysely';
import type { Hash } from '#core/hash.ts';
import type { Tx } from './schema.ts';

export interface CheckpointRow {
  readonly size: number;
  readonly root: Hash;
  readonly note: string;
}

/** @param isServed Whether readers are served it as it is; else not before a quorum has cosigned it. */
export async function insertCheckpoint(tx: Tx, row: CheckpointRow, isServed: boolean = true): Promise<void> {
  await tx
    .insertInto('checkpoints')
    .values({ ...row, served: isServed })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

/** The newest checkpoint of the name in force, or undefined where none is published yet. */
export async function loadNewestCheckpoint(tx: Tx): Promise<CheckpointRow | undefined> {
  return tx
    .selectFrom('checkpoints')
    .select(['size', 'root', 'note'])
    .where('origin', '=', inForce)
    .orderBy('size', 'desc')
    .limit(1)
    .executeTakeFirst();
}

/** The checkpoint of exactly this size, of the name in force, or undefined. */
export async function loadCheckpoint(tx: Tx, size: number): Promise<CheckpointRow | undefined> {
  return tx
    .selectFrom('checkpoints')
    .select(['size', 'root', 'note'])
    .where('origin', '=', inForce)
    .where('size', '=', size)
    .executeTakeFirst();
}

/** The least one of the name in force that is larger than `after`. */
export async function loadCheckpointAfter(tx: Tx, after: number): Promise<CheckpointRow | undefined> {
  return tx
    .selectFrom('checkpoints')
    .select(['size', 'root', 'note'])
    .where('origin', '=', inForce)
    .where('size', '>', after)
    .orderBy('size')
    .limit(1)
    .executeTakeFirst();
}

/** One page of checkpoints larger than `after`, by size, of all names that the log ever had. */
export function loadCheckpoints(tx: Tx, after: number, countMax: number): Promise<readonly CheckpointRow[]> {
  return loadPage(tx, 'checkpoints', after, countMax);
}

/** A page ends with a whole size: two names may have signed the same. */
export async function loadPage(
  tx: Tx,
  table: 'checkpoints' | 'witnessed',
  after: number,
  countMax: number,
): Promise<readonly CheckpointRow[]> {
  const sized = tx.selectFrom(table).select(['size', 'root', 'note']).orderBy('size').orderBy('origin');
  const rows = await sized.where('size', '>', after).limit(countMax).execute();
  const last = rows.at(-1)?.size;
  if (rows.length < countMax || last === undefined) return rows;
  return [...rows.filter(({ size }) => size < last), ...(await sized.where('size', '=', last).execute())];
}

/** The name of the log: that of its head. */
export const inForce = sql<string>`(select origin from head)`;
