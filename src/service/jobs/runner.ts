/**
 * The job runner: decides stored parts, the longest waiting first, one commit after the other. Between two commits
 * everybody else gets a turn. It remembers nothing that is not stored: what it had decided when it ended, it finds again
 * under the part's own names, and goes on behind it.
 *
 * @module
 */
import { type Failure, type FailureCode, isFailure } from '#core/failure.ts';
import { endJobPart, insertJobChunk, type JobPartCourse, loadDuePart } from '#store/jobs.ts';
import { decideChunk } from '../batch.ts';
import type { Context } from '../context.ts';
import { openPart } from './part.ts';

/** How often it looks for a part; any process may have taken one. */
const LOOK_EVERY_MS = 500;
/** After what is no fault of the part: the database away, the ledger behind its fence. */
const AGAIN_AFTER_MS = 2_000;

/** What passes, or what the keeper mends: the part waits for it. */
const PASSING: readonly FailureCode[] = [
  'behind',
  'clock_unsound',
  'keys_missing',
  'queue_full',
  'read_only',
  'store_unavailable',
  'superseded',
];

export interface JobRunner {
  /** Ends after the commit that is under way. */
  close(): Promise<void>;
}

/** Starts deciding. Two at once, while one process takes over from another, only do the same work twice. */
export function openJobRunner(context: Context): JobRunner {
  let closed = false;
  let wake = () => {};

  function pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  async function work(): Promise<void> {
    while (!closed) {
      try {
        const due = await context.ledger.store.read(loadDuePart);
        if (due === undefined) await pause(LOOK_EVERY_MS);
        else await decidePart(context, due, () => closed);
      } catch (thrown) {
        context.log.warn('job_waits', thrown);
        if (!closed) await pause(AGAIN_AFTER_MS);
      }
    }
  }

  const working = work();
  return {
    close() {
      closed = true;
      wake();
      return working;
    },
  };
}

/** Decides what is left of a part. @throws {Failure} what passes. */
async function decidePart(context: Context, due: JobPartCourse, isClosed: () => boolean): Promise<void> {
  try {
    const list = await openPart(context, due);
    let start = due.decided;
    while (start < list.rows.length && !isClosed()) {
      const made = await decideChunk(context, list, start);
      const allowed = made.filter(({ entry }) => entry.body['decision'] === 'allow').length;
      const first_index = made[0]?.index as number;
      const { job, part } = due;
      // If we crash before this, the same rows are asked for again, and these very entries are the answer.
      await context.ledger.store.transaction((tx) =>
        insertJobChunk(tx, { job, part, first_row: start, first_index, count: made.length, allowed }),
      );
      start += made.length;
    }
    if (start >= list.rows.length) await end(context, due, null);
  } catch (thrown) {
    if (isFailure(thrown) && PASSING.includes(thrown.code)) throw thrown;
    context.log.warn('job_part_ended', thrown);
    await end(context, due, isFailure(thrown) ? thrown.code : 'internal');
  }
}

function end(context: Context, due: JobPartCourse, error: Failure['code'] | 'internal' | null): Promise<void> {
  return context.ledger.store.transaction((tx) => endJobPart(tx, due, { at: context.clock(), error }));
}
