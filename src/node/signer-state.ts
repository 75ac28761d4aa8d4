/**
 * The signer's memory in SQLite files, one for each log key (ledger/signer-chain.ts): `<key id>.signer` in the state folder.
 * The first one's is the lock: whoever holds it signs.
 *
 * @module
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { Failure } from '#core/failure.ts';
import { parseHash } from '#core/hash.ts';
import type { KeyId } from '#core/note/key.ts';
import { parseSize, type TreeHead } from '#core/tlog/tree.ts';
import type { Begun, EndableState } from '#ledger/signer.ts';
import { type KeyMemory, requireFree, type Succession, standingOf } from '#ledger/signer-chain.ts';
import { isBusy, type Lock, openExclusive } from './sqlite.ts';

export interface HeldSignerState extends EndableState, Lock {}

const TABLES = {
  signed: 'create table if not exists signed (id integer primary key check (id = 1), size integer, root blob)',
  follows: 'create table if not exists follows (id integer primary key check (id = 1), key_id text not null)',
  succeeded_by:
    'create table if not exists succeeded_by (id integer primary key check (id = 1), key_id text not null, size integer, root blob)',
  /** In the first one's alone. */
  begun:
    'create table if not exists begun (id integer primary key check (id = 1), name text not null, key_id text not null, size integer not null, root blob not null)',
  ended: 'create table if not exists ended (id integer primary key check (id = 1), continued_by text not null)',
} as const;

/** Where the signer's memory for a log key is. */
export function signerStateFile(stateDir: string, keyId: string): string {
  return join(stateDir, `${keyId}.signer`);
}

/**
 * Opens the signer's memory for as long as this process signs, or answers undefined if another process does.
 *
 * @param keyIds of all log keys that are at hand, the one that entry 0 names first.
 */
export function holdSignerState(
  stateDir: string,
  [first, ...further]: readonly [KeyId, ...KeyId[]],
): HeldSignerState | undefined {
  const lock = openExclusive(signerStateFile(stateDir, first), 0);
  if (lock === undefined) return undefined;
  const files = new Map([[first, memoryIn(first, lock)]]);
  const held: DatabaseSync[] = [lock];

  function open(keyId: KeyId): MemoryFile {
    const found = files.get(keyId);
    if (found !== undefined) return found;
    const path = signerStateFile(stateDir, keyId);
    const database = openExclusive(path, 0);
    if (database === undefined) throw new Failure('signer_refused', `another process holds ${path}`);
    held.push(database);
    const file = memoryIn(keyId, database);
    files.set(keyId, file);
    return file;
  }

  function standing() {
    const all = chainOf([first, ...further], (keyId) =>
      existsSync(signerStateFile(stateDir, keyId)) ? open(keyId).read() : undefined,
    );
    return standingOf(first, all);
  }

  return {
    load: () => standing().signed,
    advance(from, to) {
      const { holder, signed, isOwn } = standing();
      if (!isSame(signed, from) || !open(holder).advance(isOwn ? from : undefined, to)) {
        throw new Failure('signer_refused', 'the signer’s state is not what it was');
      }
    },
    handTo(keyId) {
      const { holder, signed } = standing();
      if (holder === keyId) return;
      const path = signerStateFile(stateDir, keyId);
      requireFree(existsSync(path) ? open(keyId).read() : undefined, holder);
      open(keyId).follow(holder);
      open(holder).succeed(keyId, signed);
    },
    continuedBy: () => continuedByIn(lock),
    begun: () => begunIn(lock),
    begin({ name, keyId, left }) {
      lock.exec(TABLES.begun);
      lock
        .prepare('insert or replace into begun (id, name, key_id, size, root) values (1, ?, ?, ?, ?)')
        .run(name, keyId, left.size, left.root);
    },
    withdraw() {
      lock.exec(TABLES.begun);
      lock.prepare('delete from begun').run();
    },
    end(by) {
      lock.exec(TABLES.ended);
      lock.prepare('insert into ended (id, continued_by) values (1, ?) on conflict do nothing').run(by);
    },
    release() {
      for (const database of held.toReversed()) database.close();
    },
  };
}

/**
 * Reads the signer's memory and leaves it as it is. `held`: a process that signs has it; `missing`: there is none.
 *
 * @throws {Failure} `config_invalid`, if it is not a signer's memory; `signer_refused`, if memories contradict each other.
 */
export function readSignerState(
  stateDir: string,
  [first, ...further]: readonly [KeyId, ...KeyId[]],
): { readonly signed: TreeHead | undefined } | 'held' | 'missing' {
  if (!existsSync(signerStateFile(stateDir, first))) return 'missing';
  const all = chainOf([first, ...further], (keyId) => readMemory(signerStateFile(stateDir, keyId), keyId));
  return all.includes('held')
    ? 'held'
    : {
        signed: standingOf(
          first,
          all.filter((each) => each !== 'held'),
        ).signed,
      };
}

