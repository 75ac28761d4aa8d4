/** The table `entries`: bytes as they were hashed, in index order. */
import { type RawBuilder, sql } from 'kysely';
import type { Hash } from '#core/hash.ts';
import type { StreamId } from '#core/tlog/stream.ts';
import { bytesColumn, hashAt } from './bytes-column.ts';
import type { Tx } from './schema.ts';

export interface EntryRow {
  readonly index: number;
  readonly stream: StreamId;
  readonly seq: number;
  readonly leaf: Hash;
  readonly bytes: Uint8Array;
  readonly signature: Uint8Array;
}

const COLUMNS = ['index', 'stream', 'seq', 'leaf', 'bytes', 'signature'] as const;

export async function insertEntries(tx: Tx, rows: readonly EntryRow[]): Promise<void> {
  await entriesInsert(rows).execute(tx);
}

export function entriesInsert(rows: readonly EntryRow[]): RawBuilder<unknown> {
  const i = sql`row.i`;
  const bytes = bytesColumn(rows.map((row) => row.bytes));
  const signatures = bytesColumn(rows.map((row) => row.signature));
  return sql`
    insert into entries (index, stream, seq, leaf, bytes, signature)
    select row.index, row.stream, row.seq, ${hashAt(
      rows.map((row) => row.leaf),
      i,
    )},
      ${bytes.at(sql`row.bytes_start`, sql`row.bytes_length`)}, ${signatures.at(sql`row.signature_start`, sql`row.signature_length`)}
    from unnest(
      ${rows.map((row) => row.index)}::bigint[], ${rows.map((row) => row.stream)}::text[],
      ${rows.map((row) => row.seq)}::bigint[], ${bytes.starts}::int[], ${bytes.lengths}::int[],
      ${signatures.starts}::int[], ${signatures.lengths}::int[]
    ) with ordinality as row(index, stream, seq, bytes_start, bytes_length, signature_start, signature_length, i)
  `;
}

/** Entries `[start, end)` in index order. */
export async function loadEntries(tx: Tx, start: number, end: number): Promise<readonly EntryRow[]> {
  const rows = await tx
    .selectFrom('entries')
    .select(COLUMNS)
    .where('index', '>=', start)
    .where('index', '<', end)
    .orderBy('index')
    .execute();
  return rows;
}

/** Indexes that are filed outside a tree of `size` entries: there must be none. */
export async function loadStrayIndexes(tx: Tx, size: number, countMax: number): Promise<readonly number[]> {
  const rows = await tx
    .selectFrom('entries')
    .select('index')
    .where((where) => where.or([where('index', '<', 0), where('index', '>=', size)]))
    .orderBy('index')
    .limit(countMax)
    .execute();
  return rows.map((row) => row.index);
}

/** The entries at these indexes, in any order. */
export async function loadEntriesAt(tx: Tx, indexes: readonly number[]): Promise<readonly EntryRow[]> {
  if (indexes.length === 0) return [];
  return tx.selectFrom('entries').select(COLUMNS).where(sql<boolean>`index = any(${indexes}::bigint[])`).execute();
}

/** The entries of a stream at these places, in their order. */
export async function loadPlaces(tx: Tx, stream: StreamId, seqs: readonly number[]): Promise<readonly EntryRow[]> {
  if (seqs.length === 0) return [];
  return tx
    .selectFrom('entries')
    .select(COLUMNS)
    .where('stream', '=', stream)
    .where(sql<boolean>`seq = any(${seqs}::bigint[])`)
    .orderBy('seq')
    .execute();
}

/** The entry that minted an id. */
export async function loadMinted(tx: Tx, id: string): Promise<EntryRow | undefined> {
  return tx
    .selectFrom('ids')
    .innerJoin('entries', 'entries.index', 'ids.index')
    .select(['entries.index', 'entries.stream', 'entries.seq', 'entries.leaf', 'entries.bytes', 'entries.signature'])
    .where('ids.id', '=', id)
    .executeTakeFirst();
}

/** A stream's entries in the order of `seq`, from its first up to index `indexMax`, at most `countMax` from `seqMin` on. */
export async function loadSlice(
  tx: Tx,
  slice: { readonly stream: StreamId; readonly indexMax: number; readonly seqMin?: number; readonly countMax: number },
): Promise<readonly EntryRow[]> {
  const rows = await tx
    .selectFrom('entries')
    .select(COLUMNS)
    .where('stream', '=', slice.stream)
    .where('seq', '>=', slice.seqMin ?? 0)
    .where('index', '<=', slice.indexMax)
    .orderBy('seq')
    .limit(slice.countMax)
    .execute();
  return rows;
}

/** The last entry of a stream up to index `indexMax`, or undefined. */
export async function loadLast(tx: Tx, stream: StreamId, indexMax: number): Promise<EntryRow | undefined> {
  return tx
    .selectFrom('entries')
    .select(COLUMNS)
    .where('stream', '=', stream)
    .where('index', '<=', indexMax)
    .orderBy('seq', 'desc')
    .limit(1)
    .executeTakeFirst();
}

export interface LeafRange {
  readonly start: number;
  readonly end: number;
}

/** The leaves of several ranges `[start, end)`, in one query, in index order. */
export async function loadLeaves(tx: Tx, ranges: readonly LeafRange[]): Promise<ReadonlyMap<number, Hash>> {
  if (ranges.length === 0) return new Map();
  const { rows } = await sql<{ index: number; leaf: Hash }>`
    select entries.index, entries.leaf
    from unnest(${ranges.map((range) => range.start)}::bigint[], ${ranges.map((range) => range.end)}::bigint[]) as r(first, past)
    join entries on entries.index >= r.first and entries.index < r.past
  `.execute(tx);
  return new Map(rows.map((row) => [row.index, row.leaf]));
}

/** The entries of these streams from an index on, at most so many, the newest first. */
export async function loadNewest(
  tx: Tx,
  streams: readonly StreamId[],
  { from, countMax }: { readonly from: number; readonly countMax: number },
): Promise<readonly EntryRow[]> {
  if (streams.length === 0) return [];
  return tx
    .selectFrom('entries')
    .select(COLUMNS)
    .where(sql<boolean>`stream = any(${streams}::text[])`)
    .where('index', '>=', from)
    .orderBy('index', 'desc')
    .limit(countMax)
    .execute();
}
