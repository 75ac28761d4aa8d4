/** The table `credentials`: which key of which person an authenticator's credential is. It decides nothing; streams do. */
import type { PersonId } from '#core/ids.ts';
import type { Tx } from './schema.ts';

/** Whose a credential is, and its public key as in `subject_keys`; or undefined. */
export async function loadCredential(
  tx: Tx,
  credential: Uint8Array,
): Promise<{ readonly person: PersonId; readonly public_key: Uint8Array } | undefined> {
  return tx
    .selectFrom('credentials')
    .select(['person', 'public_key'])
    .where('credential', '=', credential)
    .executeTakeFirst();
}
