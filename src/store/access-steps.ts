/** The table `access_steps`: what became of each access, and each view of identity details, one row an entry; and how far it has got. */
import { type RawBuilder, sql } from 'kysely';
import type { AccessId } from '#core/ids.ts';
import type { Instant } from '#core/instant.ts';
import type { StreamId } from '#core/tlog/stream.ts';
import type { Tx } from './schema.ts';

/** As the entry says it; what a step does not have is null. */
export interface AccessStepRow {
  readonly index: number;
  readonly stream: StreamId;
  readonly time: Instant;
  readonly step: string;
  readonly access: AccessId | null;
  readonly decision: string | null;
  readonly action: string | null;
  readonly purpose: string | null;
  readonly may_defer: boolean | null;
}

const COLUMNS = ['index', 'stream', 'time', 'step', 'access', 'decision', 'action', 'purpose', 'may_defer'] as const;

export function accessStepsInsert(rows: readonly AccessStepRow[]): RawBuilder<unknown> {
  return sql`
    insert into access_steps (index, stream, time, step, access, decision, action, purpose, may_defer)
    select * from unnest(
      ${rows.map((row) => row.index)}::bigint[], ${rows.map((row) => row.stream)}::text[],
      ${rows.map((row) => row.time)}::bigint[], ${rows.map((row) => row.step)}::text[],
      ${rows.map((row) => row.access)}::text[], ${rows.map((row) => row.decision)}::text[],
      ${rows.map((row) => row.action)}::text[], ${rows.map((row) => row.purpose)}::text[],
      ${rows.map((row) => row.may_defer)}::boolean[])
  `;
}

/** The entries before this one have their rows; undefined: there is no log. */
export async function loadStepped(tx: Tx): Promise<{ readonly stepped: number; readonly size: number } | undefined> {
  return tx.selectFrom('head').select(['stepped', 'size']).executeTakeFirst();
}

/** Files the rows of entries `[start, end)` that older code appended. The caller holds the head's lock. */
export async function catchUpSteps(
  tx: Tx,
  rows: readonly AccessStepRow[],
  { start, end }: { readonly start: number; readonly end: number },
): Promise<void> {
  // Code that knows the table may have appended some of them behind the older code's.
  if (rows.length > 0) await sql`${accessStepsInsert(rows)} on conflict (index) do nothing`.execute(tx);
  await tx.updateTable('head').set({ stepped: end }).where('stepped', '=', start).execute();
}

/** The rows of entries `[start, end)`, in no order. */
export async function loadStepsOf(tx: Tx, start: number, end: number): Promise<readonly AccessStepRow[]> {
  return tx.selectFrom('access_steps').select(COLUMNS).where('index', '>=', start).where('index', '<', end).execute();
}

/** Indexes outside a tree of `size` entries that have a row: there must be none. */
export async function loadStraySteps(tx: Tx, size: number, countMax: number): Promise<readonly number[]> {
  const { rows } = await sql<{ index: number }>`
    select index from access_steps where index < 0 or index >= ${size} order by index limit ${countMax}
  `.execute(tx);
  return rows.map((row) => row.index);
}

/** What was decided in these streams, and of what notice was given, from a time on and before an index; the newest first. */
export async function loadDecided(
  tx: Tx,
  streams: readonly StreamId[],
  { since, before, countMax }: { readonly since: number; readonly before: number; readonly countMax: number },
): Promise<readonly AccessStepRow[]> {
  if (streams.length === 0) return [];
  return tx
    .selectFrom('access_steps')
    .select(COLUMNS)
    .where(sql<boolean>`stream = any(${streams}::text[])`)
    .where('step', 'in', ['decided', 'told'])
    .where('time', '>=', since as Instant)
    .where('index', '<', before)
    .orderBy('index', 'desc')
    .limit(countMax)
    .execute();
}

/** The entries by which identity details were seen in these streams, from a time on and before an index; the newest first. */
export async function loadViewed(
  tx: Tx,
  streams: readonly StreamId[],
  { since, before, countMax }: { readonly since: number; readonly before: number; readonly countMax: number },
): Promise<readonly number[]> {
  if (streams.length === 0) return [];
  const rows = await tx
    .selectFrom('access_steps')
    .select('index')
    .where(sql<boolean>`stream = any(${streams}::text[])`)
    .where('step', '=', 'viewed')
    .where('time', '>=', since as Instant)
    .where('index', '<', before)
    .orderBy('index', 'desc')
    .limit(countMax)
    .execute();
  return rows.map((row) => row.index);
}

/** The entries by which these accesses, of these streams, were redeemed and settled, before an index. */
export async function loadFollowing(
  tx: Tx,
  streams: readonly StreamId[],
  { accesses, before }: { readonly accesses: readonly AccessId[]; readonly before: number },
): Promise<readonly number[]> {
  if (accesses.length === 0) return [];
  const rows = await tx
    .selectFrom('access_steps')
    .select('index')
    .where(sql<boolean>`stream = any(${streams}::text[])`)
    .where(sql<boolean>`access = any(${accesses}::text[])`)
    .where('step', 'in', ['redeemed', 'settled'])
    .where('index', '<', before)
    .execute();
  return rows.map((row) => row.index);
}
