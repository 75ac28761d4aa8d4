/**
 * What a witness remembers: of each log the last checkpoint that it cosigned, and the first proof that it forked. A SQLite
 * file by `node:sqlite` that one process holds; every change is on the disk before it is answered.
 *
 * @module
 */
import { existsSync } from 'node:fs';
import { Failure } from '#core/failure.ts';
import { parseHash } from '#core/hash.ts';
import { parseSize } from '#core/tlog/tree.ts';
import type { Seen } from '#core/tlog/witness.ts';
import { type Lock, openExclusive } from './sqlite.ts';

/** The memory of one witness key. Whoever loses it must not go on with that key: it would trust anything anew. */
export interface WitnessState {
  last(origin: string): Seen | undefined;
  /** Moves on by compare-and-swap. Answers, when it is durable, whether the memory was still at `from`. */
  advance(origin: string, from: Seen | undefined, to: Seen): boolean;
  /** Keeps the evidence against a log, unless there is some already. */
  keepEvidence(origin: string, evidence: string): void;
  evidence(origin: string): string | undefined;
}

export interface HeldWitnessState extends WitnessState, Lock {}

const TABLES = `
  create table if not exists seen (origin text primary key, size integer not null, root blob not null, note text not null);
  create table if not exists evidence (origin text primary key, evidence text not null)`;

/**
 * Opens the memory for as long as this process is the witness.
 *
 * @param make whether there is none yet: a memory is made once, never because it was lost.
 * @throws {Failure} `config_invalid`, if it is not there, or there though it is to be made; `data_in_use`, if another
 * process holds it.
 */
export function holdWitnessState(path: string, make: 'new' | 'existing'): HeldWitnessState {
  const isThere = existsSync(path);
  if (make === 'new' && isThere) throw new Failure('config_invalid', `${path} is there already: start without --new`);
  if (make === 'existing' && !isThere) {
    throw new Failure(
      'config_invalid',
      `${path}, what this key has cosigned, is not there: a new key begins with --new; a lost memory wants a new key`,
    );
  }
  const database = openExclusive(path, 0);
  if (database === undefined) throw new Failure('data_in_use', `another process holds ${path}: stop it first`);
  database.exec(TABLES);
  const select = database.prepare('select size, root, note from seen where origin = ?');
  const insert = database.prepare(
    'insert into seen (origin, size, root, note) values (?, ?, ?, ?) on conflict do nothing',
  );
  const update = database.prepare(
    'update seen set size = ?, root = ?, note = ? where origin = ? and size = ? and root = ? and size <= ?',
  );
  const keep = database.prepare('insert into evidence (origin, evidence) values (?, ?) on conflict do nothing');
  const find = database.prepare('select evidence from evidence where origin = ?');
  return {
    last(origin) {
      const row = select.get(origin);
      if (row === undefined) return undefined;
      return { size: parseSize(row['size']), root: parseHash(row['root'] as Uint8Array), note: String(row['note']) };
    },
    advance(origin, from, to) {
      const { changes } =
        from === undefined
          ? insert.run(origin, to.size, to.root, to.note)
          : update.run(to.size, to.root, to.note, origin, from.size, from.root, to.size);
      return changes === 1;
    },
    keepEvidence(origin, evidence) {
      keep.run(origin, evidence);
    },
    evidence(origin) {
      const row = find.get(origin);
      return row === undefined ? undefined : String(row['evidence']);
    },
    release: () => database.close(),
  };
}
