/**
 * Ed25519 and SHA-256 by node:crypto, passed in by the roof.
 *
 * Verifying runs on the threads of libuv: start many, then await them together.
 *
 * @module
 */
import { createPrivateKey, createPublicKey, hash, type KeyObject, sign, verify } from 'node:crypto';
import { parseBase64Url, toBase64Url } from '#core/bytes.ts';
import { HASH_BYTES, type Sha256 } from '#core/hash.ts';
import { type Ed25519, mintSignature, type Signature, screenSignature } from '#core/note/ed25519.ts';
import { encodePkcs8, type PublicKey, parsePublicKey } from '#core/note/key.ts';
import { rememberKeys } from '#core/note/key-cache.ts';
import type { P256 } from '#core/webauthn/p256.ts';
import type { P256Point } from '#core/webauthn/passkey-key.ts';

/** SHA-256 by node:crypto, as plain bytes. A string of bytes is three times cheaper to get than a Buffer of 32. */
export const nativeSha256: Sha256 = (bytes) => {
  const digest = hash('sha256', bytes, 'binary');
  const plain = new Uint8Array(HASH_BYTES);
  for (let i = 0; i < HASH_BYTES; i++) plain[i] = digest.charCodeAt(i);
  return plain;
};

/** Ed25519 by node:crypto. */
export const nativeEd25519: Ed25519 = {
  async verify(key, message, signature) {
    if (!screenSignature(signature)) return false;
    return new Promise((resolve, reject) => {
      verify(null, message, importPublicKey(key), signature, (error, good) => {
        if (error) reject(error);
        else resolve(good);
      });
    });
  },

  async importSeed(seed) {
    const key = createPrivateKey({ key: Buffer.from(encodePkcs8(seed)), format: 'der', type: 'pkcs8' });
    return {
      publicKey: publicKeyOf(key),
      sign: async (message) => signNow(key, message),
      signAll: (messages) => signAllWith(key, messages),
    };
  },
};

const importPublicKey = rememberKeys((key: PublicKey) =>
  createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: toBase64Url(key) }, format: 'jwk' }),
);

function publicKeyOf(key: KeyObject): PublicKey {
  const { x = '' } = createPublicKey(key).export({ format: 'jwk' });
  return parsePublicKey(parseBase64Url(x));
}

/** At once: to hand one signature to another thread costs more than to make it. */
function signNow(key: KeyObject, message: Uint8Array): Signature {
  return mintSignature(Uint8Array.from(sign(null, message, key)));
}

/** So many are worth waking other threads for. */
const SIDE_BY_SIDE_MIN = 8;

async function signAllWith(key: KeyObject, messages: readonly Uint8Array[]): Promise<readonly Signature[]> {
  if (messages.length < SIDE_BY_SIDE_MIN) return messages.map((message) => signNow(key, message));
  return Promise.all(messages.map((message) => signAside(key, message)));
}

function signAside(key: KeyObject, message: Uint8Array): Promise<Signature> {
  return new Promise((resolve, reject) => {
    sign(null, message, key, (error, signature) => {
      if (error) reject(error);
      else resolve(mintSignature(Uint8Array.from(signature)));
    });
  });
}

/** ES256 by node:crypto. */
export const nativeP256: P256 = {
  verify: (point, message, signature) =>
    new Promise((resolve, reject) => {
      const key = { key: importPoint(point), dsaEncoding: 'ieee-p1363' } as const;
      verify('sha256', message, key, signature, (error, good) => {
        if (error) reject(error);
        else resolve(good);
      });
    }),
};

function importPoint(point: P256Point): KeyObject {
  const [x, y] = [point.subarray(1, 33), point.subarray(33)].map(toBase64Url) as [string, string];
  return createPublicKey({ key: { kty: 'EC', crv: 'P-256', x, y }, format: 'jwk' });
}
