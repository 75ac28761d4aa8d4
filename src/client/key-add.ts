/**
 * What adds a further key to a person: signed by the key that is added, and by a device that has one already.
 *
 * @module
 */
import { toBase64Url } from '#core/bytes.ts';
import { keyAddSigningBytes, keyAddStatement } from '#core/consent/key-add.ts';
import { bindingSigningBytes, bindingStatement } from '#core/consent/statement.ts';
import { type Hash, sha256 } from '#core/hash.ts';
import type { Handle } from '#core/ids.ts';
import type { SigningKey } from '#core/note/ed25519.ts';
import type { SignedStatement } from './device.ts';

interface Adding {
  readonly log: string;
  readonly handle: Handle;
  /** The text of the key that is added. */
  readonly adds: string;
}

/** Shows, on the device that is added, that its key is there. */
export async function signAddedKey(
  key: SigningKey,
  adding: Omit<Adding, 'adds'>,
): Promise<{ readonly adds: string; readonly possession: string }> {
  const adds = toBase64Url(key.publicKey);
  return { adds, possession: toBase64Url(await key.sign(addedBytes({ ...adding, adds }))) };
}

/** Adds it, on a device that has a key that counts. */
export async function signKeyAdd(key: SigningKey, adding: Adding, signedAt: number): Promise<SignedStatement> {
  const signature = await key.sign(approvalBytes(adding, signedAt));
  return { key: toBase64Url(key.publicKey), signature: toBase64Url(signature), signed_at: signedAt };
}

/** What the passkey that is added is asked to sign: the challenge of `navigator.credentials.get`. */
export function addedKeyChallenge(adding: Adding): Hash {
  return sha256(addedBytes(adding));
}

/** What the passkey that adds it is asked to sign. */
export function keyAddChallenge(adding: Adding, signedAt: number): Hash {
  return sha256(approvalBytes(adding, signedAt));
}

function addedBytes({ log, handle, adds }: Adding): Uint8Array {
  const alone = { identity: null, method: 'existing_key', identifiedBy: null, identifiedAt: null } as const;
  return bindingSigningBytes(bindingStatement({ log, handle, key: adds, ...alone }));
}

function approvalBytes({ log, handle, adds }: Adding, signedAt: number): Uint8Array {
  return keyAddSigningBytes(keyAddStatement({ log, handle, key: adds, signedAt }));
}
