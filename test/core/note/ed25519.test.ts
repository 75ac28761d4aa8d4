import { Point, utils } from '@noble/ed25519';
import { sha512 } from '@noble/hashes/sha2.js';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { webcryptoEd25519 } from '#client/webcrypto-ed25519.ts';
import { concat, parseHex, toHex, utf8 } from '#core/bytes.ts';
import { isFailure } from '#core/failure.ts';
import { type Ed25519, portableEd25519, screenSignature } from '#core/note/ed25519.ts';
import { type PublicKey, parsePublicKey } from '#core/note/key.ts';
import { nativeEd25519 } from '../../../src/native.ts';
import { expectRefusal } from '../../support/failure.ts';
import { describeWithVectors, readVectors } from '../../support/vectors.ts';
import { encodeScalar, IDENTITIES, malleate, NON_CANONICAL, SMALL_ORDER, scalarOf } from './crooked-points.ts';

const IMPLEMENTATIONS = { portable: portableEd25519, native: nativeEd25519, WebCrypto: webcryptoEd25519 };
const ALL = Object.entries(IMPLEMENTATIONS) as readonly (readonly [string, Ed25519])[];

/** RFC 8032, section 7.1: seed, public key, message, signature. */
const RFC_8032 = [
  [
    '9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60',
    'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a',
    '',
    'e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b',
  ],
  [
    '4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb',
    '3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c',
    '72',
    '92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00',
  ],
  [
    'c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7',
    'fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025',
    'af82',
    '6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a',
  ],
] as const;

const seed = parseHex(RFC_8032[1][0]);
const message = parseHex(RFC_8032[1][2]);
const signature = parseHex(RFC_8032[1][3]);
const key = parsePublicKey(parseHex(RFC_8032[1][1]));

/** Asks all implementations, which must agree. */
async function verifyEverywhere(by: PublicKey, text: Uint8Array, signed: Uint8Array): Promise<boolean> {
  const verdicts = await Promise.all(ALL.map(([, ed25519]) => ed25519.verify(by, text, signed)));
  expect(new Set(verdicts).size, `the verdicts ${verdicts} on ${toHex(signed)}`).toBe(1);
  return verdicts[0] as boolean;
}

describe.each(ALL)('%s', (_, ed25519) => {
  test.each(RFC_8032)('signs and verifies with the seed %s of RFC 8032', async (secret, publicKey, text, signed) => {
    const signer = await ed25519.importSeed(parseHex(secret));
    expect(toHex(signer.publicKey)).toBe(publicKey);
    expect(toHex(await signer.sign(parseHex(text)))).toBe(signed);
    expect(await ed25519.verify(signer.publicKey, parseHex(text), parseHex(signed))).toBe(true);
  });

  test.each([0, 31, 33])('refuses a seed of %i bytes', async (length) => {
    await expectRefusal('key_invalid', ed25519.importSeed(new Uint8Array(length)));
  });

  test('keeps the seed it was given, whatever becomes of the bytes', async () => {
    const bytes = Uint8Array.from(seed);
    const signer = await ed25519.importSeed(bytes);
    bytes.fill(0);
    expect(await signer.sign(message)).toEqual(signature);
  });

  test('makes plain bytes', async () => {
    const signer = await ed25519.importSeed(seed);
    expect(Object.getPrototypeOf(signer.publicKey)).toBe(Uint8Array.prototype);
    expect(Object.getPrototypeOf(await signer.sign(message))).toBe(Uint8Array.prototype);
  });
});

