/**
 * Moments and lengths of time as a letter says them, in Asia/Shanghai.
 *
 * No two moments, and no two lengths, are said in the same way: the text is signed, and means just the grant's terms.
 *
 * @module
 */
import { assert } from '../assert.ts';
import type { Language } from './words.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Without summer time since 1992; no letter is older. */
const SHANGHAI_AHEAD_MS = 8 * HOUR;

const MONTHS_EN = [
  ...['January', 'February', 'March', 'April', 'May', 'June'],
  ...['July', 'August', 'September', 'October', 'November', 'December'],
] as const;

/** A moment: the day alone at its beginning, otherwise with as much of the time as there is. Milliseconds since 1970. */
export function sayMoment(moment: number, language: Language): string {
  assert(Number.isSafeInteger(moment) && moment >= 0, 'a moment is whole milliseconds since 1970');
  const there = moment + SHANGHAI_AHEAD_MS;
  const { year, month, day } = dateOf(Math.floor(there / DAY));
  const time = sayTime(there % DAY, language);
  return language === 'zh' ? `${year}年${month}月${day}日${time}` : `${day} ${MONTHS_EN[month - 1]} ${year}${time}`;
}

/**
 * A moment at which something ends that holds until just before it. At the beginning of a day that is the end of the day
 * before, its last (民法典 203: a period's last day ends at 24:00): who reads the next day's date takes it to be the last.
 */
export function sayEnd(moment: number, language: Language): string {
  if ((moment + SHANGHAI_AHEAD_MS) % DAY !== 0) return sayMoment(moment, language);
  return `${sayMoment(moment - DAY, language)}${language === 'zh' ? '24时' : ' 24:00'}`;
}

/** A length of time in milliseconds, in days, hours, minutes, seconds and what is left. */
export function sayLength(lengthMs: number, language: Language): string {
  assert(Number.isSafeInteger(lengthMs) && lengthMs > 0, 'a length is whole milliseconds');
  const units = [
    [Math.floor(lengthMs / DAY), '天', 'day'],
    [Math.floor(lengthMs / HOUR) % 24, '小时', 'hour'],
    [Math.floor(lengthMs / MINUTE) % 60, '分钟', 'minute'],
    [Math.floor(lengthMs / SECOND) % 60, '秒', 'second'],
    [lengthMs % SECOND, '毫秒', 'millisecond'],
  ] as const;
  return units
    .filter(([count]) => count > 0)
    .map(([count, zh, en]) => (language === 'zh' ? `${count}${zh}` : `${count} ${en}${count === 1 ? '' : 's'}`))
    .join(language === 'zh' ? '' : ' ');
}

function sayTime(ofDayMs: number, language: Language): string {
  if (ofDayMs === 0) return '';
  const second = Math.floor(ofDayMs / SECOND) % 60;
  const rest = ofDayMs % SECOND;
  const parts = [
    [two(Math.floor(ofDayMs / HOUR)), '时', ' '],
    [two(Math.floor(ofDayMs / MINUTE) % 60), '分', ':'],
    ...(second > 0 || rest > 0 ? [[two(second), '秒', ':']] : []),
    ...(rest > 0 ? [[String(rest).padStart(3, '0'), '毫秒', '.']] : []),
  ] as const;
  return parts
    .map(([digits, unit, before]) => (language === 'zh' ? `${digits}${unit}` : `${before}${digits}`))
    .join('');
}

function two(count: number): string {
  return String(count).padStart(2, '0');
}

/**
 * The Gregorian date of a day counted from 1970-01-01. Years are counted from March, so that a leap day is a year's
 * last day; 400 years have 146,097 days.
 */
function dateOf(daysSince1970: number): { year: number; month: number; day: number } {
  const days = daysSince1970 + 719_468;
  const era = Math.floor(days / 146_097);
  const ofEra = days - era * 146_097;
  const yearOfEra = Math.floor(
    (ofEra - Math.floor(ofEra / 1_460) + Math.floor(ofEra / 36_524) - Math.floor(ofEra / 146_096)) / 365,
  );
  const ofYear = ofEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const fromMarch = Math.floor((5 * ofYear + 2) / 153);
  const month = fromMarch < 10 ? fromMarch + 3 : fromMarch - 9;
  return {
    year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0),
    month,
    day: ofYear - Math.floor((153 * fromMarch + 2) / 5) + 1,
  };
}
