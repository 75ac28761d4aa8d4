/** The table `acknowledgements`: up to which entry a party said to have heard, and when. */
import { type RawBuilder, sql } from 'kysely';
import type { PartyId } from '#core/ids.ts';
import type { Instant } from '#core/instant.ts';
import type { Tx } from './schema.ts';

export interface AcknowledgementRow {
  readonly party: PartyId;
  readonly upto: number;
  /** The entry that says so. */
  readonly index: number;
  readonly time: Instant;
}

export function acknowledgementsInsert(rows: readonly AcknowledgementRow[]): RawBuilder<unknown> {
  return sql`
    insert into acknowledgements (party, upto, index, time)
    select * from unnest(
      ${rows.map((row) => row.party)}::text[], ${rows.map((row) => row.upto)}::bigint[],
      ${rows.map((row) => row.index)}::bigint[], ${rows.map((row) => row.time)}::bigint[])
  `;
}

/** When each of these parties first said to have heard of an entry. What each says only grows, so the least is the first. */
export async function loadFirstHeard(
  tx: Tx,
  parties: readonly PartyId[],
  index: number,
): Promise<ReadonlyMap<PartyId, Instant>> {
  const { rows } = await sql<{ party: PartyId; time: Instant }>`
    select asked.party, first.time from unnest(${parties}::text[]) as asked(party)
    cross join lateral (
      select time from acknowledgements where party = asked.party and upto >= ${index} order by upto limit 1
    ) as first
  `.execute(tx);
  return new Map(rows.map((row) => [row.party, row.time]));
}

/** The acknowledgements that entries `[start, end)` made, with whether the party was to hear of the entry that each names. */
export async function loadAcknowledgementsOf(
  tx: Tx,
  start: number,
  end: number,
): Promise<readonly (AcknowledgementRow & { readonly noticed: boolean })[]> {
  const { rows } = await sql<AcknowledgementRow & { readonly noticed: boolean }>`
    select party, upto, index, time, exists (
      select 1 from notices where notices.party = acknowledgements.party and notices.index = upto
    ) as noticed
    from acknowledgements where index >= ${start} and index < ${end}
  `.execute(tx);
  return rows;
}
