import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { covers, isDay, overlaps, type Span } from '#core/pack/day.ts';
import { dayOf } from './paper-pack.ts';

describe('a day', () => {
  test('is one that the calendar has', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 9999 }), fc.nat(13), fc.nat(32), (year, month, day) => {
        const text = `${String(year).padStart(4, '0')}-${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}`;
        // JavaScript's own calendar moves what does not exist to another day.
        const date = new Date(`${text}T00:00:00Z`);
        const there = !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text);
        expect(isDay(text)).toBe(there);
      }),
      { numRuns: 2_000 },
    );
  });

  test.each([
    '',
    '2024-1-01',
    '2024-01-01 ',
    '2024-01-01\n',
    '20240101',
    '2024-01-01T00:00',
    '２０２４-01-01',
    '1900-02-29',
  ])('is not %j', (text) => expect(isDay(text)).toBe(false));
});

describe('spans of days', () => {
  const days = fc.integer({ min: 1, max: 9 }).map((day) => dayOf(`2024-01-0${day}`));
  const span = fc.record({ from: days, to: fc.option(days) }).filter(({ from, to }: Span) => to === null || from < to);
  const all = ['1', '2', '3', '4', '5', '6', '7', '8', '9'].map((day) => dayOf(`2024-01-0${day}`));
  const daysIn = ({ from, to }: Span) => all.filter((day) => from <= day && (to === null || day < to));

  test('overlap where they share a day', () => {
    fc.assert(
      fc.property(span, span, (a, b) => {
        expect(overlaps(a, b)).toBe(daysIn(a).some((day) => daysIn(b).includes(day)));
        expect(overlaps(b, a)).toBe(overlaps(a, b));
      }),
    );
  });

  test('cover each other where no day is left over, and no end is beyond the other', () => {
    fc.assert(
      fc.property(span, span, (outer, inner) => {
        const endless = inner.to === null && outer.to !== null;
        expect(covers(outer, inner)).toBe(!endless && daysIn(inner).every((day) => daysIn(outer).includes(day)));
      }),
    );
  });
});
