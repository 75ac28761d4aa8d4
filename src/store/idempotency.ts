/** The table `idempotency`: which entries a request made. */
import { type RawBuilder, sql } from 'kysely';
import type { Hash } from '#core/hash.ts';
import { hashAt } from './bytes-column.ts';
import type { Tx } from './schema.ts';

export interface IdempotencyRow {
  readonly idem: Hash;
  readonly request: Hash;
  readonly first_index: number;
  readonly count: number;
}

export async function loadIdempotency(tx: Tx, idems: readonly Hash[]): Promise<readonly IdempotencyRow[]> {
  const { rows } = await sql<IdempotencyRow>`
    select idem, request, first_index, count from idempotency where idem = any(${idems}::bytea[])
  `.execute(tx);
  return rows;
}

export function idempotencyInsert(rows: readonly IdempotencyRow[]): RawBuilder<unknown> {
  const i = sql`row.i`;
  return sql`
    insert into idempotency (idem, request, first_index, count)
    select ${hashAt(
      rows.map((row) => row.idem),
      i,
    )}, ${hashAt(
      rows.map((row) => row.request),
      i,
    )}, row.first_index, row.count
    from unnest(${rows.map((row) => row.first_index)}::bigint[], ${rows.map((row) => row.count)}::smallint[])
      with ordinality as row(first_index, count, i)
  `;
}
