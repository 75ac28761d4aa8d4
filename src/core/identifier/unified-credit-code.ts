import { DIGITS, weightedSum } from './check-character.ts';

/** The letters without I, O, S, V and Z, which are taken for digits or for one another. */
const ALPHABET = '0123456789ABCDEFGHJKLMNPQRTUWXY';
/** Powers of 3 modulo 31. */
const WEIGHTS = [1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28];

/** Of an organisation code (GB 11714), in which a letter counts from A = 10, none left out. */
const ORGANISATION_ALPHABET = `${DIGITS}ABCDEFGHIJKLMNOPQRSTUVWXYZ`;
const ORGANISATION_WEIGHTS = [3, 7, 9, 10, 5, 8, 4, 2];
/** The check character by the sum modulo 11. */
const ORGANISATION_CHECK = '0X987654321';

/**
 * A unified social credit code (GB 32100-2015): department 1, class 1, area 6, organisation code 9, check 1.
 *
 * @returns What is wrong with it, or null.
 */
export function checkCreditCode(code: string): string | null {
  if (code.length !== 18) return 'want 18 characters';
  if (![...code].every((each) => ALPHABET.includes(each)))
    return 'want digits and capital letters without I, O, S, V and Z';
  if (!/^[0-9]{6}$/.test(code.slice(2, 8))) return 'want an area of six digits, in characters 3 to 8';
  const organisation = code.slice(8, 17);
  const sum = weightedSum(organisation, ORGANISATION_WEIGHTS, ORGANISATION_ALPHABET);
  if (ORGANISATION_CHECK[sum % ORGANISATION_CHECK.length] !== organisation[8]) {
    return 'character 17 does not fit characters 9 to 16, the organisation code: one is wrong, or two are swapped';
  }
  const check = (ALPHABET.length - (weightedSum(code, WEIGHTS, ALPHABET) % ALPHABET.length)) % ALPHABET.length;
  if (ALPHABET[check] === code[17]) return null;
  return 'the last character does not fit the others: one is wrong, or two are swapped';
}
