import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { deviceCode } from '#core/consent/device-code.ts';

/** The same by another way: the number of the first 52 bits, of the runtime's own SHA-256. */
function expected(key: string): string {
  const hash = createHash('sha256').update('assent/device-code/v1\n').update(key).digest('hex');
  const digits = (BigInt(`0x${hash.slice(0, 13)}`) % 1_000_000n).toString().padStart(6, '0');
  return `${digits.slice(0, 3)} ${digits.slice(3)}`;
}

test('the code of a device is six digits of its key’s labelled hash, in two groups', () => {
  // Computed apart: printf 'assent/device-code/v1\nkey' | sha256sum
  expect(deviceCode('key')).toBe('949 365');
  fc.assert(
    fc.property(
      fc.string({ unit: 'binary' }).filter((key) => key.isWellFormed()),
      (key) => {
        expect(deviceCode(key)).toBe(expected(key));
        expect(deviceCode(key)).toMatch(/^[0-9]{3} [0-9]{3}$/);
      },
    ),
  );
});

test('it keeps leading zeros, and spreads evenly over all that there are', () => {
  const codes = Array.from({ length: 20_000 }, (_, at) => deviceCode(`key ${at}`));
  const firsts = Object.groupBy(codes, (code) => code[0] as string);
  expect(Object.keys(firsts).sort()).toEqual([...'0123456789']);
  for (const some of Object.values(firsts)) expect(some?.length).toBeGreaterThan(1_700);
  expect(new Set(codes).size).toBeGreaterThan(19_600);
});
