/** The embedded PostgreSQL (PGlite): the default where nothing else is configured. The only file that imports it. */
import { PGlite } from '@electric-sql/pglite';
import { Kysely, PGliteDialect, sql } from 'kysely';
import { INT8_OID, parseInt8 } from './codec.ts';
import type { Schema } from './schema.ts';
import { type Store, storeOf } from './store.ts';

/**
 * Opens the database in `folder`, or one in memory. The caller holds the folder's lock: PGlite takes none, and two
 * processes on one folder lose acknowledged rows.
 */
export async function openPglite(folder: string | 'memory'): Promise<Store> {
  const pglite = await PGlite.create(folder === 'memory' ? 'memory://' : folder, {
    parsers: { [INT8_OID]: parseInt8 },
  });
  const store = storeOf(new Kysely<Schema>({ dialect: new PGliteDialect({ pglite }) }));
  return {
    ...store,
    // kysely's dialect passes over the access mode. The snapshot needs nothing: there is one connection.
    read: (work) =>
      store.transaction(async (tx) => {
        await sql`set transaction read only`.execute(tx);
        return work(tx);
      }),
  };
}
