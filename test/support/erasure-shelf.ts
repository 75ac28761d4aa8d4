/** The erasure journal for tests, without a disk. */
import type { ErasureShelf } from '#ledger/erasure-journal.ts';

export function memoryErasureShelf(): ErasureShelf {
  const lines: string[] = [];
  return { append: (line) => void lines.push(line), load: () => [...lines] };
}
