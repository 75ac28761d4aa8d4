/**
 * What the check characters of all these numbers have in common: a weighted sum of the characters' places in an alphabet.
 *
 * @module
 */

export const DIGITS = '0123456789';

/**
 * The sum of weight × value over as many characters as there are weights.
 *
 * @param alphabet Each character's value is its place; the text has no other characters.
 */
export function weightedSum(text: string, weights: readonly number[], alphabet: string): number {
  return weights.reduce((sum, weight, at) => sum + weight * alphabet.indexOf(text.charAt(at)), 0);
}
