import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseUtf8, toHex, utf8 } from '#core/bytes.ts';
import {
  canonicalText,
  DEPTH_MAX,
  encodeCanonical,
  encodeJcs,
  isWellFormed,
  type Json,
  parseCanonical,
} from '#core/canonical.ts';
import { expectFailure } from '../support/failure.ts';
import { describeWithVectors, sharedVectors } from '../support/vectors.ts';

const text = fc.string({ unit: 'binary', maxLength: 12 });
const { json } = fc.letrec<{ json: Json }>((tie) => ({
  json: fc.oneof(
    { maxDepth: 5 },
    fc.constantFrom(null, true, false),
    fc.maxSafeInteger().map((n) => n + 0),
    text,
    fc.array(tie('json'), { maxLength: 4 }),
    fc.dictionary(fc.oneof(text, fc.constantFrom('__proto__', 'constructor', '1', '10', '9')), tie('json'), {
      maxKeys: 4,
    }),
  ),
}));

describe('our own values', () => {
  test('round trip byte for byte', () => {
    fc.assert(
      fc.property(json, (value) => {
        const bytes = encodeCanonical(value);
        expect(encodeCanonical(parseCanonical(bytes))).toEqual(bytes);
        expect(JSON.parse(parseUtf8(bytes))).toEqual(JSON.parse(JSON.stringify(value)));
      }),
      { numRuns: 500 },
    );
  });

  test('have one encoding, whatever the order of their keys', () => {
    expect(canonicalText({ b: 1, a: { d: [], c: '' } })).toBe('{"a":{"c":"","d":[]},"b":1}');
    expect(canonicalText({ '10': 1, '9': 2, '': 3 })).toBe('{"":3,"10":1,"9":2}');
  });

  test('keep a key named __proto__', () => {
    const bytes = utf8('{"__proto__":{"admin":true}}');
    const value = parseCanonical(bytes) as Record<string, Json>;
    expect(encodeCanonical(value)).toEqual(bytes);
    expect(value['admin']).toBeUndefined();
  });

  test.each([1.5, 1e21, 2 ** 53, -(2 ** 53), Number.NaN, Number.POSITIVE_INFINITY])(
    'refuse the number %s',
    (number) => {
      expectFailure('canonical_invalid', () => encodeCanonical(number));
    },
  );

  test.each([undefined, () => 1, Symbol('s'), 1n])('refuse what is not JSON: %s', (value) => {
    expectFailure('canonical_invalid', () => encodeCanonical([value] as unknown as Json));
  });

  test('refuse lone surrogates, in values and in keys', () => {
    expectFailure('canonical_invalid', () => encodeCanonical('\ud800'));
    expectFailure('canonical_invalid', () => encodeCanonical({ '\udc00': 1 }));
    expectFailure('canonical_invalid', () => parseCanonical(utf8('"\\ud800"')));
  });

  test('nest as deep as allowed, and no deeper', () => {
    const nested = (depth: number) => utf8('['.repeat(depth) + ']'.repeat(depth));
    expect(() => parseCanonical(nested(DEPTH_MAX + 1))).not.toThrow();
    expectFailure('canonical_invalid', () => parseCanonical(nested(DEPTH_MAX + 2)));
    expectFailure('canonical_invalid', () => parseCanonical(nested(100_000)));
    const around = (depth: number) => utf8(`${'['.repeat(depth)}0${']'.repeat(depth)}`);
    expect(() => parseCanonical(around(DEPTH_MAX))).not.toThrow();
    expectFailure('canonical_invalid', () => parseCanonical(around(DEPTH_MAX + 1)));
  });
});

