/** The table `head`: the row that every batch locks. */
import { type RawBuilder, sql } from 'kysely';
import type { Hash } from '#core/hash.ts';
import type { Instant } from '#core/instant.ts';
import type { Tx } from './schema.ts';

export interface HeadRow {
  readonly origin: string;
  readonly size: number;
  readonly root: Hash;
  readonly frontier: Uint8Array;
  readonly time: Instant;
}

/** Locks the head until the transaction ends, so that batches of all processes come one after another. */
export async function lockHead(tx: Tx): Promise<HeadRow | undefined> {
  const row = await tx
    .selectFrom('head')
    .select(['origin', 'size', 'root', 'frontier', 'time'])
    .forUpdate()
    .executeTakeFirst();
  return row;
}

/** Reads the head without locking it. */
export async function loadHead(tx: Tx): Promise<HeadRow | undefined> {
  const row = await tx.selectFrom('head').select(['origin', 'size', 'root', 'frontier', 'time']).executeTakeFirst();
  return row;
}

/** Makes the head of a new log. Does nothing where there is one. */
export async function insertHead(tx: Tx, head: HeadRow): Promise<void> {
  await tx
    .insertInto('head')
    .values({ ...head })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

/** Moves the head on, if it is still where the caller took it from; with it what goes with the entries, if that is as far. */
export function headMove(from: HeadRow, to: HeadRow): RawBuilder<unknown> {
  return sql`
    update head set size = ${to.size}, root = ${to.root}, frontier = ${to.frontier}, time = ${to.time},
      stepped = case when stepped = ${from.size} then ${to.size}::bigint else stepped end
    where size = ${from.size} and root = ${from.root}
  `;
}

/** Gives the log another name, which its next entry says. The head is locked, and stays where it is. */
export async function renameHead(tx: Tx, origin: string): Promise<void> {
  await tx.updateTable('head').set({ origin }).execute();
}

/** The database's own clock, read in a statement of its own so that it is later than the lock. */
export async function readClock(tx: Tx): Promise<Instant> {
  const { rows } = await sql<{ now: Instant }>`
    select floor(extract(epoch from clock_timestamp()) * 1000)::bigint as now
  `.execute(tx);
  return (rows[0] as { now: Instant }).now;
}
