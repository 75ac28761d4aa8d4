import { type Day, isDay } from '../pack/day.ts';
import { DIGITS, weightedSum } from './check-character.ts';

const WEIGHTS = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
/** The check character by the sum modulo 11: ISO 7064 MOD 11-2. */
const CHECK = '10X98765432';

/**
 * A resident identity number (GB 11643-1999): area 6, day of birth 8, sequence 3, check 1.
 *
 * Any area passes: areas are merged and renamed, and nobody's number changes with them.
 *
 * @returns What is wrong with it, or null.
 */
export function checkResidentId(number: string, today: Day): string | null {
  if (/^[0-9]{15}$/.test(number)) return 'want the number of 18 characters; one of 15 is from before 1999';
  if (!/^[0-9]{17}[0-9X]$/.test(number)) return 'want 17 digits, and a digit or X';
  const born = `${number.slice(6, 10)}-${number.slice(10, 12)}-${number.slice(12, 14)}`;
  if (!isDay(born)) return 'want a day of birth that the calendar has, in characters 7 to 14';
  if (born > today) return 'want a day of birth that has come, in characters 7 to 14';
  if (CHECK[weightedSum(number, WEIGHTS, DIGITS) % CHECK.length] === number[17]) return null;
  return 'the last character does not fit the others: one is wrong, or two are swapped';
}
