/**
 * Small SQLite files by `node:sqlite`: the lock on a data folder; the signer's memory (signer-state.ts) and a witness's
 * (witness-state.ts) are kept likewise. SQLite holds a kernel lock, which is gone the moment the process is; no pid file can do that.
 *
 * @module
 */
import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { Failure } from '#core/failure.ts';

export interface Lock {
  release(): void;
}

/** Takes the exclusive lock of a file, or answers undefined if another process has it. Waits up to `waitMs`. */
export function takeLock(path: string, waitMs = 0): Lock | undefined {
  const database = openExclusive(path, waitMs);
  return database && { release: () => database.close() };
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

export function isBusy(thrown: unknown): boolean {
  return typeof thrown === 'object' && thrown !== null && 'errcode' in thrown && thrown.errcode === BUSY;
}
