/**
 * By when something is to be done: so many days, the first not counted, and if the last is a day off, the next working
 * day (民法典 201, 203). The shift is for acts; what ends by itself ends on its day (domain/law.md after V31).
 *
 * @module
 */
import type { Day } from '../pack/day.ts';
import { addDays, startOf, weekdayOf } from '../pack/reckon.ts';
import type { Law } from './law.ts';

/** The moment after which an act is late; null: the calendar does not reach that far, and is not guessed. */
export function dueAfter(from: Day, days: number, { calendar }: Pick<Law, 'calendar'>): number | null {
  let last = addDays(from, days);
  for (let working = isWorkday(last, calendar); working !== true; working = isWorkday(last, calendar)) {
    if (working === undefined) return null;
    last = addDays(last, 1);
  }
  return startOf(addDays(last, 1));
}

/** Whether one works on a day; undefined: of its year nothing is known. */
function isWorkday(on: Day, { years }: Law['calendar']): boolean | undefined {
  const year = years.find((each) => each.year === Number(on.slice(0, 4)));
  if (year === undefined) return undefined;
  if (year.workdays.includes(on)) return true;
  return weekdayOf(on) <= 5 && !year.holidays.includes(on);
}
