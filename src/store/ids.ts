/** The table `ids`: in which stream and entry an id was minted. */
import { sql } from 'kysely';
import type { StreamId } from '#core/tlog/stream.ts';
import type { Tx } from './schema.ts';

export interface IdRow {
  readonly id: string;
  readonly stream: StreamId;
  readonly index: number;
}

export async function insertIds(tx: Tx, rows: readonly IdRow[]): Promise<void> {
  if (rows.length === 0) return;
  await sql`
    insert into ids (id, stream, index)
    select * from unnest(
      ${rows.map((row) => row.id)}::text[], ${rows.map((row) => row.stream)}::text[], ${rows.map((row) => row.index)}::bigint[])
  `.execute(tx);
}

export async function loadId(tx: Tx, id: string): Promise<IdRow | undefined> {
  const row = await tx.selectFrom('ids').select(['id', 'stream', 'index']).where('id', '=', id).executeTakeFirst();
  return row;
}
