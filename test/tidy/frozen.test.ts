import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

/**
 * Released formats are frozen: a changed byte here is a changed format, which is an ADR, a new version and a new file,
 * never an edit.
 */
const FROZEN: Readonly<Record<string, string>> = {
  'engine-1.json': '9cf1c43be4eb7e24bcdf384787477e640ecb8a9425d510a1e825849fc84d9185',
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
