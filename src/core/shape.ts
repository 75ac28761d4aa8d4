/**
 * Readers for the bodies of entries: from untrusted JSON to a typed value, or a {@link Failure} that says where.
 *
 * The doors read requests with zod; the core brings no library but noble, and reads only what the ledger itself
 * once wrote. Every field of a body is always there (`null` where there is none), and no other field is.
 *
 * @module
 */
import type { Json, JsonObject } from './canonical.ts';
import { Failure } from './failure.ts';
import { parseHashText } from './hash.ts';
import { parseId } from './ids.ts';
import { type Instant, parseInstant } from './instant.ts';

/** Reads one value; `at` says where it stands, for the failure's text. */
export type Shape<T> = (value: Json | undefined, at: string) => T;
export type ShapeOf<S> = S extends Shape<infer T> ? T : never;

/**
 * A short machine word: purposes, items, warnings, templates. It has no run of six digits, so that no number of a
 * person, a telephone or a document fits; that it names nobody is the caller's part until packs close the lists.
 */
export const CODE_PATTERN: RegExp = /^(?!.*[0-9]{6})[a-z][a-z0-9_.-]{0,63}$/;

export const flag: Shape<boolean> = (value, at) => (typeof value === 'boolean' ? value : fail(at, 'true or false'));
export const instant: Shape<Instant> = (value, at) => within(at, () => parseInstant(value));
export const hash: Shape<string> = (value, at) => {
  const text = string(value, at);
  within(at, () => parseHashText(text));
  return text;
};
export const code: Shape<string> = (value, at) => {
  const text = string(value, at);
  return CODE_PATTERN.test(text) ? text : fail(at, 'a code');
};

export function text(lengthMax: number): Shape<string> {
  return (value, at) => {
    const found = string(value, at);
    return found.length > 0 && found.length <= lengthMax ? found : fail(at, `1 to ${lengthMax} characters`);
  };
}

/** Control characters, and those that are invisible or turn the direction of reading. */
export const UNPRINTED_PATTERN: RegExp = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u;

/** Text in one line, without {@link UNPRINTED_PATTERN}. */
export function line(lengthMax: number): Shape<string> {
  const read = text(lengthMax);
  return (value, at) => {
    const found = read(value, at);
    return UNPRINTED_PATTERN.test(found) ? fail(at, 'text without control characters') : found;
  };
}

export function id<Id extends string>(): Shape<Id> {
  return (value, at) => within(at, () => parseId<Id>(value));
}

export function integer(min: number, max: number): Shape<number> {
  return (value, at) =>
    typeof value === 'number' && Number.isSafeInteger(value) && value >= min && value <= max
      ? value
      : fail(at, `an integer from ${min} to ${max}`);
}

export function oneOf<const T extends string>(words: readonly T[]): Shape<T> {
  return (value, at) => words.find((word) => word === value) ?? fail(at, `one of ${words.join(', ')}`);
}

export function list<T>(item: Shape<T>, countMax: number): Shape<readonly T[]> {
  return (value, at) => {
    if (!Array.isArray(value) || value.length > countMax) return fail(at, `a list of at most ${countMax}`);
    return value.map((each, index) => item(each, `${at}[${index}]`));
  };
}

export function nullable<T>(shape: Shape<T>): Shape<T | null> {
  return (value, at) => (value === null ? null : shape(value, at));
}

type Fields = Readonly<Record<string, Shape<unknown>>>;
type RecordOf<F extends Fields> = { readonly [K in keyof F]: ShapeOf<F[K]> };

/** Reads an object with just these fields. */
export function record<F extends Fields>(fields: F): Shape<RecordOf<F>> {
  return recordWith(fields, {});
}

/** The same, where more fields came with time: each may be absent, and is absent where it says nothing. */
export function recordWith<F extends Fields, O extends Fields>(
  fields: F,
  optional: O,
): Shape<RecordOf<F> & Partial<RecordOf<O>>> {
  const shapes: Fields = { ...fields, ...optional };
  const names = Object.keys(fields);
  const others = Object.keys(optional);
  return (value, at) => {
    if (!isObject(value)) return fail(at, 'an object');
    const found: Record<string, unknown> = {};
    const here = [...names, ...others.filter((name) => Object.hasOwn(value, name))];
    for (const name of here) found[name] = (shapes[name] as Shape<unknown>)(value[name], `${at}.${name}`);
    if (Object.keys(value).length !== here.length) {
      return fail(at, `no other field than ${[...names, ...others].join(', ')}`);
    }
    return found as RecordOf<F> & Partial<RecordOf<O>>;
  };
}

export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function string(value: Json | undefined, at: string): string {
  return typeof value === 'string' ? value : fail(at, 'text');
}

function within<T>(at: string, read: () => T): T {
  try {
    return read();
  } catch (cause) {
    throw new Failure('entry_invalid', `${at}: ${cause instanceof Error ? cause.message : 'unreadable'}`, { cause });
  }
}

function fail(at: string, wanted: string): never {
  throw new Failure('entry_invalid', `${at}: want ${wanted}`);
}
