/**
 * Checkpoints (C2SP tlog-checkpoint): the head of a log's tree as the text of a signed note.
 *
 *     <origin>
 *     <size, decimal>
 *     <root, base64>
 *
 * Extension lines are refused: C2SP advises against them, and who doesn't know them cannot tell what was signed.
 * So a checkpoint has one text, and a text is one checkpoint.
 *
 * @module
 */
import type { Brand } from '../brand.ts';
import { parseBase64, toBase64 } from '../bytes.ts';
import { Failure, readAs } from '../failure.ts';
import { equalHash, parseHash } from '../hash.ts';
import type { Ed25519, SigningKey } from '../note/ed25519.ts';
import { hasControl, type VerifierKey } from '../note/key.ts';
import { openNote, signNote } from '../note/note.ts';
import { EMPTY_ROOT, parseSizeText, type TreeHead } from './tree.ts';

/** The head of the tree of one log. Not signed, or not verified. */
export interface Checkpoint extends TreeHead {
  /** The log's name: the first line of its checkpoints, and the name of its key. */
  readonly origin: string;
}

/** A checkpoint that the log's own key signed. Whether others saw the same one is another question. */
export type VerifiedCheckpoint = Brand<Checkpoint, 'VerifiedCheckpoint'>;

/** Writes the text that is signed. */
export function formatCheckpoint({ origin, size, root }: Checkpoint): string {
  return `${origin}\n${size}\n${toBase64(root)}\n`;
}

/** @throws {Failure} `checkpoint_invalid`, unless the text is what {@link formatCheckpoint} writes. */
export function parseCheckpoint(text: string): Checkpoint {
  const { extensions, ...checkpoint } = parseExtendedCheckpoint(text);
  if (extensions.length > 0) throw new Failure('checkpoint_invalid', 'a checkpoint has three lines');
  const isEmpty = checkpoint.size === 0;
  if (isEmpty && !equalHash(checkpoint.root, EMPTY_ROOT)) {
    throw new Failure('checkpoint_invalid', 'size 0 has one root only');
  }
  return checkpoint;
}

/** A checkpoint of any log, with the lines that only its own readers understand. */
export interface ExtendedCheckpoint extends Checkpoint {
  readonly extensions: readonly string[];
}

/**
 * Reads the checkpoint of a log that is not ours, for its witness: a cosigner says nothing about extension lines, so it
 * lets them pass, and whether an empty tree has its root is for it to judge.
 *
 * @throws {Failure} `checkpoint_invalid`, unless there are the three lines, and no empty one behind them.
 */
export function parseExtendedCheckpoint(text: string): ExtendedCheckpoint {
  const [origin = '', sizeText = '', rootText = '', ...rest] = text.split('\n');
  if (rest.pop() !== '')
    throw new Failure('checkpoint_invalid', 'a checkpoint has three lines, each ends in a newline');
  if (rest.some((line) => line === '' || hasControl(line))) {
    throw new Failure('checkpoint_invalid', 'an extension line is not empty and has no control character');
  }
  if (origin === '' || hasControl(origin)) throw new Failure('checkpoint_invalid', 'a checkpoint names its origin');
  const size = readAs('checkpoint_invalid', 'the size is a decimal', () => parseSizeText(sizeText));
  const root = readAs('checkpoint_invalid', 'the root is 32 bytes of base64', () => parseHash(parseBase64(rootText)));
  return { origin, size, root, extensions: rest };
}

/**
 * Verifies that the log's key signed the note, and that the note is a checkpoint of this log.
 *
 * @throws {Failure} `note_invalid`, `signature_invalid`, `checkpoint_invalid`
 */
export function openCheckpoint(note: string, vkey: VerifierKey, ed25519: Ed25519): Promise<VerifiedCheckpoint> {
  return openAnyCheckpoint(note, [vkey], ed25519);
}

/**
 * The same, for one of several logs, or a log with several keys: while one replaces another, both are believed.
 *
 * @throws {Failure} as {@link openCheckpoint}
 */
export async function openAnyCheckpoint(
  note: string,
  vkeys: readonly VerifierKey[],
  ed25519: Ed25519,
): Promise<VerifiedCheckpoint> {
  return (await openSignedCheckpoint(note, vkeys, ed25519)).checkpoint;
}

/** A checkpoint, and who of those that were believed signed it, in their order. */
export interface SignedCheckpoint {
  readonly checkpoint: VerifiedCheckpoint;
  readonly signers: readonly VerifierKey[];
}

/** The same, and which of the keys signed. @throws {Failure} as {@link openCheckpoint} */
export async function openSignedCheckpoint(
  note: string,
  vkeys: readonly VerifierKey[],
  ed25519: Ed25519,
): Promise<SignedCheckpoint> {
  const { text, verified } = await openNote(note, vkeys, ed25519);
  const checkpoint = parseCheckpoint(text);
  const own = verified.filter(({ name }) => name === checkpoint.origin);
  if (own.length === 0) throw new Failure('checkpoint_invalid', 'a checkpoint of another log');
  const signers = vkeys.filter(({ name, keyId }) => own.some((line) => line.name === name && line.keyId === keyId));
  return { checkpoint: checkpoint as VerifiedCheckpoint, signers };
}

/**
 * Signs a checkpoint under its origin's name and returns the note, with a line by each key, in their order. Only the signer
 * calls this, which keeps what it signed before and refuses to fork (design, section 7).
 *
 * @throws {Failure} `note_invalid`, if the origin is no key name.
 */
export function signCheckpoint(
  checkpoint: Checkpoint,
  ...keys: readonly [SigningKey, ...SigningKey[]]
): Promise<string> {
  return signNote(formatCheckpoint(checkpoint), checkpoint.origin, ...keys);
}
