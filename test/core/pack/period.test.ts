/** Periods of law (民法典 201–204), by the shipped calendar: a table worked out by hand, and what holds of all of them. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Day } from '#core/pack/day.ts';
import { isWorkday, type Length, PERIOD_KINDS, type PeriodKind, periodEnd } from '#core/pack/period.ts';
import { addDays, dayAt, startOf, weekdayOf } from '#core/pack/reckon.ts';
import { readShipped } from '../../../src/cli/packs/publish.ts';

const calendar = readShipped().find(({ id }) => id === 'calendar-cn')?.calendar ?? expect.unreachable();

/** The last day; or the year that is missing. */
function lastOf(kind: PeriodKind, from: string, length: Length): string | number {
  const found = periodEnd(kind, from as Day, length, calendar);
  return 'last' in found ? found.last : found.missing;
}

describe('the last day for an act', () => {
  test.each<[how: string, from: string, length: Length, last: string]>([
    ['a working day (V31)', '2024-09-21', { days: 20 }, '2024-10-11'],
    ['in the golden week, so behind it (V31)', '2024-09-14', { days: 20 }, '2024-10-08'],
    ['its first day, so behind all of it', '2024-09-28', { days: 3 }, '2024-10-08'],
    ['the Monday before it', '2024-09-28', { days: 2 }, '2024-09-30'],
    ['a Sunday that is worked before it', '2024-09-27', { days: 2 }, '2024-09-29'],
    ['in the golden week of eight days, to a Saturday that is worked', '2023-09-28', { days: 1 }, '2023-10-07'],
    ['in the golden week of eight days, of twenty', '2023-09-09', { days: 20 }, '2023-10-07'],
    ['in the golden week of 2025', '2025-09-11', { days: 20 }, '2025-10-09'],
    ['a Saturday', '2024-05-31', { days: 1 }, '2024-06-03'],
    ['a Sunday', '2024-05-31', { days: 2 }, '2024-06-03'],
    ['a Saturday that is worked', '2024-09-13', { days: 1 }, '2024-09-14'],
    ['in the spring festival, to a Sunday that is worked', '2024-02-08', { days: 3 }, '2024-02-18'],
    ['in the spring festival that was prolonged', '2020-01-10', { days: 20 }, '2020-02-03'],
    ['in the spring festival of 2019', '2019-01-15', { days: 20 }, '2019-02-11'],
    ['in the spring festival of 2025', '2025-01-08', { days: 20 }, '2025-02-05'],
    ['in the spring festival of 2026', '2026-01-31', { days: 20 }, '2026-02-24'],
    ['on the first of May, to a Sunday that is worked', '2019-04-11', { days: 20 }, '2019-05-05'],
    ['at mid-autumn, behind the weekend', '2026-09-05', { days: 20 }, '2026-09-28'],
    ['on New Year’s Day', '2023-12-20', { days: 12 }, '2024-01-02'],
    ['on New Year’s Day, a day after the event', '2024-12-31', { days: 1 }, '2025-01-02'],
    ['a Sunday after the turn of a year', '2021-12-20', { days: 20 }, '2022-01-10'],
    ['in the last days that are known', '2026-12-10', { days: 20 }, '2026-12-30'],
    ['a month from the 31st, in a leap year', '2024-01-31', { months: 1 }, '2024-02-29'],
    ['a month from the 31st, in another year', '2023-01-31', { months: 1 }, '2023-02-28'],
    ['a month from the 31st, to one of thirty', '2024-08-31', { months: 1 }, '2024-09-30'],
    ['a month from the last of March', '2024-03-31', { months: 1 }, '2024-04-30'],
    ['a month, to a day off', '2024-04-05', { months: 1 }, '2024-05-06'],
    ['three months over the turn of a year', '2024-11-30', { months: 3 }, '2025-02-28'],
    ['two months from the last day of a year', '2023-12-31', { months: 2 }, '2024-02-29'],
    ['twelve months', '2024-10-31', { months: 12 }, '2025-10-31'],
    ['a year from a leap day', '2024-02-29', { years: 1 }, '2025-02-28'],
    ['five years, to a Saturday', '2019-06-01', { years: 5 }, '2024-06-03'],
    ['five working days, of which three are behind the golden week', '2024-09-27', { workdays: 5 }, '2024-10-10'],
    ['five working days about the spring festival', '2024-02-07', { workdays: 5 }, '2024-02-20'],
    ['a working day over a long weekend', '2024-06-07', { workdays: 1 }, '2024-06-11'],
    ['a working day that is a Saturday', '2024-05-10', { workdays: 1 }, '2024-05-11'],
    ['ten working days', '2024-06-03', { workdays: 10 }, '2024-06-18'],
    ['ten working days over the turn of a year', '2023-12-29', { workdays: 10 }, '2024-01-15'],
    ['twenty working days with two of weekends', '2024-09-02', { workdays: 20 }, '2024-09-30'],
    ['a working day from a day off', '2024-10-03', { workdays: 1 }, '2024-10-08'],
  ])('%s: %s and %o', (_how, from, length, last) => {
    expect(lastOf('act', from, length)).toBe(last);
    expect(isWorkday(last as Day, calendar)).toBe(true);
  });
});

