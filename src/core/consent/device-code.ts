/**
 * The code that two devices are compared by when one adds the other: six digits of the key that is added. It is no proof by
 * itself: it tells the person whether the key that waits is the one that was just made on the other device.
 *
 * @module
 */
import { concat, toHex, utf8 } from '../bytes.ts';
import { sha256 } from '../hash.ts';

const DEVICE_CODE_CONTEXT = utf8('assent/device-code/v1\n');
/** 52 bits: of a million, none is likelier than another by more than one in four thousand millions. */
const HEX_DIGITS = 13;
const DIGITS = 6;

/** @param key The key's text. @returns Such as `042 917`. */
export function deviceCode(key: string): string {
  const hash = toHex(sha256(concat(DEVICE_CODE_CONTEXT, utf8(key))));
  const code = Number.parseInt(hash.slice(0, HEX_DIGITS), 16) % 10 ** DIGITS;
  return String(code)
    .padStart(DIGITS, '0')
    .replace(/^(...)/, '$1 ');
}
