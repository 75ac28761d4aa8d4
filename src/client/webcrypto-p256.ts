/**
 * ES256 by WebCrypto, as browsers, Workers and Node have it: what signatures of passkeys are verified with.
 *
 * @module
 */
import type { P256 } from '#core/webauthn/p256.ts';

const ES256 = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };

/** ES256 by the runtime's WebCrypto. */
export const webcryptoP256: P256 = {
  async verify(point, message, signature) {
    const key = await crypto.subtle.importKey('raw', asSource(point), ES256, false, ['verify']);
    return crypto.subtle.verify(ES256, key, asSource(signature), asSource(message));
  },
};

/** WebCrypto takes no shared memory, and we have none. */
function asSource(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return bytes as Uint8Array<ArrayBuffer>;
}
