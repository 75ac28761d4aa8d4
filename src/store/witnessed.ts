/** The table `witnessed`: checkpoints that a quorum has cosigned. */
import { sql } from 'kysely';
import { type CheckpointRow, inForce, loadPage } from './checkpoints.ts';
import type { Tx } from './schema.ts';

/** Adds a checkpoint, unless one as large of the same name is there: what readers were served never shrinks. */
export async function insertWitnessed(tx: Tx, { size, root, note }: CheckpointRow): Promise<void> {
  await sql`
    insert into witnessed (size, root, note) select ${size}::bigint, ${root}::bytea, ${note}::text
    where not exists (
      select 1 from witnessed where size >= ${size} and origin = split_part(${note}::text, E'\\n', 1)
    )
    on conflict do nothing
  `.execute(tx);
}

/** The newest one of the name in force, or undefined where no quorum has cosigned yet. */
export async function loadNewestWitnessed(tx: Tx): Promise<CheckpointRow | undefined> {
  return newest(tx).where('origin', '=', inForce).executeTakeFirst();
}

function newest(tx: Tx) {
  return tx.selectFrom('witnessed').select(['size', 'root', 'note']).orderBy('size', 'desc').limit(1);
}

/** The least one of the name in force that is larger than `after`. */
export async function loadWitnessedAfter(tx: Tx, after: number): Promise<CheckpointRow | undefined> {
  return tx
    .selectFrom('witnessed')
    .select(['size', 'root', 'note'])
    .where('origin', '=', inForce)
    .where('size', '>', after)
    .orderBy('size')
    .limit(1)
    .executeTakeFirst();
}

/** One page of those larger than `after`, by size, of all names that the log ever had. */
export function loadWitnessedPage(tx: Tx, after: number, countMax: number): Promise<readonly CheckpointRow[]> {
  return loadPage(tx, 'witnessed', after, countMax);
}

/** The one of exactly this size, of the name in force, or undefined. */
export async function loadWitnessed(tx: Tx, size: number): Promise<CheckpointRow | undefined> {
  return newest(tx).where('origin', '=', inForce).where('size', '=', size).executeTakeFirst();
}
