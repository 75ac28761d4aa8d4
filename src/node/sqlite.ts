/**
 * Small SQLite files by `node:sqlite`: the lock on a data folder, and the signer's memory; a witness keeps its own likewise
 * (witness-state.ts). SQLite holds a kernel lock, which is gone the moment the process is; no pid file can do that.
 *
 * @module
 */
import { existsSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { Failure } from '#core/failure.ts';
import { parseHash } from '#core/hash.ts';
import { parseSize, type TreeHead } from '#core/tlog/tree.ts';
import type { EndableState } from '#ledger/signer.ts';

export interface Lock {
  release(): void;
}

/** Takes the exclusive lock of a file, or answers undefined if another process has it. Waits up to `waitMs`. */
export function takeLock(path: string, waitMs = 0): Lock | undefined {
  const database = openExclusive(path, waitMs);
  return database && { release: () => database.close() };
}

export interface HeldSignerState extends EndableState, Lock {}

/** Opens the signer's memory for as long as this process signs, or answers undefined if another process does. */
export function holdSignerState(path: string): HeldSignerState | undefined {
  const database = openExclusive(path, 0);
  if (database === undefined) return undefined;
  database.exec('create table if not exists signed (id integer primary key check (id = 1), size integer, root blob)');
  database.exec('create table if not exists ended (id integer primary key check (id = 1), continued_by text not null)');
  const select = database.prepare(SELECT_SIGNED);
  const insert = database.prepare('insert into signed (id, size, root) values (1, ?, ?)');
  const update = database.prepare('update signed set size = ?, root = ? where size = ? and root = ?');
  return {
    load: () => headOf(select.get()),
    advance(from: TreeHead | undefined, to: TreeHead) {
      // An insert beside a state that is there already violates the primary key.
      const { changes } =
        from === undefined ? insert.run(to.size, to.root) : update.run(to.size, to.root, from.size, from.root);
      if (changes !== 1) throw new Failure('signer_refused', 'the signer’s state is not what it was');
    },
    continuedBy: () => continuedBy(database),
    end(by) {
      database.prepare('insert into ended (id, continued_by) values (1, ?) on conflict do nothing').run(by);
    },
    release: () => database.close(),
  };
}

/** What a signer remembers. */
export interface SignerMemory {
  readonly signed: TreeHead | undefined;
  /** The name under which its log goes on; undefined: it signs. */
  readonly continuedBy: string | undefined;
}

/**
 * Reads the signer's memory and leaves it as it is. `held`: a process that signs has it; `missing`: there is none.
 *
 * @throws {Failure} `config_invalid`, if it is not a signer's memory.
 */
export function readSignerState(path: string): SignerMemory | 'held' | 'missing' {
  if (!existsSync(path)) return 'missing';
  const database = new DatabaseSync(path, { readOnly: true });
  try {
    const signed = hasTable(database, 'signed') ? headOf(database.prepare(SELECT_SIGNED).get()) : undefined;
    return { signed, continuedBy: hasTable(database, 'ended') ? continuedBy(database) : undefined };
  } catch (cause) {
    if (isBusy(cause)) return 'held';
    throw new Failure('config_invalid', `${path} is not a signer’s memory`, { cause });
  } finally {
    database.close();
  }
}

const SELECT_SIGNED = 'select size, root from signed';

function hasTable(database: DatabaseSync, name: string): boolean {
  return database.prepare('select 1 from sqlite_master where name = ?').get(name) !== undefined;
}

function continuedBy(database: DatabaseSync): string | undefined {
  return database.prepare('select continued_by from ended').get()?.['continued_by'] as string | undefined;
}

function headOf(row: Record<string, unknown> | undefined): TreeHead | undefined {
  return row && { size: parseSize(row['size']), root: parseHash(row['root'] as Uint8Array) };
}

/** SQLITE_BUSY: another process holds the lock. */
const BUSY = 5;

/** Opens a database that nobody else can open until it is closed; each commit is flushed to the disk. */
export function openExclusive(path: string, waitMs: number): DatabaseSync | undefined {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const database = new DatabaseSync(path, { timeout: waitMs });
  try {
    database.exec('pragma locking_mode = exclusive; pragma synchronous = extra; begin exclusive; commit');
    return database;
  } catch (cause) {
    database.close();
    if (isBusy(cause)) return undefined;
    throw new Failure('config_invalid', `${path} is not a lock file of ours`, { cause });
  }
}

function isBusy(thrown: unknown): boolean {
  return typeof thrown === 'object' && thrown !== null && 'errcode' in thrown && thrown.errcode === BUSY;
}
