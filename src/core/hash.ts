/**
 * SHA-256 and what we build of it: leaves and nodes of the tree (RFC 6962, section 2.1), HMAC (RFC 2104).
 *
 * @module
 */
import { sha256 as nobleSha256 } from '@noble/hashes/sha2.js';
import { assert } from './assert.ts';
import type { Brand } from './brand.ts';
import { concat, equalBytes, parseBase64Url, toBase64Url, toHex, utf8 } from './bytes.ts';
import { Failure } from './failure.ts';

/** 32 bytes of SHA-256. */
export type Hash = Brand<Uint8Array, 'Hash'>;
export type Sha256 = (bytes: Uint8Array) => Uint8Array;

export const HASH_BYTES = 32;
/** Every salt is this long exactly: HMAC pads, so a shorter one and the same with zeros behind it would be equal. */
export const SALT_BYTES = 32;

/** SHA-256's block, which HMAC fills its key up to (RFC 2104). */
const BLOCK_BYTES = 64;

let compute: Sha256 = nobleSha256;

/**
 * Hands in the runtime's own SHA-256, several times faster than the portable one. A mathematical function has one
 * value, so this changes speed only; an implementation that does not know FIPS 180's "abc" is refused.
 */
export function useSha256(native: Sha256): void {
  const abc = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad';
  assert(toHex(native(utf8('abc'))) === abc, 'a native SHA-256 knows its test value');
  compute = native;
}

export function sha256(bytes: Uint8Array): Hash {
  return compute(bytes) as Hash;
}

/** What is hashed is put together here: to make an array for each would cost more than to hash it. */
const leafInput = new Uint8Array(65_536);
const nodeInput = new Uint8Array(1 + 2 * HASH_BYTES);
nodeInput[0] = 1;

/** The hash of an entry in the tree: SHA-256(0x00 || entry). */
export function hashLeaf(entry: Uint8Array): Hash {
  const length = 1 + entry.length;
  const input = length <= leafInput.length ? leafInput.subarray(0, length) : new Uint8Array(length);
  input.set(entry, 1);
  return sha256(input);
}

/** The hash of an inner node: SHA-256(0x01 || left || right). */
export function hashNode(left: Hash, right: Hash): Hash {
  nodeInput.set(left, 1);
  nodeInput.set(right, 1 + HASH_BYTES);
  return sha256(nodeInput);
}

export function equalHash(a: Hash, b: Hash): boolean {
  return equalBytes(a, b);
}

/** HMAC-SHA-256 under a salt or key of exactly 32 bytes. */
export function mac(key: Uint8Array, ...parts: readonly Uint8Array[]): Hash {
  assert(key.length === SALT_BYTES, 'a key or salt has 32 bytes');
  return sha256(concat(padKey(key, 0x5c), sha256(concat(padKey(key, 0x36), ...parts))));
}

/** The key filled up to SHA-256's block, xor the pad. */
function padKey(key: Uint8Array, pad: number): Uint8Array {
  return new Uint8Array(BLOCK_BYTES).map((_, i) => (key[i] ?? 0) ^ pad);
}

/** @throws {Failure} `input_invalid`, if there are not exactly 32 bytes. */
export function parseHash(bytes: Uint8Array): Hash {
  if (bytes.length !== HASH_BYTES)
    throw new Failure('input_invalid', `${bytes.length} bytes, a hash has ${HASH_BYTES}`);
  return bytes as Hash;
}

export function hashText(hash: Hash): string {
  return toBase64Url(hash);
}

/** @throws {Failure} `input_invalid`, if the text is not a hash in base64url. */
export function parseHashText(text: string): Hash {
  return parseHash(parseBase64Url(text));
}
