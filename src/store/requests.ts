/** The table `requests`: signed requests as they came, by digest. */
import { type RawBuilder, sql } from 'kysely';
import type { Hash } from '#core/hash.ts';
import { hashAt, textsColumn } from './bytes-column.ts';
import type { Tx } from './schema.ts';

export interface RequestRow {
  readonly digest: Hash;
  readonly request: string;
}

/** One request may make many entries, and be sent again: it is stored once. */
export function requestsInsert(rows: readonly RequestRow[]): RawBuilder<unknown> {
  const requests = textsColumn(rows.map((row) => row.request));
  return sql`
    insert into requests (digest, request)
    select ${hashAt(
      rows.map((row) => row.digest),
      sql`row.i`,
    )}, ${requests.at(sql`row.request_start`, sql`row.request_length`)}
    from unnest(${requests.starts}::int[], ${requests.lengths}::int[])
      with ordinality as row(request_start, request_length, i)
    on conflict do nothing
  `;
}

export async function insertRequest(tx: Tx, row: RequestRow): Promise<void> {
  await requestsInsert([row]).execute(tx);
}

/** The requests with these digests, as far as they are there. */
export async function loadRequests(tx: Tx, digests: readonly Hash[]): Promise<readonly RequestRow[]> {
  if (digests.length === 0) return [];
  return tx
    .selectFrom('requests')
    .select(['digest', 'request'])
    .where(sql<boolean>`digest = any(${digests}::bytea[])`)
    .execute();
}
