/**
 * Group commit: a write joins the batch that is forming; while one batch commits the next one fills; an idle ledger
 * commits at once (design §6). Correct with any number of processes, because every batch locks the head.
 *
 * @module
 */
import { Failure } from '#core/failure.ts';
import type { TreeHead } from '#core/tlog/tree.ts';
import { isUniqueViolation, isUnreachable, type Store } from '#store/store.ts';
import { type BatchContext, isDatabaseFailure, type Outcome, runBatch } from './batch.ts';
import type { Sequenced, Write } from './write.ts';

export const BATCH_MAX = 256;
export const QUEUE_MAX = 4_096;

export interface Committer {
  /**
   * Answers when the write's entries are durable: the same ones, if it was written before.
   *
   * @throws {Failure} as `plan` and the rules say; `queue_full`; `superseded`, if it has to be prepared again.
   */
  submit(write: Write): Promise<readonly Sequenced[]>;
  /** Says that a tree of this size is known to be committed, here or elsewhere: no batch goes onto a smaller one. */
  saw(head: TreeHead): void;
  /** Waits for what is queued, and takes nothing more. */
  close(): Promise<void>;
}

export interface CommitterContext extends Omit<BatchContext, 'seen'> {
  readonly store: Store;
  /** The largest tree known signed or committed when this process started. */
  readonly seenAtStart: TreeHead;
  /** Told after every COMMIT that made the tree grow. */
  readonly onGrowth: () => void;
}

interface Waiting {
  readonly write: Write;
  readonly resolve: (entries: readonly Sequenced[]) => void;
  readonly reject: (failure: unknown) => void;
}

export function openCommitter(context: CommitterContext): Committer {
  const queue: Waiting[] = [];
  let seen = context.seenAtStart;
  let working: Promise<void> | undefined;
  let closed = false;
  const batchContext: BatchContext = { ...context, seen: () => seen };

  function saw(head: TreeHead): void {
    if (head.size > seen.size) seen = head;
  }

  async function work(): Promise<void> {
    while (queue.length > 0) await commit(queue.splice(0, BATCH_MAX));
    // In the same turn as the queue was found empty: a write that comes a turn later must find nobody working.
    working = undefined;
  }

  async function commit(batch: readonly Waiting[]): Promise<void> {
    let result: Awaited<ReturnType<typeof runBatch>>;
    try {
      const writes = batch.map((waiting) => waiting.write);
      // If we crash after this COMMIT and before the answers, clients retry with the same key and get the same answer.
      result = await context.store.transaction((tx) => runBatch(batchContext, tx, writes));
    } catch (thrown) {
      await settleFailed(batch, thrown);
      return;
    }
    if (result.head.size > seen.size) {
      saw(result.head);
      context.onGrowth();
    }
    for (const [place, waiting] of batch.entries()) settle(waiting, result.outcomes[place] as Outcome);
  }

  /** Nothing is kept in memory between batches, so running again decides anew, by idempotency key first. */
  async function settleFailed(batch: readonly Waiting[], thrown: unknown): Promise<void> {
    if (batch.length > 1 && isDatabaseFailure(thrown) && !isUnreachable(thrown)) {
      for (const waiting of batch) await commit([waiting]);
      return;
    }
    const failure = isUniqueViolation(thrown)
      ? new Failure('superseded', 'another write took this name first', { cause: thrown })
      : thrown;
    for (const waiting of batch) waiting.reject(failure);
  }

  return {
    submit(write) {
      return new Promise((resolve, reject) => {
        if (closed) return reject(new Failure('store_unavailable', 'the ledger is closing'));
        if (queue.length >= QUEUE_MAX) return reject(new Failure('queue_full', `${QUEUE_MAX} writes are waiting`));
        queue.push({ write, resolve, reject });
        working ??= work();
      });
    },
    saw,
    async close() {
      closed = true;
      await working;
    },
  };
}

function settle(waiting: Waiting, outcome: Outcome): void {
  if (outcome.kind === 'sequenced') waiting.resolve(outcome.entries);
  else waiting.reject(outcome.failure);
}
