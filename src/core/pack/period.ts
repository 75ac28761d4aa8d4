/**
 * When a period of law ends: the one function for all of them (民法典 201–204), by the days of Asia/Shanghai.
 *
 *     201      the day from which a period runs is not counted
 *     202      months and years end on the corresponding day; where there is none, on the month's last
 *     203 §1   if the last day is a day off, the next working day is the last
 *     203 §2   the last day ends at 24:00, or when who has business hours closes
 *     204      what a law or a contract says otherwise goes before: hence the kind, and 工作日 where a law says so
 *
 * The shift of 203 is for acts; what ends by itself ends on its day (domain/law.md after V31: rec, a question for counsel).
 *
 * @module
 */
import { assert } from '../assert.ts';
import type { Instant } from '../instant.ts';
import type { CalendarYear } from './calendar.ts';
import { type Day, daysOf } from './day.ts';
import { addDays, dayText, partsOf, startOf, weekdayOf } from './reckon.ts';

/**
 * What it is that a period is given for.
 *
 *     act        what somebody has to do until then: a reply, a notice, a report
 *     term       how long something is in force: a grant, a facility, a licence
 *     retention  how long something is kept, or may be told
 */
export const PERIOD_KINDS = ['act', 'term', 'retention'] as const;
export type PeriodKind = (typeof PERIOD_KINDS)[number];

const IS_SHIFTED: Readonly<Record<PeriodKind, boolean>> = { act: true, term: false, retention: false };

/** Days of the calendar, unless a law says working days (工作日). */
export type Length = Plain | { readonly workdays: number };
type Plain = { readonly days: number } | { readonly months: number } | { readonly years: number };

/** What is known of working days, each year by itself. */
export interface Calendar {
  readonly years: readonly CalendarYear[];
}

export interface KnownEnd {
  /** Its last day. */
  readonly last: Day;
  /** The moment from which it is over. */
  readonly end: Instant;
}
/** Of this year no calendar says on which days one works: an end that depends on it is not guessed. */
export interface UnknownEnd {
  readonly missing: number;
}
export type PeriodEnd = KnownEnd | UnknownEnd;

/** The last day that is written as days are. Nothing that anyone keeps or owes goes beyond. */
const LAST = '9999-12-31' as Day;
const DAY_MINUTES = 24 * 60;
const MINUTE_MS = 60_000;

/**
 * When a period ends that begins with an event on a day.
 *
 * @param from The day of the event, which is not counted.
 * @param closes When the party that an act is owed to closes, `HH:MM` in Asia/Shanghai; null: it has no business hours.
 */
export function periodEnd(kind: 'term' | 'retention', from: Day, length: Plain): KnownEnd;
export function periodEnd(
  kind: PeriodKind,
  from: Day,
  length: Length,
  calendar: Calendar,
  closes?: string | null,
): PeriodEnd;
export function periodEnd(
  kind: PeriodKind,
  from: Day,
  length: Length,
  calendar: Calendar = { years: [] },
  closes: string | null = null,
): PeriodEnd {
  const plain = lastOf(from, length, calendar);
  const last = typeof plain === 'string' && IS_SHIFTED[kind] ? nextWorkday(plain, calendar) : plain;
  if (typeof last === 'number') return { missing: last };
  const minutes = IS_SHIFTED[kind] && closes !== null ? minutesOf(closes) : DAY_MINUTES;
  return { last, end: (startOf(last) + minutes * MINUTE_MS) as Instant };
}

/** The last day, before any shift; or the year that is missing. */
function lastOf(from: Day, length: Length, calendar: Calendar): Day | number {
  if ('workdays' in length) return workdaysAfter(from, counted(length.workdays), calendar);
  if ('days' in length) return within(addDays(from, counted(length.days)));
  const [year, month, date] = partsOf(from);
  const months = year * 12 + (month - 1) + counted('months' in length ? length.months : length.years * 12);
  const [toYear, toMonth] = [Math.floor(months / 12), (months % 12) + 1];
  return within(dayText(toYear, toMonth, Math.min(date, daysOf(toYear, toMonth))));
}

function workdaysAfter(from: Day, count: number, calendar: Calendar): Day | number {
  let last: Day | number = from;
  for (let left = count; left > 0 && typeof last === 'string'; left--) last = nextWorkday(addDays(last, 1), calendar);
  return last;
}

/** The first working day from a day on; or the year that says so of none. */
function nextWorkday(from: Day, calendar: Calendar): Day | number {
  for (let on = from; ; on = addDays(on, 1)) {
    const works = isWorkday(on, calendar);
    if (works === undefined) return Number(on.slice(0, 4));
    if (works) return on;
  }
}

/** Whether one works on a day; undefined: of its year nothing is known. */
export function isWorkday(on: Day, { years }: Calendar): boolean | undefined {
  const year = years.find((each) => each.year === Number(on.slice(0, 4)));
  if (year === undefined) return undefined;
  if (year.workdays.includes(on)) return true;
  return weekdayOf(on) <= 5 && !year.holidays.includes(on);
}

function counted(count: number): number {
  assert(Number.isSafeInteger(count) && count > 0, 'a period has a length');
  return count;
}

function within(last: Day): Day {
  return last.length > LAST.length ? LAST : last;
}

function minutesOf(time: string): number {
  const [hours = 0, minutes = 0] = time.split(':').map(Number);
  return hours * 60 + minutes;
}
