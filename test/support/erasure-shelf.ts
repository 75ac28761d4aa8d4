/** The erasure journal for tests, without a disk. */
import type { ErasureShelf } from '#ledger/erasure-journal.ts';

/** @param before what it has from the beginning. */
export function memoryErasureShelf(before: readonly string[] = []): ErasureShelf {
  const lines: string[] = [...before];
  return { append: (line) => void lines.push(line), load: () => [...lines] };
}
