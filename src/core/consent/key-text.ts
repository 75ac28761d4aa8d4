/**
 * The text of an Ed25519 public key: 32 bytes in base64url.
 *
 * @module
 */
import { parseBase64Url } from '../bytes.ts';
import { Failure, readAs } from '../failure.ts';
import { PUBLIC_KEY_BYTES, type PublicKey, parsePublicKey } from '../note/key.ts';
import { rememberKeys } from '../note/key-cache.ts';

/** @throws {Failure} `key_invalid`, if the text is not a public key that we accept, in base64url. */
export function parseKeyText(text: string): PublicKey {
  return accept(parseKeyBytes(text));
}

/** Receipts and requests name the same few keys over and over. */
const accept = rememberKeys((bytes: Uint8Array) => parsePublicKey(bytes));

/**
 * Reads the bytes of a public key, to look up whether it is one that was accepted before.
 *
 * @throws {Failure} `key_invalid`, if the text is not 32 bytes in base64url.
 */
export function parseKeyBytes(text: string): Uint8Array {
  const message = 'a public key is 32 bytes in base64url';
  const bytes = readAs('key_invalid', message, () => parseBase64Url(text));
  if (bytes.length !== PUBLIC_KEY_BYTES) throw new Failure('key_invalid', message);
  return bytes;
}
