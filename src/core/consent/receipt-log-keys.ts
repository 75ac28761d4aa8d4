/**
 * From the trusted log key to those that sign a receipt's checkpoint, by what the receipt shows of the log.
 *
 * @module
 */
import { Failure, isFailure } from '../failure.ts';
import type { Ed25519 } from '../note/ed25519.ts';
import { formatVkey, type VerifierKey } from '../note/key.ts';
import type { SignedCheckpoint } from '../tlog/checkpoint.ts';
import { LOG_STREAM } from '../tlog/stream.ts';
import { type FollowedLog, followLogKeys } from './follow-log-keys.ts';
import type { LogState } from './log.ts';
import type { Receipt } from './receipt.ts';
import { Divergence, openReceiptCheckpoint } from './receipt-checkpoint.ts';

export interface FollowedReceipt extends SignedCheckpoint {
  /** Undefined: it shows no exchange of the log key, and the trusted one signed it. */
  readonly followed: FollowedLog | undefined;
}

/** Opens the checkpoint of a receipt. @throws {Failure} as {@link followLogKeys} and {@link openReceiptCheckpoint} */
export async function followReceipt(receipt: Receipt, vkey: VerifierKey, ed25519: Ed25519): Promise<FollowedReceipt> {
  if (receipt.log_keys === undefined) {
    return { ...(await openReceiptCheckpoint(receipt, [vkey], ed25519)), followed: undefined };
  }
  const followed = await orDivergence(receipt, vkey, ed25519, followLogKeys(receipt.log_keys, [vkey], ed25519));
  const keys = followed.spans.map(({ key }) => key);
  // All proofs stand under this one: the one that was followed to.
  const { checkpoint } = await openReceiptCheckpoint(receipt, keys, ed25519);
  return { checkpoint, signers: followed.signers, followed };
}

/** Before what can't be followed is refused: two signed trees that can't both be are evidence. */
async function orDivergence<T>(receipt: Receipt, vkey: VerifierKey, ed25519: Ed25519, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (failure) {
    if (!isFailure(failure)) throw failure;
    const found = await openReceiptCheckpoint(receipt, [vkey], ed25519).catch((thrown) => thrown);
    throw found instanceof Divergence ? found : failure;
  }
}

/**
 * Requires that the log as the receipt shows it is the one that was followed, or, where nothing was, the trusted one with no
 * other key.
 *
 * @throws {Failure} `receipt_invalid`
 */
export function requireSameLog(
  receipt: Receipt,
  log: LogState,
  vkey: VerifierKey,
  { followed }: FollowedReceipt,
): void {
  if (log.log_key !== (followed?.log.log_key ?? formatVkey(vkey))) {
    throw new Failure('receipt_invalid', 'the log names another key than the trusted one');
  }
  if (followed === undefined) {
    if (log.log_keys === undefined) return;
    throw new Failure('receipt_invalid', 'the log key was exchanged, and the receipt does not show how');
  }
  const whole = receipt.log_keys?.entries ?? [];
  const shown = receipt.slices.find(({ stream }) => stream === LOG_STREAM)?.entries ?? [];
  const isBeginning = (texts: readonly string[]) => texts.every((text, at) => text === whole[at]);
  if (isBeginning(shown) && isBeginning(receipt.continued?.entries ?? [])) return;
  throw new Failure('receipt_invalid', 'its log keys are of another history of the log than its decision');
}
