import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Failure } from '#core/failure.ts';
import { parseWrittenInstant } from '#core/instant.ts';
import { expectFailure } from '../support/failure.ts';

describe('a time as it is written', () => {
  test.each([
    ['2026-11-21T08:00:00Z', Date.UTC(2026, 10, 21, 8), 1_000],
    ['2026-11-21T08:00:00+08:00', Date.UTC(2026, 10, 21, 0), 1_000],
    ['2026-11-21T08:00Z', Date.UTC(2026, 10, 21, 8), 60_000],
    ['2026-11-21T08:00:00.5Z', Date.UTC(2026, 10, 21, 8, 0, 0, 500), 100],
    ['2026-11-21T08:00:00.25Z', Date.UTC(2026, 10, 21, 8, 0, 0, 250), 10],
    ['2026-11-21T08:00:00.123Z', Date.UTC(2026, 10, 21, 8, 0, 0, 123), 1],
    ['2024-02-29T23:59:59Z', Date.UTC(2024, 1, 29, 23, 59, 59), 1_000],
  ])('is read with its zone, and how exact it is: %s', (text, at, unitMs) => {
    expect(parseWrittenInstant(text)).toEqual({ at, unitMs });
  });

  test.each([
    ...['', '2026', '2026-11-21', '21 Nov 2026 08:00', '2026-11-21 08:00:00Z', '2026-11-21t08:00:00z'],
    // Local time, wherever that is.
    ...['2026-11-21T08:00:00', '2026-11-21T08:00'],
    // Days and hours that there are not.
    ...['2026-02-30T00:00:00Z', '2023-02-29T00:00:00Z', '2026-04-31T00:00:00Z', '2026-13-01T00:00:00Z'],
    ...['2026-11-21T24:00:00Z', '2026-11-21T23:60:00Z', '2026-11-21T23:59:60Z', '2026-11-21T08:00:00+25:00'],
    ...['1969-12-31T23:59:59Z', '-000001-01-01T00:00:00Z', '2026-11-21T08:00:00.1234Z', '2026-11-21T08:00:00Z\n'],
  ])('is not %j', (text) => {
    expectFailure('input_invalid', () => parseWrittenInstant(text));
  });

  test('reads what a date writes, and of nothing makes another moment', () => {
    fc.assert(
      fc.property(
        fc.date({ min: new Date(0), max: new Date('9999-12-31T23:59:59.999Z'), noInvalidDate: true }),
        (date) => {
          expect(parseWrittenInstant(date.toISOString())).toEqual({ at: date.getTime(), unitMs: 1 });
        },
      ),
    );
    fc.assert(
      fc.property(fc.nat(30), fc.constantFrom('0', '3', '9', ':', 'Z', '+', ' ', 'T', '.'), (at, put) => {
        const good = '2026-02-28T23:59:59.999Z';
        const text = good.slice(0, at % good.length) + put + good.slice((at % good.length) + 1);
        try {
          expect(new Date(parseWrittenInstant(text).at).toISOString()).toBe(text);
        } catch (thrown) {
          if (!(thrown instanceof Failure)) throw thrown;
        }
      }),
    );
  });
});
