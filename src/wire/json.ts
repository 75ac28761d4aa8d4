/**
 * Strict JSON (RFC 8259 within the limits of I-JSON, RFC 7493): one reading for every reader, or none.
 *
 * `JSON.parse` silently keeps the last of two members of one name, rounds numbers, and accepts lone surrogates. What
 * another reader would understand differently is refused here, before anything else looks at it.
 *
 * @module
 */
import { parseUtf8 } from '#core/bytes.ts';
import { DEPTH_MAX, isWellFormed } from '#core/canonical.ts';
import { Failure } from '#core/failure.ts';

/**
 * Reads attacker-controlled bytes.
 *
 * @throws {Failure} `json_malformed`; `input_invalid`, if a number is not written as ours are.
 */
export function parseStrictJson(bytes: Uint8Array): unknown {
  const text = decode(bytes);
  const colons = scan(text);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // The parser's own message quotes the text, so it is not even kept as the cause.
    throw malformed('not JSON');
  }
  // Valid JSON has one colon outside of strings for each member as it was written.
  if (countMembers(value) !== colons) throw malformed('a name stands twice in one object');
  if (text.includes('\\u') && !isWellFormed(wordsOf(value))) throw malformed('text has a lone surrogate');
  return value;
}

function decode(bytes: Uint8Array): string {
  let text: string;
  try {
    text = parseUtf8(bytes);
  } catch {
    throw malformed('not UTF-8');
  }
  if (text.startsWith('\uFEFF')) throw malformed('want no byte order mark');
  return text;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPENING = new Set([0x5b, 0x7b]);
const CLOSING = new Set([0x5d, 0x7d]);
const COLON = 0x3a;
const MINUS = 0x2d;
const DOT = 0x2e;
const [ZERO, NINE] = [0x30, 0x39];
const [LOWER_E, UPPER_E] = [0x65, 0x45];

/** Counts the colons outside of strings, and refuses deep nesting before anything recurses into it. */
function scan(text: string): number {
  let colons = 0;
  let depth = 0;
  let before = 0;
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    if (unit === QUOTE) at = endOfString(text, at);
    else if (unit === COLON) colons++;
    else if (OPENING.has(unit)) {
      if (++depth > DEPTH_MAX) throw malformed(`nested deeper than ${DEPTH_MAX}`);
    } else if (CLOSING.has(unit)) depth--;
    else if (isOddNumber(unit, before, text.charCodeAt(at + 1))) {
      throw new Failure('input_invalid', 'a number is whole, in plain digits');
    }
    before = unit;
  }
  return colons;
}

function endOfString(text: string, start: number): number {
  let at = start + 1;
  for (; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    if (unit === QUOTE) break;
    if (unit === BACKSLASH) at++;
  }
  return at;
}

/** A point, an exponent, or a negative nothing: we have no such numbers, and `1.0` would be read as `1`. */
function isOddNumber(unit: number, before: number, after: number): boolean {
  if (unit === DOT || unit === UPPER_E) return true;
  if (unit === MINUS) return after === ZERO;
  return unit === LOWER_E && before >= ZERO && before <= NINE;
}

function countMembers(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  let count = 0;
  if (Array.isArray(value)) {
    for (const item of value) count += countMembers(item);
    return count;
  }
  for (const [name, item] of Object.entries(value)) {
    // A name that means something else to JavaScript: nothing of ours is called so.
    if (name === '__proto__') throw malformed('a name that no object here has');
    count += 1 + countMembers(item);
  }
  return count;
}

/** Every name and text of a value, apart from each other: two halves in two texts are two lone surrogates. */
function wordsOf(value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value !== 'object' || value === null) return '';
  return Object.entries(value)
    .map(([name, item]) => `${name} ${wordsOf(item)}`)
    .join(' ');
}

function malformed(message: string): Failure {
  return new Failure('json_malformed', message);
}
