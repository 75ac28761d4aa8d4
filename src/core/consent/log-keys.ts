/**
 * The log's own state, proven: which keys it signs with, told by the log itself and not by who serves it.
 *
 * @module
 */
import type { Ed25519 } from '../note/ed25519.ts';
import type { VerifierKey } from '../note/key.ts';
import { followLogKeys } from './follow-log-keys.ts';
import type { LogState } from './log.ts';
import type { FollowableSlice } from './receipt.ts';

/**
 * Verifies an attacker-controlled slice of the log's own stream against a trusted vkey, and returns what it says of the
 * log. An older slice than there is knows the older keys only.
 *
 * @throws {Failure} as {@link followLogKeys}
 */
export async function openLogState(slice: FollowableSlice, vkey: VerifierKey, ed25519: Ed25519): Promise<LogState> {
  return (await followLogKeys(slice, [vkey], ed25519)).log;
}
