/**
 * What ends a key of a person: signed by a device that still has one, or by the party that identified the person at its
 * counter.
 *
 * @module
 */
import { toBase64Url } from '#core/bytes.ts';
import { digestIdentity, type Identifier, keyEndSigningBytes, keyEndStatement } from '#core/consent/statement.ts';
import { type Hash, sha256 } from '#core/hash.ts';
import type { Handle, PartyId } from '#core/ids.ts';
import type { SigningKey } from '#core/note/ed25519.ts';
import type { SignedStatement } from './device.ts';

interface Ending {
  readonly log: string;
  readonly handle: Handle;
  /** The text of the key that ends. */
  readonly ends: string;
}

/** Ends a key by another one of the same person, or by itself. */
export async function signKeyEnd(
  key: SigningKey,
  ending: Ending,
  signedAt: number,
): Promise<SignedStatement & { readonly ends: string }> {
  const signature = await key.sign(bytesOf(ending, signedAt));
  return {
    ends: ending.ends,
    key: toBase64Url(key.publicKey),
    signature: toBase64Url(signature),
    signed_at: signedAt,
  };
}

/** What a passkey is asked to sign for the same: the challenge of `navigator.credentials.get`. */
export function keyEndChallenge(ending: Ending, signedAt: number): Hash {
  return sha256(bytesOf(ending, signedAt));
}

/** Ends a key of a person who has none at hand: signed by the party that identified the person. */
export async function signKeyLoss(
  identifier: { readonly party: PartyId; readonly key: SigningKey },
  loss: Ending & {
    /** Whom the party identified, and 32 fresh random bytes to name that under. */
    readonly identity: Identifier;
    readonly salt: Uint8Array;
  },
  signedAt: number,
) {
  const identity = digestIdentity(loss.salt, loss.identity);
  const signature = await identifier.key.sign(bytesOf(loss, signedAt, { identity, identifiedBy: identifier.party }));
  return {
    key: loss.ends,
    identified_by: identifier.party,
    identity_salt: toBase64Url(loss.salt),
    signature: toBase64Url(signature),
    signed_at: signedAt,
  };
}

function bytesOf(
  { log, handle, ends }: Ending,
  signedAt: number,
  by: { readonly identity: string | null; readonly identifiedBy: PartyId | null } = {
    identity: null,
    identifiedBy: null,
  },
): Uint8Array {
  return keyEndSigningBytes(keyEndStatement({ log, handle, key: ends, ...by, signedAt }));
}
