/**
 * Tests, one project for each folder of test/. Run one with `npx vitest run --project core`.
 *
 * `slow` runs with `--mode long` only (`npm run test:long`).
 *
 * @module
 */
import { readdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

const NO_TESTS = ['bench', 'corpus', 'vectors'];
/** What stands on these floors keeps nothing in its modules: one process runs many files, and loads the code once. */
const SHARED = ['api', 'core', 'ledger', 'service', 'web', 'wire'];
const SECONDS = 1_000;

export default defineConfig(({ mode }) => {
  const long = mode === 'long';
  const left = long ? NO_TESTS : [...NO_TESTS, 'slow'];
  const folders = readdirSync('test', { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !left.includes(entry.name))
    .map((entry) => entry.name);
  return {
    test: {
      pool: 'forks',
      maxWorkers: Math.min(4, Math.max(2, availableParallelism())),
      globalSetup: ['test/support/global-setup.ts'],
      env: long ? { ASSENT_TEST_LONG: '1' } : {},
      projects: folders.map((name) => ({
        extends: true,
        test: {
          name,
          isolate: !SHARED.includes(name),
          include: [`test/${name}/**/*.test.ts`],
          testTimeout: (name === 'slow' ? 1_800 : 60) * SECONDS,
          hookTimeout: 60 * SECONDS,
          globalSetup: [],
        },
      })),
    },
  };
});
