import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Json } from '#core/canonical.ts';
import { Failure } from '#core/failure.ts';
import {
  code,
  flag,
  hash,
  id,
  instant,
  integer,
  isObject,
  line,
  list,
  nullable,
  oneOf,
  record,
  recordWith,
  type Shape,
  text,
} from '#core/shape.ts';
import { expectFailure } from '../support/failure.ts';

const ID = '0198abcdef0123456789abcdef012345';
const HASH = `${'A'.repeat(42)}A`;

interface Case {
  readonly shape: Shape<unknown>;
  readonly good: readonly Json[];
  readonly bad: readonly (Json | undefined)[];
}

const READERS: Readonly<Record<string, Case>> = {
  flag: { shape: flag, good: [true, false], bad: [0, 1, 'true', 'CANARY', null, [], {}] },
  instant: {
    shape: instant,
    good: [0, 1, 8_640_000_000_000_000],
    bad: [
      -1,
      0.5,
      8_640_000_000_000_001,
      Number.MAX_SAFE_INTEGER,
      Number.NaN,
      Number.POSITIVE_INFINITY,
      '1',
      'CANARY',
      null,
      [1],
      {},
    ],
  },
  hash: {
    shape: hash,
    good: [HASH],
    bad: [
      '',
      'CANARY',
      HASH.slice(1),
      `${HASH}A`,
      `${HASH}=`,
      HASH.replace(/.$/, 'B'),
      `${HASH.slice(1)}+`,
      1,
      null,
      {},
    ],
  },
  code: {
    shape: code,
    good: ['a', 'loan_apply', 'a-b.c_9', `a${'x'.repeat(63)}`, 'r12345', 'a12345.67890', 'a1-23456'],
    bad: [
      ...['', 'A', '9a', '_a', 'a b', 'a/b', '张示例', 'CANARY', 'a\n', `a${'x'.repeat(64)}`, 1, null, ['a']],
      ...['a123456', 'a.123456.b', 'p13800000000', 'id_990001189001010014', `${'x'.repeat(58)}123456`, 'a123456\n'],
    ],
  },
  text: {
    shape: text(3),
    good: ['a', 'abc', '张示例'],
    bad: ['', 'abcd', 'CANARY', 1, null, ['a'], {}],
  },
  line: {
    shape: line(8),
    good: ['a', '示例 公司', ' a ', 'é', '🏦', 'a\u00a0b', '12345678'],
    bad: [
      ...['', '123456789', 'CANARY CANARY', 1, null, ['a'], {}],
      // Control characters: C0, line ends, DEL, C1.
      ...['a\u0000', 'a\tb', 'a\nb', 'a\r', '\u001b[2K', 'a\u007f', 'a\u0085', 'a\u009b'],
      // Line and paragraph separators.
      ...['a\u2028b', 'a\u2029b'],
      // Format characters: soft hyphen, zero width, right to left, isolates, byte order mark, and a tag beyond 16 bits.
      ...['a\u00ad', 'a\u200b', 'a\u200d', 'a\u202e', 'a\u2066', 'a\u2060', '\ufeffa', 'a\u{e0041}'],
    ],
  },
  id: {
    shape: id(),
    good: [ID],
    bad: ['', 'CANARY', ID.toUpperCase(), ID.slice(1), `${ID}0`, `${ID}\n`, ` ${ID}`, 1, null, [ID], '__proto__'],
  },
  integer: {
    shape: integer(1, 3),
    good: [1, 2, 3],
    bad: [0, 4, -1, 1.5, '1', 'CANARY', null, true, Number.NaN, 2 ** 53],
  },
  oneOf: {
    shape: oneOf(['yes', 'no']),
    good: ['yes', 'no'],
    bad: ['', 'Yes', 'yes ', 'constructor', '__proto__', 'CANARY', 1, null, ['yes']],
  },
  list: {
    shape: list(oneOf(['x']), 2),
    good: [[], ['x'], ['x', 'x']],
    bad: [['x', 'x', 'x'], ['CANARY'], [['x']], [null], 'x', { length: 1, 0: 'x' }, null, 1],
  },
  nullable: { shape: nullable(flag), good: [null, true], bad: ['null', 'CANARY', 0, [], {}] },
  record: {
    shape: record({ a: flag, b: nullable(integer(0, 9)) }),
    good: [
      { a: true, b: null },
      { b: 1, a: false },
    ],
    bad: [
      {},
      { a: true },
      { b: null },
      { a: true, b: null, c: 1 },
      { a: true, b: null, CANARY: 'CANARY' },
      { a: 'CANARY', b: null },
      [true, null],
      'CANARY',
      null,
      1,
    ],
  },
  recordWith: {
    shape: recordWith({ a: flag }, { b: integer(0, 9), c: nullable(flag) }),
    good: [{ a: true }, { a: true, b: 1 }, { c: null, a: false }, { a: true, b: 0, c: true }],
    bad: [
      {},
      { b: 1 },
      { a: true, b: null },
      { a: true, b: 'CANARY' },
      { a: true, d: 1 },
      { a: true, b: 1, CANARY: 'CANARY' },
      [true],
      null,
    ],
  },
};

