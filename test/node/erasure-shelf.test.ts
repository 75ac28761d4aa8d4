/** Where the erasure journal is kept: whole lines in their order, whatever a crash left of the last one. */
import { appendFileSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { beginErasures, type ErasureRecord, finishErasures, readJournal } from '#ledger/erasure-journal.ts';
import { fileErasureShelf } from '../../src/node/erasure-shelf.ts';
import { storedErasureShelf } from '../../src/worker/erasure-shelf.ts';

const folder = mkdtempSync(join(tmpdir(), 'assent-shelf-'));
afterAll(() => rmSync(folder, { recursive: true }));

const record = (index: number): ErasureRecord => ({
  log: 'test.assent.example/log',
  index,
  leaf: `${'A'.repeat(41)}${index}A`.slice(0, 42).padEnd(43, 'A'),
  stream: `rel/${'a'.repeat(32)}` as never,
  through: index,
  classes: ['letters'],
});

it('in a file outlives a torn line, which is counted and spoils no other', () => {
  const path = join(folder, 'state', 'k.erasures');
  const shelf = fileErasureShelf(path);
  expect(readJournal(shelf)).toEqual({ erasures: [], damaged: 0 });
  beginErasures(shelf, [record(1)]);
  finishErasures(shelf, [record(1).leaf]);
  appendFileSync(path, '{"classes":["letters"],"ind');
  beginErasures(fileErasureShelf(path), [record(2)]);
  expect(readJournal(fileErasureShelf(path))).toMatchObject({
    erasures: [
      { ...record(1), done: true },
      { ...record(2), done: false },
    ],
    damaged: 1,
  });
  expect(readFileSync(path, 'utf8').endsWith('\n')).toBe(true);
  expect(statSync(path).mode & 0o077).toBe(0);
});

it('in a Durable Object’s storage is kept line by line, for each log apart', () => {
  const stored = new Map<string, unknown>();
  const storage = {
    kv: {
      get: (key: string) => stored.get(key),
      put: (key: string, value: unknown) => void stored.set(key, value),
    },
  };
  beginErasures(storedErasureShelf(storage, 'one'), [record(1), record(2)]);
  finishErasures(storedErasureShelf(storage, 'one'), [record(2).leaf]);
  expect(readJournal(storedErasureShelf(storage, 'one')).erasures.map(({ done }) => done)).toEqual([false, true]);
  expect(storedErasureShelf(storage, 'other').load()).toEqual([]);
});
