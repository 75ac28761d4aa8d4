/** The table `witnessed`: checkpoints that a quorum has cosigned. */
import { sql } from 'kysely';
import type { CheckpointRow } from './checkpoints.ts';
import type { Tx } from './schema.ts';

/** Adds a checkpoint, unless one as large is there: what readers were served never shrinks. */
export async function insertWitnessed(tx: Tx, { size, root, note }: CheckpointRow): Promise<void> {
  await sql`
    insert into witnessed (size, root, note) select ${size}::bigint, ${root}::bytea, ${note}::text
    where not exists (select 1 from witnessed where size >= ${size})
    on conflict do nothing
  `.execute(tx);
}

/** The newest one, or undefined where no quorum has cosigned yet. */
export async function loadNewestWitnessed(tx: Tx): Promise<CheckpointRow | undefined> {
  return tx
    .selectFrom('witnessed')
    .select(['size', 'root', 'note'])
    .orderBy('size', 'desc')
    .limit(1)
    .executeTakeFirst();
}

/** One page of those larger than `after`, by size. */
export async function loadWitnessedPage(tx: Tx, after: number, countMax: number): Promise<readonly CheckpointRow[]> {
  return tx
    .selectFrom('witnessed')
    .select(['size', 'root', 'note'])
    .where('size', '>', after)
    .orderBy('size')
    .limit(countMax)
    .execute();
}

/** The one of exactly this size, or undefined. */
export async function loadWitnessed(tx: Tx, size: number): Promise<CheckpointRow | undefined> {
  return tx.selectFrom('witnessed').select(['size', 'root', 'note']).where('size', '=', size).executeTakeFirst();
}
