/**
 * Canonical JSON (RFC 8785): the one encoding of everything that is hashed or signed.
 *
 * The ledger's own values keep within I-JSON (RFC 7493) and go further: no floating point at all. So an
 * entry means the same to every reader, and nothing depends on how a language prints a number.
 *
 * @module
 */
import { parseUtf8, utf8 } from './bytes.ts';
import { Failure } from './failure.ts';

export type Json = string | number | boolean | null | JsonList | JsonObject;
export type JsonList = readonly Json[];
export interface JsonObject {
  readonly [name: string]: Json;
}

/** How deep a value may nest. Deeper input is refused before it can exhaust a stack. */
export const DEPTH_MAX = 32;

/**
 * Encodes a value of ours: integers within ±(2^53-1), text without lone surrogates.
 *
 * @throws {Failure} `canonical_invalid`, if the value holds anything else.
 */
export function encodeCanonical(value: Json): Uint8Array<ArrayBuffer> {
  return utf8(canonicalText(value));
}

/** The same as {@link encodeCanonical}, as text. */
export function canonicalText(value: Json): string {
  return textOf(value, integerText);
}

/**
 * Reads canonical bytes, and nothing but canonical bytes: what is read encodes to the very same bytes again.
 * So duplicate keys, spaces, `1.0`, `-0`, other escapes, a byte order mark and unsorted keys are all refused.
 *
 * @throws {Failure} `canonical_invalid`
 */
export function parseCanonical(bytes: Uint8Array): Json {
  let text: string;
  let value: Json;
  try {
    text = parseUtf8(bytes);
    value = JSON.parse(text);
  } catch (cause) {
    throw new Failure('canonical_invalid', 'not JSON in UTF-8', { cause });
  }
  if (!isWrittenSo(value, text) && textOf(value, integerText) !== text) throw notCanonical();
  return value;
}

function notCanonical(): Failure {
  return new Failure('canonical_invalid', 'not in canonical form (RFC 8785)');
}

/**
 * Whether the runtime's own writer gives just this text of a value that it and ours write alike: integers, names in
 * order, no half of a character by its escape. A short cut, for almost all that is ours; what it says no to may still be
 * canonical.
 */
function isWrittenSo(value: Json, text: string): boolean {
  return !text.includes('\\ud') && isOrdered(value, 0) && JSON.stringify(value) === text;
}

function isOrdered(value: Json, depth: number): boolean {
  if (depth > DEPTH_MAX) return false;
  if (typeof value === 'number') return Number.isSafeInteger(value);
  if (typeof value !== 'object' || value === null) return true;
  if (isList(value)) return value.every((item) => isOrdered(item, depth + 1));
  let before: string | undefined;
  for (const name in value) {
    if (before !== undefined && name <= before) return false;
    before = name;
    if (!isOrdered(value[name] as Json, depth + 1)) return false;
  }
  return true;
}

/** Encodes any JSON value as RFC 8785 says, floating point included. For others' documents; ours have none. */
export function encodeJcs(value: unknown): Uint8Array<ArrayBuffer> {
  return utf8(textOf(value, String));
}

/** Whether two values are the same, and so have the same canonical bytes. */
export function equalJson(a: Json | undefined, b: Json | undefined): boolean {
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return a === b;
  if (isList(a) || isList(b)) {
    return isList(a) && isList(b) && a.length === b.length && a.every((item, i) => equalJson(item, b[i]));
  }
  const names = Object.keys(a);
  if (names.length !== Object.keys(b).length) return false;
  return names.every((name) => Object.hasOwn(b, name) && equalJson(a[name], b[name]));
}

function isList(value: JsonList | JsonObject): value is JsonList {
  return Array.isArray(value);
}

/** Whether text can be UTF-8: a lone surrogate can't, and would be replaced without a word. */
export function isWellFormed(text: string): boolean {
  // Most text has no halves at all, which is seen faster than that each has its other one.
  return !/[\ud800-\udfff]/.test(text) || !/\p{Surrogate}/u.test(text);
}

function integerText(value: number): string {
  if (!Number.isSafeInteger(value)) throw new Failure('canonical_invalid', 'a number is an integer up to 2^53-1');
  return String(value);
}

/** Where canonical text goes, piece by piece. */
interface Writing {
  readonly put: (piece: string) => void;
  readonly numberText: (value: number) => string;
}

function textOf(value: unknown, numberText: Writing['numberText']): string {
  let text = '';
  const put = (piece: string) => {
    text += piece;
  };
  write(value, { put, numberText }, 0);
  return text;
}

function write(value: unknown, to: Writing, depth: number): void {
  if (depth > DEPTH_MAX) throw new Failure('canonical_invalid', `nested deeper than ${DEPTH_MAX}`);
  if (typeof value === 'string') writeText(value, to);
  else if (typeof value !== 'object') to.put(scalarText(value, to.numberText));
  else if (value === null) to.put('null');
  else if (Array.isArray(value)) writeList(value, to, depth);
  else writeObject(value as { readonly [name: string]: unknown }, to, depth);
}

function scalarText(value: unknown, numberText: Writing['numberText']): string {
  if (typeof value === 'boolean') return value ? 'true' : 'false';
  if (typeof value !== 'number') throw new Failure('canonical_invalid', `JSON has no ${typeof value}`);
  if (!Number.isFinite(value)) throw new Failure('canonical_invalid', 'a number is finite');
  return numberText(value);
}

function writeList(list: readonly unknown[], to: Writing, depth: number): void {
  to.put('[');
  for (let i = 0; i < list.length; i++) {
    if (i > 0) to.put(',');
    write(list[i], to, depth + 1);
  }
  to.put(']');
}

function writeObject(value: Readonly<Record<string, unknown>>, to: Writing, depth: number): void {
  to.put('{');
  const names = sorted(Object.keys(value));
  for (let i = 0; i < names.length; i++) {
    const name = names[i] as string;
    if (i > 0) to.put(',');
    writeText(name, to);
    to.put(':');
    write(value[name], to, depth + 1);
  }
  to.put('}');
}

/** Keys sort by UTF-16 code units (RFC 8785, section 3.2.3), which is how JavaScript sorts strings. What was read is mostly sorted. */
function sorted(names: string[]): readonly string[] {
  return names.every((name, i) => i === 0 || (names[i - 1] as string) < name) ? names : names.sort();
}

/** What almost all text of ours is: printable ASCII without anything to escape. */
const PLAIN = /^[ !#-[\]-~]*$/;

function writeText(text: string, { put }: Writing): void {
  if (!PLAIN.test(text)) {
    put(escaped(text));
    return;
  }
  put('"');
  put(text);
  put('"');
}

/** `JSON.stringify` escapes just what RFC 8785 (section 3.2.2.2) wants escaped. */
function escaped(text: string): string {
  if (!isWellFormed(text)) throw new Failure('canonical_invalid', 'text has a lone surrogate');
  return JSON.stringify(text);
}
