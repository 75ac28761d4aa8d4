/**
 * `c2sp.org/tlog-proof@v1`: an inclusion proof and its checkpoint as one text, for verifiers of any make.
 *
 *     c2sp.org/tlog-proof@v1
 *     extra <base64>             optional, authenticated by nothing
 *     index <decimal>
 *     <hash, base64>             from the leaf's sibling up to the root's child
 *
 *     <checkpoint, a signed note, verbatim>
 *
 * @module
 */
import { assert } from '../assert.ts';
import { parseBase64, toBase64 } from '../bytes.ts';
import { Failure, readAs } from '../failure.ts';
import { NOTE_BYTES_MAX, parseNote } from '../note/note.ts';
import { parseCheckpoint } from './checkpoint.ts';
import { formatHashLines, parseHashLines } from './hash-lines.ts';
import { type InclusionProof, parseInclusionProof } from './inclusion.ts';
import { PROOF_HASHES_MAX } from './subtree.ts';
import { type Index, parseIndexText } from './tree.ts';

/** What the text says. Nothing of it is verified. */
export interface TlogProof {
  /** Opaque and never to be trusted: no signature and no hash covers it. Where present, it is not empty. */
  readonly extra?: Uint8Array;
  readonly index: Index;
  readonly proof: InclusionProof;
  /** The checkpoint's note with all its signatures, as it was served. */
  readonly checkpoint: string;
}

export const EXTRA_BYTES_MAX = 65_535;
const HEADER = 'c2sp.org/tlog-proof@v1';
const TEXT_LENGTH_MAX = NOTE_BYTES_MAX + 2 * EXTRA_BYTES_MAX + 64 * PROOF_HASHES_MAX;

/** Writes the text, the inverse of {@link parseTlogProof}. */
export function formatTlogProof({ extra, index, proof, checkpoint }: TlogProof): string {
  assert(extra === undefined || (0 < extra.length && extra.length <= EXTRA_BYTES_MAX), 'extra has bytes, not too many');
  const lines = [HEADER, ...(extra === undefined ? [] : [`extra ${toBase64(extra)}`]), `index ${index}`];
  return `${lines.join('\n')}\n${formatHashLines(proof)}\n${checkpoint}`;
}

/**
 * Reads the text, its checkpoint included, and verifies nothing.
 *
 * @throws {Failure} `proof_invalid`, unless the text is in the format; `note_invalid` or `checkpoint_invalid`, if its
 * last part is no note or no checkpoint.
 */
export function parseTlogProof(text: string): TlogProof {
  if (text.length > TEXT_LENGTH_MAX) throw new Failure('proof_invalid', 'the text is too long');
  const split = text.indexOf('\n\n');
  if (split < 0) throw new Failure('proof_invalid', 'no blank line before the checkpoint');
  const lines = text.slice(0, split).split('\n');
  if (lines.shift() !== HEADER) throw new Failure('proof_invalid', `the first line is ${HEADER}`);
  const extra = lines[0]?.startsWith('extra ') ? parseExtra(lines.shift() as string) : undefined;
  const index = parseIndexLine(lines.shift());
  const hashes = parseHashLines(lines);
  const checkpoint = text.slice(split + 2);
  parseCheckpoint(parseNote(checkpoint).text);
  return { ...(extra && { extra }), index, proof: parseInclusionProof(hashes), checkpoint };
}

function parseExtra(line: string): Uint8Array {
  const extra = readAs('proof_invalid', 'extra is base64', () => parseBase64(line.slice('extra '.length)));
  if (extra.length === 0 || extra.length > EXTRA_BYTES_MAX)
    throw new Failure('proof_invalid', 'extra is empty or long');
  return extra;
}

function parseIndexLine(line: string | undefined): Index {
  if (!line?.startsWith('index ')) throw new Failure('proof_invalid', 'a line with the index is missing');
  return readAs('proof_invalid', 'the index is a decimal', () => parseIndexText(line.slice('index '.length)));
}
