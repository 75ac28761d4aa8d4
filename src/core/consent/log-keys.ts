/**
 * The log's own state, proven: which keys it signs with, told by the log itself and not by who serves it.
 *
 * @module
 */
import type { JsonObject } from '../canonical.ts';
import { Failure } from '../failure.ts';
import type { Ed25519 } from '../note/ed25519.ts';
import { formatVkey, type VerifierKey } from '../note/key.ts';
import { openCheckpoint } from '../tlog/checkpoint.ts';
import { parseTlogProof } from '../tlog/proof.ts';
import { LOG_STREAM } from '../tlog/stream.ts';
import type { LogState } from './log.ts';
import { openSlice, verifySliceSignatures } from './open-slice.ts';
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
  const opened = openSlice(slice, vkey.name, checkpoint);
  let state: JsonObject | undefined;
  for (const entry of opened.entries) state = evolve(state, commandOf(entry).type, entry);
  const log = state as LogState;
  if (log.log_key !== formatVkey(vkey)) throw new Failure('entry_invalid', 'entry 0 names another log key');
  await verifySliceSignatures(ed25519, log, slice, opened);
  return log;
}