describe('all implementations', () => {
  test('sign alike, and verify each other', async () => {
    const seeds = fc.uint8Array({ minLength: 32, maxLength: 32 });
    await fc.assert(
      fc.asyncProperty(seeds, fc.uint8Array({ maxLength: 300 }), async (secret, text) => {
        const signers = await Promise.all(ALL.map(([, ed25519]) => ed25519.importSeed(secret)));
        const signed = await Promise.all(signers.map((signer) => signer.sign(text)));
        expect(new Set(signed.map(toHex)).size).toBe(1);
        expect(new Set(signers.map((signer) => toHex(signer.publicKey))).size).toBe(1);
        expect(await verifyEverywhere(signers[0]!.publicKey, text, signed[0]!)).toBe(true);
      }),
      { numRuns: 25 },
    );
  });

  test('refuse a signature with any bit flipped', async () => {
    for (let bit = 0; bit < 512; bit += 3) {
      const bad = Uint8Array.from(signature);
      bad[Math.floor(bit / 8)]! ^= 2 ** (bit % 8);
      expect(await verifyEverywhere(key, message, bad)).toBe(false);
    }
  });

  test('refuse another message, and another key', async () => {
    expect(await verifyEverywhere(key, utf8('another'), signature)).toBe(false);
    const other = parsePublicKey(parseHex(RFC_8032[0][1]));
    expect(await verifyEverywhere(other, message, signature)).toBe(false);
  });

  test.each([0, 1, 32, 63, 65, 128])('refuse a signature of %i bytes', async (length) => {
    const bytes = concat(signature, signature).subarray(0, length);
    expect(screenSignature(bytes)).toBe(false);
    expect(await verifyEverywhere(key, message, bytes)).toBe(false);
  });

  test('refuse the same signature with S + L (attack 76)', async () => {
    expect(await verifyEverywhere(key, message, malleate(signature))).toBe(false);
  });

  test('refuse S = L, and every bit above', async () => {
    const r = signature.subarray(0, 32);
    for (const s of [Point.CURVE().n, Point.CURVE().n + 1n, 2n ** 253n, 2n ** 255n, 2n ** 256n - 1n]) {
      const bytes = concat(r, encodeScalar(s));
      expect(screenSignature(bytes)).toBe(false);
      expect(await verifyEverywhere(key, message, bytes)).toBe(false);
    }
    expect(screenSignature(concat(r, encodeScalar(Point.CURVE().n - 1n)))).toBe(true);
  });

  test.each(IDENTITIES)('refuse R = %s, the identity, with the S that would be right', async (hex) => {
    const forged = signWithR(parseHex(hex), 0n);
    expect(screenSignature(forged)).toBe(false);
    expect(await verifyEverywhere(key, message, forged)).toBe(false);
  });

  test('refuse R of small order, or with such a part, with the S that would be right with the cofactor', async () => {
    for (const nonce of [0n, 1n, 123_456_789n]) {
      for (const torsion of SMALL_ORDER.slice(0, 7)) {
        const r = Point.BASE.multiplyUnsafe(nonce).add(torsion).toBytes();
        expect(await verifyEverywhere(key, message, signWithR(r, nonce))).toBe(false);
      }
    }
  });

  test.each(NON_CANONICAL)('refuse R = %s, which is not canonical', async (hex) => {
    expect(await verifyEverywhere(key, message, signWithR(parseHex(hex), 0n))).toBe(false);
  });

  test('accept the same forgery with an honest R: it is no forgery', async () => {
    const r = Point.BASE.multiplyUnsafe(5n).toBytes();
    expect(await verifyEverywhere(key, message, signWithR(r, 5n))).toBe(true);
    // S = 0 is a scalar like others: R = -k·A cannot be found, but 0 alone is no reason to refuse.
    expect(screenSignature(concat(r, new Uint8Array(32)))).toBe(true);
  });
});

/** Signs as the key's owner would, but with R's bytes as given: S = nonce + k·a. */
function signWithR(r: Uint8Array, nonce: bigint): Uint8Array {
  const k = scalarOf(sha512(concat(r, key, message)));
  const { scalar } = utils.getExtendedPublicKey(seed);
  return concat(r, encodeScalar((nonce + k * scalar) % Point.CURVE().n));
}

interface EdgeCase {
  readonly number: number;
  readonly key: string;
  readonly sig: string;
  readonly msg: string;
}

describeWithVectors('cctv-ed25519vectors.json', 'the 914 edge cases of C2SP/CCTV', () => {
  const cases = readVectors<readonly EdgeCase[]>('cctv-ed25519vectors.json');

  test('are accepted where all implementations accept, and that is once (attack 74)', async () => {
    const accepted: number[] = [];
    let screenedKeys = 0;
    for (const { number, key: hex, sig, msg } of cases) {
      const good = screenKey(parseHex(hex));
      if (good === undefined) screenedKeys++;
      else if (await verifyEverywhere(good, utf8(msg), parseHex(sig))) accepted.push(number);
    }
    expect(cases).toHaveLength(914);
    expect({ accepted, screenedKeys }).toEqual({ accepted: [305], screenedKeys: 886 });
  });
});

function screenKey(bytes: Uint8Array): PublicKey | undefined {
  try {
    return parsePublicKey(bytes);
  } catch (error) {
    if (isFailure(error, 'key_invalid')) return undefined;
    throw error;
  }
}
