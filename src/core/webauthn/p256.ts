/**
 * ECDSA over P-256 with SHA-256 (ES256): what the roof passes in to verify, and signatures as WebAuthn writes them.
 *
 * @module
 */
import { concat, toHex } from '../bytes.ts';
import type { P256Point } from './passkey-key.ts';

/** Verifies ES256; all implementations answer alike. */
export interface P256 {
  /** `signature` is r || s, each of 32 bytes. Never throws for its content. */
  verify(point: P256Point, message: Uint8Array, signature: Uint8Array): Promise<boolean>;
}

/** Where a runtime has none at hand: then no passkey of ES256 signed anything. */
export const absentP256: P256 = { verify: async () => false };

const SEQUENCE = 0x30;
const INTEGER = 0x02;
const SCALAR_BYTES = 32;
/** Of two integers of 33 bytes at most. */
const DER_BYTES_MAX = 72;
/** The order of the group (SP 800-186, section 3.2.1.3). */
const ORDER = BigInt('0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551');

/**
 * Reads a signature in DER (WebAuthn 2, section 6.5.6) into r || s. Strict: one encoding of each signature, r and s from 1
 * to below the order, nothing behind. Undefined: it is not one.
 */
export function readDerSignature(der: Uint8Array): Uint8Array | undefined {
  if (der.length > DER_BYTES_MAX || der[0] !== SEQUENCE || der[1] !== der.length - 2) return undefined;
  const r = readInteger(der.subarray(2));
  const s = r && readInteger(r.rest);
  if (r === undefined || s === undefined || s.rest.length > 0) return undefined;
  return concat(r.scalar, s.scalar);
}

function readInteger(bytes: Uint8Array): { readonly scalar: Uint8Array; readonly rest: Uint8Array } | undefined {
  const [tag, length = 0, first = 0, second = 0] = bytes;
  const digits = bytes.subarray(2, 2 + length);
  if (tag !== INTEGER || length === 0 || digits.length !== length) return undefined;
  const isNegative = first >= 0x80;
  const isPadded = first === 0 && (length === 1 || second < 0x80);
  if (isNegative || isPadded) return undefined;
  const unsigned = first === 0 ? digits.subarray(1) : digits;
  if (unsigned.length > SCALAR_BYTES || BigInt(`0x${toHex(unsigned)}`) >= ORDER) return undefined;
  return { scalar: concat(new Uint8Array(SCALAR_BYTES - unsigned.length), unsigned), rest: bytes.subarray(2 + length) };
}