test.each([
  ['a duplicate key', '{"a":1,"a":1}'],
  ['a duplicate key with an escape', '{"a":1,"\\u0061":1}'],
  ['a space', '{"a": 1}'],
  ['a newline at the end', '1\n'],
  ['unsorted keys', '{"b":1,"a":1}'],
  ['keys sorted by code point, not by code unit', '{"\ufb33":1,"😀":1}'],
  ['a fraction of zero', '1.0'],
  ['minus zero', '-0'],
  ['an exponent', '1e2'],
  ['1e21', '1e21'],
  ['2^53+1', '9007199254740993'],
  ['2^53', '9007199254740992'],
  ['numbers as keys in the order of numbers', '{"9":1,"10":1}'],
  ['a needless escape', '"\\/"'],
  ['a lone surrogate, escaped', '"\\ud800"'],
  ['an escape in capitals', '"\\u001F"'],
  ['a long escape where a short one is', '"\\u000a"'],
  ['a byte order mark', '\ufeff1'],
  ['nothing', ''],
  ['two values', '1 2'],
  ['a trailing comma', '[1,]'],
  ['a number too large for any double', '1e400'],
])('refuses to read %s (attack 63)', (_, given) => {
  expectFailure('canonical_invalid', () => parseCanonical(utf8(given)));
});

test('refuses to read bytes that are not UTF-8', () => {
  expectFailure('canonical_invalid', () => parseCanonical(new Uint8Array([0x22, 0xff, 0x22])));
});

test('reads just the texts that it writes, whichever way they are compared', () => {
  const name = fc.constantFrom(
    '',
    '1',
    '9',
    '10',
    'a',
    'b',
    '__proto__',
    'toJSON',
    '\ufb33',
    '😀',
    '\\',
    '"',
    '\n',
    '\ud83d',
    '\\ud83d',
    '\u2028',
    '\u001f',
    '\u007f',
  );
  const scalar = fc.oneof(fc.integer({ min: -20, max: 20 }), fc.constantFrom<Json>(null, true, 0.5, 2 ** 53, -0), name);
  const { value: anyValue } = fc.letrec<{ value: unknown }>((tie) => ({
    value: fc.oneof(
      { depthSize: 'small' },
      scalar,
      fc.array(tie('value'), { maxLength: 3 }),
      fc.array(fc.tuple(name, tie('value')), { maxLength: 3 }).map((pairs) => Object.fromEntries(pairs)),
    ),
  }));
  let [written, refused] = [0, 0];
  fc.assert(
    fc.property(anyValue, (value) => {
      const text = JSON.stringify(value);
      let canonical: string | undefined;
      try {
        canonical = canonicalText(JSON.parse(text));
      } catch {
        // A number that is none of ours.
      }
      if (canonical === text) {
        written++;
        expect(parseCanonical(utf8(text))).toEqual(JSON.parse(text));
      } else {
        refused++;
        expectFailure('canonical_invalid', () => parseCanonical(utf8(text)));
      }
    }),
    { numRuns: 2_000 },
  );
  expect(Math.min(written, refused)).toBeGreaterThan(100);
});

test('is not deceived by a text that is as long as the canonical one', () => {
  const pairs = [
    ['[10e2]', '[1000]'],
    ['[ 1e3]', '[1000]'],
    ['[1e3 ]', '[1000]'],
    ['[-0,1e3]', '[0,1000]'],
    ['[1.0,12e4]', '[1,120000]'],
    ['{"a":1,"a":1e9}', '{"a":1000000000}'],
    ['[1.5e4 ]', '[15000]'],
    ['[1E3,"e3" ]', '[1000,"e3"]'],
  ] as const;
  for (const [given, canonical] of pairs) {
    expect(canonicalText(JSON.parse(given))).toBe(canonical);
    expectFailure('canonical_invalid', () => parseCanonical(utf8(given)));
    expect(canonicalText(parseCanonical(utf8(canonical)))).toBe(canonical);
  }
});

test('reads just the texts that it writes, however numbers, spaces and names are written', () => {
  const number = fc
    .tuple(
      fc.constantFrom('', '-'),
      fc.nat(1_200),
      fc.constantFrom('', '.0', '.5', '.25'),
      fc.constantFrom('', 'e0', 'e1', 'E2', 'e3', 'e+4', 'e-1'),
    )
    .map((parts) => parts.join(''));
  const space = fc.constantFrom('', '', '', ' ', '\n');
  const name = fc.constantFrom('"a"', '"b"', '"1"', '"10"', '"e3"');
  const { value: anyText } = fc.letrec<{ value: string }>((tie) => ({
    value: fc.oneof(
      { depthSize: 'small' },
      number,
      name,
      fc
        .array(fc.tuple(space, tie('value')), { maxLength: 3 })
        .map((items) => `[${items.map((each) => each.join('')).join(',')}]`),
      fc
        .array(fc.tuple(name, space, tie('value')), { maxLength: 3 })
        .map((items) => `{${items.map(([key, gap, value]) => `${key}:${gap}${value}`).join(',')}}`),
    ),
  }));
  let [read, refused] = [0, 0];
  fc.assert(
    fc.property(anyText, (given) => {
      let canonical: string | undefined;
      try {
        canonical = canonicalText(JSON.parse(given));
      } catch {
        // A number that is none of ours.
      }
      if (canonical === given) {
        read++;
        expect(canonicalText(parseCanonical(utf8(given)))).toBe(given);
      } else {
        refused++;
        expectFailure('canonical_invalid', () => parseCanonical(utf8(given)));
      }
    }),
    { numRuns: 20_000 },
  );
  expect(Math.min(read, refused)).toBeGreaterThan(1_000);
});

