/** The tables `time_stamps` and `time_stamp_asking`: what a time-stamping authority made of checkpoints, and how it answers. */
import type { Instant } from '#core/instant.ts';
import type { Tx } from './schema.ts';

export interface TimeStampRow {
  /** Of the stamped tree. */
  readonly size: number;
  /** By the authority's clock: the tree existed by then. */
  readonly not_later_than: Instant;
  /** The text of the file (assent/time-stamp/v1). */
  readonly file: string;
}

/** Adds a time-stamp, unless the tree has one. */
export async function insertTimeStamp(tx: Tx, row: TimeStampRow): Promise<void> {
  await tx
    .insertInto('time_stamps')
    .values({ ...row })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

/** The one of the largest tree, or undefined where there is none yet. */
export async function loadNewestTimeStamp(tx: Tx): Promise<Omit<TimeStampRow, 'file'> | undefined> {
  return tx
    .selectFrom('time_stamps')
    .select(['size', 'not_later_than'])
    .orderBy('size', 'desc')
    .limit(1)
    .executeTakeFirst();
}

/** The one of exactly this size, or undefined. */
export async function loadTimeStamp(tx: Tx, size: number): Promise<TimeStampRow | undefined> {
  return tx
    .selectFrom('time_stamps')
    .select(['size', 'not_later_than', 'file'])
    .where('size', '=', size)
    .executeTakeFirst();
}

/** The sizes of all trees that have one. */
export async function loadStampedSizes(tx: Tx): Promise<ReadonlySet<number>> {
  const rows = await tx.selectFrom('time_stamps').select('size').execute();
  return new Set(rows.map(({ size }) => size));
}

/** One page of those of `from` entries or more, by size. */
export async function loadTimeStamps(tx: Tx, from: number, countMax: number): Promise<readonly TimeStampRow[]> {
  return tx
    .selectFrom('time_stamps')
    .select(['size', 'not_later_than', 'file'])
    .where('size', '>=', from)
    .orderBy('size')
    .limit(countMax)
    .execute();
}

/** How the authority answered last. */
export interface TimeStampAsking {
  readonly asked_at: number;
  /** Since when nothing came of it; null: a time-stamp came. */
  readonly failing_since: number | null;
  readonly why: string | null;
}

/** Keeps how the authority answered: since when it fails is remembered from the first time on. `why` null: it did not. */
export async function saveAsking(tx: Tx, at: number, why: string | null): Promise<void> {
  const before = await loadAsking(tx);
  const failing_since = why === null ? null : (before?.failing_since ?? at);
  const row = { asked_at: at, failing_since, why };
  await tx
    .insertInto('time_stamp_asking')
    .values(row)
    .onConflict((conflict) => conflict.column('id').doUpdateSet(row))
    .execute();
}

/** Undefined: it was never asked. */
export async function loadAsking(tx: Tx): Promise<TimeStampAsking | undefined> {
  return tx.selectFrom('time_stamp_asking').select(['asked_at', 'failing_since', 'why']).limit(1).executeTakeFirst();
}
