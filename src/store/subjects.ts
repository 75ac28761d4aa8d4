/** The tables that find a person: by identifier, by handle, by key. They decide nothing; streams do. */
import { sql } from 'kysely';
import type { Hash } from '#core/hash.ts';
import type { Handle, PartyId, PersonId } from '#core/ids.ts';
import type { Tx } from './schema.ts';

export interface PersonRow {
  readonly lookup: Hash;
  readonly person: PersonId;
}

export interface RelationshipRow {
  readonly handle: Handle;
  readonly person: PersonId;
  readonly grantee: PartyId;
}

export interface SubjectKeyRow {
  readonly person: PersonId;
  readonly public_key: Uint8Array;
  readonly seq: number;
}

/** Two at once that name a new person differently collide here, and the later one looks again. */
export async function insertPersons(tx: Tx, rows: readonly PersonRow[]): Promise<void> {
  if (rows.length === 0) return;
  await tx
    .insertInto('persons')
    .values([...rows])
    .execute();
}

/** Whether all of these are still found as they were. */
export async function arePersons(tx: Tx, rows: readonly PersonRow[]): Promise<boolean> {
  if (rows.length === 0) return true;
  const { rows: gone } = await sql`
    select 1 from unnest(${rows.map(({ lookup }) => lookup)}::bytea[], ${rows.map(({ person }) => person)}::text[])
      as asked (lookup, person)
    where not exists (select 1 from persons where persons.lookup = asked.lookup and persons.person = asked.person) limit 1
  `.execute(tx);
  return gone.length === 0;
}

export async function insertRelationships(tx: Tx, rows: readonly RelationshipRow[]): Promise<void> {
  if (rows.length === 0) return;
  await tx
    .insertInto('relationships')
    .values([...rows])
    .execute();
}

export async function insertSubjectKeys(tx: Tx, rows: readonly SubjectKeyRow[]): Promise<void> {
  if (rows.length === 0) return;
  await tx
    .insertInto('subject_keys')
    .values([...rows])
    .execute();
}

export async function loadPerson(tx: Tx, lookup: Hash): Promise<PersonId | undefined> {
  const row = await tx.selectFrom('persons').select('person').where('lookup', '=', lookup).executeTakeFirst();
  return row?.person;
}

export async function loadPersonOf(tx: Tx, handle: Handle): Promise<PersonId | undefined> {
  const row = await tx.selectFrom('relationships').select('person').where('handle', '=', handle).executeTakeFirst();
  return row?.person;
}

/** The handle that a grantee already has for a person, or undefined. */
export async function loadHandle(tx: Tx, person: PersonId, grantee: PartyId): Promise<Handle | undefined> {
  const row = await tx
    .selectFrom('relationships')
    .select('handle')
    .where('person', '=', person)
    .where('grantee', '=', grantee)
    .executeTakeFirst();
  return row?.handle;
}

/** Every handle of a person. */
export async function loadHandles(tx: Tx, person: PersonId): Promise<readonly Handle[]> {
  const rows = await tx.selectFrom('relationships').select('handle').where('person', '=', person).execute();
  return rows.map((row) => row.handle);
}

/** One page of the handles of some grantees, by name. */
export async function loadHandlePage(
  tx: Tx,
  grantees: readonly PartyId[],
  after: string,
  countMax: number,
): Promise<readonly Handle[]> {
  const rows = await tx
    .selectFrom('relationships')
    .select('handle')
    .where(sql<boolean>`grantee = any(${grantees}::text[])`)
    .where(sql<boolean>`handle > ${after}`)
    .orderBy('handle')
    .limit(countMax)
    .execute();
  return rows.map((row) => row.handle);
}

/** Which of these handles are a grantee's own. */
export async function loadOwnHandles(
  tx: Tx,
  handles: readonly Handle[],
  grantee: PartyId,
): Promise<ReadonlySet<Handle>> {
  const rows = await tx
    .selectFrom('relationships')
    .select('handle')
    .where(sql<boolean>`handle = any(${handles}::text[])`)
    .where('grantee', '=', grantee)
    .execute();
  return new Set(rows.map((row) => row.handle));
}

/** One page of all handles, by name. */
export async function loadRelationshipPage(
  tx: Tx,
  after: string,
  countMax: number,
): Promise<readonly RelationshipRow[]> {
  return tx
    .selectFrom('relationships')
    .select(['handle', 'person', 'grantee'])
    .where(sql<boolean>`handle > ${after}`)
    .orderBy('handle')
    .limit(countMax)
    .execute();
}

/** Where this key was bound to this person, or undefined. */
export async function loadSubjectKey(tx: Tx, person: PersonId, key: Uint8Array): Promise<number | undefined> {
  const row = await tx
    .selectFrom('subject_keys')
    .select('seq')
    .where('person', '=', person)
    .where('public_key', '=', key)
    .executeTakeFirst();
  return row?.seq;
}
