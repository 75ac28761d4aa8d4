/** The table `streams`: where each stream ends, and the state its entries fold to. */
import { type RawBuilder, sql } from 'kysely';
import { canonicalText, type JsonObject } from '#core/canonical.ts';
import type { Hash } from '#core/hash.ts';
import type { StreamId } from '#core/tlog/stream.ts';
import { hashAt, textsColumn } from './bytes-column.ts';
import type { Tx } from './schema.ts';

export interface StreamRow {
  readonly stream: StreamId;
  readonly seq: number;
  readonly leaf: Hash;
  readonly state: JsonObject;
}

/** A stream that has grown. */
export interface StreamChange extends StreamRow {
  /** Whether its state is another than before; most entries only move the stream's end. */
  readonly folded: boolean;
}

/** The rows of these streams; one that does not exist yet has none. */
export async function loadStreams(tx: Tx, streams: readonly StreamId[]): Promise<readonly StreamRow[]> {
  if (streams.length === 0) return [];
  const rows = await tx
    .selectFrom('streams')
    .select(['stream', 'seq', 'leaf', 'state'])
    .where(sql<boolean>`stream = any(${streams}::text[])`)
    .execute();
  return rows.map(parseStreamRow);
}

/** The parties that are registered by one of these names, exactly. It looks at every party: for people, not for accesses. */
export async function loadPartiesNamed(
  tx: Tx,
  names: readonly string[],
): Promise<readonly { readonly stream: StreamId; readonly name: string }[]> {
  if (names.length === 0) return [];
  const name = sql<string>`state::jsonb ->> 'name'`;
  const rows = await tx
    .selectFrom('streams')
    .select(['stream', name.as('name')])
    .where(sql<boolean>`stream like 'party/%'`)
    .where(sql<boolean>`${name} = any(${names}::text[])`)
    .orderBy('stream')
    .execute();
  return rows.map((row) => ({ stream: row.stream, name: row.name }));
}

/**
 * The parties but the keeper that stood before an epoch, and were not continued since, by name: who identifies persons first,
 * since persons' keys wait for them. It looks at every party: for people, not for accesses.
 */
export async function loadPartiesBefore(
  tx: Tx,
  epoch: number,
): Promise<readonly { readonly stream: StreamId; readonly name: string }[]> {
  const name = sql<string>`state::jsonb ->> 'name'`;
  const rows = await tx
    .selectFrom('streams')
    .select(['stream', name.as('name')])
    .where(sql<boolean>`stream like 'party/%'`)
    .where(sql<boolean>`coalesce((state::jsonb ->> 'epoch')::int, 0) < ${epoch}`)
    .where(sql<boolean>`not (state::jsonb -> 'roles') @> '["keeper"]'`)
    .orderBy(sql`(state::jsonb -> 'roles') @> '["identifier"]'`, 'desc')
    .orderBy('stream')
    .execute();
  return rows.map((row) => ({ stream: row.stream, name: row.name }));
}

/** One page of all rows, by name. */
export async function loadStreamPage(tx: Tx, after: string, countMax: number): Promise<readonly StreamRow[]> {
  const rows = await tx
    .selectFrom('streams')
    .select(['stream', 'seq', 'leaf', 'state'])
    .where(sql<boolean>`stream > ${after}`)
    .orderBy('stream')
    .limit(countMax)
    .execute();
  return rows.map(parseStreamRow);
}

/** One page of where streams end, by name. */
export async function loadHeadPage(
  tx: Tx,
  after: string,
  countMax: number,
): Promise<readonly Omit<StreamRow, 'state'>[]> {
  return tx
    .selectFrom('streams')
    .select(['stream', 'seq', 'leaf'])
    .where(sql<boolean>`stream > ${after}`)
    .orderBy('stream')
    .limit(countMax)
    .execute();
}

export async function saveStreams(tx: Tx, rows: readonly StreamRow[]): Promise<void> {
  await streamsSave(rows).execute(tx);
}

export function streamsSave(rows: readonly StreamRow[]): RawBuilder<unknown> {
  const states = textsColumn(rows.map((row) => canonicalText(row.state)));
  return sql`
    insert into streams (stream, seq, leaf, state)
    select row.stream, row.seq, ${hashAt(
      rows.map((row) => row.leaf),
      sql`row.i`,
    )}, ${states.at(sql`row.state_start`, sql`row.state_length`)}
    from unnest(
      ${rows.map((row) => row.stream)}::text[], ${rows.map((row) => row.seq)}::bigint[],
      ${states.starts}::int[], ${states.lengths}::int[]
    ) with ordinality as row(stream, seq, state_start, state_length, i)
    on conflict (stream) do update set seq = excluded.seq, leaf = excluded.leaf, state = excluded.state
  `;
}

/** Moves the ends of streams whose state stays as it is. */
export function streamsMove(rows: readonly StreamRow[]): RawBuilder<unknown> {
  return sql`
    update streams set seq = moved.seq, leaf = moved.leaf
    from unnest(
      ${rows.map((row) => row.stream)}::text[], ${rows.map((row) => row.seq)}::bigint[],
      ${rows.map((row) => row.leaf)}::bytea[]) as moved(stream, seq, leaf)
    where streams.stream = moved.stream
  `;
}

/** A row as it is stored: its state is text. */
export interface StoredStream extends Omit<StreamRow, 'state'> {
  readonly state: string;
}

export function parseStreamRow({ stream, seq, leaf, state }: StoredStream): StreamRow {
  return { stream, seq, leaf, state: JSON.parse(state) };
}
