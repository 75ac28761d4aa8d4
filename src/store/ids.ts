/** The table `ids`: in which stream and entry an id was minted. */
import { type RawBuilder, sql } from 'kysely';
import type { StreamId } from '#core/tlog/stream.ts';
import type { Tx } from './schema.ts';

export interface IdRow {
  readonly id: string;
  readonly stream: StreamId;
  readonly index: number;
}

export function idsInsert(rows: readonly IdRow[]): RawBuilder<unknown> {
  return sql`
    insert into ids (id, stream, index)
    select * from unnest(
      ${rows.map((row) => row.id)}::text[], ${rows.map((row) => row.stream)}::text[], ${rows.map((row) => row.index)}::bigint[])
  `;
}

export async function loadId(tx: Tx, id: string): Promise<IdRow | undefined> {
  const row = await tx.selectFrom('ids').select(['id', 'stream', 'index']).where('id', '=', id).executeTakeFirst();
  return row;
}

export async function loadIds(tx: Tx, ids: readonly string[]): Promise<readonly IdRow[]> {
  if (ids.length === 0) return [];
  return tx.selectFrom('ids').select(['id', 'stream', 'index']).where(sql<boolean>`id = any(${ids}::text[])`).execute();
}
