/**
 * Bytes and their texts: hex, base64 (RFC 4648 §4), base64url without padding (§5), UTF-8.
 *
 * Every reader is strict: one byte string has one text, so that a text can be compared, hashed and signed.
 *
 * @module
 */
import { bytesToHex, concatBytes, hexToBytes } from '@noble/hashes/utils.js';
import { Failure } from './failure.ts';

/** Part of every runtime we serve (Node, Workers, browsers), and a pure function; so not an ambient type of the core. */
declare const TextEncoder: new () => { encode(text: string): Uint8Array<ArrayBuffer> };
declare const TextDecoder: new (
  label: 'utf-8',
  options: { fatal: true; ignoreBOM: true },
) => { decode(bytes: Uint8Array): string };

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Encodes text as UTF-8. A lone surrogate would silently become U+FFFD: refuse those before. */
export function utf8(text: string): Uint8Array<ArrayBuffer> {
  return encoder.encode(text);
}

/** @throws {Failure} `input_invalid`, if the bytes are not UTF-8. A byte order mark is kept, not swallowed. */
export function parseUtf8(bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes);
  } catch (cause) {
    throw new Failure('input_invalid', 'not UTF-8', { cause });
  }
}

export function concat(...parts: readonly Uint8Array[]): Uint8Array {
  return concatBytes(...parts);
}

export function toHex(bytes: Uint8Array): string {
  return bytesToHex(bytes);
}

/** @throws {Failure} `input_invalid`, if the text is not lower-case hex of whole bytes. */
export function parseHex(text: string): Uint8Array {
  if (!/^(?:[0-9a-f]{2})*$/.test(text)) throw new Failure('input_invalid', 'not lower-case hex');
  return hexToBytes(text);
}

const STANDARD = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const URL_SAFE = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
const LETTERS_STANDARD = encoder.encode(STANDARD);
const LETTERS_URL_SAFE = encoder.encode(URL_SAFE);
const VALUES_STANDARD = valuesOf(STANDARD);
const VALUES_URL_SAFE = valuesOf(URL_SAFE);

export function toBase64(bytes: Uint8Array): string {
  const text = encode64(bytes, LETTERS_STANDARD);
  return text.padEnd(Math.ceil(text.length / 4) * 4, '=');
}

/** @throws {Failure} `input_invalid`, unless the text is canonical: padded, no other characters, no stray bits. */
export function parseBase64(text: string): Uint8Array {
  const body = text.replace(/={1,2}$/, '');
  if (text.length % 4 !== 0 || body.padEnd(text.length, '=') !== text || text.length - body.length > 2) {
    throw new Failure('input_invalid', 'not padded base64');
  }
  return decode64(body, VALUES_STANDARD);
}

export function toBase64Url(bytes: Uint8Array): string {
  return encode64(bytes, LETTERS_URL_SAFE);
}

/** @throws {Failure} `input_invalid`, unless the text is canonical: unpadded, no other characters, no stray bits. */
export function parseBase64Url(text: string): Uint8Array {
  return decode64(text, VALUES_URL_SAFE);
}

/** Compares public bytes. Secrets are never compared by us: a MAC of them is recomputed and compared here. */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  let same = true;
  for (let i = 0; i < a.length; i++) same = a[i] === b[i] && same;
  return same;
}

/** The value of each letter at its code unit; what is outside of the alphabet has none. */
function valuesOf(alphabet: string): readonly (number | undefined)[] {
  const values: (number | undefined)[] = new Array(128).fill(undefined);
  for (let value = 0; value < alphabet.length; value++) values[alphabet.charCodeAt(value)] = value;
  return values;
}

/** Letter by letter into bytes, which are ASCII: text that grows by a letter is slow to read afterwards. */
function encode64(bytes: Uint8Array, alphabet: Uint8Array): string {
  const letters = new Uint8Array(Math.ceil((bytes.length * 4) / 3));
  for (let i = 0, at = 0; i < bytes.length; i += 3) {
    const group = ((bytes[i] as number) << 16) | ((bytes[i + 1] ?? 0) << 8) | (bytes[i + 2] ?? 0);
    for (let shift = 18; shift >= 0 && at < letters.length; shift -= 6) {
      letters[at++] = alphabet[(group >> shift) & 63] as number;
    }
  }
  return decoder.decode(letters);
}

function decode64(text: string, values: readonly (number | undefined)[]): Uint8Array {
  const spare = text.length % 4;
  if (spare === 1) throw new Failure('input_invalid', 'not base64: a letter is missing');
  const bytes = new Uint8Array(Math.floor((text.length * 3) / 4));
  let at = 0;
  for (let i = 0; i < text.length; i += 4) {
    let group = 0;
    for (let k = i; k < i + 4; k++) {
      const value = k < text.length ? values[text.charCodeAt(k)] : 0;
      if (value === undefined) throw new Failure('input_invalid', 'not base64: a letter outside its alphabet');
      group = (group << 6) | value;
    }
    for (let shift = 16; shift >= 0 && at < bytes.length; shift -= 8) bytes[at++] = (group >> shift) & 255;
  }
  // Bits of the last letter that belong to no byte.
  const unused = [0, 0, 15, 3][spare] as number;
  if (unused !== 0 && ((values[text.charCodeAt(text.length - 1)] as number) & unused) !== 0) {
    throw new Failure('input_invalid', 'not base64: stray bits at the end');
  }
  return bytes;
}
