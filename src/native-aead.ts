/**
 * AES-256-GCM by node:crypto, for the vault: the same bytes as webcrypto-aead.ts, at once. To hand a name and a number to
 * another thread, as WebCrypto does on Node, costs several times what the cipher does.
 *
 * @module
 */
import { createCipheriv, createDecipheriv, randomFillSync } from 'node:crypto';
import type { Aead } from '#ledger/vault.ts';

const ALGORITHM = 'aes-256-gcm';
const NONCE_BYTES = 12;
const TAG = { authTagLength: 16 };

export const nativeAead: Aead = {
  async seal(key, plain, context) {
    const sealed = new Uint8Array(NONCE_BYTES + plain.length + TAG.authTagLength);
    const nonce = randomFillSync(sealed.subarray(0, NONCE_BYTES));
    const cipher = createCipheriv(ALGORITHM, key, nonce, TAG).setAAD(context);
    sealed.set(cipher.update(plain), NONCE_BYTES);
    cipher.final();
    sealed.set(cipher.getAuthTag(), NONCE_BYTES + plain.length);
    return sealed;
  },
  async open(key, sealed, context) {
    const end = sealed.length - TAG.authTagLength;
    if (end < NONCE_BYTES) throw new RangeError('sealed bytes: shorter than nonce and tag');
    const decipher = createDecipheriv(ALGORITHM, key, sealed.subarray(0, NONCE_BYTES), TAG).setAAD(context);
    const plain = Uint8Array.from(decipher.setAuthTag(sealed.subarray(end)).update(sealed.subarray(NONCE_BYTES, end)));
    decipher.final();
    return plain;
  },
};