/**
 * The name under which the log goes on, by the memory of its first key; undefined: it signs, or a process that does has it.
 *
 * @throws {Failure} `config_invalid`, if it is not a signer's memory.
 */
export function readContinuedBy(stateDir: string, first: KeyId): string | undefined {
  const found = readFrom(signerStateFile(stateDir, first), continuedByIn);
  return found === 'held' ? undefined : found;
}

/** What was begun, in the same way. */
export function readBegun(stateDir: string, first: KeyId): Begun | undefined {
  const found = readFrom(signerStateFile(stateDir, first), begunIn);
  return found === 'held' ? undefined : found;
}

/** The memories of these keys, and of whoever succeeded one of them. */
function chainOf<T extends KeyMemory | 'held'>(
  keyIds: readonly KeyId[],
  read: (keyId: KeyId) => T | undefined,
): readonly T[] {
  const found = new Map<KeyId, T>();
  const due = [...keyIds];
  for (let keyId = due.shift(); keyId !== undefined; keyId = due.shift()) {
    const memory = found.has(keyId) ? undefined : read(keyId);
    if (memory === undefined) continue;
    found.set(keyId, memory);
    if (memory !== 'held' && memory.succeeded !== undefined) due.push(memory.succeeded.by);
  }
  return [...found.values()];
}

function readMemory(path: string, keyId: KeyId): KeyMemory | 'held' | undefined {
  return readFrom(path, (database) => memoryOf(keyId, database));
}

/** Reads a file and leaves it as it is; undefined: there is none. */
function readFrom<T>(path: string, read: (database: DatabaseSync) => T): T | 'held' | undefined {
  if (!existsSync(path)) return undefined;
  const database = new DatabaseSync(path, { readOnly: true });
  try {
    return read(database);
  } catch (cause) {
    if (isBusy(cause)) return 'held';
    throw new Failure('config_invalid', `${path} is not a signer’s memory`, { cause });
  } finally {
    database.close();
  }
}

interface MemoryFile {
  read(): KeyMemory;
  /** Answers whether the memory was still at `from`. */
  advance(from: TreeHead | undefined, to: TreeHead): boolean;
  /** Says whom it is to take over from. */
  follow(from: KeyId): void;
  /** Says by whom it was succeeded, and where it ended: one write. */
  succeed(by: KeyId, at: TreeHead | undefined): void;
}

function memoryIn(keyId: KeyId, database: DatabaseSync): MemoryFile {
  database.exec(TABLES.signed);
  return {
    read: () => memoryOf(keyId, database),
    advance(from, to) {
      // An insert beside a state that is there already violates the primary key.
      const { changes } =
        from === undefined
          ? database.prepare('insert into signed (id, size, root) values (1, ?, ?)').run(to.size, to.root)
          : database
              .prepare('update signed set size = ?, root = ? where size = ? and root = ?')
              .run(to.size, to.root, from.size, from.root);
      return changes === 1;
    },
    follow(from) {
      database.exec(TABLES.follows);
      database.prepare('insert into follows (id, key_id) values (1, ?) on conflict do nothing').run(from);
    },
    succeed(by, at) {
      database.exec(TABLES.succeeded_by);
      database
        .prepare('insert into succeeded_by (id, key_id, size, root) values (1, ?, ?, ?)')
        .run(by, at?.size ?? null, at?.root ?? null);
    },
  };
}

function memoryOf(keyId: KeyId, database: DatabaseSync): KeyMemory {
  const [follows, succeeded] = [rowOf(database, 'follows'), rowOf(database, 'succeeded_by')];
  return {
    keyId,
    signed: headOf(rowOf(database, 'signed')),
    follows: follows && (String(follows['key_id']) as KeyId),
    succeeded:
      succeeded && ({ by: String(succeeded['key_id']) as KeyId, head: headOf(succeeded) } satisfies Succession),
  };
}

function continuedByIn(database: DatabaseSync): string | undefined {
  const row = rowOf(database, 'ended');
  return row && String(row['continued_by']);
}

function begunIn(database: DatabaseSync): Begun | undefined {
  const row = rowOf(database, 'begun');
  const left = headOf(row);
  return row && left && { name: String(row['name']), keyId: String(row['key_id']) as KeyId, left };
}

function rowOf(database: DatabaseSync, table: keyof typeof TABLES): Row | undefined {
  const isThere = database.prepare('select 1 from sqlite_master where name = ?').get(table) !== undefined;
  return isThere ? database.prepare(`select * from ${table}`).get() : undefined;
}

type Row = Readonly<Record<string, unknown>>;

function headOf(row: Row | undefined): TreeHead | undefined {
  if (row === undefined || row['size'] === null) return undefined;
  return { size: parseSize(row['size']), root: parseHash(row['root'] as Uint8Array) };
}

function isSame(a: TreeHead | undefined, b: TreeHead | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  return a.size === b.size && a.root.every((byte, at) => byte === b.root[at]);
}
