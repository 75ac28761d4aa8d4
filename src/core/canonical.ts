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
  return write(value, integerText, 0);
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
  // Bytes that are UTF-8 are equal exactly if their texts are.
  if (canonicalText(value) !== text) throw new Failure('canonical_invalid', 'not in canonical form (RFC 8785)');
  return value;
}

/** Encodes any JSON value as RFC 8785 says, floating point included. For others' documents; ours have none. */
export function encodeJcs(value: unknown): Uint8Array<ArrayBuffer> {
  return utf8(write(value, String, 0));
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
  return !/\p{Surrogate}/u.test(text);
}

function integerText(value: number): string {
  if (!Number.isSafeInteger(value)) throw new Failure('canonical_invalid', 'a number is an integer up to 2^53-1');
  return String(value);
}

function write(value: unknown, numberText: (value: number) => string, depth: number): string {
  if (depth > DEPTH_MAX) throw new Failure('canonical_invalid', `nested deeper than ${DEPTH_MAX}`);
  switch (typeof value) {
    case 'string':
      return writeText(value);
    case 'number':
      if (!Number.isFinite(value)) throw new Failure('canonical_invalid', 'a number is finite');
      return numberText(value);
    case 'boolean':
      return value ? 'true' : 'false';
    case 'object':
      if (value === null) return 'null';
      if (Array.isArray(value)) return writeList(value, numberText, depth);
      return writeObject(value as { readonly [name: string]: unknown }, numberText, depth);
    default:
      throw new Failure('canonical_invalid', `JSON has no ${typeof value}`);
  }
}

function writeList(list: readonly unknown[], numberText: (value: number) => string, depth: number): string {
  let text = '[';
  for (let i = 0; i < list.length; i++) {
    if (i > 0) text += ',';
    text += write(list[i], numberText, depth + 1);
  }
  return `${text}]`;
}

/** Keys sort by UTF-16 code units (RFC 8785, section 3.2.3), which is how JavaScript sorts strings. */
function writeObject(
  value: Readonly<Record<string, unknown>>,
  numberText: (value: number) => string,
  depth: number,
): string {
  let text = '';
  for (const name of Object.keys(value).sort()) {
    text += `${text === '' ? '' : ','}${writeText(name)}:${write(value[name], numberText, depth + 1)}`;
  }
  return `{${text}}`;
}

/** What almost all text of ours is: printable ASCII without anything to escape. */
const PLAIN = /^[ !#-[\]-~]*$/;

/** `JSON.stringify` escapes just what RFC 8785 (section 3.2.2.2) wants escaped. */
function writeText(text: string): string {
  if (PLAIN.test(text)) return `"${text}"`;
  if (!isWellFormed(text)) throw new Failure('canonical_invalid', 'text has a lone surrogate');
  return JSON.stringify(text);
}
