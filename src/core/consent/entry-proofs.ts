/**
 * What an entry proves by signatures in its own body, besides what signs the entry: rules are synchronous, so it is verified
 * beside them, by the audit and in every receipt.
 *
 * @module
 */
import type { Ed25519 } from '../note/ed25519.ts';
import type { Entry } from '../tlog/entry.ts';
import { verifyPossession } from './issuing-key.ts';
import { judgeContinued } from './log-continued.ts';
import { verifyLogKeyPossession } from './log-key.ts';
import { recoveryIn, verifyRecovery } from './recovery.ts';

/** Of most entries there is nothing to verify. @throws {Failure} `signature_invalid`, `key_invalid`; as {@link judgeContinued} */
export async function verifyEntryProofs(ed25519: Ed25519, entry: Pick<Entry, 'log' | 'type' | 'body'>): Promise<void> {
  await verifyPossession(ed25519, entry);
  await verifyLogKeyPossession(ed25519, entry);
  if (entry.type === 'log.continued') await judgeContinued(ed25519, entry);
  const recovery = recoveryIn(entry);
  if (recovery !== undefined) await verifyRecovery(ed25519, recovery.statement, recovery.signatures);
}
