/** The table `sessions`: who is signed in. Not a log table: a session is used, and ends. */
import { sql } from 'kysely';
import type { Hash } from '#core/hash.ts';
import type { PersonId } from '#core/ids.ts';
import type { Instant } from '#core/instant.ts';
import type { Tx } from './schema.ts';

export interface SessionRow {
  /** SHA-256 of the token. */
  readonly token: Hash;
  readonly nonce: string;
  readonly person: PersonId;
  /** Where the key that signed was bound, in the person's stream. */
  readonly seq: number;
  /** Canonical. */
  readonly statement: string;
  readonly signature: string;
  readonly started_at: Instant;
  readonly last_used_at: Instant;
}

/** Adds a session, unless its nonce has opened one already. Answers whether it did. */
export async function insertSession(tx: Tx, row: SessionRow): Promise<boolean> {
  const { rows } = await sql`
    insert into sessions (token, nonce, person, seq, statement, signature, started_at, last_used_at)
    values (${row.token}, ${row.nonce}, ${row.person}, ${row.seq}, ${row.statement}, ${row.signature},
      ${row.started_at}, ${row.last_used_at})
    on conflict (nonce) do nothing returning seq
  `.execute(tx);
  return rows.length === 1;
}

/** A session that nobody has ended, however old. */
export async function loadSession(tx: Tx, token: Hash): Promise<SessionRow | undefined> {
  return tx
    .selectFrom('sessions')
    .select(['token', 'nonce', 'person', 'seq', 'statement', 'signature', 'started_at', 'last_used_at'])
    .where('token', '=', token)
    .where('ended_at', 'is', null)
    .executeTakeFirst();
}

/** Says that a session was used; of two at once the later one counts. */
export async function touchSession(tx: Tx, token: Hash, now: Instant): Promise<void> {
  await sql`
    update sessions set last_used_at = greatest(last_used_at, ${now}) where token = ${token} and ended_at is null
  `.execute(tx);
}

export async function endSessionRow(tx: Tx, token: Hash, now: Instant): Promise<void> {
  await sql`update sessions set ended_at = ${now} where token = ${token} and ended_at is null`.execute(tx);
}

export async function endSessionRowsOf(tx: Tx, person: PersonId, now: Instant): Promise<void> {
  await sql`update sessions set ended_at = ${now} where person = ${person} and ended_at is null`.execute(tx);
}

/** Removes what started before: it is long over, and its nonce is refused for its age. */
export async function removeSessions(tx: Tx, startedBefore: Instant): Promise<void> {
  await tx.deleteFrom('sessions').where('started_at', '<', startedBefore).execute();
}

/** Ends every session there is: of which of them were ended since, a database that was set back knows nothing. */
export async function emptySessions(tx: Tx): Promise<void> {
  await tx.deleteFrom('sessions').execute();
}
