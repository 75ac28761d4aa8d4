/**
 * Time and place: the statutory holidays and make-up workdays of each year, and the area codes of GB/T 2260.
 *
 * @module
 */
import { integer, list, nullable, record, type ShapeOf } from '../shape.ts';
import { day } from './day.ts';
import { knownBy, matching, text } from './word.ts';

export const YEARS_LISTED_MAX = 200;
export const DAYS_LISTED_MAX = 366;
export const AREA_NAME_MAX = 100;
export const AREA_CODE_PATTERN: RegExp = /^[0-9]{6}$/;

const yearShape = record({
  year: integer(1900, 2999),
  evidence: knownBy,
  /** Days off that would be working days. */
  holidays: list(day, DAYS_LISTED_MAX),
  /** Days of a weekend on which one works instead. */
  workdays: list(day, DAYS_LISTED_MAX),
});
export type CalendarYear = ShapeOf<typeof yearShape>;

export const calendarShape = record({ years: list(yearShape, YEARS_LISTED_MAX) });

/** An area of GB/T 2260. A code that was retired stays, with its end: numbers keep the one they were given with. */
export const areaShape = record({
  code: matching(AREA_CODE_PATTERN, 'an area code of 6 digits'),
  name: text(AREA_NAME_MAX),
  /** Null: it was in use before anyone wrote down here since when. */
  from: nullable(day),
  to: nullable(day),
  evidence: knownBy,
});
