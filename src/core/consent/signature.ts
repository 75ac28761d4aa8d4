/**
 * Signatures of subjects, and of those who identify them: one code for the server that takes them, and for the audit
 * that checks them again.
 *
 * @module
 */
import { parseBase64Url } from '../bytes.ts';
import type { JsonObject } from '../canonical.ts';
import { Failure } from '../failure.ts';
import type { Ed25519 } from '../note/ed25519.ts';
import { type PublicKey, parsePublicKey } from '../note/key.ts';
import { bindingSigningBytes, statementSigningBytes } from './statement.ts';

/** @throws {Failure} `key_invalid`, if the text is not a public key that we accept, in base64url. */
export function parseKeyText(text: string): PublicKey {
  let bytes: Uint8Array;
  try {
    bytes = parseBase64Url(text);
  } catch (cause) {
    throw new Failure('key_invalid', 'a public key is 32 bytes in base64url', { cause });
  }
  return parsePublicKey(bytes);
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

async function verify(
  ed25519: Ed25519,
  key: PublicKey,
  message: Uint8Array,
  signature: string,
  what: string,
): Promise<void> {
  let bytes: Uint8Array;
  try {
    bytes = parseBase64Url(signature);
  } catch (cause) {
    throw new Failure('signature_invalid', 'a signature is 64 bytes in base64url', { cause });
  }
  if (!(await ed25519.verify(key, message, bytes))) {
    throw new Failure('signature_invalid', `the signature is not the key’s over this ${what}`);
  }
}
