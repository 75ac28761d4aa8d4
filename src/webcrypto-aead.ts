/** AES-256-GCM by WebCrypto, for the vault: a random 96-bit nonce, then ciphertext and tag. */
import type { Aead } from '#ledger/vault.ts';

const NONCE_BYTES = 12;

export const webcryptoAead: Aead = {
  async seal(key, plain, context) {
    const nonce = crypto.getRandomValues(new Uint8Array(NONCE_BYTES));
    const algorithm = { name: 'AES-GCM', iv: nonce, additionalData: own(context) };
    const sealed = new Uint8Array(await crypto.subtle.encrypt(algorithm, await importKey(key, 'encrypt'), own(plain)));
    const result = new Uint8Array(NONCE_BYTES + sealed.length);
    result.set(nonce);
    result.set(sealed, NONCE_BYTES);
    return result;
  },
  async open(key, sealed, context) {
    const algorithm = { name: 'AES-GCM', iv: own(sealed.subarray(0, NONCE_BYTES)), additionalData: own(context) };
    const plain = await crypto.subtle.decrypt(
      algorithm,
      await importKey(key, 'decrypt'),
      own(sealed.subarray(NONCE_BYTES)),
    );
    return new Uint8Array(plain);
  },
};

function importKey(key: Uint8Array, use: 'encrypt' | 'decrypt'): ReturnType<typeof crypto.subtle.importKey> {
  return crypto.subtle.importKey('raw', own(key), 'AES-GCM', false, [use]);
}

/** WebCrypto takes bytes of an unshared buffer only. */
function own(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(bytes);
}
