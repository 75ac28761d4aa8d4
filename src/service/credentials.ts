/** Passkeys by the ids that their devices name them by. */
import { parseBase64Url, parseUtf8 } from '#core/bytes.ts';
import { readAs } from '#core/failure.ts';
import { loadCredential } from '#store/credentials.ts';
import type { Context } from './context.ts';
import { unknownKey } from './statements.ts';

/**
 * The text of a passkey's public key. Whose it is, and whether it counts, the ledger says of the key.
 *
 * @param credential base64url, as a browser says it.
 * @throws {Failure} `subject_key_unknown`
 */
export async function keyOfCredential({ ledger }: Context, credential: string): Promise<string> {
  const id = readAs('subject_key_unknown', 'no such passkey', () => parseBase64Url(credential));
  const found = await ledger.store.readOnce((tx) => loadCredential(tx, id));
  if (found === undefined) throw unknownKey();
  return parseUtf8(found.public_key);
}
