/** A bounded memory of what was made of a public key, since accepting or importing one costs more than using it. */
import { toHex } from '../bytes.ts';
import { recent } from '../recent.ts';
import type { PublicKey } from './key.ts';

/** How many imported keys are kept; the one unused for longest goes first. */
export const CACHED_KEYS_MAX = 1024;

/** Returns `make`, remembering its last answers. What it makes must depend on the key alone; where it throws, nothing is remembered. */
export function rememberKeys<T, Key extends Uint8Array = PublicKey>(make: (key: Key) => T): (key: Key) => T {
  const known = recent<T>(CACHED_KEYS_MAX);
  return (key) => known(toHex(key), () => make(key));
}
