import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type GrantId, ID_RANDOM_BYTES, mintId, parseId } from '#core/ids.ts';
import { type Instant, parseInstant } from '#core/instant.ts';
import { expectFailure } from '../support/failure.ts';

const instant = fc.nat({ max: 2 ** 48 - 1 }).map(parseInstant);
const random = fc.uint8Array({ minLength: ID_RANDOM_BYTES, maxLength: ID_RANDOM_BYTES });

test('an id is its time and its random bytes, in hex', () => {
  const id: GrantId = mintId(parseInstant(1795268000123), new Uint8Array(10).fill(0xab));
  expect(id).toBe(`01a1fe4fb97b${'ab'.repeat(10)}`);
});

test('ids read back, and sort by their time', () => {
  fc.assert(
    fc.property(instant, instant, random, random, (a, b, one, two) => {
      const [first, second] = [mintId<GrantId>(a, one), mintId<GrantId>(b, two)];
      expect(parseId<GrantId>(first)).toBe(first);
      if (a !== b) expect(first < second).toBe(a < b);
    }),
  );
});

test('an id needs ten random bytes, and a time that fits', () => {
  expect(() => mintId(parseInstant(0), new Uint8Array(9))).toThrow('ten random bytes');
  expect(() => mintId((2 ** 48) as Instant, new Uint8Array(10))).toThrow('48 bits');
});

test.each([
  '',
  'a'.repeat(31),
  'a'.repeat(33),
  'A'.repeat(32),
  `${'a'.repeat(32)}\n`,
  'g'.repeat(32),
  1,
  null,
  ['a'.repeat(32)],
])('refuses the id %j', (value) => {
  expectFailure('input_invalid', () => parseId(value));
});

test.each([-1, 1.5, 2 ** 53, Number.NaN, '1', null, 1n, new Date(0)])('refuses the time %s', (value) => {
  expectFailure('input_invalid', () => parseInstant(value));
});
