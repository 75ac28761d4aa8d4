/**
 * The names of a log: one tree may go on under another origin and key (ADR 0028). An entry belongs to the log if it says
 * the name that was in force at its index; the names come in one order, and none comes back.
 *
 * @module
 */
import { Failure } from '../failure.ts';
import type { Instant } from '../instant.ts';
import { parseVkey } from '../note/key.ts';
import type { Entry } from '../tlog/entry.ts';
import type { FormerOrigin } from './log.ts';

/** A name, and how far it reaches; null: it is in force. */
export type OriginSpan = Pick<FormerOrigin, 'origin' | 'log_key'> & {
  readonly to: number | null;
  readonly at: Instant | null;
};

/** Of the log's state what its names are told by. */
export interface Named {
  readonly log_key: string;
  readonly origins?: readonly FormerOrigin[];
}

/** All names of a log in their order, the one in force last. */
export function originsOf({ log_key, origins = [] }: Named): readonly OriginSpan[] {
  return [...origins, { origin: nameOf(log_key), log_key, to: null, at: null }];
}

/** How the log went on when entries were lost last; undefined: none ever were. */
export function lastLossOf({ origins = [] }: Pick<Named, 'origins'>): FormerOrigin | undefined {
  return origins.findLast(({ to, lost }) => lost > to);
}

/**
 * Requires of the log's own stream, in its order and with the index of its last entry, that each entry which gives the log
 * another name stands where it says that it does.
 *
 * @throws {Failure} `receipt_invalid`
 */
export function requirePlaces(entries: readonly Pick<Entry, 'type' | 'body'>[], index: number): void {
  const places = entries.flatMap(({ type, body }, at) =>
    type === 'log.continued' ? [{ at, size: Number(body['size']) }] : [],
  );
  for (const [n, { at, size }] of places.entries()) {
    const next = places[n + 1];
    const apart = (next?.at ?? entries.length - 1) - at;
    const end = next?.size ?? index;
    if (apart === 0 ? end === size : size + apart <= end) continue;
    throw new Failure('receipt_invalid', 'the log goes on under another name elsewhere than it says');
  }
}

/** The name that the entry of an index says. */
export function originAt(spans: readonly OriginSpan[], index: number): string {
  return (spans.find(({ to }) => to === null || index < to) as OriginSpan).origin;
}

/**
 * Requires of the entries of one stream, in their order, that each says a name of the log, that none comes back, and that
 * the last one, whose index is known, says the one of its place. The places of the others are known as far as they have to fit
 * before it and behind each other.
 *
 * @throws {Failure} `receipt_invalid`
 */
export function requireOrigins(
  spans: readonly OriginSpan[],
  entries: readonly Pick<Entry, 'log' | 'stream' | 'time'>[],
  index: number,
): void {
  let place = 0;
  /** The least index that the entry can have. */
  let least = 0;
  for (const { log, stream, time } of entries) {
    const found = spans.findIndex((span, at) => at >= place && span.origin === log);
    const { at: until = null, to = null } = spans[found] ?? {};
    const before = spans[found - 1];
    least = Math.max(least, before?.to ?? 0);
    const isInTime = time >= (before?.at ?? 0) && (until === null || time <= until);
    if (found < 0 || !isInTime || (to !== null && least >= to)) throw elsewhere(stream);
    place = found;
    least++;
  }
  const last = entries.at(-1);
  if (last !== undefined && (last.log !== originAt(spans, index) || index < least - 1)) throw elsewhere(last.stream);
}

function elsewhere(stream: string): Failure {
  return new Failure('receipt_invalid', `an entry in the slice of ${stream} belongs elsewhere`);
}

/** A vkey's name; what is no vkey names nothing. */
function nameOf(vkey: string): string {
  try {
    return parseVkey(vkey).name;
  } catch {
    return '';
  }
}
