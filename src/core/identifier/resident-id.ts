import { type Day, isDay } from '../pack/day.ts';
import { DIGITS, weightedSum } from './check-character.ts';

const WEIGHTS = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
/** The check character by the sum modulo 11: ISO 7064 MOD 11-2. */
const CHECK = '10X98765432';
/** A number as cards had it before 1999: the year of birth in two digits, and no check character. */
const OLD_PATTERN = /^[0-9]{15}$/;
/** In numbers of 15 digits these sequences were kept for people born in 18xx (memory). */
const CENTENARIAN = /99[6-9]$/;

export function isOldResidentId(number: string): boolean {
  return OLD_PATTERN.test(number);
}

/**
 * A number of 15 digits, out of records from before. It stays as it is: what the number of the later card is, only that
 * card says.
 *
 * @returns What is wrong with it, or null.
 */
export function checkOldResidentId(number: string, today: Day): string | null {
  return checkBirth(`${CENTENARIAN.test(number) ? '18' : '19'}${number.slice(6, 12)}`, today, '7 to 12');
}

/**
 * A resident identity number (GB 11643-1999): area 6, day of birth 8, sequence 3, check 1.
 *
 * Any area passes: areas are merged and renamed, and nobody's number changes with them. That one is not known is flagged.
 *
 * @returns What is wrong with it, or null.
 */
export function checkResidentId(number: string, today: Day): string | null {
  if (isOldResidentId(number)) return 'want the number of 18 characters; one of 15 is from before 1999';
  if (!/^[0-9]{17}[0-9X]$/.test(number)) return 'want 17 digits, and a digit or X';
  const problem = checkBirth(number.slice(6, 14), today, '7 to 14');
  if (problem !== null) return problem;
  if (CHECK[weightedSum(number, WEIGHTS, DIGITS) % CHECK.length] === number[17]) return null;
  return 'the last character does not fit the others: one is wrong, or two are swapped';
}

/** @param characters where the day of birth stands, for the message. */
function checkBirth(digits: string, today: Day, characters: string): string | null {
  const born = `${digits.slice(0, 4)}-${digits.slice(4, 6)}-${digits.slice(6)}`;
  if (!isDay(born)) return `want a day of birth that the calendar has, in characters ${characters}`;
  if (born > today) return `want a day of birth that has come, in characters ${characters}`;
  return null;
}
