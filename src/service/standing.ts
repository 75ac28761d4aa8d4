/** How the ledger stands: for the front page, and for whoever asks whether this server can work. */
import { toBase64 } from '#core/bytes.ts';
import type { Instant } from '#core/instant.ts';
import { parseEntry } from '#core/tlog/entry.ts';
import { loadNewestCheckpoint } from '#store/checkpoints.ts';
import { loadEntriesAt } from '#store/entries.ts';
import { loadHead } from '#store/head.ts';
import type { Tx } from '#store/schema.ts';
import { loadAsking, loadNewestTimeStamp, type TimeStampAsking } from '#store/time-stamps.ts';
import { loadNewestWitnessed } from '#store/witnessed.ts';
import type { Context } from './context.ts';

export interface Standing {
  readonly origin: string;
  readonly vkey: string;
  /** Entries committed, and the root hash over them, base64 as in a checkpoint. */
  readonly size: number;
  readonly root: string | null;
  readonly checkpoint: { readonly size: number; readonly note: string } | null;
  /** Why nothing may be written, or null. */
  readonly fenced: string | null;
  /** How far the witnesses' quorum has cosigned; null where nobody is asked. */
  readonly witnessed: Witnessed | null;
  /** What came of the time-stamping authority; null where none is asked. */
  readonly stamped: Stamped | null;
}

/** Nothing waits for it. */
export interface Stamped {
  /** Of the largest tree that has one. */
  readonly newest: { readonly size: number; readonly not_later_than: Instant } | null;
  /** How the authority answered last, by the clock of the process that asks; null: it was not asked yet. */
  readonly asked: TimeStampAsking | null;
}

export interface Witnessed {
  /** The size of the largest checkpoint that the quorum has cosigned; 0: none yet. */
  readonly size: number;
  /** Since when an entry has been waiting for the quorum, ledger time; null: none is, or not for long. */
  readonly unmetSince: Instant | null;
}

/** So long a quorum may take before it is said to be missing. */
const QUORUM_WAIT_MS = 30_000;

/** @throws {Failure} `store_unavailable` */
export async function readStanding({ ledger, clock, asksTsa = false }: Context): Promise<Standing> {
  const { head, checkpoint, witnessed, stamped } = await ledger.store.read(async (tx) => ({
    head: await loadHead(tx),
    checkpoint: await loadNewestCheckpoint(tx),
    witnessed: ledger.isWitnessed ? await readWitnessed(tx, clock()) : null,
    stamped: asksTsa ? await readStamped(tx) : null,
  }));
  return {
    origin: ledger.origin,
    vkey: await ledger.vkeyToShow(),
    size: head?.size ?? 0,
    root: head === undefined ? null : toBase64(head.root),
    checkpoint: checkpoint === undefined ? null : { size: checkpoint.size, note: checkpoint.note },
    fenced: ledger.fenced() ?? null,
    witnessed,
    stamped,
  };
}

async function readStamped(tx: Tx): Promise<Stamped> {
  return { newest: (await loadNewestTimeStamp(tx)) ?? null, asked: (await loadAsking(tx)) ?? null };
}

/** The first entry that no witnessed checkpoint covers says since when, on every server alike and after a restart, too. */
async function readWitnessed(tx: Tx, now: number): Promise<Witnessed> {
  const size = (await loadNewestWitnessed(tx))?.size ?? 0;
  const [waiting] = await loadEntriesAt(tx, [size]);
  const since = waiting === undefined ? null : parseEntry(waiting.bytes).time;
  return { size, unmetSince: since !== null && now - since > QUORUM_WAIT_MS ? since : null };
}
