/**
 * What a log asks of a witness, and how it is told that it began at the wrong place (C2SP tlog-witness):
 *
 *     old <size, decimal>
 *     <hash, base64>             the consistency proof from there, up to 63 lines
 *
 *     <checkpoint, a signed note, verbatim>
 *
 * @module
 */
import { assert } from '../assert.ts';
import { parseUtf8 } from '../bytes.ts';
import { Failure, readAs } from '../failure.ts';
import type { Hash } from '../hash.ts';
import { NOTE_BYTES_MAX, parseNote } from '../note/note.ts';
import { parseExtendedCheckpoint } from './checkpoint.ts';
import { formatHashLines, parseHashLines } from './hash-lines.ts';
import { parseSizeText, type Size } from './tree.ts';

/** What the body says. Nothing of it is verified. */
export interface AddCheckpoint {
  /** The size of the tree that the witness is believed to have cosigned last; 0: none. */
  readonly oldSize: Size;
  readonly proof: readonly Hash[];
  /** The checkpoint's note with all its signatures. */
  readonly checkpoint: string;
}

/** C2SP's limit; our own trees need fewer. */
export const ADD_PROOF_LINES_MAX = 63;
const OLD = 'old ';
const OLD_LINE_BYTES_MAX = `${OLD}${2 ** 53 - 1}\n`.length;
const HASH_LINE_BYTES = 45;
export const ADD_CHECKPOINT_BYTES_MAX: number =
  OLD_LINE_BYTES_MAX + ADD_PROOF_LINES_MAX * HASH_LINE_BYTES + '\n'.length + NOTE_BYTES_MAX;

/** The media type by which a witness says which size it is at. */
export const SIZE_MEDIA_TYPE = 'text/x.tlog.size';

/** Writes the body, the inverse of {@link parseAddCheckpoint}. */
export function formatAddCheckpoint({ oldSize, proof, checkpoint }: AddCheckpoint): string {
  assert(proof.length <= ADD_PROOF_LINES_MAX, 'no tree needs a longer proof');
  return `${OLD}${oldSize}\n${formatHashLines(proof)}\n${checkpoint}`;
}

/**
 * Reads an attacker-controlled body, and verifies nothing.
 *
 * @throws {Failure} `input_invalid`, `proof_invalid`, `note_invalid` or `checkpoint_invalid`, unless it is in the format.
 */
export function parseAddCheckpoint(body: Uint8Array): AddCheckpoint {
  if (body.length > ADD_CHECKPOINT_BYTES_MAX) {
    throw new Failure('input_invalid', `a body has at most ${ADD_CHECKPOINT_BYTES_MAX} bytes`);
  }
  const text = parseUtf8(body);
  const split = text.indexOf('\n\n');
  if (split < 0) throw new Failure('input_invalid', 'no blank line before the checkpoint');
  const [old = '', ...lines] = text.slice(0, split).split('\n');
  if (!old.startsWith(OLD)) throw new Failure('input_invalid', 'the first line is old <size>');
  const oldSize = readAs('input_invalid', 'the old size is a decimal', () => parseSizeText(old.slice(OLD.length)));
  if (lines.length > ADD_PROOF_LINES_MAX) {
    throw new Failure('proof_invalid', `${lines.length} hashes, at most ${ADD_PROOF_LINES_MAX}`);
  }
  const checkpoint = text.slice(split + 2);
  parseExtendedCheckpoint(parseNote(checkpoint).text);
  return { oldSize, proof: parseHashLines(lines), checkpoint };
}

/** Writes what a witness answers to the wrong old size: the one it is at. */
export function formatSizeAnswer(size: Size): string {
  return `${size}\n`;
}

/** @throws {Failure} `input_invalid`, unless the text is what {@link formatSizeAnswer} writes. */
export function parseSizeAnswer(text: string): Size {
  if (!text.endsWith('\n')) throw new Failure('input_invalid', 'a size ends in a newline');
  return parseSizeText(text.slice(0, -1));
}
