/**
 * Publishing: the newest committed head is signed, at once when idle, else at most every 200 ms, and every signed
 * checkpoint is stored where all readers see it (design §6, step 5). Signing comes after COMMIT, so it can be repeated.
 *
 * @module
 */
import type { LogState } from '#core/consent/log.ts';
import { signingLogKeys } from '#core/consent/log-key.ts';
import { Failure, isFailure } from '#core/failure.ts';
import { LOG_STREAM } from '#core/tlog/stream.ts';
import { parseSize, type Size, type TreeHead } from '#core/tlog/tree.ts';
import { type CheckpointRow, insertCheckpoint, loadNewestCheckpoint } from '#store/checkpoints.ts';
import { loadHead } from '#store/head.ts';
import type { Tx } from '#store/schema.ts';
import { loadServed } from '#store/served.ts';
import type { Store } from '#store/store.ts';
import { loadStreams } from '#store/streams.ts';
import { loadNewestWitnessed } from '#store/witnessed.ts';
import type { Log } from './log.ts';
import { type Signer, signHead } from './signer.ts';
import { proveConsistency } from './tree.ts';

const SIGN_EVERY_MS = 200;
/** How often the signer looks whether another process has appended. */
const LOOK_EVERY_MS = 500;
/** How often someone who waits for a checkpoint looks for it. It may be another process that signs. */
const LOOK_AGAIN_MS = 50;

export interface Publisher {
  /** Says that the tree has grown. */
  grew(): void;
  /** What readers are served, all of them the same: it never shrinks. */
  newest(): Promise<CheckpointRow | undefined>;
  /**
   * Waits for a checkpoint of at least `size` entries: a witnessed one if there is one, else whichever is signed.
   *
   * @throws {Failure} `not_published`, if there is none within the time.
   */
  published(size: number, waitMs: number): Promise<CheckpointRow>;
  /** Signs nothing more, also not at the end. */
  halt(): void;
  close(): Promise<void>;
}

export interface PublisherContext {
  readonly store: Store;
  /** Undefined in a process that does not sign: another one does. */
  readonly signer: Signer | undefined;
  readonly log: Log;
  /** Whether a policy wants cosignatures. */
  readonly isWitnessed: boolean;
  /** Told of every checkpoint that is stored. */
  readonly onPublished: (row: CheckpointRow) => void;
  /** Told of every tree that was signed, whoever committed it. */
  readonly onSigned: (head: TreeHead) => void;
  /** Told when the signer refused: from then on nothing may be written. */
  readonly onRefused: (failure: Failure) => void;
}

export function openPublisher(context: PublisherContext): Publisher {
  const { store, signer } = context;
  let working: Promise<void> | undefined;
  let again = false;
  let closed = false;
  let halted = false;

  async function work(sign: Signer): Promise<void> {
    do {
      again = false;
      try {
        await publishNewest(context, sign);
      } catch (failure) {
        if (isFailure(failure, 'signer_refused')) {
          closed = true;
          halted = true;
          context.onRefused(failure);
        } else context.log.warn('publish_failed', failure);
      }
      if (!closed) await sleep(SIGN_EVERY_MS);
    } while (again && !closed);
  }

  function grew(): void {
    again = true;
    if (signer === undefined || working !== undefined || closed) return;
    working = work(signer).finally(() => {
      working = undefined;
      if (again) grew();
    });
  }

  const look = setInterval(grew, LOOK_EVERY_MS);
  grew();

  return {
    grew,
    newest: () => store.read(loadServed),
    async published(size, waitMs) {
      for (let waited = 0; ; waited += LOOK_AGAIN_MS) {
        const row = await store.read(async (tx) => {
          const cosigned = await loadNewestWitnessed(tx);
          return cosigned !== undefined && cosigned.size >= size ? cosigned : loadNewestCheckpoint(tx);
        });
        if (row !== undefined && row.size >= size) return row;
        if (waited >= waitMs) throw new Failure('not_published', `no checkpoint of ${size} entries yet: try again`);
        await sleep(LOOK_AGAIN_MS);
      }
    },
    halt() {
      closed = true;
      halted = true;
    },
    async close() {
      clearInterval(look);
      await working;
      closed = true;
      // What was committed last is signed before we go, so that the next start finds it published.
      if (signer !== undefined && !halted) await publishNewest(context, signer).catch(() => {});
    },
  };
}

/** Signs the committed head, if it is not signed yet, and stores the checkpoint. */
async function publishNewest(context: PublisherContext, signer: Signer): Promise<void> {
  const { store, onSigned, onPublished } = context;
  const last = signer.state.load();
  const found = await store.read(async (tx) => {
    const head = await loadHead(tx);
    const newest = await loadNewestCheckpoint(tx);
    if (head === undefined || head.size === 0 || newest?.size === head.size) return undefined;
    const size = parseSize(head.size);
    // As of just this head: both are of one snapshot.
    const log = (await loadStreams(tx, [LOG_STREAM]))[0]?.state as LogState | undefined;
    const grows = last !== undefined && last.size > 0 && last.size < size;
    return {
      head: { size, root: head.root },
      by: log?.log_keys === undefined ? undefined : signingLogKeys(log),
      growth: grows ? await proveConsistency(tx, last.size as Size, size) : undefined,
    };
  });
  if (found === undefined) return;
  const note = await signHead(signer, found.head, found.growth, found.by);
  onSigned(found.head);
  // If we crash here, the signer's state is ahead of `checkpoints`; the same head is signed again at the next start.
  const row = { ...found.head, note };
  await store.transaction(async (tx) => insertCheckpoint(tx, row, await isServedAlone(context, tx)));
  onPublished(row);
}

/** Where a quorum has never cosigned, what is signed is served, as without a policy; from then on, once it is cosigned. */
async function isServedAlone({ isWitnessed }: PublisherContext, tx: Tx): Promise<boolean> {
  return !isWitnessed || (await loadNewestWitnessed(tx)) === undefined;
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
