/** Plays a list through a job: sends what is missing, waits, and reads what became of each row. */
import type { Client } from '#client/index.ts';
import { JOB_PARTS_MAX } from '#core/consent/job-path.ts';
import { Failure } from '#core/failure.ts';
import type { JobId, PartyId } from '#core/ids.ts';
import type { Part } from './parts.ts';

/** What is said meanwhile. */
export interface Said {
  progress(text: string): void;
  note(text: string): void;
}

export interface RowOutcome {
  /** Its place in the list. */
  readonly at: number;
  readonly access: string;
  readonly decision: 'allow' | 'deny' | 'undecided';
  /** Reasons to deny; of an undecided row, why its part could not go on. */
  readonly codes: readonly string[];
}

const LOOK_EVERY_MS = 1_000;

/** The job: a new one, or the one to be continued, if it is of just these parts. @throws {Failure} `part_mismatch` */
export async function openJob(
  client: Client,
  { principal, parts, job }: { readonly principal: PartyId; readonly parts: readonly Part[]; readonly job?: JobId },
): Promise<JobId> {
  if (job !== undefined) {
    const found = await client.readJob(job);
    const other = found.received.find(({ part, content }) => parts[part]?.content !== content);
    if (found.parts === parts.length && other === undefined) return job;
    throw new Failure('part_mismatch', `the job ${job} is of another list than this file`);
  }
  if (parts.length > JOB_PARTS_MAX) {
    throw new Failure('limit_reached', `the list has ${parts.length} parts, a job at most ${JOB_PARTS_MAX}: split it`);
  }
  return (await client.createJob({ principal, parts: parts.length })).job;
}

/** Sends the parts that are not there yet. */
export async function sendMissing(client: Client, job: JobId, parts: readonly Part[], said: Said): Promise<void> {
  const there = new Set((await client.readJob(job)).received.map(({ part }) => part));
  for (const [number, { body }] of parts.entries()) {
    if (there.has(number)) continue;
    said.progress(`sending part ${number + 1} of ${parts.length}`);
    await client.sendPart(job, number, body);
  }
}

/** Waits until every part has ended. */
export async function awaitDecided(
  client: Client,
  job: JobId,
  { said, rows, sleep }: { readonly said: Said; readonly rows: number; readonly sleep: (ms: number) => Promise<void> },
): Promise<void> {
  for (;;) {
    const { state, decided, denied } = await client.readJob(job);
    said.progress(`decided ${decided} of ${rows} rows, denied ${denied}`);
    if (state === 'decided') return;
    await sleep(LOOK_EVERY_MS);
  }
}

/** Every row in order, with what became of it. */
export async function* readOutcomes(client: Client, job: JobId, parts: readonly Part[]): AsyncGenerator<RowOutcome> {
  for (const [number, { start, rows }] of parts.entries()) {
    let read = 0;
    let error: string | null = null;
    for (let from: number | null = 0; from !== null; ) {
      const page = await client.readPartResults(job, number, { from, permits: false });
      for (const { row, access, decision, codes } of page.results) yield { at: start + row, access, decision, codes };
      read += page.results.length;
      error = page.error;
      from = page.next;
    }
    for (; read < rows; read++) {
      yield { at: start + read, access: '', decision: 'undecided', codes: [error ?? 'internal'] };
    }
  }
}
