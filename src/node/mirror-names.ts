/**
 * What a mirror has of the names of a log (ADR 0028). Under a new name the tree goes on from less than the mirror may have: at
 * one path there are then two files, and two checkpoints are of one size. What it has of the lost tail may be all that is left
 * of it, so nothing takes its place.
 *
 * @module
 */
import { cpSync, existsSync, mkdirSync, readdirSync, renameSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseUtf8, toHex, utf8 } from '#core/bytes.ts';
import { sha256 } from '#core/hash.ts';
import { nameIn } from '#ledger/checkpoint-signers.ts';
import { readFile, writeDurably } from './resources.ts';
import type { Held } from './watch.ts';

/** Notes of the checkpoints that it was brought up to: by their size, and of a further name with that name's digest. */
const CHECKPOINTS = 'checkpoints';
const NOTE = /^([0-9]+)(-[0-9a-f]{64})?$/;

/** Mirrors of former names, each whole, by the name's digest: the same as at a witness (docs/keeper.md). */
const FORMER = 'former';

/** Files of a mirror whose path says no more than a place in the tree. */
const OF_A_TREE = ['tile', 'v1/log/beside'];
const OTHERS = ['checkpoint', CHECKPOINTS, 'v1'];

/** All notes that a mirror keeps, by size. */
export function readNotes(folder: string): readonly string[] {
  const names = namesIn(join(folder, CHECKPOINTS)).filter((name) => NOTE.test(name));
  const sizeOf = (name: string) => Number(NOTE.exec(name)?.[1]);
  return names
    .sort((a, b) => sizeOf(a) - sizeOf(b) || (a < b ? -1 : 1))
    .map((name) => parseUtf8(readFile(join(folder, CHECKPOINTS, name)) ?? new Uint8Array()));
}

/** Keeps a note beside those of other names that are of as many entries. */
export function fileNote(folder: string, { checkpoint, note }: Pick<Held, 'checkpoint' | 'note'>): void {
  const path = join(folder, CHECKPOINTS, String(checkpoint.size));
  const kept = readFile(path);
  const isFree = kept === undefined || nameIn(parseUtf8(kept)) === checkpoint.origin;
  writeDurably(isFree ? path : `${path}-${digestOf(checkpoint.origin)}`, utf8(note));
}

/**
 * Makes of a mirror of a former name one of its own beside what is to come. Broken off, it is done again: until what is to come
 * is whole, the mirror's checkpoint is of the former name.
 */
export function setAside(folder: string, name: string): void {
  const former = join(folder, FORMER, digestOf(name));
  if (existsSync(former)) return;
  const part = `${former}.part`;
  mkdirSync(part, { recursive: true });
  const isOfTree = (path: string) => OF_A_TREE.some((each) => path === join(folder, each));
  for (const each of OTHERS) {
    const source = join(folder, each);
    if (existsSync(source)) cpSync(source, join(part, each), { recursive: true, filter: (path) => !isOfTree(path) });
  }
  // One step each: what is there already was moved before this was broken off.
  for (const each of OF_A_TREE) {
    const [source, target] = [join(folder, each), join(part, each)];
    if (!existsSync(source) || existsSync(target)) continue;
    mkdirSync(dirname(target), { recursive: true });
    renameSync(source, target);
  }
  renameSync(part, former);
}

/** SHA-256 of a name, in hex. */
function digestOf(name: string): string {
  return toHex(sha256(utf8(name)));
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