describe('the last day of what ends by itself', () => {
  test.each<[how: string, kind: 'term' | 'retention', from: string, length: Length, last: string]>([
    ['a facility, to a Sunday (V05)', 'term', '2020-07-09', { years: 3 }, '2023-07-09'],
    ['an adverse item, to a Saturday (V14)', 'retention', '2019-06-01', { years: 5 }, '2024-06-01'],
    ['an item that was determined (V15)', 'retention', '2019-05-31', { years: 5 }, '2024-05-31'],
    ['twenty days, to the first of October', 'term', '2024-09-11', { days: 20 }, '2024-10-01'],
    ['a year from a leap day', 'retention', '2020-02-29', { years: 1 }, '2021-02-28'],
    ['four years from a leap day', 'retention', '2020-02-29', { years: 4 }, '2024-02-29'],
    ['four years from a leap day, to a century that has none', 'retention', '2096-02-29', { years: 4 }, '2100-02-28'],
    ['a year from the last day of one', 'term', '2023-12-31', { years: 1 }, '2024-12-31'],
    ['a month from the 29th of January', 'term', '2023-01-29', { months: 1 }, '2023-02-28'],
    ['a month from the 30th of January', 'term', '2024-01-30', { months: 1 }, '2024-02-29'],
    ['thirteen months', 'term', '2024-12-15', { months: 13 }, '2026-01-15'],
    ['ten years', 'retention', '2018-01-01', { years: 10 }, '2028-01-01'],
    ['more years than days are written for', 'retention', '9999-01-01', { years: 5 }, '9999-12-31'],
    ['more days than are written', 'term', '9999-12-01', { days: 50 }, '9999-12-31'],
  ])('%s', (_how, kind, from, length, last) => {
    expect(lastOf(kind, from, length)).toBe(last);
  });

  test('needs no calendar', () => {
    const end = periodEnd('term', '2031-07-09' as Day, { years: 3 });
    expect(end).toEqual({ last: '2034-07-09', end: startOf('2034-07-10' as Day) });
  });
});

describe('the moment of an end', () => {
  const end = (kind: PeriodKind, closes: string | null) =>
    periodEnd(kind, '2024-09-14' as Day, { days: 20 }, calendar, closes);
  const atShanghai = (text: string) => Date.parse(`${text}+08:00`);

  test.each<[how: string, kind: PeriodKind, closes: string | null, at: string]>([
    ['an act may be done until 24:00', 'act', null, '2024-10-09T00:00:00'],
    ['where who it is owed to closes, until then', 'act', '17:30', '2024-10-08T17:30:00'],
    ['or from midnight on no more', 'act', '00:00', '2024-10-08T00:00:00'],
    ['a term ends at 24:00, whoever closes', 'term', '17:30', '2024-10-05T00:00:00'],
    ['what is kept is kept until 24:00', 'retention', '17:30', '2024-10-05T00:00:00'],
  ])('%s', (_how, kind, closes, at) => {
    expect(end(kind, closes)).toMatchObject({ end: atShanghai(at) });
  });
});

