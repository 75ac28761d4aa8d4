/**
 * What a receipt shows of an erasure: its own stream again, up to the entry that says what of it is gone.
 *
 * That entry read the law of its own time, which the receipt does not carry: that it may have been made the audit decides. Here
 * it is in the tree, of this stream, after all that the receipt is of, and signed.
 *
 * @module
 */

import { Failure } from '../failure.ts';
import { equalHash, type Hash } from '../hash.ts';
import type { Ed25519 } from '../note/ed25519.ts';
import type { VerifiedCheckpoint } from '../tlog/checkpoint.ts';
import type { Entry } from '../tlog/entry.ts';
import { erasedBy, payloadClassOf } from './erasure.ts';
import type { LogState } from './log.ts';
import { type OpenedSlice, openSlice, verifySliceSignatures } from './open-slice.ts';
import type { OriginSpan } from './origins.ts';
import type { Slice } from './receipt.ts';

/** The entry by which payloads were erased, and its ledger time. */
export interface Erased {
  readonly index: number;
  readonly time: number;
}

interface Context {
  /** The slice that the receipt is of. */
  readonly own: OpenedSlice;
  readonly checkpoint: VerifiedCheckpoint;
  readonly origins: readonly OriginSpan[];
  /** The ledger's keys, as the receipt shows them. */
  readonly keys: LogState;
  readonly ed25519: Ed25519;
}

/** @throws {Failure} `receipt_invalid`; and as {@link openSlice} */
export async function openErasure(slice: Slice, { own, checkpoint, origins, keys, ed25519 }: Context): Promise<Erased> {
  const opened = openSlice(slice, origins, checkpoint);
  await verifySliceSignatures(ed25519, keys, slice, opened);
  const last = opened.entries.at(-1) as Entry;
  const until = own.leaves.length;
  const continues =
    opened.stream === own.stream &&
    opened.leaves.length > until &&
    opened.index > own.index &&
    equalHash(opened.leaves[until - 1] as Hash, own.leaves[until - 1] as Hash);
  if (!continues) throw new Failure('receipt_invalid', 'its erasure is of another stream, or came before');
  if (!own.entries.some((entry) => erases(last, entry))) {
    throw new Failure('receipt_invalid', 'nothing that it shows was erased by that entry');
  }
  return { index: opened.index, time: last.time };
}

/** Whether an entry says that the payload of another one, in the same stream, is gone. */
export function erases(erasure: Entry, { stream, type, seq, commit }: Entry): boolean {
  if (erasure.type !== 'payload.erased' || commit === null || seq > Number(erasure.body['through'])) return false;
  const of = payloadClassOf(stream, type);
  return erasedBy(erasure.type, erasure.body).some((each) => each.class === of);
}
