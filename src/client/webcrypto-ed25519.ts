/**
 * Ed25519 by WebCrypto, for Workers and browsers. Not every browser has it: {@link runtimeEd25519} asks.
 *
 * @module
 */
import { parseBase64Url } from '#core/bytes.ts';
import { type Ed25519, mintSignature, portableEd25519, screenSignature } from '#core/note/ed25519.ts';
import { encodePkcs8, type PublicKey, parsePublicKey } from '#core/note/key.ts';
import { rememberKeys } from '#core/note/key-cache.ts';

const ALGORITHM = 'Ed25519';

/** Ed25519 by the runtime's WebCrypto. */
export const webcryptoEd25519: Ed25519 = {
  async verify(key, message, signature) {
    if (!screenSignature(signature)) return false;
    return crypto.subtle.verify(ALGORITHM, await importPublicKey(key), asSource(signature), asSource(message));
  },

  async importSeed(seed) {
    const exportable = await crypto.subtle.importKey('pkcs8', encodePkcs8(seed), ALGORITHM, true, ['sign']);
    // A private key tells its public one only as a JWK, which holds the seed too: the key kept is not exportable.
    const { x = '' } = await crypto.subtle.exportKey('jwk', exportable);
    const key = await crypto.subtle.importKey('pkcs8', encodePkcs8(seed), ALGORITHM, false, ['sign']);
    const signOne = async (message: Uint8Array) =>
      mintSignature(new Uint8Array(await crypto.subtle.sign(ALGORITHM, key, asSource(message))));
    return {
      publicKey: parsePublicKey(parseBase64Url(x)),
      sign: signOne,
      signAll: (messages) => Promise.all(messages.map(signOne)),
    };
  },
};

/**
 * WebCrypto's, where the runtime has it; else the portable one: in an older browser, or on a page that did not come over TLS.
 *
 * @param key Any good one, to try it with.
 */
export async function runtimeEd25519(key: PublicKey): Promise<Ed25519> {
  try {
    await crypto.subtle.importKey('raw', asSource(key), ALGORITHM, false, ['verify']);
    return webcryptoEd25519;
  } catch {
    return portableEd25519;
  }
}

const importPublicKey = rememberKeys((key) =>
  crypto.subtle.importKey('raw', asSource(key), ALGORITHM, false, ['verify']),
);

/** WebCrypto takes no shared memory, and we have none. */
function asSource(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return bytes as Uint8Array<ArrayBuffer>;
}
