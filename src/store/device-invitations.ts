/** The table `device_invitations`: links that a device is added by. Not a log table: one is used, and ends. */
import { sql } from 'kysely';
import type { Hash } from '#core/hash.ts';
import type { Handle, PersonId } from '#core/ids.ts';
import type { Instant } from '#core/instant.ts';
import type { Tx } from './schema.ts';

/** A key that waits to be added. */
export interface WaitingKey {
  /** Its text. */
  readonly key: string;
  /** Its id on its device, base64url. */
  readonly credential: string;
  /** What it signed: its binding. */
  readonly possession: string;
}

export interface InvitationRow {
  readonly person: PersonId;
  /** SHA-256 of the capability. */
  readonly token: Hash;
  readonly handle: Handle;
  /** Exclusive. */
  readonly expires_at: Instant;
  readonly key: string | null;
  readonly credential: string | null;
  readonly possession: string | null;
  readonly used_at: Instant | null;
}

const COLUMNS = ['person', 'token', 'handle', 'expires_at', 'key', 'credential', 'possession', 'used_at'] as const;

/** Adds an invitation in the place of the person's former one; the very same again changes nothing. */
export async function putInvitation(
  tx: Tx,
  { person, token, handle, expires_at }: Pick<InvitationRow, 'person' | 'token' | 'handle' | 'expires_at'>,
): Promise<void> {
  await sql`
    insert into device_invitations (person, token, handle, expires_at) values (${person}, ${token}, ${handle}, ${expires_at})
    on conflict (person) do update set token = excluded.token, handle = excluded.handle, expires_at = excluded.expires_at,
      key = null, credential = null, possession = null, used_at = null
    where device_invitations.token <> excluded.token
  `.execute(tx);
}

export async function loadInvitation(tx: Tx, token: Hash): Promise<InvitationRow | undefined> {
  return tx.selectFrom('device_invitations').select(COLUMNS).where('token', '=', token).executeTakeFirst();
}

export async function loadInvitationOf(tx: Tx, person: PersonId): Promise<InvitationRow | undefined> {
  return tx.selectFrom('device_invitations').select(COLUMNS).where('person', '=', person).executeTakeFirst();
}

/** Brings the key, unless one was brought before. Answers whether it did. */
export async function bringWaitingKey(tx: Tx, token: Hash, waiting: WaitingKey): Promise<boolean> {
  const { key, credential, possession } = waiting;
  const { rows } = await sql`
    update device_invitations set key = ${key}, credential = ${credential}, possession = ${possession}
    where token = ${token} and key is null and used_at is null returning person
  `.execute(tx);
  return rows.length === 1;
}

export async function useInvitation(tx: Tx, token: Hash, now: Instant): Promise<void> {
  await sql`update device_invitations set used_at = ${now} where token = ${token} and used_at is null`.execute(tx);
}

/** Removes what is long over. */
export async function removeInvitations(tx: Tx, expiredBefore: Instant): Promise<void> {
  await tx.deleteFrom('device_invitations').where('expires_at', '<', expiredBefore).execute();
}

/** Ends every invitation there is, as sessions end where a database was set back. */
export async function emptyInvitations(tx: Tx): Promise<void> {
  await tx.deleteFrom('device_invitations').execute();
}
