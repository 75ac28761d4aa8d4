import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

/**
 * Released formats are frozen: a changed byte here is a changed format, which is an ADR, a new version and a new file,
 * never an edit. Until its engine is released a ledger may be made anew with test/vectors/make.ts: engine 2's.
 */
const FROZEN: Readonly<Record<string, string>> = {
  'engine-1.json': '7addcb7bd5f1402c6d747cbba2f2f50327093330a82850591b167406f064ac85',
  'engine-2.json': '904eb587b6385a4030e26cceca1fe56c4ed27b427899c4248c6ddf892f5feb5b',
};

const FOLDER = new URL('../vectors/', import.meta.url);

it('keeps every released vector as it was', () => {
  const found = readdirSync(FOLDER).filter((name) => name.endsWith('.json'));
  const digests = found.map((name) => [
    name,
    createHash('sha256')
      .update(readFileSync(new URL(name, FOLDER)))
      .digest('hex'),
  ]);
  expect(Object.fromEntries(digests)).toEqual(FROZEN);
});
