/**
 * The log key that signed what was lost, where it took over from the one that what is left knows (ADR 0028, 0031): who reads is
 * led to it by the entries that added it, each in a tree that a key before it signed. Nothing else of the lost tail is needed.
 *
 * @module
 */
import { utf8 } from '../bytes.ts';
import { Failure, readAs } from '../failure.ts';
import { hashLeaf } from '../hash.ts';
import type { Ed25519 } from '../note/ed25519.ts';
import { parseVkey, type VerifierKey } from '../note/key.ts';
import { list, record, type ShapeOf, text } from '../shape.ts';
import { openAnyCheckpoint, openSignedCheckpoint, type VerifiedCheckpoint } from '../tlog/checkpoint.ts';
import { parseEntry } from '../tlog/entry.ts';
import { verifyInclusion } from '../tlog/inclusion.ts';
import { parseTlogProof } from '../tlog/proof.ts';
import { LOG_STREAM } from '../tlog/stream.ts';
import { verifyLogKeyPossession } from './log-key.ts';

/** A log has no more keys in its life. */
const STEPS_MAX = 15;

export const lostKeysShape = list(
  record({
    /** `log.log_key_added`, as it stands in the tree. */
    entry: text(8_192),
    /** Where: `c2sp.org/tlog-proof@v1`, under a checkpoint of that time. */
    proof: text(24_576),
  }),
  STEPS_MAX,
);
export type LostKeys = ShapeOf<typeof lostKeysShape>;

export interface LostCheckpoint {
  /** The vkey that the log had, by what is left. */
  readonly before: string;
  /** The note. */
  readonly lost: string;
  /** Absent: the key of before signed it. */
  readonly lost_keys?: LostKeys;
}

/**
 * Opens the lost checkpoint under the key of before, or under one that it leads to.
 *
 * @throws {Failure} `note_invalid`, `signature_invalid`, `checkpoint_invalid`, if it is none of this log; `proof_invalid`,
 *   `entry_invalid`, `key_invalid`, if nothing leads to who signed it, or more is shown than has to be.
 */
export async function openLost(
  { before, lost, lost_keys }: LostCheckpoint,
  ed25519: Ed25519,
): Promise<VerifiedCheckpoint> {
  const first = parseVkey(before);
  const believed = [first];
  for (const step of lost_keys ?? []) believed.push(await keyAddedBy(step, believed, ed25519));
  const { checkpoint, signers } = await openSignedCheckpoint(lost, believed, ed25519);
  if (lost_keys === undefined) return checkpoint;
  if (signers.includes(first) || !signers.includes(believed.at(-1) as VerifierKey)) {
    throw new Failure('proof_invalid', 'lost_keys: want what leads to the key that signed what is lost, and no more');
  }
  return checkpoint;
}

async function keyAddedBy(
  { entry: said, proof: shown }: LostKeys[number],
  believed: readonly VerifierKey[],
  ed25519: Ed25519,
): Promise<VerifierKey> {
  const { index, proof, checkpoint } = parseTlogProof(shown);
  const tree = await openAnyCheckpoint(checkpoint, believed, ed25519);
  const bytes = utf8(said);
  const entry = parseEntry(bytes);
  if (entry.log !== tree.origin || entry.stream !== LOG_STREAM || entry.type !== 'log.log_key_added') {
    throw new Failure('proof_invalid', 'lost_keys: want entries that add a log key of this log');
  }
  verifyInclusion(proof, index, hashLeaf(bytes), tree);
  const { vkey: text, possession } = entry.body;
  // It is lost: no rule has read it here.
  if (typeof text !== 'string' || typeof possession !== 'string') {
    throw new Failure('key_invalid', 'lost_keys: want a vkey, and its own signature');
  }
  const vkey = readAs('key_invalid', 'lost_keys: want a vkey', () => parseVkey(text));
  await verifyLogKeyPossession(ed25519, entry);
  return vkey;
}
