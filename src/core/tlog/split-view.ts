/**
 * A split view, and its proof: two checkpoints of one log, of the same size and with different roots, both signed by the
 * log's key. Whoever has the log's vkey can check it, and nobody but the holder of that key can have made it.
 *
 * @module
 */

import { utf8 } from '../bytes.ts';
import { canonicalText, parseCanonical } from '../canonical.ts';
import { Failure, readAs } from '../failure.ts';
import { equalHash } from '../hash.ts';
import type { Ed25519 } from '../note/ed25519.ts';
import type { VerifierKey } from '../note/key.ts';
import { NOTE_BYTES_MAX, openNote } from '../note/note.ts';
import { list, oneOf, record, text } from '../shape.ts';
import { type Checkpoint, parseExtendedCheckpoint } from './checkpoint.ts';

/** Two notes of one log. Whether they contradict each other is what {@link openSplitView} tells. */
export type SplitView = readonly [one: string, other: string];

const FORMAT = 'assent/split-view/v1';
const shape = record({ format: oneOf([FORMAT]), notes: list(text(NOTE_BYTES_MAX), 2) });

/** Writes the evidence as one canonical text. */
export function formatSplitView(notes: SplitView): string {
  return canonicalText({ format: FORMAT, notes });
}

/**
 * Reads evidence from anyone, and verifies that it proves a split view of the log whose keys these are.
 *
 * @throws {Failure} `input_invalid`, if it is not in the format; `note_invalid`, `signature_invalid` or
 * `checkpoint_invalid`, if a note is not a checkpoint that the log signed; `proof_invalid`, if both can be true.
 */
export async function openSplitView(
  evidence: string,
  keys: readonly VerifierKey[],
  ed25519: Ed25519,
): Promise<readonly [Checkpoint, Checkpoint]> {
  const { notes } = readAs('input_invalid', `not ${FORMAT}`, () => shape(parseCanonical(utf8(evidence)), 'evidence'));
  const [one, other] = await Promise.all(
    notes.map(async (note) => parseExtendedCheckpoint((await openNote(note, keys, ed25519)).text)),
  );
  if (one === undefined || other === undefined) throw new Failure('input_invalid', 'want two notes');
  if (!keys.some(({ name }) => name === one.origin)) throw new Failure('checkpoint_invalid', 'of another log');
  if (one.origin !== other.origin) throw new Failure('proof_invalid', 'two checkpoints of different logs');
  if (one.size !== other.size) throw new Failure('proof_invalid', 'different sizes contradict nothing by themselves');
  if (equalHash(one.root, other.root)) throw new Failure('proof_invalid', 'both say the same');
  return [one, other];
}
