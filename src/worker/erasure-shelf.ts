/** The erasure journal in the Durable Object's storage, beside the signer's memory: one value for each line. */
import type { ErasureShelf } from '#ledger/erasure-journal.ts';
import type { ObjectStorage } from './signer-state.ts';

/**
 * What is put is durable before anything leaves the object, the COMMIT to the database too ("output gate"); number and line
 * are put in one turn, so that neither is there without the other.
 */
export function storedErasureShelf({ kv }: ObjectStorage, keyId: string): ErasureShelf {
  const name = `erasures/${keyId}`;
  const count = () => (kv.get(name) as number | undefined) ?? 0;
  return {
    append(line) {
      const n = count();
      kv.put(`${name}/${n}`, line);
      kv.put(name, n + 1);
    },
    load: () => Array.from({ length: count() }, (_, n) => kv.get(`${name}/${n}`) as string),
  };
}
