/** PostgreSQL over the network. The only file that imports `pg`. */
import { Kysely, PostgresDialect, sql } from 'kysely';
import { Pool, types } from 'pg';
import { Failure, isFailure } from '#core/failure.ts';
import { BYTEA_OID, INT8_OID, parseBytea, parseInt8 } from './codec.ts';
import { preparing } from './prepared.ts';
import type { Schema } from './schema.ts';
import { codeOf, type Store, storeOf } from './store.ts';

const CONNECTIONS_MAX = 10;

/** pg asks for text unless told otherwise, and we never tell it. */
const PARSERS = new Map<number, (text: string) => unknown>([
  [INT8_OID, parseInt8],
  [BYTEA_OID, parseBytea],
]);

/** A lock that is not had within seconds, or a transaction that idles under it, fails rather than stalls every writer. */
const SESSION = '-c lock_timeout=5s -c idle_in_transaction_session_timeout=10s -c statement_timeout=60s';

export interface PostgresOptions {
  readonly connectionsMax?: number;
  /** Whether statements are kept by name. A pooler in between may hand the next one to another connection. */
  readonly preparesStatements?: boolean;
}

/**
 * Opens a pool on `url`.
 *
 * @throws {Failure} `store_unavailable`, if the server can't be reached; `config_invalid`, if it runs with fsync off.
 */
export async function openPostgres(
  url: string,
  { connectionsMax = CONNECTIONS_MAX, preparesStatements = true }: PostgresOptions = {},
): Promise<Store> {
  const pool = new Pool({
    connectionString: url,
    max: connectionsMax,
    options: SESSION,
    connectionTimeoutMillis: 5_000,
    types: { getTypeParser: (oid, format) => PARSERS.get(oid) ?? types.getTypeParser(oid, format) },
  });
  // A connection that breaks is replaced at the next use; without a listener it would end the process. The pool listens
  // to idle ones only, so that one breaking between two statements of a transaction needs a listener of its own.
  pool.on('error', () => {});
  pool.on('connect', (client) => client.on('error', () => {}));
  const database = new Kysely<Schema>({
    dialect: new PostgresDialect({ pool: preparesStatements ? preparing(pool) : pool }),
  });
  const store = storeOf(database);
  try {
    await refuseUnsafe(store);
  } catch (cause) {
    await store.close();
    throw isFailure(cause, 'store_unavailable') ? unopened(cause) : cause;
  }
  return store;
}

/** Why there is no connection at all, by the driver's code: its text may hold the URL, and with it a password. */
function unopened(failure: Failure): Failure {
  const code = codeOf(failure.cause);
  const why = typeof code === 'string' && /^[0-9A-Z_]+$/.test(code) ? code : 'no answer';
  return new Failure(
    'store_unavailable',
    `PostgreSQL could not be opened (${why}): look whether it runs, and at host, port, user, password and name of its URL`,
    { cause: failure },
  );
}

/** An acknowledged entry must survive the loss of power, so a server that does not flush is refused. */
async function refuseUnsafe(store: Store): Promise<void> {
  const { rows } = await store.read((tx) =>
    sql<{ name: string; setting: string }>`
      select name, setting from pg_settings where name in ('fsync', 'full_page_writes', 'synchronous_commit')
    `.execute(tx),
  );
  const off = rows.filter((row) => row.setting === 'off').map((row) => row.name);
  if (off.length > 0) {
    throw new Failure(
      'config_invalid',
      `PostgreSQL runs with ${off.join(', ')} off: an acknowledged entry could be lost`,
    );
  }
}
