/** The tables `jobs`, `job_parts` and `job_chunks`: lists, what of them has come, and where its entries stand. */
import { sql } from 'kysely';
import type { Hash } from '#core/hash.ts';
import type { JobId, PartyId } from '#core/ids.ts';
import type { Instant } from '#core/instant.ts';
import type { Tx } from './schema.ts';

export interface JobRow {
  readonly id: JobId;
  readonly party: PartyId;
  readonly parts: number;
  readonly created_at: Instant;
  readonly idem: Hash;
  readonly request: Hash;
}

export interface JobPartRow {
  readonly job: JobId;
  readonly part: number;
  readonly request: Hash;
  readonly content: Hash;
  readonly rows: number;
  readonly received_at: Instant;
}

/** A part with what became of it. */
export interface JobPartCourse extends JobPartRow {
  readonly ended_at: Instant | null;
  readonly error: string | null;
  readonly decided: number;
  readonly allowed: number;
}

export interface JobChunkRow {
  readonly job: JobId;
  readonly part: number;
  readonly first_row: number;
  readonly first_index: number;
  readonly count: number;
  readonly allowed: number;
}

const JOB = ['id', 'party', 'parts', 'created_at', 'idem', 'request'] as const;

/** The job of this request: a new one, or the one that it made before. */
export async function insertJob(tx: Tx, row: JobRow): Promise<JobRow> {
  await tx
    .insertInto('jobs')
    .values({ ...row })
    .onConflict((conflict) => conflict.column('idem').doNothing())
    .execute();
  return tx.selectFrom('jobs').select(JOB).where('idem', '=', row.idem).executeTakeFirstOrThrow();
}

export async function loadJob(tx: Tx, id: JobId): Promise<JobRow | undefined> {
  return tx.selectFrom('jobs').select(JOB).where('id', '=', id).executeTakeFirst();
}

/** Answers whether there was none of this number yet. */
export async function insertJobPart(tx: Tx, row: JobPartRow): Promise<boolean> {
  const inserted = await tx
    .insertInto('job_parts')
    .values({ ...row })
    .onConflict((conflict) => conflict.columns(['job', 'part']).doNothing())
    .returning('part')
    .execute();
  return inserted.length === 1;
}

/** The parts of a job that have come, in order; or the one of them. */
export async function loadJobParts(tx: Tx, job: JobId, part?: number): Promise<readonly JobPartCourse[]> {
  const { rows } = await sql<JobPartCourse>`
    select p.job, p.part, p.request, p.content, p.rows, p.received_at, p.ended_at, p.error,
      coalesce(sum(c.count), 0)::int as decided, coalesce(sum(c.allowed), 0)::int as allowed
    from job_parts p left join job_chunks c on c.job = p.job and c.part = p.part
    where p.job = ${job} and (${part ?? null}::int is null or p.part = ${part ?? null}::int)
    group by p.job, p.part
    order by p.part
  `.execute(tx);
  return rows;
}

/** The part that has waited longest. */
export async function loadDuePart(tx: Tx): Promise<(JobPartCourse & Pick<JobRow, 'party'>) | undefined> {
  const due = await tx
    .selectFrom('job_parts')
    .innerJoin('jobs', 'jobs.id', 'job_parts.job')
    .select(['job_parts.job', 'job_parts.part', 'jobs.party'])
    .where('ended_at', 'is', null)
    .orderBy('received_at')
    .orderBy('job')
    .orderBy('part')
    .limit(1)
    .executeTakeFirst();
  const [row] = due === undefined ? [] : await loadJobParts(tx, due.job, due.part);
  return due && row && { ...row, party: due.party };
}

/** How many parts of a party wait for their turn. */
export async function countDueParts(tx: Tx, party: PartyId): Promise<number> {
  const { rows } = await sql<{ due: number }>`
    select count(*)::int as due from job_parts p join jobs j on j.id = p.job where p.ended_at is null and j.party = ${party}
  `.execute(tx);
  return rows[0]?.due ?? 0;
}

export async function endJobPart(
  tx: Tx,
  { job, part }: Pick<JobPartRow, 'job' | 'part'>,
  end: { readonly at: Instant; readonly error: string | null },
): Promise<void> {
  await tx
    .updateTable('job_parts')
    .set({ ended_at: end.at, error: end.error })
    .where('job', '=', job)
    .where('part', '=', part)
    .where('ended_at', 'is', null)
    .execute();
}

/** Two that decide the same part find the same entries: the second one changes nothing. */
export async function insertJobChunk(tx: Tx, row: JobChunkRow): Promise<void> {
  await tx
    .insertInto('job_chunks')
    .values({ ...row })
    .onConflict((conflict) => conflict.columns(['job', 'part', 'first_row']).doNothing())
    .execute();
}

/** The commits that hold any of the rows `[start, end)` of a part, in order. */
export async function loadJobChunks(
  tx: Tx,
  { job, part }: Pick<JobPartRow, 'job' | 'part'>,
  { start, end }: { readonly start: number; readonly end: number },
): Promise<readonly JobChunkRow[]> {
  return tx
    .selectFrom('job_chunks')
    .select(['job', 'part', 'first_row', 'first_index', 'count', 'allowed'])
    .where('job', '=', job)
    .where('part', '=', part)
    .where('first_row', '<', end)
    .where(sql<boolean>`first_row + count > ${start}`)
    .orderBy('first_row')
    .execute();
}
