/**
 * Days of the calendar as law and packs name them, `YYYY-MM-DD`, and spans of them: from inclusive, to exclusive.
 *
 * A day begins at 00:00 in Asia/Shanghai. Texts of this form sort as the days do, so they are compared as texts.
 *
 * @module
 */
import type { Brand } from '../brand.ts';
import { Failure } from '../failure.ts';
import type { Shape } from '../shape.ts';

export type Day = Brand<string, 'Day'>;

/** From inclusive, to exclusive; null: without an end. */
export interface Span {
  readonly from: Day;
  readonly to: Day | null;
}

const PATTERN = /^([0-9]{4})-([0-9]{2})-([0-9]{2})$/;

/** Whether a text is a day that the calendar has: 2023-02-29 is none. */
export function isDay(text: string): text is Day {
  const [, year, month, day] = (PATTERN.exec(text) ?? []).map(Number);
  if (year === undefined || month === undefined || day === undefined) return false;
  return day >= 1 && day <= daysOf(year, month);
}

/** Reads a day. */
export const day: Shape<Day> = (value, at) => {
  if (typeof value === 'string' && isDay(value)) return value;
  throw new Failure('entry_invalid', `${at}: want a day such as 2013-03-15`);
};

/** Whether two spans share a day. */
export function overlaps(a: Span, b: Span): boolean {
  return (b.to === null || a.from < b.to) && (a.to === null || b.from < a.to);
}

/** Whether every day of the inner span is one of the outer. */
export function covers(outer: Span, inner: Span): boolean {
  return outer.from <= inner.from && (outer.to === null || (inner.to !== null && inner.to <= outer.to));
}

/** How a span reads in a message. */
export function spanText({ from, to }: Span): string {
  return to === null ? `from ${from} on` : `from ${from} to ${to}`;
}

/** How many days a month of the Gregorian calendar has; none, where there is no such month. */
export function daysOf(year: number, month: number): number {
  const leap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  return [31, leap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1] ?? 0;
}
