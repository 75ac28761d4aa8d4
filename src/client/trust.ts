/** What a client has to trust is the log's vkey; the keys that sign permits and answers it learns from the log. */
import { liveIssuingKeys } from '#core/consent/issuing-key.ts';
import { openLogState } from '#core/consent/log-keys.ts';
import type { Ed25519 } from '#core/note/ed25519.ts';
import type { PublicKey, VerifierKey } from '#core/note/key.ts';
import type { Client } from './client.ts';
import { openKeyRing } from './key-ring.ts';
import type { IssuingKeyRing } from './trusted-keys.ts';

/**
 * Asks for the log's own entries and verifies them against the trusted vkey. The key in force comes first; behind it those
 * that are to take over, or did sign until of late. Ask again when a key is announced (docs/keys.md).
 *
 * @throws {Failure} `proof_invalid`, `checkpoint_invalid`, `entry_invalid`, `receipt_invalid`, `signature_invalid`, if they
 *   are not that log's.
 */
export async function openIssuingKeys(
  client: Pick<Client, 'logKeys'>,
  vkey: VerifierKey,
  ed25519: Ed25519,
): Promise<readonly PublicKey[]> {
  return liveIssuingKeys(await openLogState(await client.logKeys(), vkey, ed25519));
}

/**
 * The same for a process that stays up while keys are exchanged: it asks anew by itself, every ten minutes, and at once when
 * it meets what none of its keys signed; then once a minute at most.
 *
 * @param clock milliseconds since 1970, UTC.
 * @throws {Failure} as {@link openIssuingKeys}, the first time.
 */
export function openIssuingKeyRing(
  client: Pick<Client, 'logKeys'>,
  vkey: VerifierKey,
  ed25519: Ed25519,
  clock: () => number,
): Promise<IssuingKeyRing> {
  return openKeyRing({ ask: () => client.logKeys(), vkey, ed25519, clock });
}
