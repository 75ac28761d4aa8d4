/** What erasure destroys: parts with their keys, and the rows that find a person. Whatever is append-only stays. */
import { sql } from 'kysely';
import type { Handle, PersonId } from '#core/ids.ts';
import type { Owner } from '#core/tlog/payload.ts';
import type { StreamId } from '#core/tlog/stream.ts';
import type { PartRow } from './payloads.ts';
import type { Tx } from './schema.ts';

/** A part that is still there, without what is sealed in it. */
export interface HeldPart extends Omit<PartRow, 'sealed'> {
  readonly owner: Owner;
}

/** The parts of a stream's entries up to a seq that are not erased, in order. */
export async function loadHeldParts(tx: Tx, stream: StreamId, through: number): Promise<readonly HeldPart[]> {
  return tx
    .selectFrom('parts')
    .innerJoin('entries', 'entries.index', 'parts.index')
    .innerJoin('data_keys', 'data_keys.id', 'parts.data_key')
    .select(['parts.index', 'parts.name', 'parts.data_key', 'data_keys.owner'])
    .where('entries.stream', '=', stream)
    .where('entries.seq', '<=', through)
    .orderBy('parts.index')
    .orderBy('parts.name')
    .execute();
}

/** Which parts of the entries `[start, end)` are still there and can be opened: `<index>/<name>`. */
export async function loadPartNames(tx: Tx, start: number, end: number): Promise<ReadonlySet<string>> {
  const rows = await tx
    .selectFrom('parts')
    .innerJoin('data_keys', 'data_keys.id', 'parts.data_key')
    .select(['parts.index', 'parts.name'])
    .where('parts.index', '>=', start)
    .where('parts.index', '<', end)
    .execute();
  return new Set(rows.map(({ index, name }) => `${index}/${name}`));
}

/** Keys of a stream under which nothing is sealed any more. */
export async function loadBareKeys(
  tx: Tx,
  stream: StreamId,
): Promise<readonly { readonly owner: Owner; readonly retention: string }[]> {
  return tx
    .selectFrom('data_keys')
    .select(['owner', 'retention'])
    .where('stream', '=', stream)
    .where(sql<boolean>`not exists (select 1 from parts where parts.data_key = data_keys.id)`)
    .execute();
}

/** Destroys parts. Answers how many were there. */
export async function deleteParts(tx: Tx, parts: readonly Pick<PartRow, 'index' | 'name'>[]): Promise<number> {
  if (parts.length === 0) return 0;
  const { rows } = await sql`
    delete from parts using unnest(
      ${parts.map(({ index }) => index)}::bigint[], ${parts.map(({ name }) => name)}::text[]) as gone (index, name)
    where parts.index = gone.index and parts.name = gone.name
    returning parts.index
  `.execute(tx);
  return rows.length;
}

/** Destroys those of these keys under which nothing is sealed any more. */
export async function deleteBareKeys(tx: Tx, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return;
  await tx
    .deleteFrom('data_keys')
    .where(sql<boolean>`id = any(${ids}::text[])`)
    .where(sql<boolean>`not exists (select 1 from parts where parts.data_key = data_keys.id)`)
    .execute();
}

/** Forgets whose relationship this is, and what waits to be added by it. Answers whose it was; undefined: that was forgotten already. */
export async function deleteRelationship(tx: Tx, handle: Handle): Promise<PersonId | undefined> {
  await tx.deleteFrom('device_invitations').where('handle', '=', handle).execute();
  const row = await tx.deleteFrom('relationships').where('handle', '=', handle).returning('person').executeTakeFirst();
  return row?.person;
}

/** Forgets by what a person is found, and its sessions with the statements that opened them. */
export async function deletePerson(tx: Tx, person: PersonId): Promise<void> {
  for (const table of ['persons', 'subject_keys', 'credentials', 'sessions', 'device_invitations'] as const) {
    await tx.deleteFrom(table).where('person', '=', person).execute();
  }
}

/** Which of these streams have keys, or rows that find a person, still. */
export async function loadHolding(tx: Tx, streams: readonly StreamId[]): Promise<ReadonlySet<StreamId>> {
  if (streams.length === 0) return new Set();
  const { rows } = await sql<{ readonly stream: StreamId }>`
    with asked as (select stream, split_part(stream, '/', 2) as id from unnest(${[...new Set(streams)]}::text[]) as stream)
    select stream from asked where exists (select 1 from data_keys where data_keys.stream = asked.stream)
    union select stream from asked where stream like 'rel/%' and (exists (select 1 from relationships where handle = id)
        or exists (select 1 from device_invitations where handle = id))
    union select stream from asked where stream like 'person/%'
      and (exists (select 1 from persons where person = id) or exists (select 1 from subject_keys where person = id)
        or exists (select 1 from credentials where person = id) or exists (select 1 from sessions where person = id)
        or exists (select 1 from device_invitations where person = id))
  `.execute(tx);
  return new Set(rows.map(({ stream }) => stream));
}
