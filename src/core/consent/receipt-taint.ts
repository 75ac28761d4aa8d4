/**
 * What a receipt's own time could not know: that an issuing key which signed its entries was in other hands by then, as the
 * log declared later. The receipt stays recorded, because the tree has it; the list is for someone to look at.
 *
 * @module
 */

import { utf8 } from '../bytes.ts';
import { Failure } from '../failure.ts';
import type { Instant } from '../instant.ts';
import type { Ed25519 } from '../note/ed25519.ts';
import type { VerifierKey } from '../note/key.ts';
import { parseEntry } from '../tlog/entry.ts';
import { LOG_STREAM, type StreamId } from '../tlog/stream.ts';
import { issuingTaintAt } from './issuing-key.ts';
import { openLogState } from './log-keys.ts';
import { type FollowableSlice, parseReceipt } from './receipt.ts';

export interface TaintedEntry {
  readonly stream: StreamId;
  readonly seq: number;
  /** The issuing key that signed it, and since when that may have been in other hands. */
  readonly key: string;
  readonly since: Instant;
}

/**
 * Says which entries of a receipt that {@link verifyReceipt} found recorded are tainted, by a later slice of the log's own
 * stream (`GET /v1/log/keys`). In the very millisecond in which one key took over from another, either counts.
 *
 * @throws {Failure} `input_invalid`, if the slice is older than the receipt; `entry_invalid`, if the two contradict each
 *   other; as {@link openLogState}, if the slice is not that log's.
 */
export async function findTaint(
  receipt: Uint8Array,
  later: FollowableSlice,
  vkey: VerifierKey,
  ed25519: Ed25519,
): Promise<readonly TaintedEntry[]> {
  const { slices } = parseReceipt(receipt);
  const log = await openLogState(later, vkey, ed25519);
  for (const { stream, entries } of slices) if (stream === LOG_STREAM) requireLater(entries, later.entries);
  return slices.flatMap(({ stream, entries }) =>
    entries.flatMap((text): readonly TaintedEntry[] => {
      const { seq, time } = parseEntry(utf8(text));
      const tainted = issuingTaintAt(log, time);
      return tainted === undefined ? [] : [{ stream, seq, key: tainted.key, since: tainted.compromised_since }];
    }),
  );
}

/** Both are slices from entry 0: the later one begins with the whole of the other. */
function requireLater(earlier: readonly string[], later: readonly string[]): void {
  if (earlier.some((text, at) => at < later.length && text !== later[at])) {
    throw new Failure('entry_invalid', 'the keys are of another history of this log than the receipt: keep both');
  }
  if (later.length < earlier.length) {
    throw new Failure('input_invalid', 'the keys are older than the receipt: read them anew (GET /v1/log/keys)');
  }
}
