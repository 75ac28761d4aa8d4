import { Point } from '@noble/ed25519';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { concat, parseBase64, parseHex, toBase64, toHex } from '#core/bytes.ts';
import { portableEd25519 } from '#core/note/ed25519.ts';
import { formatVkey, isKeyName, keyIdOf, parsePublicKey, parseVkey, verifierKey } from '#core/note/key.ts';
import { CACHED_KEYS_MAX, rememberKeys } from '#core/note/key-cache.ts';
import { expectFailure } from '../../support/failure.ts';
import { NON_CANONICAL, SMALL_ORDER } from './crooked-points.ts';

const FOO = 'example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k';
const PETER = 'PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW';
const fooBytes = parseBase64(FOO.slice('example.com/foo+530d903a+'.length)).subarray(1);

describe('a public key', () => {
  test('is taken as a copy', () => {
    const bytes = Uint8Array.from(fooBytes);
    const key = parsePublicKey(bytes);
    bytes.fill(0);
    expect(key).toEqual(fooBytes);
  });

  test('of an honest seed is good', async () => {
    const seeds = fc.uint8Array({ minLength: 32, maxLength: 32 });
    await fc.assert(
      fc.asyncProperty(seeds, async (seed) => {
        const { publicKey } = await portableEd25519.importSeed(seed);
        expect(parsePublicKey(publicKey)).toEqual(publicKey);
      }),
      { numRuns: 20 },
    );
  });

  test.each([0, 31, 33, 64])('does not have %i bytes', (length) => {
    expectFailure('key_invalid', () => parsePublicKey(new Uint8Array(length)));
  });

  test.each(SMALL_ORDER.map((point) => point.toHex()))('is not the point %s of small order (attack 75)', (hex) => {
    expectFailure('key_invalid', () => parsePublicKey(parseHex(hex)));
  });

  test.each(NON_CANONICAL)('is not the non-canonical encoding %s', (hex) => {
    expectFailure('key_invalid', () => parsePublicKey(parseHex(hex)));
  });

  test('has no part of small order', () => {
    const good = Point.fromBytes(fooBytes);
    for (const torsion of SMALL_ORDER.slice(0, 7)) {
      expectFailure('key_invalid', () => parsePublicKey(good.add(torsion).toBytes()));
    }
  });

  test('lies on the curve', () => {
    // No x belongs to y = 2.
    expectFailure('key_invalid', () => parsePublicKey(parseHex(`02${'00'.repeat(31)}`)));
  });
});

describe('a vkey', () => {
  test.each([FOO, PETER])('%s reads and writes', (text) => {
    const key = parseVkey(text);
    expect(formatVkey(key)).toBe(text);
    expect(keyIdOf(key.name, key.publicKey)).toBe(text.split('+')[1]);
  });

  test('names its key', () => {
    expect(parseVkey(FOO)).toEqual({ name: 'example.com/foo', keyId: '530d903a', publicKey: fooBytes });
  });

  test('gives one key another id under another name', () => {
    const key = parsePublicKey(fooBytes);
    expect(keyIdOf('example.com/foo', key)).not.toBe(keyIdOf('example.com/fox', key));
  });

  const encoded = (...bytes: number[]) => toBase64(concat(new Uint8Array(bytes), fooBytes));
  test.each([
    ['nothing', ''],
    ['no name', FOO.slice('example.com/foo'.length)],
    ['another name, the same id', FOO.replace('foo', 'fox')],
    ['another id', FOO.replace('530d903a', '530d903b')],
    ['an id in capitals', FOO.replace('530d903a', '530D903A')],
    ['a short id', FOO.replace('530d903a', '530d90')],
    ['no id', 'example.com/foo+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k'],
    ['another type', `example.com/foo+530d903a+${encoded(4)}`],
    ['no type', `example.com/foo+530d903a+${encoded()}`],
    ['more bytes', `example.com/foo+530d903a+${encoded(1, 1)}`],
    ['a newline at the end', `${FOO}\n`],
    ['a space in the name', FOO.replace('foo', 'f o')],
    ['other base64', FOO.replace('3U2k', '3U2=')],
    ['a key of small order', `a+00000000+${toBase64(new Uint8Array([1, 1, ...new Uint8Array(31)]))}`],
  ])('is refused with %s', (_, text) => {
    expectFailure('key_invalid', () => parseVkey(text));
  });

  test('is refused with any one letter changed', () => {
    for (let at = 0; at < FOO.length; at++) {
      const other = FOO[at] === 'b' ? 'c' : 'b';
      expectFailure('key_invalid', () => parseVkey(FOO.slice(0, at) + other + FOO.slice(at + 1)));
    }
  });
});

describe('a key name', () => {
  test.each(['a', 'ledger.example/consent', '授权账本', 'a\u200bb', 'ä😀'])('may be %j', (name) => {
    expect(isKeyName(name)).toBe(true);
    expect(verifierKey(name, parsePublicKey(fooBytes)).name).toBe(name);
  });

  test.each([
    '',
    ' ',
    'a b',
    'a+b',
    'a\u00a0b',
    'a\u3000b',
    'a\u2028',
    'a\u0085b',
    'a\nb',
    'a\tb',
    'a\u0000',
    '\ud800',
  ])('may not be %j', (name) => {
    expect(isKeyName(name)).toBe(false);
    expectFailure('key_invalid', () => verifierKey(name, parsePublicKey(fooBytes)));
  });
});

test('imported keys are remembered, the last ones, and no others', () => {
  let made = 0;
  const remember = rememberKeys((key) => {
    made++;
    return toHex(key);
  });
  // The cache never looks into a key, so that counted bytes do.
  const keys = Array.from({ length: CACHED_KEYS_MAX + 1 }, (_, i) => {
    return new Uint8Array([i % 256, Math.floor(i / 256)]) as unknown as ReturnType<typeof parsePublicKey>;
  });
  for (const key of keys.slice(0, CACHED_KEYS_MAX)) remember(key);
  expect(remember(keys[0]!)).toBe('0000');
  expect(made).toBe(CACHED_KEYS_MAX);
  remember(keys[CACHED_KEYS_MAX]!);
  remember(keys[0]!);
  expect(made).toBe(CACHED_KEYS_MAX + 1);
  remember(keys[1]!);
  expect(made).toBe(CACHED_KEYS_MAX + 2);
});
