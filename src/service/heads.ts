/**
 * Heads of streams: recorded for all at once, daily, and stated for one to whoever may read it.
 *
 * @module
 */
import { toBase64Url } from '#core/bytes.ts';
import { HEADS_SPAN_MAX, type HeadsState } from '#core/consent/heads.ts';
import { Failure } from '#core/failure.ts';
import { hashText } from '#core/hash.ts';
import type { Handle } from '#core/ids.ts';
import type { StreamHead } from '#core/tlog/chain.ts';
import { parseEntry } from '#core/tlog/entry.ts';
import { headSigningBytes, rootOfHeads } from '#core/tlog/heads.ts';
import { HEADS_STREAM, relationshipStream, type StreamId } from '#core/tlog/stream.ts';
import { loadNewestCheckpoint } from '#store/checkpoints.ts';
import { loadEntriesAt, loadLast } from '#store/entries.ts';
import { loadHead } from '#store/head.ts';
import { loadHeadPage, loadStreams } from '#store/streams.ts';
import type { Caller } from './caller.ts';
import type { Context } from './context.ts';
import { requireReadable } from './scope.ts';

const PAGE = 5_000;
/** An hour is left for a server that was just being restarted. */
const DUE_AFTER_MS = 23 * 3_600_000;
const TRIES_MAX = 3;

/** Records the heads of all streams, if the last ones are of yesterday. Answers whether it did. */
export async function recordDueHeads(context: Context): Promise<boolean> {
  const last = await context.ledger.store.read(async (tx) => {
    const [row] = await loadStreams(tx, [HEADS_STREAM]);
    if (row !== undefined) return (row.state as HeadsState).at;
    const [founding] = await loadEntriesAt(tx, [0]);
    return founding && parseEntry(founding.bytes).time;
  });
  if (last === undefined || context.clock() - last < DUE_AFTER_MS) return false;
  return recordHeads(context);
}

/** Records the heads of all streams, read in one snapshot outside the lock. Answers false where another did, later. */
export async function recordHeads({ ledger }: Context): Promise<boolean> {
  for (let tried = 1; ; tried++) {
    const { size, heads } = await readHeads({ ledger });
    const now = (await ledger.store.read(loadHead))?.size ?? 0;
    // On a ledger that is written to faster than it can be read, the snapshot of a quieter moment will do.
    if (now - size > HEADS_SPAN_MAX / 2 && tried < TRIES_MAX) continue;
    const input = { size, root: hashText(rootOfHeads(heads)), streams: heads.size };
    const entries = await ledger.submit({
      claims: [],
      touches: [HEADS_STREAM],
      plan(view) {
        const recorded = view.state(HEADS_STREAM) as HeadsState | undefined;
        if (recorded !== undefined && recorded.size >= size) return [];
        return [{ command: { type: 'heads.recorded', stream: HEADS_STREAM, input } }];
      },
    });
    return entries.length > 0;
  }
}

async function readHeads({ ledger }: Pick<Context, 'ledger'>) {
  return ledger.store.read(async (tx) => {
    const size = (await loadHead(tx))?.size ?? 0;
    const heads = new Map<StreamId, StreamHead>();
    for (let after = ''; ; ) {
      const page = await loadHeadPage(tx, after, PAGE);
      for (const { stream, seq, leaf } of page) heads.set(stream, { seq, leaf });
      if (page.length < PAGE) return { size, heads };
      after = (page.at(-1) as { readonly stream: string }).stream;
    }
  });
}

export interface StatedHead {
  readonly v: 1;
  readonly log: string;
  readonly stream: string;
  readonly seq: number;
  readonly leaf: string;
  /** The size of the checkpoint: the stream is whole as of this many entries. */
  readonly size: number;
  /** By the issuing key. */
  readonly signature: string;
  readonly checkpoint: string;
}

/**
 * States where a relationship's stream ends, as of the newest checkpoint. Signed: should another entry of it turn up
 * below that size, this is what convicts the ledger.
 *
 * @throws {Failure} `relationship_unknown`, also for another's; `not_published`
 */
export async function stateHead({ ledger, issuingKey }: Context, caller: Caller, handle: Handle): Promise<StatedHead> {
  const stream = relationshipStream(handle);
  const { checkpoint, last } = await ledger.store.read(async (tx) => {
    await requireReadable(tx, caller, stream, 'proof');
    const newest = await loadNewestCheckpoint(tx);
    return { checkpoint: newest, last: newest && (await loadLast(tx, stream, newest.size - 1)) };
  });
  if (checkpoint === undefined || last === undefined) {
    throw new Failure('not_published', 'no checkpoint covers this relationship yet: try again');
  }
  const { seq, leaf } = last;
  const { size, note } = checkpoint;
  const signed = headSigningBytes({ log: ledger.origin, stream, seq, leaf, size });
  const signature = toBase64Url(await issuingKey.sign(signed));
  return { v: 1, log: ledger.origin, stream, seq, leaf: hashText(leaf), size, signature, checkpoint: note };
}

/** How often it is looked whether heads are due. */
const LOOK_EVERY_MS = 10 * 60_000;

/** Records heads daily, in the process that signs. What fails is tried again. */
export function openHeadsKeeper(context: Context): { close(): Promise<void> } {
  let working: Promise<unknown> = Promise.resolve();
  const look = () => {
    working = recordDueHeads(context).catch((thrown) => context.log.warn('heads_wait', thrown));
  };
  const timer = setInterval(look, LOOK_EVERY_MS);
  timer.unref();
  look();
  return {
    async close() {
      clearInterval(timer);
      await working;
    },
  };
}
