/**
 * Signatures of subjects, and of those who identify them: one code for the server that takes them, and for the audit
 * that checks them again.
 *
 * @module
 */
import { parseBase64Url, toBase64Url } from '../bytes.ts';
import type { JsonObject } from '../canonical.ts';
import { Failure, readAs } from '../failure.ts';
import type { Ed25519 } from '../note/ed25519.ts';
import { PUBLIC_KEY_BYTES, type PublicKey, parsePublicKey } from '../note/key.ts';
import { bindingSigningBytes, partyKeySigningBytes, statementSigningBytes } from './statement.ts';

/** @throws {Failure} `key_invalid`, if the text is not a public key that we accept, in base64url. */
export function parseKeyText(text: string): PublicKey {
  return parsePublicKey(parseKeyBytes(text));
}

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

/**
 * Verifies a subject's signature over a statement that we rebuilt.
 *
 * @throws {Failure} `signature_invalid`, if the key did not sign exactly this: another text, tick, time or log.
 */
export async function verifyStatement(
  ed25519: Ed25519,
  signed: { readonly statement: JsonObject; readonly key: PublicKey; readonly signature: string },
): Promise<void> {
  await verify(ed25519, signed.key, statementSigningBytes(signed.statement), signed.signature, 'statement');
}

/**
 * Verifies a signature over a key's binding: by the key itself, or by the party that identified the person.
 *
 * @throws {Failure} `signature_invalid`
 */
export async function verifyBinding(
  ed25519: Ed25519,
  signed: { readonly binding: JsonObject; readonly key: PublicKey; readonly signature: string },
): Promise<void> {
  await verify(ed25519, signed.key, bindingSigningBytes(signed.binding), signed.signature, 'binding');
}

/**
 * Verifies that who brings a party's new key can sign with it.
 *
 * @throws {Failure} `signature_invalid`
 */
export async function verifyPossession(
  ed25519: Ed25519,
  signed: { readonly log: string; readonly key: PublicKey; readonly signature: string },
): Promise<void> {
  const bytes = partyKeySigningBytes({ log: signed.log, key: toBase64Url(signed.key) });
  await verify(ed25519, signed.key, bytes, signed.signature, 'proof of possession');
}

async function verify(
  ed25519: Ed25519,
  key: PublicKey,
  message: Uint8Array,
  signature: string,
  what: string,
): Promise<void> {
  const bytes = readAs('signature_invalid', 'a signature is 64 bytes in base64url', () => parseBase64Url(signature));
  if (!(await ed25519.verify(key, message, bytes))) {
    throw new Failure('signature_invalid', `the signature is not the key’s over this ${what}`);
  }
}
