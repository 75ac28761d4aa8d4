/** Keys and points that an attacker would offer, made with noble's own arithmetic. */
import { Point } from '@noble/ed25519';
import { parseHex, toHex } from '#core/bytes.ts';

const P = Point.CURVE().p;
const L = Point.CURVE().n;

/** A point of order 8: the whole torsion group is its multiples. */
const T8 = Point.fromHex('c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a');

/** The eight points of small order, the identity last. */
export const SMALL_ORDER: readonly Point[] = Array.from({ length: 8 }, (_, i) => T8.multiplyUnsafe(BigInt(i + 1)));

/** Every encoding that a careless decoder reads as a point of small order, with y beyond p or a needless sign. */
export const NON_CANONICAL: readonly string[] = [
  encode(1n, true),
  encode(P - 1n, true),
  encode(P, false),
  encode(P, true),
  encode(P + 1n, false),
  encode(P + 1n, true),
];

/** The encodings of the identity among them, and the canonical one. */
export const IDENTITIES: readonly string[] = [
  encode(1n, false),
  encode(1n, true),
  encode(P + 1n, false),
  encode(P + 1n, true),
];

/** Adds L to the scalar of a signature: the same equation, other bytes. */
export function malleate(signature: Uint8Array): Uint8Array {
  const s = scalarOf(signature.subarray(32)) + L;
  return new Uint8Array([...signature.subarray(0, 32), ...encodeScalar(s)]);
}

export function scalarOf(bytes: Uint8Array): bigint {
  return BigInt(`0x${toHex(bytes.toReversed())}`);
}

export function encodeScalar(scalar: bigint): Uint8Array {
  return parseHex(scalar.toString(16).padStart(64, '0')).toReversed();
}

function encode(y: bigint, sign: boolean): string {
  return toHex(encodeScalar(sign ? y + 2n ** 255n : y));
}
