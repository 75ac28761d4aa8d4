/** What a witness said against this ledger, in the Durable Object's storage, beside the signer's memory. */
import type { EvidenceShelf } from '#ledger/witness-evidence.ts';
import type { ObjectStorage } from './signer-state.ts';

export function storedEvidenceShelf({ kv }: ObjectStorage, keyId: string): EvidenceShelf {
  const name = `witness-evidence/${keyId}`;
  return {
    load: () => kv.get(name) as string | undefined,
    keep: (evidence) => kv.put(name, evidence),
  };
}
