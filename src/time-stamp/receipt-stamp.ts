/**
 * When a receipt's tree existed at the latest, by a time-stamp and a TSA's certificate of one's own. One code says so at the
 * command line and on the page.
 *
 * @module
 */
import { signs } from '#core/consent/log-key-spans.ts';
import { parseReceipt, type Receipt } from '#core/consent/receipt.ts';
import { checkpointNoteOf } from '#core/consent/receipt-checkpoint.ts';
import { type FollowedReceipt, followReceipt } from '#core/consent/receipt-log-keys.ts';
import { Failure, isFailure } from '#core/failure.ts';
import type { Ed25519 } from '#core/note/ed25519.ts';
import type { VerifierKey } from '#core/note/key.ts';
import type { TsaCertificates } from './certificates.ts';
import { openStamped, requireCovered, type StampedCheckpoint } from './file.ts';
import type { TimeStamp } from './token.ts';

/** What the reader gives: a time-stamp, who may have made it, and a proof. */
export interface StampTerms {
  readonly file: Uint8Array;
  readonly certificates: TsaCertificates;
  /** From the receipt's tree to the stamped one; undefined: they are to be the same. */
  readonly proof: Uint8Array | undefined;
}

/** What a time-stamp says of a receipt; `problem`: nothing. */
export type StampVerdict =
  | { readonly stamp: TimeStamp; readonly problem: null }
  | { readonly stamp: null; readonly problem: StampProblem };

export interface StampProblem {
  readonly code: string;
  readonly message: string;
  /** How many entries the receipt's tree and the stamped one have; null: it was not read as far as that. */
  readonly sizes: { readonly receipt: number; readonly stamped: number } | null;
}

/**
 * Of a receipt that holds by `trusted`.
 *
 * @param trusted Log keys that did not come with it, of one log or several.
 */
export async function judgeStamp(
  receipt: Uint8Array,
  trusted: readonly VerifierKey[],
  { file, certificates, proof }: StampTerms,
  ed25519: Ed25519,
): Promise<StampVerdict> {
  let sizes: StampProblem['sizes'] = null;
  try {
    const opened = parseReceipt(receipt);
    const [origin] = checkpointNoteOf(opened).split('\n', 1);
    const own = trusted.filter(({ name }) => name === origin);
    if (own.length === 0) throw new Failure('time_stamp_invalid', 'no key of this log is trusted');
    const { checkpoint, followed } = await followByAny(opened, own, ed25519);
    const led = (followed?.spans ?? []).map(({ key }) => key);
    const keys = [...trusted, ...led.filter((each) => !trusted.some((other) => isSame(each, other)))];
    const stamped = await openStamped(file, keys, certificates, ed25519);
    sizes = { receipt: checkpoint.size, stamped: stamped.checkpoint.size };
    requireInForce(stamped, followed);
    requireCovered(checkpoint, stamped.checkpoint, proof);
    return { stamp: stamped.stamp, problem: null };
  } catch (failure) {
    if (!isFailure(failure)) throw failure;
    return { stamp: null, problem: { code: failure.code, message: failure.message, sizes } };
  }
}

/** Of keys whose spans the receipt shows, one that signed trees of that size. @throws {Failure} `time_stamp_invalid` */
function requireInForce({ checkpoint, signers }: StampedCheckpoint, followed: FollowedReceipt['followed']): void {
  const spans = followed?.spans ?? [];
  const isInForce = signers.some((signer) => {
    const span = spans.find(({ key }) => isSame(key, signer));
    return span === undefined || signs(span, checkpoint.size);
  });
  if (isInForce) return;
  throw new Failure('time_stamp_invalid', `the log key that signed it signs no tree of ${checkpoint.size} entries`);
}

function isSame(one: VerifierKey, other: VerifierKey): boolean {
  return one.name === other.name && one.keyId === other.keyId;
}

/** By the first of several keys of its log that leads to its checkpoint's. @throws {Failure} as {@link followReceipt} */
async function followByAny(
  receipt: Receipt,
  [vkey, ...others]: readonly VerifierKey[],
  ed25519: Ed25519,
): Promise<FollowedReceipt> {
  try {
    return await followReceipt(receipt, vkey as VerifierKey, ed25519);
  } catch (failure) {
    if (!isFailure(failure) || others.length === 0) throw failure;
    return followByAny(receipt, others, ed25519);
  }
}
