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

/** A moment as files and people write it, and how exactly: `unitMs` later the second, or minute, that was written is over. */
export interface WrittenInstant {
  readonly at: Instant;
  readonly unitMs: number;
}

const WRITTEN =
  /^([0-9]{4}-[0-9]{2}-[0-9]{2})T([0-9]{2}):[0-9]{2}(:[0-9]{2}(\.[0-9]{1,3})?)?(?:Z|[+-][0-9]{2}:[0-9]{2})$/;

/**
 * Reads a time of RFC 3339 with its zone; seconds may be left out. `Date.parse` alone reads much else, each runtime its own,
 * takes what has no zone for local time, and makes the 2nd of March of the 30th of February.
 *
 * @throws {Failure} `input_invalid`
 */
export function parseWrittenInstant(text: string): WrittenInstant {
  const [, day = '', hour = '', seconds, fraction] = WRITTEN.exec(text) ?? [];
  const time = isDayOfCalendar(day) && hour < '24' ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(time)) {
    throw new Failure('input_invalid', 'a time is written with its zone, such as 2026-11-21T09:30:00+08:00');
  }
  const unitMs = seconds === undefined ? 60_000 : fraction === undefined ? 1_000 : 10 ** (4 - fraction.length);
  return { at: parseInstant(time), unitMs };
}

/** A day that there is not is none to the parser, or is written back as another. */
function isDayOfCalendar(day: string): boolean {
  const midnight = Date.parse(`${day}T00:00:00Z`);
  return !Number.isNaN(midnight) && new Date(midnight).toISOString().startsWith(day);
}
