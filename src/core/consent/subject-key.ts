/**
 * The key of a subject: one of Ed25519, by which an app or a firm's system signs, or a passkey. Each has one text, which is
 * what a binding names, and one way to verify what it signed.
 *
 * @module
 */
import { parseBase64Url, utf8 } from '../bytes.ts';
import { Failure, readAs } from '../failure.ts';
import { acceptedPublicKey, type PublicKey } from '../note/key.ts';
import { type SubjectCrypto, verifyAssertion } from '../webauthn/assertion.ts';
import { PASSKEY_PREFIX, type PasskeyKey, parsePasskeyKey } from '../webauthn/passkey-key.ts';
import type { KeyKind } from './evidence.ts';
import { parseKeyBytes, parseKeyText } from './key-text.ts';

export type SubjectKey =
  | { readonly kind: 'ed25519'; readonly key: PublicKey }
  | ({ readonly kind: 'passkey' } & PasskeyKey);

function kindOf(text: string): KeyKind {
  return text.startsWith(PASSKEY_PREFIX) ? 'passkey' : 'ed25519';
}

/** @throws {Failure} `key_invalid`, if the text is no key that we accept. */
export function parseSubjectKey(text: string): SubjectKey {
  const kind = kindOf(text);
  return kind === 'passkey' ? { kind, ...parsePasskeyKey(text) } : { kind, key: parseKeyText(text) };
}

/** A key as one of those that were accepted before: cheaper, since what is on a curve is not asked again. */
export function acceptedSubjectKey(text: string): SubjectKey {
  const kind = kindOf(text);
  return kind === 'passkey'
    ? { kind, ...parsePasskeyKey(text) }
    : { kind, key: acceptedPublicKey(parseKeyBytes(text)) };
}

/**
 * What a key is looked up by: its bytes, or of a passkey those of its text.
 *
 * @throws {Failure} `key_invalid`, if an Ed25519 key has not 32 bytes.
 */
export function subjectKeyBytes(text: string): Uint8Array {
  return kindOf(text) === 'passkey' ? utf8(text) : parseKeyBytes(text);
}

/** @throws {Failure} `signature_invalid`, if the key did not sign just this. */
export async function verifyBySubject(
  crypto: SubjectCrypto,
  key: SubjectKey,
  message: Uint8Array,
  signature: string,
): Promise<void> {
  if (key.kind === 'passkey') return verifyAssertion(crypto, key, message, signature);
  const bytes = readAs('signature_invalid', 'a signature is 64 bytes in base64url', () => parseBase64Url(signature));
  if (await crypto.ed25519.verify(key.key, message, bytes)) return;
  throw new Failure('signature_invalid', 'the key did not sign this');
}
