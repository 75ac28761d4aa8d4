/** A backup of a ledger's database, and a mirror of what it serves: what a keeper restores, and what from. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { partySignatory, type Signatory, signBases } from '#client/sign.ts';
import { parseBase64, toBase64Url } from '#core/bytes.ts';
import { openIssuer } from '#ledger/issuer.ts';
import type { SignerState } from '#ledger/signer.ts';
import type { CeremonyOptions, SignedByKeeper } from '#service/restore.ts';
import { readClock } from '#store/head.ts';
import { migrate } from '#store/migrate.ts';
import { openPglite } from '#store/pglite.ts';
import { openPostgres } from '#store/postgres.ts';
import type { Tx } from '#store/schema.ts';
import type { Store } from '#store/store.ts';
import { createApp } from '../../src/api/app.ts';
import { nativeEd25519, nativeP256 } from '../../src/native.ts';
import { fillMirror, readMirror } from '../../src/node/mirror.ts';
import { httpResources } from '../../src/node/resources.ts';
import { serveFetch } from '../../src/node/serve.ts';
import type { Party } from './actors.ts';
import { type Database, type Fixture, keeperOf, ORIGIN } from './ledger-fixture.ts';
import { freshDatabase } from './postgres.ts';

/** All rows of all tables, at one moment. */
export type Backup = ReadonlyMap<string, string>;

export function backUp(store: Store): Promise<Backup> {
  return store.read(async (tx) => {
    const { rows } = await sql<{ name: string }>`
      select table_name as name from information_schema.tables where table_schema = 'public' order by 1
    `.execute(tx);
    const tables = new Map<string, string>();
    for (const { name } of rows) {
      const found = await sql<{ all: string }>`
        select coalesce(json_agg(each order by each::text), '[]')::text as all from ${sql.table(name)} as each
      `.execute(tx);
      tables.set(name, (found.rows[0] as { all: string }).all);
    }
    return tables;
  });
}

export interface Copy {
  readonly store: Store;
  close(): Promise<void>;
}

/** A database of its own with the rows of a backup. */
export async function restoreBackup(database: Database, backup: Backup, postgresUrl: string): Promise<Copy> {
  const fresh = database === 'postgres' ? await freshDatabase(postgresUrl) : undefined;
  const store = fresh === undefined ? await openPglite('memory') : await openPostgres(fresh.url);
  await migrate(store);
  await store.transaction(async (tx) => {
    for (const [name, rows] of backup) {
      if (name === 'migrations') continue;
      const table = sql.table(name);
      const columns = sql.join((await storedColumns(tx, name)).map((column) => sql.ref(column)));
      const from = sql`json_populate_recordset(null::${table}, ${rows}::json)`;
      await sql`insert into ${table} (${columns}) select ${columns} from ${from}`.execute(tx);
    }
  });
  return {
    store,
    async close() {
      await store.close();
      await fresh?.drop();
    },
  };
}

/** Those that the database does not make of others by itself. */
async function storedColumns(tx: Tx, table: string): Promise<readonly string[]> {
  const { rows } = await sql<{ name: string }>`
    select column_name as name from information_schema.columns
    where table_schema = 'public' and table_name = ${table} and is_generated = 'NEVER' order by ordinal_position
  `.execute(tx);
  return rows.map(({ name }) => name);
}

export interface Mirror {
  readonly folder: string;
  remove(): void;
}

/** What an auditor's mirror holds of the ledger as it is now, all of it published. */
export async function mirrorOf(fixture: Fixture, auditor: Party): Promise<Mirror> {
  const { context, ledger, vkey } = fixture;
  const folder = mkdtempSync(join(tmpdir(), 'assent-mirror-'));
  await ledger.publisher.published((await fixture.audit()).size, 10_000);
  const app = createApp(context, { hosts: () => true });
  const server = await serveFetch((request) => app.fetch(request), { host: '127.0.0.1', port: 0 });
  const signers = [partySignatory(auditor.party, auditor.key)];
  const from = httpResources({ url: server.url, authority: undefined, signers });
  const round = await fillMirror(folder, from, { vkey, entrySignatures: true });
  await server.close();
  if (round.verdict !== 'holds') throw new Error(JSON.stringify(round.report?.findings ?? round.findings));
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

/** Signs as a command does that has these keys at hand. */
export function signingBy(signers: readonly Signatory[]): SignedByKeeper {
  return async ({ path, body, idempotencyKey }) => {
    const unsigned = { method: 'POST', authority: 'localhost', path, query: '', body, idempotencyKey } as const;
    const signed = await signBases(signers, unsigned, Math.floor(Date.now() / 1_000));
    return {
      body,
      signatures: signed.map(({ base, signature }) => ({ base, signature: toBase64Url(parseBase64(signature)) })),
    };
  };
}

/** A ceremony on a database, with everything in order; a test changes what it is about. */
export async function ceremonyOn(
  fixture: Fixture,
  { store, mirror, state }: { readonly store: Store; readonly mirror: string; readonly state: SignerState },
  change: Partial<CeremonyOptions> = {},
): Promise<CeremonyOptions> {
  const { context, keys, vkey, erasures } = fixture;
  return {
    store,
    state,
    mirror: await readMirror(mirror),
    signed: state.load(),
    evidence: undefined,
    witnesses: undefined,
    isSignerSetBack: false,
    vkey,
    ed25519: nativeEd25519,
    p256: nativeP256,
    vault: context.vault,
    origin: ORIGIN,
    erasures,
    issuer: openIssuer(store, keys.issuing, []),
    ledgerClock: readClock,
    processClock: context.clock,
    keys: context.keys,
    sign: signingBy(keeperOf(context)),
    ...change,
  };
}
