/**
 * A store: transactions on one database. PGlite and PostgreSQL run the same SQL, so the dialect is the only seam.
 *
 * @module
 */
import type { KyselyPlugin } from 'kysely';
import { assert } from '#core/assert.ts';
import { Failure, isFailure } from '#core/failure.ts';
import type { Database, Tx } from './schema.ts';

export interface Store {
  /** Runs `work` in one transaction and commits. When this answers, what was written is as durable as the database is. */
  transaction<T>(work: (tx: Tx) => Promise<T>): Promise<T>;
  /** Runs `work` on one snapshot, which writes nothing. */
  read<T>(work: (tx: Tx) => Promise<T>): Promise<T>;
  /**
   * Runs `work`, which reads by one statement: that is a snapshot of its own, and needs no transaction begun and ended
   * around it. A second one throws.
   */
  readOnce<T>(work: (tx: Tx) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

/** What pg's pool says, without a code, when a connection is not had in time. */
const CONNECT_TIMEOUT = 'timeout exceeded when trying to connect';

/** SQLSTATE 23505: two wrote the same key; the later one looks again. */
const UNIQUE_VIOLATION = '23505';

export function storeOf(database: Database): Store {
  let closed = false;

  /** A database error says nothing to a caller but "not now": its text may hold values. The cause is for the log. */
  async function guarded<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (cause) {
      if (cause instanceof Failure || !(closed || isDatabaseError(cause))) throw cause;
      throw new Failure('store_unavailable', 'the database did not complete this', { cause });
    }
  }

  return {
    transaction: (work) => guarded(() => database.transaction().execute(work)),
    read: (work) =>
      guarded(() =>
        database.transaction().setIsolationLevel('repeatable read').setAccessMode('read only').execute(work),
      ),
    readOnce: (work) => guarded(() => work(database.withPlugin(oneStatement()) as Tx)),
    close() {
      closed = true;
      return database.destroy();
    },
  };
}

/** Of two statements outside a transaction, each would see another snapshot. */
function oneStatement(): KyselyPlugin {
  let made = 0;
  return {
    transformQuery({ node }) {
      made += 1;
      assert(made === 1, 'what is read at once takes one statement');
      return node;
    },
    transformResult: async ({ result }) => result,
  };
}

/** Whether a failure of the store is two writers at the same key, and nothing else. */
export function isUniqueViolation(thrown: unknown): boolean {
  return isFailure(thrown, 'store_unavailable') && codeOf(thrown.cause) === UNIQUE_VIOLATION;
}

/** Whether there was no database to ask at all: trying again for each of many only takes as many time-outs. */
export function isUnreachable(thrown: unknown): boolean {
  if (!isFailure(thrown, 'store_unavailable') || !(thrown.cause instanceof Error)) return false;
  const code = String(codeOf(thrown.cause) ?? '');
  return (
    /^(?:ECONNREFUSED|EHOSTUNREACH|ENETUNREACH|ENOTFOUND|ETIMEDOUT)$/.test(code) ||
    thrown.cause.message.includes(CONNECT_TIMEOUT)
  );
}

/** Errors of a driver carry a code: an SQLSTATE, or the system's (`ECONNREFUSED`). */
function isDatabaseError(thrown: unknown): boolean {
  if (!(thrown instanceof Error)) return false;
  return codeOf(thrown) !== undefined || /connection|terminat|closed|timeout/i.test(thrown.message);
}

/** The code of a driver's error; undefined: it has none. */
export function codeOf(thrown: unknown): unknown {
  return typeof thrown === 'object' && thrown !== null && 'code' in thrown ? thrown.code : undefined;
}
