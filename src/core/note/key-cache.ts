/** A bounded memory of what was made of a public key, since accepting or importing one costs more than using it. */
import { toHex } from '../bytes.ts';
import type { PublicKey } from './key.ts';

/** How many imported keys are kept; the one unused for longest goes first. */
export const CACHED_KEYS_MAX = 1024;

/** Returns `make`, remembering its last answers. What it makes must depend on the key alone; where it throws, nothing is remembered. */
export function rememberKeys<T, Key extends Uint8Array = PublicKey>(make: (key: Key) => T): (key: Key) => T {
  const made = new Map<string, T>();
  return (key) => {
    const name = toHex(key);
    const known = made.has(name) ? (made.get(name) as T) : make(key);
    // A Map keeps the order of insertion: the first is the one unused for longest.
    made.delete(name);
    made.set(name, known);
    if (made.size > CACHED_KEYS_MAX) made.delete(made.keys().next().value as string);
    return known;
  };
}
