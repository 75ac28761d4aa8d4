import { expect } from 'vitest';

/** Wants that nothing was found; else fails with all of it in words. */
export function wantNone(found: readonly string[], where: string): void {
  if (found.length > 0) expect.fail(`${where}:\n${found.join('\n')}`);
}
