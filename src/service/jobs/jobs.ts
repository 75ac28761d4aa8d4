/**
 * Jobs: lists of up to ten million rows, sent in parts. A part is stored before it is acknowledged, and decided when its
 * turn comes (runner.ts); sending it again changes nothing, so that whoever was interrupted goes on.
 *
 * @module
 */
import { equalBytes } from '#core/bytes.ts';
import { jobPartPath } from '#core/consent/job-path.ts';
import { Failure } from '#core/failure.ts';
import { equalHash, hashText, parseHashText } from '#core/hash.ts';
import type { JobId, PartyId } from '#core/ids.ts';
import { digestSignedRequest, formatSignedRequest, type SignedRequest } from '#core/request/signed-request.ts';
import {
  countDueParts,
  insertJob,
  insertJobPart,
  type JobPartCourse,
  type JobPartRow,
  type JobRow,
  loadJob,
  loadJobParts,
} from '#store/jobs.ts';
import { insertRequest } from '#store/requests.ts';
import type { Tx } from '#store/schema.ts';
import type { AskBatch } from '../batch.ts';
import { nameCall } from '../call.ts';
import { type Caller, requireActingCaller } from '../caller.ts';
import { type Context, newId } from '../context.ts';

/** So many parts of one party wait at most: what is taken is kept for ever. */
const DUE_PARTS_MAX = 1_000;

export interface JobCreated {
  readonly job: JobId;
  readonly parts: number;
}

/** Makes a job, which is its caller's: a processor's own, where it has a mandate. Its parts may come in any order. A repeat under the same key is answered the same job. */
export async function createJob(
  context: Context,
  caller: Caller,
  input: { readonly principal: PartyId; readonly parts: number },
): Promise<JobCreated> {
  requireWritable(context);
  const own = await requireActingCaller(context, caller, input.principal, 'access');
  const { claim } = nameCall(context, own, 'open');
  const made = await context.ledger.store.transaction((tx) =>
    insertJob(tx, {
      id: newId<JobId>(context),
      party: own.party,
      parts: input.parts,
      created_at: context.clock(),
      idem: claim.idem,
      request: claim.request,
    }),
  );
  if (!equalBytes(made.request, claim.request)) {
    throw new Failure('idempotency_mismatch', 'this was already used for another request');
  }
  return { job: made.id, parts: made.parts };
}

export interface StorePart extends AskBatch {
  readonly job: JobId;
  readonly part: number;
}

export interface PartStored {
  readonly job: JobId;
  readonly part: number;
  readonly rows: number;
}

/**
 * Stores a part: from here on it is decided, whatever happens to who sent it.
 *
 * @throws {Failure} `job_unknown`, `part_unknown`; `part_mismatch`, if another one is stored under its number;
 *   `limit_reached`, if too many wait.
 */
export async function storePart(context: Context, caller: Caller, input: StorePart): Promise<PartStored> {
  requireWritable(context);
  const { job, part } = input;
  const own = await requireActingCaller(context, caller, input.principal, 'access');
  // The audit reads the path as it was signed: one that only means the same is another.
  if (own.request.path !== jobPartPath(job, part)) throw new Failure('input_invalid', 'want the path as documented');
  const request = formatSignedRequest(own.request.signed as SignedRequest);
  const row: JobPartRow = {
    job,
    part,
    request: digestSignedRequest(request),
    content: parseHashText(own.request.contentDigest),
    rows: input.rows.length,
    received_at: context.clock(),
  };
  await context.ledger.store.transaction(async (tx) => {
    const { parts } = await loadOwnJob(tx, own, job);
    if (part >= parts) throw new Failure('part_unknown', `the job has ${parts} parts, from 0 on`);
    const [known] = await loadJobParts(tx, job, part);
    if (known === undefined && (await countDueParts(tx, own.party)) >= DUE_PARTS_MAX) {
      throw new Failure('limit_reached', `${DUE_PARTS_MAX} parts are waiting to be decided`);
    }
    if (await insertJobPart(tx, row)) return insertRequest(tx, { digest: row.request, request });
    // Also where two came at once, and the other one was first.
    const [stored] = await loadJobParts(tx, job, part);
    if (stored !== undefined && equalHash(stored.content, row.content)) return;
    throw new Failure('part_mismatch', 'other rows are stored as this part');
  });
  return { job, part, rows: row.rows };
}

export interface PartView {
  readonly part: number;
  readonly rows: number;
  readonly decided: number;
  readonly allowed: number;
  /** SHA-256 of the body that was sent, base64url: by it who continues a job knows its parts again. */
  readonly content: string;
  readonly ended: boolean;
  /** Why it could not go on; what was decided until then stands. */
  readonly error: string | null;
}

export interface JobView extends JobCreated {
  /** `receiving` until all parts are there; `decided` once each has ended. */
  readonly state: 'receiving' | 'deciding' | 'decided';
  readonly created_at: number;
  readonly rows: number;
  readonly decided: number;
  readonly allowed: number;
  readonly denied: number;
  readonly received: readonly PartView[];
}

/** How far a job is. @throws {Failure} `job_unknown`, also for another's. */
export async function readJob({ ledger }: Context, caller: Caller, id: JobId): Promise<JobView> {
  const [job, received] = await ledger.store.read(
    async (tx) => [await loadOwnJob(tx, caller, id), await loadJobParts(tx, id)] as const,
  );
  const sum = (of: (part: JobPartCourse) => number) => received.reduce((all, part) => all + of(part), 0);
  const decided = sum((part) => part.decided);
  const allowed = sum((part) => part.allowed);
  const isEnded = received.every(({ ended_at }) => ended_at !== null);
  const deciding = isEnded ? 'decided' : 'deciding';
  return {
    job: job.id,
    parts: job.parts,
    state: received.length < job.parts ? 'receiving' : deciding,
    created_at: job.created_at,
    rows: sum(({ rows }) => rows),
    decided,
    allowed,
    denied: decided - allowed,
    received: received.map(viewOfPart),
  };
}

export function viewOfPart({ part, rows, decided, allowed, content, ended_at, error }: JobPartCourse): PartView {
  return { part, rows, decided, allowed, content: hashText(content), ended: ended_at !== null, error };
}

/** @throws {Failure} `job_unknown`, also for another's, and for a party's administrators, who do not look at persons. */
export async function loadOwnJob(tx: Tx, caller: Caller, id: JobId): Promise<JobRow> {
  const job = await loadJob(tx, id);
  const isOwn = caller.kind === 'party' && caller.party === job?.party && caller.duty !== 'admin';
  if (job !== undefined && isOwn) return job;
  throw unknownJob();
}

export function unknownJob(): Failure {
  return new Failure('job_unknown', 'no such job');
}

/** A part that is taken is a promise to decide it. */
function requireWritable({ ledger }: Context): void {
  const fenced = ledger.fenced();
  if (fenced !== undefined) throw new Failure('read_only', `the ledger is read-only: ${fenced}`);
}
