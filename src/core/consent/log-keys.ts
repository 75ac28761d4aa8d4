/**
 * The log's own stream as a reader is shown it: by itself, or of a log that goes on under another name.
 *
 * @module
 */
import { Failure } from '../failure.ts';
import { equalHash } from '../hash.ts';
import type { Ed25519 } from '../note/ed25519.ts';
import type { VerifierKey } from '../note/key.ts';
import type { VerifiedCheckpoint } from '../tlog/checkpoint.ts';
import type { Entry } from '../tlog/entry.ts';
import { LOG_STREAM } from '../tlog/stream.ts';
import { readLogState } from './fold-log.ts';
import { followLogKeys } from './follow-log-keys.ts';
import type { LogState } from './log.ts';
import { type OpenedSlice, openSlice, verifySliceSignatures } from './open-slice.ts';
import { originsOf, requirePlaces } from './origins.ts';
import type { FollowableSlice, Slice } from './receipt.ts';

/**
 * Verifies an attacker-controlled slice of the log's own stream against a trusted vkey, and returns what it says of the
 * log. An older slice than there is knows the older keys only.
 *
 * @throws {Failure} as {@link followLogKeys}
 */
export async function openLogState(slice: FollowableSlice, vkey: VerifierKey, ed25519: Ed25519): Promise<LogState> {
  return (await followLogKeys(slice, [vkey], ed25519)).log;
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
  requirePlaces(opened.entries, opened.index);
  const isOfLog = opened.stream === LOG_STREAM && opened.entries.at(-1)?.type === 'log.continued';
  const continues = then.entries.length < opened.entries.length && slice.entries.length > 0;
  const isSame = then.leaves.every((leaf, at) => equalHash(leaf, opened.leaves[at] ?? leaf));
  if (isOfLog && continues && isSame && opened.index > own.index) return { log, entries: opened.entries };
  throw new Failure('receipt_invalid', 'what it shows of the log’s later name does not go on from its own');
}
