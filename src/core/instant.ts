/** A moment: whole milliseconds since 1970-01-01T00:00:00Z. In hashed bytes there is no other form of time. */
import type { Brand } from './brand.ts';
import { Failure } from './failure.ts';

export type Instant = Brand<number, 'Instant'>;

/** The last moment that a JavaScript date can name. */
export const INSTANT_MAX = 8_640_000_000_000_000;

/** How far a subject's device may be ahead of the ledger (design §4). */
export const SIGNED_AHEAD_MAX_MS = 5 * 60 * 1000;

/** @throws {Failure} `input_invalid`, if the value is not a whole number of milliseconds from 1970 on. */
export function parseInstant(value: unknown): Instant {
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 0 || value > INSTANT_MAX) {
    throw new Failure('input_invalid', 'a time is a whole number of milliseconds since 1970, UTC');
  }
  return value as Instant;
}
