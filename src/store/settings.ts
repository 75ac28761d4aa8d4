/** What a database says of itself: the settings that durability hangs on, and which migrations it has had. */
import { sql } from 'kysely';
import type { Tx } from './schema.ts';
import { MIGRATIONS } from './sql.gen.ts';

const NAMES = [
  'data_checksums',
  'fsync',
  'full_page_writes',
  'server_encoding',
  'server_version',
  'synchronous_commit',
  'TimeZone',
] as const;

/** By name; one that the server does not have is absent. */
export type Settings = Readonly<Partial<Record<(typeof NAMES)[number], string>>>;

export async function loadSettings(tx: Tx): Promise<Settings> {
  const { rows } = await sql<{ name: string; setting: string }>`
    select name, setting from pg_settings where name in (${sql.join(NAMES)})
  `.execute(tx);
  return Object.fromEntries(rows.map(({ name, setting }) => [name, setting]));
}

/** The names of the migrations that this code has and the database has not had. */
export async function loadMissingMigrations(tx: Tx): Promise<readonly string[]> {
  const { rows } = await sql<{ found: boolean }>`select to_regclass('migrations') is not null as found`.execute(tx);
  const done = rows[0]?.found === true ? await tx.selectFrom('migrations').select('id').execute() : [];
  const ids = new Set(done.map(({ id }) => id));
  return MIGRATIONS.filter(({ id }) => !ids.has(id)).map(({ name }) => name);
}
