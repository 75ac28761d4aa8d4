/**
 * Epochs (ADR 0028): how often the log was continued under a new origin, since entries were lost that nobody can tell of.
 *
 * What gives a right carries the epoch in which it was given or last confirmed: so one comparison suspends all that stood
 * before, at one index, however much there is. What takes away is never asked for its epoch.
 *
 * @module
 */
import { Failure } from '../failure.ts';
import type { Instant } from '../instant.ts';
import { integer, type Shape } from '../shape.ts';
import { LOG_STREAM, type StreamId } from '../tlog/stream.ts';
import { epochOf, logIn } from './log.ts';
import type { View } from './rule.ts';

/** What carries an epoch. Absent: 0, from before a log was ever continued. */
export type OfEpoch = { readonly epoch?: number };

const EPOCH_MAX = 1_000_000;

/** When something stands as it does, and how often the log was continued by then. */
export interface Moment {
  readonly now: Instant;
  readonly epoch: number;
}

/** The field of an input that gives a right, for the optional ones of a record. */
export const EPOCH: { readonly epoch: Shape<number> } = { epoch: integer(1, EPOCH_MAX) };

/** The log's epoch in a view. */
export function epochIn(view: View): number {
  return epochOf(logIn(view) ?? {});
}

/** An epoch as a body or a state has it: absent where it is 0. */
export function asEpoch(epoch: number): OfEpoch {
  return epoch === 0 ? {} : { epoch };
}

/** The streams that the decision on such an input reads for its epoch. */
export function readsEpoch({ epoch }: { readonly epoch?: number | undefined }): readonly StreamId[] {
  return epoch === undefined ? [] : [LOG_STREAM];
}

/**
 * Requires that what gives a right does so in the log's own epoch: nobody ages it, or makes it younger.
 *
 * @throws {Failure} `entry_invalid`
 */
export function requireEpoch(view: View, given: OfEpoch): void {
  if (epochOf(given) === epochIn(view)) return;
  throw new Failure('entry_invalid', `epoch: the log is at ${epochIn(view)}, and this says ${epochOf(given)}`);
}

/** Whether something stood before the log was continued, and waits to be confirmed since. */
export function isSuspended(standing: OfEpoch, epoch: number): boolean {
  return epochOf(standing) < epoch;
}

/** A draft, whose signature would give or take something. */
type Expiring = OfEpoch & { readonly expires_at: number };

/** Whether a draft can still be signed: nothing is that was drafted before the log was continued. */
export function isSignable(draft: Expiring, now: number, epoch: number): boolean {
  return now < draft.expires_at && !isSuspended(draft, epoch);
}
