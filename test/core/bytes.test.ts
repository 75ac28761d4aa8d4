import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  concat,
  equalBytes,
  parseBase64,
  parseBase64Url,
  parseHex,
  parseUtf8,
  toBase64,
  toBase64Url,
  toHex,
  utf8,
} from '#core/bytes.ts';
import { expectFailure } from '../support/failure.ts';

const bytes = fc.uint8Array({ maxLength: 200 });

describe('hex', () => {
  test('agrees with Node, both ways', () => {
    fc.assert(
      fc.property(bytes, (value) => {
        expect(toHex(value)).toBe(Buffer.from(value).toString('hex'));
        expect(parseHex(toHex(value))).toEqual(value);
      }),
    );
  });

  test.each(['A0', 'a', 'abc', '0x', ' a0', 'a0\n', 'g0', '０0'])('refuses %j', (text) => {
    expectFailure('input_invalid', () => parseHex(text));
  });
});

describe('base64', () => {
  test('agrees with Node, both ways', () => {
    fc.assert(
      fc.property(bytes, (value) => {
        expect(toBase64(value)).toBe(Buffer.from(value).toString('base64'));
        expect(parseBase64(toBase64(value))).toEqual(value);
        expect(toBase64Url(value)).toBe(Buffer.from(value).toString('base64url'));
        expect(parseBase64Url(toBase64Url(value))).toEqual(value);
      }),
    );
  });

  test('encodes the samples of RFC 4648, section 10', () => {
    const samples = ['', 'Zg==', 'Zm8=', 'Zm9v', 'Zm9vYg==', 'Zm9vYmE=', 'Zm9vYmFy'];
    expect(samples.map((_, length) => toBase64(utf8('foobar'.slice(0, length))))).toEqual(samples);
  });

  test.each([
    'Zg',
    'Zg=',
    'Zh==',
    'Zm9=',
    'Zg===',
    'Z===',
    '====',
    '==',
    '=',
    'Zg==\n',
    ' Zg==',
    'Zm9-',
    'Z\u00e9==',
    'Zg==Zg==',
  ])('refuses %j', (text) => {
    expectFailure('input_invalid', () => parseBase64(text));
  });

  test.each(['Zg==', 'Zh', 'Zm9', 'Z', 'Zm9vZ', 'Zm9+', 'Zm9/', 'Zm9 ', 'Zg\n'])('refuses %j as base64url', (text) => {
    expectFailure('input_invalid', () => parseBase64Url(text));
  });

  test('reads nothing that it would write in another way', () => {
    const nearly = fc.string({ unit: fc.constantFrom(...'AQgw+/-_= \nZ9'), maxLength: 9 });
    fc.assert(
      fc.property(nearly, (text) => {
        for (const [parse, write] of [
          [parseBase64, toBase64],
          [parseBase64Url, toBase64Url],
        ] as const) {
          let value: Uint8Array;
          try {
            value = parse(text);
          } catch {
            continue;
          }
          expect(write(value)).toBe(text);
        }
      }),
      { numRuns: 2000 },
    );
  });
});

describe('UTF-8', () => {
  test('round trips every text without lone surrogates', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => parseUtf8(utf8(text)) === text));
  });

  test('keeps a byte order mark', () => {
    expect(parseUtf8(parseHex('efbbbf61'))).toBe('\ufeffa');
  });

  test.each(['ff', 'c080', 'e28094'.slice(0, 4), 'eda080', 'f4908080', '80'])('refuses the bytes %s', (hex) => {
    expectFailure('input_invalid', () => parseUtf8(parseHex(hex)));
  });
});

test('compares bytes, and joins them', () => {
  const one = utf8('one');
  expect(equalBytes(one, utf8('one'))).toBe(true);
  expect(equalBytes(one, utf8('onE'))).toBe(false);
  expect(equalBytes(one, utf8('ones'))).toBe(false);
  expect(equalBytes(new Uint8Array(0), new Uint8Array(0))).toBe(true);
  expect(concat(one, new Uint8Array(0), utf8('two'))).toEqual(utf8('onetwo'));
});
