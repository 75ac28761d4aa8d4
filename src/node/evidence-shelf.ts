/** What a witness said against this ledger, in a file beside the signer's memory. */
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { EvidenceShelf } from '#ledger/witness-evidence.ts';

export function fileEvidenceShelf(path: string): EvidenceShelf {
  return {
    load: () => (existsSync(path) ? readFileSync(path, 'utf8') : undefined),
    keep(evidence) {
      mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
      // Written whole or not at all: half an evidence would keep the ledger from starting.
      writeFileSync(`${path}.new`, evidence, { mode: 0o600, flush: true });
      renameSync(`${path}.new`, path);
    },
  };
}
