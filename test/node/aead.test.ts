/** The vault's cipher: two implementations, one form. */
import { describe, expect, it } from 'vitest';
import { utf8 } from '#core/bytes.ts';
import { nativeAead } from '../../src/native-aead.ts';
import { webcryptoAead } from '../../src/webcrypto-aead.ts';
import { random } from '../support/ledger-fixture.ts';

const context = utf8('示例/7/identity');

describe.each([
  ['node:crypto', nativeAead, webcryptoAead],
  ['WebCrypto', webcryptoAead, nativeAead],
])('what %s sealed', (_name, sealing, other) => {
  it('is opened by both, of any length', async () => {
    for (const length of [0, 1, 15, 16, 17, 4_096]) {
      const [key, plain] = [random(32), random(length)];
      const sealed = await sealing.seal(key, plain, context);
      expect(sealed.length).toBe(12 + length + 16);
      for (const opening of [sealing, other]) expect(await opening.open(key, sealed, context)).toEqual(plain);
    }
  });

  it('is another each time', async () => {
    const key = random(32);
    const [one, two] = [await sealing.seal(key, utf8('a'), context), await sealing.seal(key, utf8('a'), context)];
    expect(one).not.toEqual(two);
  });

  it('is opened by neither with a bit flipped, a byte less or more, another key or context', async () => {
    const key = random(32);
    const sealed = await sealing.seal(key, utf8('张示例'), context);
    const flipped = Array.from(sealed, (_byte, at) =>
      Uint8Array.from(sealed, (each, n) => (n === at ? each ^ 1 : each)),
    );
    const spoiled = [...flipped, sealed.subarray(1), sealed.subarray(0, -1), Uint8Array.from([...sealed, 0])];
    for (const opening of [sealing, other]) {
      for (const each of [...spoiled, new Uint8Array(0), new Uint8Array(27)]) {
        await expect(opening.open(key, each, context)).rejects.toThrow();
      }
      await expect(opening.open(random(32), sealed, context)).rejects.toThrow();
      await expect(opening.open(key, sealed, utf8('示例/8/identity'))).rejects.toThrow();
    }
  });
});
