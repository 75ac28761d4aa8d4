/**
 * What one batch appends, in one statement: one round trip under the head's lock, and one plan, for all its tables.
 *
 * PostgreSQL runs the parts of a `with` exactly once each, all on one snapshot; none of ours reads what another writes.
 *
 * @module
 */
import { type RawBuilder, sql } from 'kysely';
import { type AccessStepRow, accessStepsInsert } from './access-steps.ts';
import { type AcknowledgementRow, acknowledgementsInsert } from './acknowledgements.ts';
import { type EntryRow, entriesInsert } from './entries.ts';
import { type HeadRow, headMove } from './head.ts';
import { type IdempotencyRow, idempotencyInsert } from './idempotency.ts';
import { type IdRow, idsInsert } from './ids.ts';
import { type NoticeRow, noticesInsert } from './notices.ts';
import { type RequestRow, requestsInsert } from './requests.ts';
import type { Tx } from './schema.ts';
import { type StreamChange, streamsMove, streamsSave } from './streams.ts';

/** The rows of one batch. */
export interface Appended {
  readonly entries: readonly EntryRow[];
  readonly streams: readonly StreamChange[];
  readonly idempotency: readonly IdempotencyRow[];
  readonly ids: readonly IdRow[];
  readonly requests: readonly RequestRow[];
  readonly notices: readonly NoticeRow[];
  readonly acknowledgements: readonly AcknowledgementRow[];
  readonly steps: readonly AccessStepRow[];
}

/** Inserts the rows and moves the head on. Returns whether the head was still where the caller took it from. */
export async function appendRows(tx: Tx, rows: Appended, from: HeadRow, to: HeadRow): Promise<boolean> {
  const folded = rows.streams.filter((row) => row.folded);
  const unchanged = rows.streams.filter((row) => !row.folded);
  const { rows: moved } = await sql`
    with
      appended_entries as (${entriesInsert(rows.entries)}),
      saved_streams as (${streamsSave(folded)}),
      moved_streams as (${streamsMove(unchanged)}),
      appended_idempotency as (${idempotencyInsert(rows.idempotency)}),
      appended_ids as (${idsInsert(rows.ids)}),
      kept_requests as (${requestsInsert(rows.requests)})
      ${outboxInsert(rows)}
      ${stepsInsert(rows)}
    ${headMove(from, to)} returning size
  `.execute(tx);
  return moved.length === 1;
}

/** Most batches are of decisions, of which nobody has to hear: they pay nothing for the outbox. */
function outboxInsert({ notices, acknowledgements }: Appended): RawBuilder<unknown> {
  if (notices.length === 0 && acknowledgements.length === 0) return sql``;
  return sql`,
      appended_notices as (${noticesInsert(notices)}),
      appended_acknowledgements as (${acknowledgementsInsert(acknowledgements)})`;
}

/** A batch of letters or keys has none. */
function stepsInsert({ steps }: Appended): RawBuilder<unknown> {
  if (steps.length === 0) return sql``;
  return sql`,
      appended_steps as (${accessStepsInsert(steps)})`;
}
