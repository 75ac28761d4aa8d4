/** Chinese numerals for the sections of a letter. */
import { assert } from '../assert.ts';

const DIGITS = ['', '一', '二', '三', '四', '五', '六', '七', '八', '九'] as const;

/** Says 1 to 99: 一, 十, 十一, 二十, 九十九. */
export function sayNumber(count: number): string {
  assert(Number.isInteger(count) && count >= 1 && count <= 99, 'a letter has 1 to 99 sections');
  const tens = Math.floor(count / 10);
  const one = DIGITS[count % 10] ?? '';
  if (tens === 0) return one;
  return `${tens === 1 ? '' : DIGITS[tens]}十${one}`;
}
