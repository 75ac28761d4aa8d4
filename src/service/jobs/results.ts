/**
 * The results of a job's part, read off the entries themselves: nothing that could say otherwise is kept beside them.
 *
 * @module
 */
import { Failure } from '#core/failure.ts';
import type { AccessId, JobId, PartyId } from '#core/ids.ts';
import { parseEntry } from '#core/tlog/entry.ts';
import type { Sequenced } from '#ledger/write.ts';
import { loadEntriesAt } from '#store/entries.ts';
import { type JobChunkRow, loadJobChunks, loadJobParts } from '#store/jobs.ts';
import type { Tx } from '#store/schema.ts';
import { isMandatedNow } from '../accesses.ts';
import type { Caller } from '../caller.ts';
import type { Context } from '../context.ts';
import { permitsOf } from '../permits.ts';
import { loadOwnJob, type PartView, unknownJob, viewOfPart } from './jobs.ts';

export interface RowResult {
  /** Its place in the part, from 0. */
  readonly row: number;
  readonly access: AccessId;
  readonly decision: 'allow' | 'deny';
  readonly codes: readonly string[];
  /** As long as it counts, and if it was asked for. */
  readonly permit: string | null;
  readonly until: number | null;
}

export interface PartResults extends PartView {
  readonly job: JobId;
  readonly results: readonly RowResult[];
  /** Where to go on; null where no more is decided. */
  readonly next: number | null;
}

export interface ReadResults {
  readonly job: JobId;
  readonly part: number;
  /** The first row to read. */
  readonly from: number;
  /** How many at most. */
  readonly count: number;
  /** Signing two thousand permits for who throws them away is work for nothing. */
  readonly permits: boolean;
}

/** @throws {Failure} `job_unknown`, also for another's, and after a processor's mandate; `part_unknown`, if it has not come yet. */
export async function readResults(context: Context, caller: Caller, asked: ReadResults): Promise<PartResults> {
  const { part, made } = await context.ledger.store.read(async (tx) => {
    await loadOwnJob(tx, caller, asked.job);
    const [part] = await loadJobParts(tx, asked.job, asked.part);
    if (part === undefined) throw new Failure('part_unknown', 'no such part has come yet');
    const made = await loadDecided(tx, asked);
    for (const principal of new Set(made.map(({ entry }) => entry.body['principal'] as PartyId))) {
      if (!(await mayActFor(tx, caller, principal))) throw unknownJob();
    }
    return { part, made };
  });
  const permits = asked.permits ? await livePermits(context, made) : [];
  const next = asked.from + made.length;
  return {
    ...viewOfPart(part),
    job: asked.job,
    results: made.map((each, at) => resultOf(each, asked.from + at, permits[at] ?? null)),
    next: next < part.decided ? next : null,
  };
}

/** What a processor asked for is its to see while its mandate lasts. */
async function mayActFor(tx: Tx, caller: Caller, principal: PartyId): Promise<boolean> {
  return caller.kind === 'party' && (caller.party === principal || isMandatedNow(tx, caller.party, principal));
}

async function loadDecided(tx: Tx, { job, part, from, count }: ReadResults): Promise<readonly Sequenced[]> {
  const chunks = await loadJobChunks(tx, { job, part }, { start: from, end: from + count });
  const indexes = chunks.flatMap((chunk) => indexesOf(chunk, from)).slice(0, count);
  const rows = new Map((await loadEntriesAt(tx, indexes)).map((row) => [row.index, row]));
  return indexes.flatMap((index) => {
    const row = rows.get(index);
    return row === undefined ? [] : [{ ...row, entry: parseEntry(row.bytes) }];
  });
}

/** Where the chunk's rows from `from` on stand. */
function indexesOf({ first_row, first_index, count }: JobChunkRow, from: number): readonly number[] {
  const skipped = Math.max(0, from - first_row);
  return Array.from({ length: count - skipped }, (_, at) => first_index + skipped + at);
}

/** A permit that has lapsed opens nothing: it is not made again. */
async function livePermits(context: Context, made: readonly Sequenced[]): Promise<readonly (string | null)[]> {
  const now = context.clock();
  const live = made.filter((each) => (untilOf(each) ?? 0) > now);
  const permits = await permitsOf(context, live);
  const byIndex = new Map(live.map(({ index }, at) => [index, permits[at] ?? null]));
  return made.map(({ index }) => byIndex.get(index) ?? null);
}

function resultOf(made: Sequenced, row: number, permit: string | null): RowResult {
  const { access, decision, codes } = made.entry.body as unknown as Pick<RowResult, 'access' | 'decision' | 'codes'>;
  return { row, access, decision, codes, permit, until: untilOf(made) };
}

function untilOf({ entry }: Sequenced): number | null {
  const { until } = entry.body;
  return typeof until === 'number' ? until : null;
}