describe('a year that the calendar lacks', () => {
  test.each<[how: string, from: string, length: Length, year: number]>([
    ['in which the last day is', '2026-12-20', { days: 20 }, 2027],
    ['before the first that it has', '2018-12-01', { days: 5 }, 2018],
    ['in which it would begin to count', '2026-12-30', { workdays: 2 }, 2027],
    ['years away', '2026-06-01', { years: 5 }, 2031],
  ])('%s, is named, and nothing is guessed', (_how, from, length, year) => {
    expect(lastOf('act', from, length)).toBe(year);
  });

  test('is missed by a shift out of the last year, too', () => {
    const years = calendar.years.filter(({ year }) => year === 2022);
    // 2022-12-31 is a Saturday.
    expect(periodEnd('act', '2022-12-30' as Day, { days: 1 }, { years })).toEqual({ missing: 2023 });
    expect(periodEnd('act', '2022-12-29' as Day, { days: 1 }, { years })).toMatchObject({ last: '2022-12-30' });
  });

  test('is no matter of what ends by itself', () => {
    expect(lastOf('term', '2026-12-20', { days: 20 })).toBe('2027-01-09');
    expect(lastOf('retention', '2026-12-20', { workdays: 20 })).toBe(2027);
  });
});

describe('every period', () => {
  const days = fc
    .integer({ min: startOf('2019-01-01' as Day), max: startOf('2024-09-30' as Day) })
    .map((now) => dayAt(now));
  const lengths = fc.oneof(
    fc.integer({ min: 1, max: 300 }).map((count): Length => ({ days: count })),
    fc.integer({ min: 1, max: 200 }).map((count): Length => ({ workdays: count })),
    fc.integer({ min: 1, max: 12 }).map((count): Length => ({ months: count })),
    fc.constant<Length>({ years: 1 }),
  );
  const kinds = fc.constantFrom(...PERIOD_KINDS);
  const known = (kind: PeriodKind, from: Day, length: Length) => lastOf(kind, from, length) as Day;

  test('of an act ends on the first working day that is no earlier than its plain end', () => {
    fc.assert(
      fc.property(days, lengths, (from, length) => {
        const [plain, last] = [known('term', from, length), known('act', from, length)];
        expect(isWorkday(last, calendar)).toBe(true);
        for (let on = plain; on < last; on = addDays(on, 1)) expect(isWorkday(on, calendar)).toBe(false);
        expect(last >= plain && plain > from).toBe(true);
      }),
    );
  });

  test('that begins later, or is longer, ends no earlier', () => {
    fc.assert(
      fc.property(kinds, days, days, lengths, (kind, one, other, length) => {
        const [first, second] = one <= other ? [one, other] : [other, one];
        expect(known(kind, first, length) <= known(kind, second, length)).toBe(true);
        const [[unit, count]] = Object.entries(length) as [[string, number]];
        expect(known(kind, first, length) <= known(kind, first, { [unit]: count + 1 } as unknown as Length)).toBe(true);
      }),
    );
  });

  test('of working days has just so many of them', () => {
    fc.assert(
      fc.property(days, fc.integer({ min: 1, max: 120 }), (from, workdays) => {
        const last = known('act', from, { workdays });
        let found = 0;
        for (let on = addDays(from, 1); on <= last; on = addDays(on, 1)) found += isWorkday(on, calendar) ? 1 : 0;
        expect(found).toBe(workdays);
      }),
    );
  });

  test('of months ends on the corresponding day, or the month’s last', () => {
    fc.assert(
      fc.property(days, fc.integer({ min: 1, max: 400 }), (from, months) => {
        const [year, month, date] = from.split('-').map(Number) as [number, number, number];
        const lastOfMonth = new Date(Date.UTC(year, month - 1 + months + 1, 0));
        const wanted = new Date(lastOfMonth);
        wanted.setUTCDate(Math.min(date, lastOfMonth.getUTCDate()));
        expect(known('term', from, { months })).toBe(wanted.toISOString().slice(0, 10));
        if (months % 12 === 0)
          expect(known('term', from, { years: months / 12 })).toBe(known('term', from, { months }));
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

  test('has every year from its first to its last', () => {
    const years = calendar.years.map(({ year }) => year);
    expect(years).toEqual(years.map((_year, at) => 2019 + at));
  });
});
