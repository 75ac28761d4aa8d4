/**
 * The keys that what a ledger says is verified by: one, or while one takes over from another, several.
 *
 * @module
 */
import type { Ed25519 } from './ed25519.ts';
import type { PublicKey } from './key.ts';

/** One key, or several of which each is taken: while one takes over from another, both are. */
export type IssuingKeys = PublicKey | readonly PublicKey[];

/** Whether one of the keys signed these bytes. */
export async function verifyByAny(
  ed25519: Ed25519,
  keys: IssuingKeys,
  signed: Uint8Array,
  signature: Uint8Array,
): Promise<boolean> {
  for (const key of listKeys(keys)) if (await ed25519.verify(key, signed, signature)) return true;
  return false;
}

export function listKeys(keys: IssuingKeys): readonly PublicKey[] {
  return keys instanceof Uint8Array ? [keys] : keys;
}
