/**
 * Ed25519 with one acceptance rule in every runtime: RFC 8032 without the cofactor (design, section 7).
 *
 * A signature R || S by a {@link PublicKey} A over M is good if, and only if,
 *   1. it has 64 bytes, and R's bytes are no encoding of the identity, the non-canonical ones included;
 *   2. S < L, the order of the group;
 *   3. the encoding of S·B − k·A is R's bytes, where k = SHA-512(R || A || M) mod L over the bytes as given.
 *
 * OpenSSL and WebCrypto decide 2 and 3 so for such keys; they differ on the identity, so 1 is screened before they
 * are asked. noble's own `verify` multiplies by the cofactor and accepts more, so the portable path computes R anew.
 *
 * @module
 */
import { getPublicKey, hashes, Point, sign } from '@noble/ed25519';
import { sha512 } from '@noble/hashes/sha2.js';
import { assert } from '../assert.ts';
import type { Brand } from '../brand.ts';
import { concat, equalBytes, parseHex, toHex } from '../bytes.ts';
import { Failure } from '../failure.ts';
import { type PublicKey, parsePublicKey, SEED_BYTES } from './key.ts';

/** 64 bytes that a {@link SigningKey} made; of those that come in, only `verify` can speak. */
export type Signature = Brand<Uint8Array, 'Signature'>;

/** A private key that signs and is never shown. */
export interface SigningKey {
  readonly publicKey: PublicKey;
  sign(message: Uint8Array): Promise<Signature>;
  /** The same for many at once, in order: a runtime with threads to spare signs them side by side. */
  signAll(messages: readonly Uint8Array[]): Promise<readonly Signature[]>;
}

/** An implementation of the rule above; all of them answer alike. */
export interface Ed25519 {
  /** Tells whether the attacker-controlled `signature` is the key's over `message`. Never throws for its content. */
  verify(key: PublicKey, message: Uint8Array, signature: Uint8Array): Promise<boolean>;
  /** @throws {Failure} `key_invalid`, if the seed has not 32 bytes. */
  importSeed(seed: Uint8Array): Promise<SigningKey>;
}

export const SIGNATURE_BYTES = 64;

/** The order L of the group, little-endian as S is. */
const ORDER = parseHex('edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010');

const ORDER_NUMBER = numberOf(ORDER);

/** Encodings that some decoder reads as the identity (x = 0, y = 1): y or y + p, with and without the sign of x. */
const IDENTITIES: ReadonlySet<string> = new Set(
  [`01${'00'.repeat(30)}`, `ee${'ff'.repeat(30)}`].flatMap((low, plusP) =>
    (plusP === 1 ? ['7f', 'ff'] : ['00', '80']).map((high) => low + high),
  ),
);

/** noble computes synchronously only with a SHA-512 that is handed in. */
hashes.sha512 = sha512;

/** The portable implementation, on noble: the judge in tests, and for runtimes without a native one. */
export const portableEd25519: Ed25519 = {
  async verify(key, message, signature) {
    if (!screenSignature(signature)) return false;
    const r = signature.subarray(0, 32);
    const s = numberOf(signature.subarray(32));
    const k = numberOf(sha512(concat(r, key, message))) % ORDER_NUMBER;
    const point = Point.BASE.multiplyUnsafe(s).subtract(Point.fromBytes(key, false).multiplyUnsafe(k));
    return equalBytes(point.toBytes(), r);
  },

  async importSeed(seed) {
    if (seed.length !== SEED_BYTES) throw new Failure('key_invalid', `${seed.length} bytes, a seed has ${SEED_BYTES}`);
    const secret = Uint8Array.from(seed);
    return {
      publicKey: parsePublicKey(getPublicKey(secret)),
      sign: async (message) => mintSignature(sign(message, secret)),
      signAll: async (messages) => messages.map((message) => mintSignature(sign(message, secret))),
    };
  },
};

/** Tells whether a signature may be shown to a native implementation at all: steps 1 and 2 of the rule. */
export function screenSignature(signature: Uint8Array): boolean {
  return (
    signature.length === SIGNATURE_BYTES &&
    !IDENTITIES.has(toHex(signature.subarray(0, 32))) &&
    isBelowOrder(signature.subarray(32))
  );
}

/** Names as a signature what an implementation has just signed. */
export function mintSignature(bytes: Uint8Array): Signature {
  assert(bytes.length === SIGNATURE_BYTES, 'a signature has 64 bytes');
  return bytes as Signature;
}

function isBelowOrder(scalar: Uint8Array): boolean {
  for (let i = ORDER.length - 1; i >= 0; i--) {
    const difference = (scalar[i] as number) - (ORDER[i] as number);
    if (difference !== 0) return difference < 0;
  }
  return false;
}

function numberOf(littleEndian: Uint8Array): bigint {
  return BigInt(`0x${toHex(littleEndian.toReversed())}`);
}