describe.each(Object.entries(READERS))('the reader %s', (_name, { shape, good, bad }) => {
  test.each(good.map((value) => [value] as const))('reads %j', (value) => {
    expect(shape(value, 'place')).toEqual(value);
  });

  test.each([...bad, undefined].map((value) => [value] as const))(
    'refuses %j, says where, and never says what',
    (value) => {
      let thrown: unknown;
      try {
        shape(value, 'some.place');
      } catch (error) {
        thrown = error;
      }
      expect(thrown).toBeInstanceOf(Failure);
      const failure = thrown as Failure;
      expect(failure.code).toBe('entry_invalid');
      expect(failure.message).toMatch(/^some\.place/);
      for (let each: unknown = failure; each instanceof Error; each = each.cause) {
        expect(each.message).not.toContain('CANARY');
      }
    },
  );

  test('throws nothing but a refusal, whatever it reads', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        try {
          shape(value as Json, 'place');
        } catch (thrown) {
          expect(thrown).toBeInstanceOf(Failure);
        }
      }),
      { numRuns: 100 },
    );
  });
});

describe('a record', () => {
  const shape = record({ a: flag, inner: list(record({ n: integer(0, 1) }), 3) });

  test('says the path to what it refuses', () => {
    const crooked = { a: true, inner: [{ n: 0 }, { n: 2 }] };
    expect(() => shape(crooked, 'body')).toThrow('body.inner[1].n: want an integer from 0 to 1');
    expect(() => shape({ ...crooked, inner: [{ n: 0, m: 1 }] }, 'body')).toThrow('body.inner[0]: want no other field');
  });

  test('takes a field named __proto__ for one too many', () => {
    const hostile = JSON.parse('{"a":true,"inner":[],"__proto__":{"a":true}}') as Json;
    expectFailure('entry_invalid', () => shape(hostile, 'body'));
    expectFailure('entry_invalid', () => shape(JSON.parse('{"__proto__":{"a":true,"inner":[]}}') as Json, 'body'));
  });

  test('with fields that may be absent has none of them where they only are inherited', () => {
    const optional = recordWith({ a: flag }, { constructor: flag, b: flag });
    expect(optional(Object.assign(Object.create({ b: true }), { a: true }) as Json, 'body')).toEqual({ a: true });
    expect(Object.keys(optional({ a: true }, 'body') as object)).toEqual(['a']);
    expectFailure('entry_invalid', () => optional(JSON.parse('{"a":true,"__proto__":{"b":true}}') as Json, 'body'));
  });

  test('does not read a field that is only inherited', () => {
    const inherited = record({ constructor: flag });
    expectFailure('entry_invalid', () => inherited({}, 'body'));
    expectFailure('entry_invalid', () => shape(Object.create({ a: true, inner: [] }) as Json, 'body'));
  });

  test('gives back a copy, so that its source can’t change what was read', () => {
    const source = { a: true, inner: [{ n: 0 }] };
    const read = shape(source, 'body');
    (source.inner as { n: number }[]).push({ n: 1 });
    source.a = false;
    expect(read).toEqual({ a: true, inner: [{ n: 0 }] });
  });
});

test('an object is neither a list nor null', () => {
  expect([{}, { a: 1 }].map(isObject)).toEqual([true, true]);
  expect([null, [], 'x', 1, true, undefined].map((value) => isObject(value))).toEqual(Array(6).fill(false));
});
