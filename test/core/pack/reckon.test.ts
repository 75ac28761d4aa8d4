/** Reckoning with days, against the runtime's own calendar. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { addDays, dayAt, startOf, weekdayOf } from '#core/pack/reckon.ts';

const HOUR = 3_600_000;
const moments = fc.integer({ min: Date.UTC(1900, 0, 1), max: Date.UTC(2100, 11, 31) });
const textOf = (now: number) => new Date(now + 8 * HOUR).toISOString().slice(0, 10);

describe('a day in Asia/Shanghai', () => {
  test('is the one that the runtime’s calendar has, from its first millisecond to its last', () => {
    fc.assert(
      fc.property(moments, (now) => {
        const day = dayAt(now);
        expect(day).toBe(textOf(now));
        expect(dayAt(startOf(day))).toBe(day);
        expect(dayAt(startOf(day) - 1)).toBe(addDays(day, -1));
        expect(startOf(addDays(day, 1)) - startOf(day)).toBe(24 * HOUR);
        expect(weekdayOf(day) % 7).toBe(new Date(`${day}T00:00:00Z`).getUTCDay());
      }),
      { numRuns: 2_000 },
    );
  });

  test('is so many days away, whichever way they are counted', () => {
    fc.assert(
      fc.property(
        moments,
        fc.integer({ min: -4_000, max: 4_000 }),
        fc.integer({ min: -4_000, max: 4_000 }),
        (now, a, b) => {
          expect(addDays(addDays(dayAt(now), a), b)).toBe(addDays(dayAt(now), a + b));
        },
      ),
    );
  });
});
