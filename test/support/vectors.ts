/**
 * Others' test vectors. They stand beside the project, not in it: where they are absent, tests say so and skip.
 *
 * @module
 */
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, test } from 'vitest';

const FOLDER = new URL('../../../shared/vectors/', import.meta.url);

/** Where the vectors at `path` are, or would be. */
export function sharedVectors(path: string): string {
  return fileURLToPath(new URL(path, FOLDER));
}

/** Reads a file of vectors. The caller knows its shape: the file is fixed, and data only. */
export function readVectors<T>(path: string): T {
  return JSON.parse(readFileSync(sharedVectors(path), 'utf8')) as T;
}

/** Describes tests that need the vectors at `path`; without them, warns and skips. */
export function describeWithVectors(path: string, name: string, body: () => void): void {
  if (existsSync(sharedVectors(path))) {
    describe(name, body);
    return;
  }
  const reason = `no vectors at ${sharedVectors(path)}`;
  console.warn(`SKIPPED: ${name}: ${reason}`);
  describe(name, () => {
    test('agrees with the vectors', (context) => context.skip(reason));
  });
}
