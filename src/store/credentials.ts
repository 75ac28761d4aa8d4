/** The table `credentials`: which key of which person an authenticator's credential is. It decides nothing; streams do. */
import type { PersonId } from '#core/ids.ts';
import type { Tx } from './schema.ts';

export interface CredentialRow {
  readonly credential: Uint8Array;
  readonly person: PersonId;
  /** As in `subject_keys`. */
  readonly public_key: Uint8Array;
}

/** Of two keys with one id, which only a broken or a lying device makes, the first keeps it. */
export async function insertCredentials(tx: Tx, rows: readonly CredentialRow[]): Promise<void> {
  if (rows.length === 0) return;
  await tx
    .insertInto('credentials')
    .values([...rows])
    .onConflict((conflict) => conflict.column('credential').doNothing())
    .execute();
}

/** Whose a credential is, and its public key; or undefined. */
export async function loadCredential(
  tx: Tx,
  credential: Uint8Array,
): Promise<Pick<CredentialRow, 'person' | 'public_key'> | undefined> {
  return tx
    .selectFrom('credentials')
    .select(['person', 'public_key'])
    .where('credential', '=', credential)
    .executeTakeFirst();
}

/** The id by which a device names a key of a person; undefined: it is no passkey, or was bound without one. */
export async function loadCredentialOf(
  tx: Tx,
  person: PersonId,
  publicKey: Uint8Array,
): Promise<Uint8Array | undefined> {
  const row = await tx
    .selectFrom('credentials')
    .select('credential')
    .where('person', '=', person)
    .where('public_key', '=', publicKey)
    .orderBy('credential')
    .executeTakeFirst();
  return row?.credential;
}
