/** What a client has to trust is the log's vkey; the key that signs permits and answers it learns from the log. */
import { openFounding } from '#core/consent/founding.ts';
import type { Ed25519 } from '#core/note/ed25519.ts';
import type { PublicKey, VerifierKey } from '#core/note/key.ts';
import type { Client } from './client.ts';

/**
 * Asks for entry 0 and verifies it against the trusted vkey.
 *
 * @throws {Failure} `proof_invalid`, `checkpoint_invalid`, `entry_invalid`, if it is not that log's.
 */
export async function openIssuingKey(
  client: Pick<Client, 'founding'>,
  vkey: VerifierKey,
  ed25519: Ed25519,
): Promise<PublicKey> {
  return openFounding(await client.founding(), vkey, ed25519);
}
