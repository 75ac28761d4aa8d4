/**
 * The ledger's own step that has its checkpoints stamped (RFC 3161), in the process that signs. It reads what readers are
 * served, asks outside of any transaction, and stores what verifies: an authority that is down, slow or lying is said so in
 * the log and to the doctor, and touches no write and no checkpoint.
 *
 * @module
 */
import { utf8 } from '#core/bytes.ts';
import { isFailure } from '#core/failure.ts';
import type { Ledger } from '#ledger/ledger.ts';
import type { Log } from '#ledger/log.ts';
import { insertTimeStamp, loadNewestTimeStamp, saveAsking } from '#store/time-stamps.ts';
import { formatStamped, ownNote } from '#time-stamp/file.ts';
import { nativeEd25519 } from '../../native.ts';
import { askTsa, type Tsa, type TsaMeans } from './ask.ts';

export interface StampKeeperOptions extends TsaMeans {
  readonly ledger: Pick<Ledger, 'publisher' | 'store' | 'logKeys' | 'fenced'>;
  readonly log: Log;
  readonly tsa: Tsa;
  /** How often it looks whether there is something new. */
  readonly everyMs: number;
  readonly answerWaitMs?: number;
  readonly settleMs?: number;
  readonly backOffMsMin?: number;
}

export interface StampKeeper {
  close(): Promise<void>;
}

const ANSWER_WAIT_MS = 30_000;
/**
 * Between reading a checkpoint and asking. For a second a cache may serve the one before: whoever sees a time-stamp is to be
 * served its checkpoint, too.
 */
const SETTLE_MS = 2_000;
const BACK_OFF_MS_MIN = 10_000;
/** A start publishes first. */
const FIRST_LOOK_MS = 1_000;

export function openStampKeeper(options: StampKeeperOptions): StampKeeper {
  const { everyMs, log, backOffMsMin = BACK_OFF_MS_MIN } = options;
  const closing = new AbortController();

  async function work(): Promise<void> {
    await sleep(Math.min(FIRST_LOOK_MS, everyMs), closing.signal);
    for (let failed = 0; !closing.signal.aborted; ) {
      failed = (await lookOnce(options, closing.signal)) ? 0 : failed + 1;
      // What failed is tried again sooner, each time twice as late, and never more often than was configured for what works.
      await sleep(failed === 0 ? everyMs : Math.min(everyMs, backOffMsMin * 2 ** (failed - 1)), closing.signal);
    }
  }

  const working = work().catch((thrown) => log.warn('time_stamps_ended', thrown));
  return {
    async close() {
      closing.abort();
      await working;
    },
  };
}

/** Answers whether it went well: also where there was nothing to do. */
async function lookOnce(options: StampKeeperOptions, closing: AbortSignal): Promise<boolean> {
  const { ledger, log, clock } = options;
  let why: string | null = null;
  try {
    const note = await findUnstamped(options);
    if (note === undefined) return true;
    await sleep(options.settleMs ?? SETTLE_MS, closing);
    if (closing.aborted) return true;
    try {
      await stamp(options, note, closing);
    } catch (thrown) {
      if (closing.aborted) return true;
      if (isFailure(thrown, 'store_unavailable')) throw thrown;
      why = whyOf(thrown);
      log.warn('time_stamp_missing', thrown);
    }
    await ledger.store.transaction((tx) => saveAsking(tx, Math.floor(clock()), why));
  } catch (thrown) {
    // The database is away, or what is served is no checkpoint: others say so, and this waits.
    log.warn('time_stamps_wait', thrown);
    return false;
  }
  return why === null;
}

interface Unstamped {
  readonly size: number;
  /** As the log signed it: cosignatures are not stamped. */
  readonly note: string;
}

/** What readers are served, unless its tree has a time-stamp, or nobody may rely on it. */
async function findUnstamped({ ledger }: StampKeeperOptions): Promise<Unstamped | undefined> {
  if (ledger.fenced() !== undefined) return undefined;
  const served = await ledger.publisher.newest();
  const stamped = await ledger.store.readOnce(loadNewestTimeStamp);
  if (served === undefined || served.size <= (stamped?.size ?? 0)) return undefined;
  return { size: served.size, note: await ownNote(served.note, await ledger.logKeys(), nativeEd25519) };
}

async function stamp(options: StampKeeperOptions, { size, note }: Unstamped, closing: AbortSignal): Promise<void> {
  const { ledger, log, tsa, answerWaitMs = ANSWER_WAIT_MS } = options;
  const signal = AbortSignal.any([closing, AbortSignal.timeout(answerWaitMs)]);
  const { token, stamp: made } = await askTsa(tsa, utf8(note), options, signal);
  // The ledger may have been stopped meanwhile: what a witness contradicts gets no more evidence.
  if (ledger.fenced() !== undefined) return;
  const file = new TextDecoder().decode(formatStamped(note, token));
  const row = { size, not_later_than: made.notLaterThan, file };
  await ledger.store.transaction((tx) => insertTimeStamp(tx, row));
  log.info('time_stamped', { size, not_later_than: made.notLaterThan });
}

/** What went wrong, in words of ours: an authority's own may be anything. */
function whyOf(thrown: unknown): string {
  if (isFailure(thrown)) return thrown.message;
  const isLate = thrown instanceof Error && (thrown.name === 'TimeoutError' || thrown.name === 'AbortError');
  return isLate ? 'no answer in time' : 'it can’t be reached';
}

function sleep(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(done, ms);
    timer.unref();
    function done(): void {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    }
    signal.addEventListener('abort', done);
    if (signal.aborted) done();
  });
}
