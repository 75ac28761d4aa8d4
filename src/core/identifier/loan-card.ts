import { DIGITS, weightedSum } from './check-character.ts';

const ALPHABET = `${DIGITS}ABCDEFGHIJKLMNOPQRSTUVWXYZ`;
const WEIGHTS = [1, 3, 5, 7, 11, 2, 13, 1, 1, 17, 19, 97, 23, 29];

/**
 * A 中征码, the number of a firm's loan card: 14 characters, check 2.
 *
 * The check is 1 + the sum modulo 97 in two digits: as more than six implementations have it, for want of a standard [S].
 *
 * @returns What is wrong with it, or null.
 */
export function checkLoanCard(code: string): string | null {
  if (!/^[0-9A-Z]{3}[0-9]{13}$/.test(code)) return 'want 3 digits or letters, and 13 digits';
  const check = 1 + (weightedSum(code, WEIGHTS, ALPHABET) % 97);
  if (String(check).padStart(2, '0') === code.slice(14)) return null;
  return 'the last two digits do not fit the others: one is wrong, or two are swapped';
}
