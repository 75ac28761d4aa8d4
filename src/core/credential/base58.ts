/**
 * Multibase base58btc: `z` and the alphabet that Bitcoin chose, as keys and proofs of W3C Data Integrity are written (W3C
 * Controlled Identifiers 1.0, section 2.4).
 *
 * @module
 */
import { Failure } from '../failure.ts';

const ALPHABET = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz';
const PREFIX = 'z';
/** Encoding is quadratic: keys and signatures are short, and nothing else is read. */
const LENGTH_MAX = 128;

/** Writes bytes as multibase base58btc. */
export function toBase58Btc(bytes: Uint8Array): string {
  const zeros = leading(bytes, (byte) => byte === 0);
  let number = bytes.reduce((sum, byte) => sum * 256n + BigInt(byte), 0n);
  let digits = '';
  for (; number > 0n; number /= 58n) digits = `${ALPHABET[Number(number % 58n)]}${digits}`;
  return `${PREFIX}${ALPHABET.slice(0, 1).repeat(zeros)}${digits}`;
}

/** Reads multibase base58btc: exactly what {@link toBase58Btc} writes. @throws {Failure} `input_invalid` */
export function parseBase58Btc(text: string): Uint8Array<ArrayBuffer> {
  if (!text.startsWith(PREFIX) || text.length > LENGTH_MAX) throw invalid();
  const digits = [...text.slice(1)].map((digit) => ALPHABET.indexOf(digit));
  if (digits.includes(-1)) throw invalid();
  const zeros = leading(digits, (digit) => digit === 0);
  let number = digits.reduce((sum, digit) => sum * 58n + BigInt(digit), 0n);
  const bytes: number[] = [];
  for (; number > 0n; number /= 256n) bytes.unshift(Number(number % 256n));
  return Uint8Array.from([...new Array<number>(zeros).fill(0), ...bytes]);
}

function leading(values: ArrayLike<number>, isZero: (value: number) => boolean): number {
  const found = Array.from(values).findIndex((value) => !isZero(value));
  return found < 0 ? values.length : found;
}

function invalid(): Failure {
  return new Failure('input_invalid', 'want multibase base58btc: z, and no other character than its alphabet has');
}
