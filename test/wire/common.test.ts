/** What messages are made of: bytes, as text. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseBase64Url } from '#core/bytes.ts';
import { isFailure } from '#core/failure.ts';
import { bytesText } from '#wire/common.ts';

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

function isRead(text: string, bytes: number): boolean {
  try {
    return parseBase64Url(text).length === bytes;
  } catch (failure) {
    if (!isFailure(failure)) throw failure;
    return false;
  }
}

describe.each([1, 2, 3, 31, 32, 33, 64])('%i bytes as text', (bytes) => {
  const schema = bytesText(bytes, 'x', 'x');
  const length = Math.ceil((bytes * 4) / 3);

  it('are taken just where the core reads them: with each last letter, and no other', () => {
    for (const last of `${LETTERS}=+/ .`) {
      const text = 'A'.repeat(length - 1) + last;
      expect([last, schema.safeParse(text).success]).toEqual([last, isRead(text, bytes)]);
    }
  });

  it('are taken just where the core reads them: any text', () => {
    const text = fc.string({ unit: fc.constantFrom(...LETTERS), minLength: length - 1, maxLength: length + 1 });
    fc.assert(fc.property(text, (each) => schema.safeParse(each).success === isRead(each, bytes)));
  });

  it('are taken, whatever they are', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: bytes, maxLength: bytes }),
        (each) => schema.safeParse(Buffer.from(each).toString('base64url')).success,
      ),
    );
  });
});
