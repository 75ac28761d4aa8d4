/** The erasure journal in a file beside the signer's memory: apart from the data, so that no backup restores both. */
import {
  closeSync,
  existsSync,
  fstatSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  readSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import type { ErasureShelf } from '#ledger/erasure-journal.ts';

const LINE_BREAK = 0x0a;

export function fileErasureShelf(path: string): ErasureShelf {
  return {
    append(line) {
      const isNew = !existsSync(path);
      if (isNew) mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
      const file = openSync(path, 'a+', 0o600);
      try {
        // A line that a crash tore is ended first, or it would spoil this one, too.
        const start = endsWithin(file) ? '\n' : '';
        const bytes = Buffer.from(`${start}${line}\n`);
        if (writeSync(file, bytes) !== bytes.length) throw new Error('the erasure journal took only a part of a line');
        fsyncSync(file);
      } finally {
        closeSync(file);
      }
      if (isNew) syncFolder(dirname(path));
    },
    load: () =>
      existsSync(path)
        ? readFileSync(path, 'utf8')
            .split('\n')
            .filter((line) => line !== '')
        : [],
  };
}

function endsWithin(file: number): boolean {
  const { size } = fstatSync(file);
  if (size === 0) return false;
  const last = Buffer.alloc(1);
  readSync(file, last, 0, 1, size - 1);
  return last[0] !== LINE_BREAK;
}

/** That the file is there outlives the loss of power only once its folder is written. */
function syncFolder(folder: string): void {
  const file = openSync(folder, 'r');
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}
