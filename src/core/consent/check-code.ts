/**
 * The check code of an entry: twelve characters to compare by eye, or to read out on the telephone. They are the first sixty
 * bits of its leaf, so paper, page and file of one access show the same. It opens nothing, and proves nothing by itself.
 *
 * @module
 */
import { toHex } from '../bytes.ts';
import type { Hash } from '../hash.ts';

/** Crockford's alphabet: no I, L, O or U, which are misread. */
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const CHARACTERS = 12;
const HEX_DIGITS = 15;

/** Such as `7G3K-09QZ-M4TV`. */
export function checkCode(leaf: Hash): string {
  const bits = BigInt(`0x${toHex(leaf).slice(0, HEX_DIGITS)}`);
  const characters = Array.from({ length: CHARACTERS }, (_, at) => {
    const place = BigInt(5 * (CHARACTERS - 1 - at));
    return ALPHABET[Number((bits >> place) & 31n)];
  });
  return characters.join('').replace(/(.{4})(?=.)/g, '$1-');
}
