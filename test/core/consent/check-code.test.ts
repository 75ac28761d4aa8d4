import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseHex } from '#core/bytes.ts';
import { checkCode } from '#core/consent/check-code.ts';
import { parseHash } from '#core/hash.ts';

const leafOf = (head: string) => parseHash(parseHex(head.padEnd(64, '0')));

test('a check code is the first sixty bits of the leaf, five a character, without what is misread', () => {
  expect(checkCode(leafOf(''))).toBe('0000-0000-0000');
  expect(checkCode(leafOf('f'.repeat(15)))).toBe('ZZZZ-ZZZZ-ZZZZ');
  // 00001 00010 00011 00100 … 01100
  expect(checkCode(leafOf('0886429c2529c6c'.padEnd(15, '0')))).toMatch(/^1234-/);
});

test('another code for any change of those bits, and the same for any behind them', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), fc.nat(255), (bytes, bit) => {
      const other = bytes.with(bit >> 3, (bytes[bit >> 3] as number) ^ (0x80 >> (bit & 7)));
      const [one, two] = [bytes, other].map((each) => checkCode(parseHash(each)));
      expect(one).toMatch(/^[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}$/);
      if (bit < 60) expect(two).not.toBe(one);
      else expect(two).toBe(one);
    }),
  );
});
