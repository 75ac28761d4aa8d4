/**
 * The tests that mutation runs: those of the core alone, in one project and without a database.
 *
 * @module
 */
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: { include: ['test/core/**/*.test.ts'], pool: 'forks', maxWorkers: 1, testTimeout: 60_000 },
});
