/**
 * Levels the two drivers: what one gives as text the other gives as a number, what one gives as `Buffer` the other as
 * `Uint8Array`.
 *
 * @module
 */
import { assert } from '#core/assert.ts';

/** PostgreSQL's type numbers for int8 and bytea. */
export const INT8_OID = 20;
export const BYTEA_OID = 17;

/** Reads an int8. All of ours (indexes, sizes, times) are below 2^53. */
export function parseInt8(text: string): number {
  const value = Number(text);
  assert(Number.isSafeInteger(value), 'an int8 of ours is a safe integer');
  return value;
}

/** Reads a bytea in PostgreSQL's hex form, as plain bytes. */
export function parseBytea(text: string): Uint8Array {
  assert(text.startsWith('\\x'), 'bytea_output is hex');
  const buffer = Buffer.from(text.slice(2), 'hex');
  return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength);
}
