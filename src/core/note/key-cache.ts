/** A bounded memory of what a runtime made of a public key, since importing a key costs more than using it. */
import { toHex } from '../bytes.ts';
import type { PublicKey } from './key.ts';

/** How many imported keys are kept; the one unused for longest goes first. */
export const CACHED_KEYS_MAX = 1024;

/** Returns `make`, remembering its last answers. What it makes must depend on the key alone. */
export function rememberKeys<T>(make: (key: PublicKey) => T): (key: PublicKey) => T {
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
