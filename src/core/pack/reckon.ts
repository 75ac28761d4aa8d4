/**
 * Reckoning with days: which one it is in Asia/Shanghai, and which is so many days away. What a period of law
 * is, period.ts says.
 *
 * @module
 */
import type { Instant } from '../instant.ts';
import type { Day } from './day.ts';

/** UTC+8, without summer time since 1992. */
const SHANGHAI_MS = 8 * 3_600_000;
const DAY_MS = 86_400_000;
/** 400 years repeat: the Gregorian calendar has this many days in each. */
const ERA_YEARS = 400;
const ERA_DAYS = 146_097;
/** From 0000-03-01, where the reckoning begins, to 1970-01-01. */
const EPOCH_DAYS = 719_468;

/** The day in Asia/Shanghai at a moment. */
export function dayAt(now: number): Day {
  return dayOf(Math.floor((now + SHANGHAI_MS) / DAY_MS));
}

/** The moment at which a day begins in Asia/Shanghai. */
export function startOf(on: Day): Instant {
  return (daysSince1970(on) * DAY_MS - SHANGHAI_MS) as Instant;
}

export function addDays(on: Day, count: number): Day {
  return dayOf(daysSince1970(on) + count);
}

/** Monday is 1, Sunday 7. */
export function weekdayOf(on: Day): number {
  return ((((daysSince1970(on) + 3) % 7) + 7) % 7) + 1;
}

/** Years begin in March here, so that the odd day of a leap year is their last. */
function daysSince1970(on: Day): number {
  const [year, month, date] = partsOf(on);
  const marchYear = month > 2 ? year : year - 1;
  const era = Math.floor(marchYear / ERA_YEARS);
  const ofEra = marchYear - era * ERA_YEARS;
  const ofYear = Math.floor((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5) + date - 1;
  const days = ofEra * 365 + Math.floor(ofEra / 4) - Math.floor(ofEra / 100) + ofYear;
  return era * ERA_DAYS + days - EPOCH_DAYS;
}

function dayOf(days: number): Day {
  const all = days + EPOCH_DAYS;
  const era = Math.floor(all / ERA_DAYS);
  const ofEra = all - era * ERA_DAYS;
  const year = Math.floor(
    (ofEra - Math.floor(ofEra / 1_460) + Math.floor(ofEra / 36_524) - Math.floor(ofEra / 146_096)) / 365,
  );
  const ofYear = ofEra - (365 * year + Math.floor(year / 4) - Math.floor(year / 100));
  const march = Math.floor((5 * ofYear + 2) / 153);
  const date = ofYear - Math.floor((153 * march + 2) / 5) + 1;
  const month = march < 10 ? march + 3 : march - 9;
  return dayText(year + era * ERA_YEARS + (month <= 2 ? 1 : 0), month, date);
}

/** Year, month, day of the month. */
export function partsOf(on: Day): readonly [number, number, number] {
  return on.split('-').map(Number) as [number, number, number];
}

export function dayText(year: number, month: number, date: number): Day {
  return `${String(year).padStart(4, '0')}-${String(month).padStart(2, '0')}-${String(date).padStart(2, '0')}` as Day;
}
