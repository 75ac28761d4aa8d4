/** Reckoning with days, against the runtime's own calendar; and periods of law (民法典 201–204). */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { dueAfter } from '#core/consent/due.ts';
import type { Day } from '#core/pack/day.ts';
import { addDays, dayAt, lastDayAfter, startOf, weekdayOf } from '#core/pack/reckon.ts';
import { readShipped } from '../../../src/cli/packs/publish.ts';

const HOUR = 3_600_000;
const moments = fc.integer({ min: Date.UTC(1900, 0, 1), max: Date.UTC(2100, 11, 31) });
const textOf = (now: number) => new Date(now + 8 * HOUR).toISOString().slice(0, 10);
const calendar = readShipped().find(({ id }) => id === 'calendar-cn')?.calendar ?? expect.unreachable();

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

describe('a period of years', () => {
  test.each([
    ['2020-07-09', 3, '2023-07-09'],
    ['2019-06-01', 5, '2024-06-01'],
    ['2020-02-29', 1, '2021-02-28'],
    ['2020-02-29', 4, '2024-02-29'],
    ['2023-12-31', 1, '2024-12-31'],
  ])('from %s, %i of them, ends on %s, holiday or not', (from, years, last) => {
    expect(lastDayAfter(from as Day, years)).toBe(last);
  });
});

describe('the due day of an act', () => {
  const lastDay = (from: string, days: number) => {
    const due = dueAfter(from as Day, days, { calendar });
    return due === null ? null : dayAt(due - 1);
  };

  test.each([
    ['ends on a working day', '2024-09-21', 20, '2024-10-11'],
    ['moves behind a holiday week', '2024-09-14', 20, '2024-10-08'],
    ['moves behind a weekend', '2024-05-31', 1, '2024-06-03'],
    ['stays on a Saturday that is worked', '2024-09-13', 1, '2024-09-14'],
    ['moves from a Sunday behind the spring festival', '2024-02-08', 3, '2024-02-18'],
    ['crosses a year', '2023-12-20', 12, '2024-01-02'],
  ])('%s: %s and %i days', (_how, from, days, last) => {
    expect(lastDay(from, days)).toBe(last);
  });

  test('is not guessed for a year that no calendar knows', () => {
    expect(lastDay('2026-12-20', 20)).toBeNull();
    expect(lastDay('2019-12-01', 5)).toBeNull();
  });

  test('is a working day, and never before the period’s end', () => {
    const starts = fc.integer({ min: startOf('2020-01-02' as Day), max: startOf('2026-10-01' as Day) });
    fc.assert(
      fc.property(starts, fc.integer({ min: 1, max: 60 }), (now, days) => {
        const last = lastDay(dayAt(now), days) as Day;
        const year = calendar.years.find((each) => each.year === Number(last.slice(0, 4)));
        expect(last >= addDays(dayAt(now), days)).toBe(true);
        expect(year?.workdays.includes(last) === true || (weekdayOf(last) < 6 && !year?.holidays.includes(last))).toBe(
          true,
        );
      }),
    );
  });
});

describe('the shipped calendar', () => {
  test('names days of their own year, holidays on weekdays and make-up workdays on weekends, each once', () => {
    for (const { year, holidays, workdays } of calendar.years) {
      for (const day of [...holidays, ...workdays]) expect(day.startsWith(`${year}-`)).toBe(true);
      for (const day of holidays) expect(weekdayOf(day)).toBeLessThan(6);
      for (const day of workdays) expect(weekdayOf(day)).toBeGreaterThan(5);
      expect(new Set([...holidays, ...workdays]).size).toBe(holidays.length + workdays.length);
    }
  });
});
