/**
 * Which issuing keys something is verified by: those of one time, or those that a process asks for anew while it stays up
 * (key-ring.ts). Apart from it, because a page that only sends has no ring.
 *
 * @module
 */
import type { IssuingKeys } from '#core/note/issuing-keys.ts';
import type { PublicKey } from '#core/note/key.ts';

export interface IssuingKeyRing {
  /** The keys that count, as far as is known; asked for anew where that is ten minutes ago. */
  live(): Promise<readonly PublicKey[]>;
  /** After what none of them signed: asks anew, once a minute at most. Answers whether others count now. */
  renew(): Promise<boolean>;
}

/** Keys as they were once, or as they are. */
export type TrustedKeys = IssuingKeys | IssuingKeyRing;

/** What an attempt finds with the keys that are known, or else with those that are asked for then. Undefined: with neither. */
export async function withKeys<Found>(
  trusted: TrustedKeys,
  attempt: (keys: IssuingKeys) => Promise<Found | undefined>,
): Promise<Found | undefined> {
  if (!('live' in trusted)) return attempt(trusted);
  const found = await attempt(await trusted.live());
  if (found !== undefined) return found;
  return (await trusted.renew()) ? attempt(await trusted.live()) : undefined;
}
