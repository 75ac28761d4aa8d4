/** The tables of the vault: part digests, which stay, and parts with their keys, which can be erased. */
import { sql } from 'kysely';
import type { Hash } from '#core/hash.ts';
import type { Owner } from '#core/tlog/payload.ts';
import type { StreamId } from '#core/tlog/stream.ts';
import type { Tx } from './schema.ts';

export interface DigestRow {
  readonly index: number;
  readonly name: string;
  readonly digest: Hash;
}

export interface DataKeyRow {
  readonly id: string;
  readonly stream: StreamId;
  readonly owner: Owner;
  readonly retention: string;
  readonly wrapped: Uint8Array;
}

export interface PartRow {
  readonly index: number;
  readonly name: string;
  readonly data_key: string;
  readonly sealed: Uint8Array;
}

export async function insertDigests(tx: Tx, rows: readonly DigestRow[]): Promise<void> {
  if (rows.length === 0) return;
  await sql`
    insert into part_digests (index, name, digest)
    select * from unnest(
      ${rows.map((row) => row.index)}::bigint[], ${rows.map((row) => row.name)}::text[], ${rows.map((row) => row.digest)}::bytea[])
  `.execute(tx);
}

/** Adds the parts whose keys are there. Answers how many: a key may have been destroyed since a part was sealed. */
export async function insertParts(tx: Tx, rows: readonly PartRow[]): Promise<number> {
  if (rows.length === 0) return 0;
  const { rows: inserted } = await sql`
    insert into parts (index, name, data_key, sealed)
    select part.* from unnest(
      ${rows.map((row) => row.index)}::bigint[], ${rows.map((row) => row.name)}::text[],
      ${rows.map((row) => row.data_key)}::text[], ${rows.map((row) => row.sealed)}::bytea[])
      as part (index, name, data_key, sealed)
    join data_keys on data_keys.id = part.data_key
    returning index
  `.execute(tx);
  return inserted.length;
}

export async function insertDataKeys(tx: Tx, rows: readonly DataKeyRow[]): Promise<void> {
  if (rows.length === 0) return;
  await tx
    .insertInto('data_keys')
    .values([...rows])
    .execute();
}

/** The data keys of a stream. */
export async function loadDataKeys(tx: Tx, stream: StreamId): Promise<readonly DataKeyRow[]> {
  const rows = await tx
    .selectFrom('data_keys')
    .select(['id', 'stream', 'owner', 'retention', 'wrapped'])
    .where('stream', '=', stream)
    .execute();
  return rows;
}

/** The digests of the entries `[start, end)`, in order. */
export async function loadDigests(tx: Tx, start: number, end: number): Promise<readonly DigestRow[]> {
  const rows = await tx
    .selectFrom('part_digests')
    .select(['index', 'name', 'digest'])
    .where('index', '>=', start)
    .where('index', '<', end)
    .orderBy('index')
    .orderBy('name')
    .execute();
  return rows;
}

/** The digests of these entries, in order. */
export async function loadDigestsAt(tx: Tx, indexes: readonly number[]): Promise<readonly DigestRow[]> {
  if (indexes.length === 0) return [];
  return tx
    .selectFrom('part_digests')
    .select(['index', 'name', 'digest'])
    .where(sql<boolean>`index = any(${indexes}::bigint[])`)
    .orderBy('index')
    .orderBy('name')
    .execute();
}

export type SealedPart = PartRow & Pick<DataKeyRow, 'wrapped' | 'owner' | 'stream' | 'retention'>;

/** Sealed parts that are not erased, each with its wrapped key. */
function sealedParts(tx: Tx) {
  return tx
    .selectFrom('parts')
    .innerJoin('data_keys', 'data_keys.id', 'parts.data_key')
    .select([
      'parts.index',
      'parts.name',
      'parts.data_key',
      'parts.sealed',
      'data_keys.wrapped',
      'data_keys.owner',
      'data_keys.stream',
      'data_keys.retention',
    ]);
}

/** The parts of the entries `[start, end)` that are not erased, with their wrapped keys. */
export async function loadParts(tx: Tx, start: number, end: number): Promise<readonly SealedPart[]> {
  return sealedParts(tx)
    .where('parts.index', '>=', start)
    .where('parts.index', '<', end)
    .orderBy('parts.index')
    .orderBy('parts.name')
    .execute();
}

/** Parts of these names of these entries, where they are not erased, with their wrapped keys. */
export async function loadPartsAt(
  tx: Tx,
  indexes: readonly number[],
  names: readonly string[],
): Promise<readonly SealedPart[]> {
  if (indexes.length === 0) return [];
  return sealedParts(tx)
    .where(sql<boolean>`parts.index = any(${indexes}::bigint[])`)
    .where(sql<boolean>`parts.name = any(${names}::text[])`)
    .execute();
}

/** One part of the first entry of each of these streams, where it is not erased, with its wrapped key. */
export async function loadOpeningParts(
  tx: Tx,
  streams: readonly StreamId[],
  name: string,
): Promise<readonly SealedPart[]> {
  if (streams.length === 0) return [];
  return sealedParts(tx)
    .innerJoin('entries', 'entries.index', 'parts.index')
    .where(sql<boolean>`entries.stream = any(${streams}::text[])`)
    .where('entries.seq', '=', 0)
    .where('parts.name', '=', name)
    .execute();
}

/** Which of these relationships have it still who their subject is. */
export async function loadIdentified(tx: Tx, streams: readonly StreamId[]): Promise<readonly StreamId[]> {
  if (streams.length === 0) return [];
  const rows = await tx
    .selectFrom('entries')
    .innerJoin('parts', 'parts.index', 'entries.index')
    .innerJoin('data_keys', 'data_keys.id', 'parts.data_key')
    .select('entries.stream')
    .where(sql<boolean>`entries.stream = any(${streams}::text[])`)
    .where('entries.seq', '=', 0)
    .where('parts.name', '=', 'identity')
    .execute();
  return rows.map(({ stream }) => stream);
}

/** Which of these entries have a part of this name still: it is not erased. */
export async function loadKept(tx: Tx, indexes: readonly number[], name: string): Promise<ReadonlySet<number>> {
  if (indexes.length === 0) return new Set();
  const rows = await tx
    .selectFrom('parts')
    .innerJoin('data_keys', 'data_keys.id', 'parts.data_key')
    .select('parts.index')
    .where(sql<boolean>`parts.index = any(${indexes}::bigint[])`)
    .where('parts.name', '=', name)
    .execute();
  return new Set(rows.map((row) => row.index));
}
