/**
 * The log's own state, proven: which keys it signs with, told by the log itself and not by who serves it.
 *
 * @module
 */
import { utf8 } from '../bytes.ts';
import type { JsonObject } from '../canonical.ts';
import { Failure } from '../failure.ts';
import type { Ed25519 } from '../note/ed25519.ts';
import { formatVkey, type VerifierKey } from '../note/key.ts';
import { openCheckpoint, type VerifiedCheckpoint } from '../tlog/checkpoint.ts';
import { type Entry, parseEntry } from '../tlog/entry.ts';
import { parseTlogProof } from '../tlog/proof.ts';
import { LOG_STREAM } from '../tlog/stream.ts';
import type { LogState } from './log.ts';
import { type OpenedSlice, openSlice, verifySliceSignatures } from './open-slice.ts';
import { originsOf } from './origins.ts';
import type { Slice } from './receipt.ts';
import { commandOf, evolve } from './rules.ts';

/**
 * Verifies an attacker-controlled slice of the log's own stream against a trusted vkey, and returns what it says of the
 * log. An older slice than there is knows the older keys only.
 *
 * @throws {Failure} `proof_invalid`, `checkpoint_invalid`, `entry_invalid`, `receipt_invalid`, `signature_invalid`
 */
export async function openLogState(slice: Slice, vkey: VerifierKey, ed25519: Ed25519): Promise<LogState> {
  if (slice.stream !== LOG_STREAM) throw new Failure('proof_invalid', `not the stream ${LOG_STREAM}`);
  const checkpoint = await openCheckpoint(parseTlogProof(slice.proof).checkpoint, vkey, ed25519);
  const log = readLogState(slice.entries);
  const opened = openSlice(slice, originsOf(log), checkpoint);
  if (log.log_key !== formatVkey(vkey)) throw new Failure('entry_invalid', OTHER_LOG_KEY);
  await verifySliceSignatures(ed25519, log, slice, opened);
  return log;
}

const OTHER_LOG_KEY = 'the log’s own stream names another log key';

/** What the entries of the log's own stream fold to, in their order from the first on. Nothing is verified. */
export function readLogState(texts: readonly string[]): LogState {
  return foldLog(texts.map((text) => parseEntry(utf8(text))));
}

function foldLog(entries: readonly Entry[]): LogState {
  let state: JsonObject | undefined;
  for (const entry of entries) state = evolve(state, commandOf(entry).type, entry);
  if (state === undefined) throw new Failure('receipt_invalid', `the slice of ${LOG_STREAM} is empty`);
  return state as LogState;
}

/** The log's stream as a receipt shows it, and its state. */
export interface ShownLog {
  readonly log: LogState;
  readonly entries: readonly Entry[];
}

/**
 * Opens the log's stream up to where it goes on under its present name, of a receipt that is of an entry before that: it
 * begins with what the receipt shows of the stream as it was then.
 *
 * @throws {Failure} `receipt_invalid`; and as {@link openSlice}
 */
export async function openContinued(
  slice: Slice,
  then: OpenedSlice,
  { own, checkpoint, ed25519 }: { own: OpenedSlice; checkpoint: VerifiedCheckpoint; ed25519: Ed25519 },
): Promise<ShownLog> {
  const log = readLogState(slice.entries);
  const opened = openSlice(slice, originsOf(log), checkpoint);
  await verifySliceSignatures(ed25519, log, slice, opened);
  const isOfLog = opened.stream === LOG_STREAM && opened.entries.at(-1)?.type === 'log.continued';
  const continues = then.entries.length < opened.entries.length && slice.entries.length > 0;
  const isSame = then.leaves.every((leaf, at) => leaf.every((byte, place) => byte === opened.leaves[at]?.[place]));
  if (isOfLog && continues && isSame && opened.index > own.index) return { log, entries: opened.entries };
  throw new Failure('receipt_invalid', 'what it shows of the log’s later name does not go on from its own');
}
