/** Opens a stored part: whose it is and what it asks is read off the signed request, and believed no more than at the door. */
import { JOB_PART_AGE_MAX_MS, jobPartPath } from '#core/consent/job-path.ts';
import { Failure } from '#core/failure.ts';
import { equalHash } from '#core/hash.ts';
import {
  digestSignedRequest,
  parseSignedRequest,
  readSignatures,
  type SignedRequest,
} from '#core/request/signed-request.ts';
import type { JobPartRow } from '#store/jobs.ts';
import { loadRequests } from '#store/requests.ts';
import type { AskBatch, RowList } from '../batch.ts';
import { namePart } from '../call.ts';
import { authenticateKept, requireActingCaller } from '../caller.ts';
import type { Context } from '../context.ts';

/**
 * Fewer than of a batch: nobody waits for a job, and everybody else waits for its commit. Half of a batch's leaves
 * four fifths of the speed, and makes others wait half as long.
 */
export const ROWS_PER_JOB_COMMIT = 128;

/** @throws {Failure} `signature_invalid`, if what is stored is not what was signed for this part; `signature_refused`. */
export async function openPart(context: Context, stored: JobPartRow): Promise<RowList> {
  const { job, part } = stored;
  const signed = await loadSigned(context, stored);
  const caller = await authenticateKept(context, signed);
  if (caller.request.path !== jobPartPath(job, part)) throw changed();
  // The door read this very text by the schema of a batch before it was stored.
  const { principal, rows } = JSON.parse(signed.body) as AskBatch;
  const own = await requireActingCaller(context, caller, principal, 'access');
  const created = Math.min(...readSignatures(signed).map((each) => each.created)) * 1_000;
  return {
    names: namePart(context, own, job, part),
    perCommit: ROWS_PER_JOB_COMMIT,
    rows: rows.map((row) => ({ principal, ...row })),
    admit(now) {
      if (now - created > JOB_PART_AGE_MAX_MS) throw new Failure('signature_stale', 'signed more than a day ago');
    },
  };
}

async function loadSigned({ ledger }: Context, { request }: JobPartRow): Promise<SignedRequest> {
  const [row] = await ledger.store.readOnce((tx) => loadRequests(tx, [request]));
  if (row === undefined || !equalHash(digestSignedRequest(row.request), request)) throw changed();
  return parseSignedRequest(row.request);
}

function changed(): Failure {
  return new Failure('signature_invalid', 'what is stored is not what was signed for this part');
}
