/**
 * What a party that identified a person signs of one of its keys, where the person signs later, on its own device: as where a
 * key of before the log was continued is affirmed at a counter (ADR 0028).
 *
 * @module
 */
import { toBase64Url } from '#core/bytes.ts';
import { formatIdentifiedKey, type IdentifiedKey } from '#core/consent/identified-key.ts';
import { bindingSigningBytes, bindingStatement, digestIdentity, type Identifier } from '#core/consent/statement.ts';
import type { Handle, PartyId } from '#core/ids.ts';
import { parseInstant } from '#core/instant.ts';
import type { SigningKey } from '#core/note/ed25519.ts';

/** Signs that it was the holder of this key who was identified, at this time. */
export async function signIdentifiedKey(
  identifier: { readonly party: PartyId; readonly key: SigningKey },
  said: {
    /** The log's name as it is now. */
    readonly log: string;
    readonly handle: Handle;
    /** The text of the person's key. */
    readonly key: string;
    /** Whom the party identified, and 32 fresh random bytes to name that under. */
    readonly identity: Identifier;
    readonly salt: Uint8Array;
  },
  identifiedAt: number,
): Promise<IdentifiedKey> {
  const { log, handle, key } = said;
  const statement = bindingStatement({
    ...{ log, handle, key, identity: digestIdentity(said.salt, said.identity) },
    ...{ method: 'identity_provider', identifiedBy: identifier.party, identifiedAt },
  });
  return {
    ...{ handle, key, identified_by: identifier.party, identified_at: parseInstant(identifiedAt) },
    identity_salt: toBase64Url(said.salt),
    identification: toBase64Url(await identifier.key.sign(bindingSigningBytes(statement))),
  };
}

/**
 * The path of the ledger's page on which the key's own holder signs, within 15 minutes of being identified. What is said stands
 * behind `#`, which no browser sends along: by its salt and signature guesses at an ID number could be tried out, so it is
 * nothing for the log of a server or a proxy.
 */
export function affirmPath(said: IdentifiedKey): string {
  return `/affirm#${formatIdentifiedKey(said)}`;
}
