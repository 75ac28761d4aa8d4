/**
 * Brings a database to the schema of this code. Numbered, forward only; one at a time even with several servers.
 *
 * @module
 */
import { sql } from 'kysely';
import { Failure } from '#core/failure.ts';
import type { Tx } from './schema.ts';
import { MIGRATIONS } from './sql.gen.ts';
import type { Store } from './store.ts';

/** Any number: it only has to be the same in every server. */
const MIGRATION_LOCK = 4_127_033;

/**
 * Runs the migrations that are missing, all in one transaction, and returns their names.
 *
 * @throws {Failure} `config_invalid`, if the database was migrated by newer code.
 */
export async function migrate(store: Store): Promise<readonly string[]> {
  return store.transaction(async (tx) => {
    await sql`select pg_advisory_xact_lock(${MIGRATION_LOCK})`.execute(tx);
    await sql`create table if not exists migrations (id int primary key, name text not null)`.execute(tx);
    const done = new Map(
      (await tx.selectFrom('migrations').select(['id', 'name']).execute()).map((row) => [row.id, row.name]),
    );
    const newest = MIGRATIONS.at(-1)?.id ?? 0;
    for (const id of done.keys()) {
      if (id > newest)
        throw new Failure(
          'config_invalid',
          `the database is at migration ${id}, this code knows ${newest}: update the code`,
        );
    }
    const missing = MIGRATIONS.filter((migration) => !done.has(migration.id));
    for (const migration of missing) await run(tx, migration);
    return missing.map((migration) => migration.name);
  });
}

async function run(tx: Tx, migration: (typeof MIGRATIONS)[number]): Promise<void> {
  // The row first: should two ever migrate at once, the second stops here.
  await tx.insertInto('migrations').values({ id: migration.id, name: migration.name }).execute();
  for (const statement of migration.statements) await sql.raw(statement).execute(tx);
}
