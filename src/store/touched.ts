/**
 * What one batch reads before it decides, in one statement: one round trip less under the head's lock.
 *
 * @module
 */
import { sql } from 'kysely';
import type { Hash } from '#core/hash.ts';
import type { StreamId } from '#core/tlog/stream.ts';
import type { IdempotencyRow } from './idempotency.ts';
import type { Tx } from './schema.ts';
import { parseStreamRow, type StoredStream, type StreamRow } from './streams.ts';

/** The rows of these streams, and of these idempotency keys; what does not exist yet has none. */
export interface Touched {
  readonly streams: readonly StreamRow[];
  readonly idempotency: readonly IdempotencyRow[];
}

type Row = (StoredStream & { readonly idem: null }) | (IdempotencyRow & { readonly stream: null });

export async function loadTouched(tx: Tx, streams: readonly StreamId[], idems: readonly Hash[]): Promise<Touched> {
  const { rows } = await sql<Row>`
    select stream, seq, leaf, state, null::bytea as idem, null::bytea as request, null::bigint as first_index, null::smallint as count
    from streams where stream = any(${streams}::text[])
    union all
    select null, null, null, null, idem, request, first_index, count
    from idempotency where idem = any(${idems}::bytea[])
  `.execute(tx);
  const touched = { streams: [] as StreamRow[], idempotency: [] as IdempotencyRow[] };
  for (const row of rows) {
    if (row.stream !== null) touched.streams.push(parseStreamRow(row));
    else touched.idempotency.push(row);
  }
  return touched;
}
