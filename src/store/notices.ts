/** The table `notices`: which party has to hear of which entry. */
import { type RawBuilder, sql } from 'kysely';
import type { Hash } from '#core/hash.ts';
import type { PartyId } from '#core/ids.ts';
import type { StreamId } from '#core/tlog/stream.ts';
import type { Tx } from './schema.ts';

export interface NoticeRow {
  readonly party: PartyId;
  readonly index: number;
  /** Ids of grants, as a canonical JSON list. */
  readonly grants: string;
}

/** A notice with the entry that it is of. */
export interface NoticedRow extends NoticeRow {
  readonly stream: StreamId;
  readonly bytes: Uint8Array;
  readonly leaf: Hash;
  readonly signature: Uint8Array;
  /** The grantee, where the entry stands in a relationship. */
  readonly grantee: PartyId | null;
}

export function noticesInsert(rows: readonly NoticeRow[]): RawBuilder<unknown> {
  return sql`
    insert into notices (party, index, grants)
    select * from unnest(
      ${rows.map((row) => row.party)}::text[], ${rows.map((row) => row.index)}::bigint[],
      ${rows.map((row) => row.grants)}::text[])
  `;
}

/** A party's notices after an entry, in the order of entries. The head's lock makes them appear in just this order. */
export async function loadNotices(
  tx: Tx,
  { party, after, countMax }: { readonly party: PartyId; readonly after: number; readonly countMax: number },
): Promise<readonly NoticedRow[]> {
  const { rows } = await sql<NoticedRow>`
    select notices.party, notices.index, notices.grants, entries.stream, entries.bytes, entries.leaf, entries.signature,
      relationships.grantee
    from notices
    join entries on entries.index = notices.index
    left join relationships on entries.stream like 'rel/%' and relationships.handle = substr(entries.stream, 5)
    where notices.party = ${party} and notices.index > ${after}
    order by notices.index
    limit ${countMax}
  `.execute(tx);
  return rows;
}

/** A party's last notices, the newest first. */
export async function loadLatestNotices(tx: Tx, party: PartyId, countMax: number): Promise<readonly NoticedRow[]> {
  const { rows } = await sql<NoticedRow>`
    select notices.party, notices.index, notices.grants, entries.stream, entries.bytes, entries.leaf, entries.signature,
      null::text as grantee
    from notices
    join entries on entries.index = notices.index
    where notices.party = ${party}
    order by notices.index desc
    limit ${countMax}
  `.execute(tx);
  return rows;
}

/** The entry of a party's last notice up to `index`, or undefined. */
export async function loadLastNotice(tx: Tx, party: PartyId, index: number): Promise<number | undefined> {
  const row = await tx
    .selectFrom('notices')
    .select('index')
    .where('party', '=', party)
    .where('index', '<=', index)
    .orderBy('index', 'desc')
    .limit(1)
    .executeTakeFirst();
  return row?.index;
}

/** The notices of entries `[start, end)`, in no order. */
export async function loadNoticesOf(tx: Tx, start: number, end: number): Promise<readonly NoticeRow[]> {
  return tx
    .selectFrom('notices')
    .select(['party', 'index', 'grants'])
    .where('index', '>=', start)
    .where('index', '<', end)
    .execute();
}

/** Entries outside a tree of `size` that someone was told of or acknowledged by: there must be none. */
export async function loadStrayNotices(tx: Tx, size: number, countMax: number): Promise<readonly number[]> {
  const { rows } = await sql<{ index: number }>`
    select index from notices where index < 0 or index >= ${size}
    union select index from acknowledgements where index < 0 or index >= ${size}
    order by index limit ${countMax}
  `.execute(tx);
  return rows.map((row) => row.index);
}
