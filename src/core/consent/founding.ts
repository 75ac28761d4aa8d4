/**
 * Entry 0, proven: which keys the ledger signs with, told by the log itself and not by who serves it.
 *
 * @module
 */
import { utf8 } from '../bytes.ts';
import { Failure } from '../failure.ts';
import { hashLeaf } from '../hash.ts';
import type { Ed25519 } from '../note/ed25519.ts';
import { formatVkey, type PublicKey, type VerifierKey } from '../note/key.ts';
import { openCheckpoint } from '../tlog/checkpoint.ts';
import { parseEntry } from '../tlog/entry.ts';
import { verifyInclusion } from '../tlog/inclusion.ts';
import { parseTlogProof } from '../tlog/proof.ts';
import { parseKeyText } from './key-text.ts';
import type { LogOpened } from './log.ts';
import { commandOf } from './rules.ts';

export interface Founding {
  /** Entry 0's exact text. */
  readonly entry: string;
  /** `c2sp.org/tlog-proof@v1`. */
  readonly proof: string;
}

/**
 * Verifies attacker-controlled texts against a trusted vkey, and returns the key that signs entries, permits and answers.
 *
 * @throws {Failure} `proof_invalid`, `checkpoint_invalid`, `entry_invalid`
 */
export async function openFounding(founding: Founding, vkey: VerifierKey, ed25519: Ed25519): Promise<PublicKey> {
  const bytes = utf8(founding.entry);
  const entry = parseEntry(bytes);
  const { index, proof, checkpoint } = parseTlogProof(founding.proof);
  if (index !== 0 || entry.log !== vkey.name) throw new Failure('proof_invalid', 'not entry 0 of the trusted log');
  verifyInclusion(proof, index, hashLeaf(bytes), await openCheckpoint(checkpoint, vkey, ed25519));
  const command = commandOf(entry);
  if (command.type !== 'log.opened') throw new Failure('entry_invalid', 'entry 0 does not open a log');
  const { log_key, issuing_key }: LogOpened = command.input;
  if (log_key !== formatVkey(vkey)) throw new Failure('entry_invalid', 'entry 0 names another log key');
  return parseKeyText(issuing_key);
}
