/**
 * Group commit: a write joins the batch that is forming; while one batch commits the next one fills; an idle ledger
 * commits at once (design §6). Correct with any number of processes, because every batch locks the head.
 *
 * @module
 */
import { Failure, isFailure } from '#core/failure.ts';
import type { TreeHead } from '#core/tlog/tree.ts';
import { isUniqueViolation, isUnreachable, type Store } from '#store/store.ts';
import { type BatchContext, type BatchResult, isDatabaseFailure, type Outcome, runBatch } from './batch.ts';
import { finishErasures } from './erasure-journal.ts';
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

/** Takes the writes of a batch, whichever wait by then. */
type Take = () => readonly Waiting[];

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
    let last: Promise<void> = Promise.resolve();
    while (queue.length > 0) {
      const before = last;
      await new Promise<void>((onDecided) => {
        last = commit(() => queue.splice(0, BATCH_MAX), onDecided).then(onDecided);
      });
      // While one batch commits the next one waits for the lock that its COMMIT frees; a third would only hold on to a
      // connection.
      await before;
    }
    await last;
    // In the same turn as the queue was found empty: a write that comes a turn later must find nobody working.
    if (queue.length > 0) return work();
    working = undefined;
  }

  async function commit(take: Take, onDecided: () => void): Promise<void> {
    const ran = await runTaken(context.store, batchContext, take, onDecided);
    if (ran.kind === 'failed') return settleFailed(ran.batch, ran.thrown);
    finishErasures(context.erasures, ran.result.erased);
    if (ran.result.head.size > seen.size) {
      // Before anyone is answered: what they are answered with is signed by the key that is in force now.
      if (ran.result.switched) await context.store.read((tx) => context.issuer.learn(tx)).catch(() => {});
      else context.issuer.saw(ran.result.head.size);
      saw(ran.result.head);
      context.onGrowth();
    }
    for (const [place, waiting] of ran.batch.entries()) settle(waiting, ran.result.outcomes[place] as Outcome);
  }

  /** Nothing is kept in memory between batches, so running again decides anew, by idempotency key first. */
  async function settleFailed(batch: readonly Waiting[], thrown: unknown): Promise<void> {
    const apart = isFailure(thrown, 'superseded') || (isDatabaseFailure(thrown) && !isUnreachable(thrown));
    if (batch.length > 1 && apart) {
      for (const waiting of batch)
        await commit(
          () => [waiting],
          () => {},
        );
      return;
    }
    for (const waiting of batch) waiting.reject(asSuperseded(thrown));
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

/** A name that was taken meanwhile is looked for again; whatever else was thrown stays what it is. */
function asSuperseded(thrown: unknown): unknown {
  if (!isUniqueViolation(thrown)) return thrown;
  return new Failure('superseded', 'another write took this name first', { cause: thrown });
}

type Ran =
  | { readonly kind: 'committed'; readonly batch: readonly Waiting[]; readonly result: BatchResult }
  | { readonly kind: 'failed'; readonly batch: readonly Waiting[]; readonly thrown: unknown };

/** Runs one batch of what `take` gives, and tells when all that is left of it is its COMMIT. */
async function runTaken(store: Store, context: BatchContext, take: Take, onDecided: () => void): Promise<Ran> {
  let batch: readonly Waiting[] | undefined;
  const taken = () => {
    batch = take();
    return batch.map((waiting) => waiting.write);
  };
  try {
    // If we crash after this COMMIT and before the answers, clients retry with the same key and get the same answer.
    const result = await store.transaction(async (tx) => {
      const decided = await runBatch(context, tx, taken);
      onDecided();
      return decided;
    });
    return { kind: 'committed', batch: batch ?? [], result };
  } catch (thrown) {
    // Where not even the lock was had, it is those who wait now that are told.
    return { kind: 'failed', batch: batch ?? take(), thrown };
  }
}

function settle(waiting: Waiting, outcome: Outcome): void {
  if (outcome.kind === 'sequenced') waiting.resolve(outcome.entries);
  else waiting.reject(outcome.failure);
}