test('refuses every byte flip, or reads another value (attack 64)', () => {
  const value: Json = { handle: '0198', limits: [1, 2, { n: null }], text: 'ü😀\n' };
  const bytes = encodeCanonical(value);
  fc.assert(
    fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (at, change) => {
      const crooked = Uint8Array.from(bytes, (byte, i) => (i === at ? (byte + change) % 256 : byte));
      let read: Json;
      try {
        read = parseCanonical(crooked);
      } catch (error) {
        expect(error).toHaveProperty('code', 'canonical_invalid');
        return;
      }
      expect(read).not.toEqual(value);
      expect(encodeCanonical(read)).toEqual(crooked);
    }),
    { numRuns: 2000 },
  );
});

test('knows which texts are UTF-8, as the runtime does', () => {
  const units = fc.array(fc.oneof(fc.integer({ min: 0xd7ff, max: 0xe001 }), fc.constant(65)), { maxLength: 5 });
  fc.assert(
    fc.property(units, (codes) => {
      const value = String.fromCharCode(...codes);
      expect(isWellFormed(value)).toBe(value.isWellFormed());
    }),
  );
});

describe('RFC 8785', () => {
  test('encodes the sample of section 3.2.2', () => {
    const input = String.raw`{
      "numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
      "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/",
      "literals": [null, true, false]
    }`;
    expect(parseUtf8(encodeJcs(JSON.parse(input)))).toBe(
      String.raw`{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\u000f\nA'B\"\\\\\"/"}`,
    );
  });

  test('sorts the sample of section 3.2.3', () => {
    const keys = ['\u20ac', '\r', '\ufb33', '1', '\ud83d\ude00', '\u0080', '\u00f6'];
    const sorted = ['\r', '1', '\u0080', '\u00f6', '\u20ac', '\ud83d\ude00', '\ufb33'];
    const encoded = parseUtf8(encodeJcs(Object.fromEntries(keys.map((key) => [key, 0]))));
    expect(encoded).toBe(`{${sorted.map((key) => `${JSON.stringify(key)}:0`).join(',')}}`);
  });

  test.each([
    ['4340000000000001', '9007199254740994'],
    ['4340000000000002', '9007199254740996'],
    ['444b1ae4d6e2ef50', '1e+21'],
    ['3eb0c6f7a0b5ed8d', '0.000001'],
    ['3eb0c6f7a0b5ed8c', '9.999999999999997e-7'],
    ['8000000000000000', '0'],
    ['0000000000000000', '0'],
  ])('prints the number with the bits %s', (bits, printed) => {
    const number = Buffer.from(bits, 'hex').readDoubleBE();
    expect(parseUtf8(encodeJcs(number))).toBe(printed);
  });
});

describeWithVectors('jcs/testdata', 'the samples of cyberphone/json-canonicalization', () => {
  const folder = sharedVectors('jcs/testdata');
  test.each(readdirSync(`${folder}/input`))('%s', (file) => {
    const encoded = encodeJcs(JSON.parse(readFileSync(`${folder}/input/${file}`, 'utf8')));
    expect(toHex(encoded)).toBe(readFileSync(`${folder}/output/${file}`).toString('hex'));
    const hex = readFileSync(`${folder}/outhex/${file.replace('.json', '.txt')}`, 'utf8');
    expect(toHex(encoded)).toBe(hex.replace(/\s/g, ''));
  });
});
