/**
 * Statements that the server parses and plans once for each connection, instead of each time. Ours are few, and their
 * texts do not depend on how many rows they take.
 *
 * @module
 */
import type { PostgresCursor, PostgresPool, PostgresQueryResult } from 'kysely';
import { assert } from '#core/assert.ts';

/** What the server keeps for each connection. A text past the last of them goes as it came. */
const STATEMENTS_MAX = 256;

type Client = Awaited<ReturnType<PostgresPool['connect']>>;

/** The part of pg's pool that this needs. */
interface NamingPool {
  readonly options: object;
  connect(): Promise<NamingClient>;
  end(): Promise<void>;
}

interface NamingClient {
  query(statement: { name?: string; text: string; values: unknown[] }): Promise<unknown>;
  release(destroy?: boolean): void;
}

/** The pool as kysely wants it, its statements named. */
export function preparing(pool: NamingPool): PostgresPool {
  const nameOf = statementNames();
  const wrapped = new WeakMap<NamingClient, Client>();

  function wrap(client: NamingClient): Client {
    function query<R>(text: string, values: readonly unknown[]): Promise<PostgresQueryResult<R>>;
    function query<R>(cursor: PostgresCursor<R>): PostgresCursor<R>;
    function query(text: unknown, values?: readonly unknown[]): unknown {
      assert(typeof text === 'string' && values !== undefined, 'no query of ours is a cursor');
      const name = values.length === 0 ? undefined : nameOf(text);
      return client.query({ ...(name === undefined ? {} : { name }), text, values: [...values] });
    }
    return { query, release: (destroy) => client.release(destroy) };
  }

  return {
    options: pool.options,
    async connect() {
      const client = await pool.connect();
      // Kysely remembers what it knows of a connection by its object: the same connection, the same object.
      const known = wrapped.get(client) ?? wrap(client);
      wrapped.set(client, known);
      return known;
    },
    end: () => pool.end(),
  };
}

function statementNames(): (text: string) => string | undefined {
  const names = new Map<string, string>();
  return (text) => {
    const known = names.get(text);
    if (known !== undefined || names.size >= STATEMENTS_MAX) return known;
    const name = `assent_${names.size}`;
    names.set(text, name);
    return name;
  };
}
