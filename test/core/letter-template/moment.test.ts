import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { INSTANT_MAX } from '#core/instant.ts';
import { sayEnd, sayLength, sayMoment } from '#core/letter-template/moment.ts';
import { sayNumber } from '#core/letter-template/number.ts';

const moment = fc.integer({ min: 0, max: INSTANT_MAX - 8 * 3_600_000 });
const length = fc.integer({ min: 1, max: 400 * 86_400_000 });

describe('a moment', () => {
  test.each([
    ['2024-05-31T16:00:00.000Z', '2024年6月1日', '1 June 2024'],
    ['2024-02-28T16:00:00.000Z', '2024年2月29日', '29 February 2024'],
    ['2024-05-31T15:59:59.999Z', '2024年5月31日23时59分59秒999毫秒', '31 May 2024 23:59:59.999'],
    ['2024-06-01T01:30:00.000Z', '2024年6月1日09时30分', '1 June 2024 09:30'],
    ['2024-06-01T01:30:05.000Z', '2024年6月1日09时30分05秒', '1 June 2024 09:30:05'],
    ['2024-05-31T16:00:00.001Z', '2024年6月1日00时00分00秒001毫秒', '1 June 2024 00:00:00.001'],
    ['1970-01-01T00:00:00.000Z', '1970年1月1日08时00分', '1 January 1970 08:00'],
    ['2000-12-31T16:00:00.000Z', '2001年1月1日', '1 January 2001'],
  ])('%s is said as of Shanghai', (iso, zh, en) => {
    expect([sayMoment(Date.parse(iso), 'zh'), sayMoment(Date.parse(iso), 'en')]).toEqual([zh, en]);
  });

  test('falls on the day that the calendar says', () => {
    fc.assert(
      fc.property(moment, (at) => {
        const there = new Date(at + 8 * 3_600_000);
        const day = `${there.getUTCFullYear()}年${there.getUTCMonth() + 1}月${there.getUTCDate()}日`;
        expect(sayMoment(at, 'zh').startsWith(day)).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  test('is never said as another', () => {
    fc.assert(
      fc.property(moment, fc.integer({ min: 1, max: 86_400_000 }), (at, later) => {
        expect(sayMoment(at, 'zh')).not.toBe(sayMoment(at + later, 'zh'));
        expect(sayMoment(at, 'en')).not.toBe(sayMoment(at + later, 'en'));
      }),
    );
  });
});

describe('an end', () => {
  test.each([
    ['2024-05-31T16:00:00.000Z', '2024年5月31日24时', '31 May 2024 24:00'],
    ['2024-02-29T16:00:00.000Z', '2024年2月29日24时', '29 February 2024 24:00'],
    ['2024-12-31T16:00:00.000Z', '2024年12月31日24时', '31 December 2024 24:00'],
    ['2024-05-31T15:59:59.999Z', '2024年5月31日23时59分59秒999毫秒', '31 May 2024 23:59:59.999'],
    ['2024-06-01T01:30:00.000Z', '2024年6月1日09时30分', '1 June 2024 09:30'],
  ])('at %s is said by the last day that there is', (iso, zh, en) => {
    expect([sayEnd(Date.parse(iso), 'zh'), sayEnd(Date.parse(iso), 'en')]).toEqual([zh, en]);
  });

  test('is never said as another, nor as a moment that is another', () => {
    const midnight = fc.integer({ min: 2, max: 40_000 }).map((days) => days * 86_400_000 - 8 * 3_600_000);
    fc.assert(
      fc.property(fc.oneof(midnight, moment), fc.oneof(midnight, moment), (a, b) => {
        for (const language of ['zh', 'en'] as const) {
          expect(sayEnd(a, language) === sayEnd(b, language)).toBe(a === b);
          if (a !== b) expect(sayEnd(a, language)).not.toBe(sayMoment(b, language));
        }
      }),
    );
  });
});

describe('a length of time', () => {
  test.each([
    [30 * 86_400_000, '30天', '30 days'],
    [86_400_000 + 3_600_000, '1天1小时', '1 day 1 hour'],
    [61_001, '1分钟1秒1毫秒', '1 minute 1 second 1 millisecond'],
    [7_200_000, '2小时', '2 hours'],
  ])('of %i ms is said in days and less', (ms, zh, en) => {
    expect([sayLength(ms, 'zh'), sayLength(ms, 'en')]).toEqual([zh, en]);
  });

  test('is never said as another', () => {
    fc.assert(
      fc.property(length, length, (a, b) => {
        expect(sayLength(a, 'zh') === sayLength(b, 'zh')).toBe(a === b);
        expect(sayLength(a, 'en') === sayLength(b, 'en')).toBe(a === b);
      }),
    );
  });
});

test('sections are numbered in Chinese, each by its own numeral', () => {
  expect([1, 9, 10, 11, 19, 20, 21, 90, 99].map(sayNumber)).toEqual([
    ...['一', '九', '十', '十一', '十九', '二十', '二十一', '九十', '九十九'],
  ]);
  const all = Array.from({ length: 99 }, (_, at) => sayNumber(at + 1));
  expect(new Set(all).size).toBe(99);
  for (const none of [0, 100, 1.5, -1]) expect(() => sayNumber(none)).toThrow('1 to 99');
});
