/**
 * Signed notes (C2SP signed-note): a text, a blank line, and one line for each signature.
 *
 *     <text, every line ends in a newline>
 *
 *     — <key name> <base64 of key id (4 bytes) || signature>
 *
 * The signed bytes are the text with its last newline, without the blank line. The *last* blank line separates.
 *
 * @module
 */
import type { Brand } from '../brand.ts';
import { concat, parseBase64, parseHex, toBase64, toHex, utf8 } from '../bytes.ts';
import { isWellFormed } from '../canonical.ts';
import { Failure, readAs } from '../failure.ts';
import type { Ed25519, SigningKey } from './ed25519.ts';
import { hasControl, isKeyName, type KeyId, keyIdOf, type VerifierKey } from './key.ts';

/** A line under a note. Nobody has verified it by being here. */
export interface NoteSignature {
  readonly name: string;
  readonly keyId: KeyId;
  /** What follows the key id: of Ed25519 64 bytes, of other types something else. */
  readonly bytes: Uint8Array;
}

/** A note as it was read: attacker-controlled, text and signatures alike. */
export interface Note {
  readonly text: string;
  readonly signatures: readonly NoteSignature[];
}

/** A note with at least one good signature of a known key, and no bad one. */
export type OpenedNote = Brand<
  {
    readonly text: string;
    /** Verified, one for each known key that signed. */
    readonly verified: readonly NoteSignature[];
    /** By keys unknown here: they prove nothing. */
    readonly unverified: readonly NoteSignature[];
  },
  'OpenedNote'
>;

export const NOTE_BYTES_MAX = 65_536;
export const NOTE_SIGNATURES_MAX = 100;

const SIGNATURE_MARK = '— ';
const KEY_ID_BYTES = 4;

/** @throws {Failure} `note_invalid`, if the text is not a note, or beyond the limits above. Verifies no signature. */
export function parseNote(note: string): Note {
  if (note.length > NOTE_BYTES_MAX || utf8(note).length > NOTE_BYTES_MAX) {
    throw new Failure('note_invalid', `a note has at most ${NOTE_BYTES_MAX} bytes`);
  }
  const split = note.lastIndexOf('\n\n');
  if (split < 0) throw new Failure('note_invalid', 'no blank line before the signatures');
  const text = note.slice(0, split + 1);
  refuseCrooked(note);
  return { text, signatures: parseSignatureLines(note.slice(split + 2)) };
}

/** Writes a note, the inverse of {@link parseNote}. */
export function formatNote(note: Note): string {
  return `${note.text}\n${formatSignatureLines(note.signatures)}`;
}

/**
 * Reads signature lines that stand by themselves, as a witness answers them.
 *
 * @throws {Failure} `note_invalid`, unless there are one to {@link NOTE_SIGNATURES_MAX} lines and nothing else.
 */
export function parseSignatureLines(text: string): readonly NoteSignature[] {
  const lines = text.split('\n');
  if (lines.pop() !== '') throw new Failure('note_invalid', 'a signature line ends in a newline');
  if (lines.length === 0) throw new Failure('note_invalid', 'no signature');
  if (lines.length > NOTE_SIGNATURES_MAX) {
    throw new Failure('note_invalid', `${lines.length} signatures, at most ${NOTE_SIGNATURES_MAX}`);
  }
  return lines.map(parseSignature);
}

/** Writes signature lines, the inverse of {@link parseSignatureLines}. */
export function formatSignatureLines(signatures: readonly NoteSignature[]): string {
  return signatures.map(formatSignature).join('');
}

/**
 * Reads a note and verifies it: signatures of unknown keys are ignored, those of known keys must all be good.
 *
 * @throws {Failure} `note_invalid`, if it is not a note; `signature_invalid`, if a known key's signature is bad or
 * no known key signed; `key_invalid`, if two of the verifiers share name and id.
 */
export async function openNote(note: string, verifiers: readonly VerifierKey[], ed25519: Ed25519): Promise<OpenedNote> {
  const { text, signatures } = parseNote(note);
  const known = indexVerifiers(verifiers);
  const message = utf8(text);
  const claims = signatures.flatMap((signature) => {
    const key = known.get(nameOf(signature));
    return key === undefined ? [] : [{ key, signature }];
  });
  if (claims.length === 0) throw new Failure('signature_invalid', 'no known key has signed this note');
  const verdicts = await Promise.all(
    claims.map(({ key, signature }) => ed25519.verify(key.publicKey, message, signature.bytes)),
  );
  if (verdicts.includes(false)) throw new Failure('signature_invalid', 'a signature of a known key is bad');
  // Who signs twice is one signer.
  const verified = new Map(claims.map(({ signature }) => [nameOf(signature), signature]));
  const unverified = signatures.filter((signature) => !known.has(nameOf(signature)));
  return { text, verified: [...verified.values()], unverified } as unknown as OpenedNote;
}

/**
 * Signs a text and returns the note, with a line by each key, in their order.
 *
 * @throws {Failure} `note_invalid`, if the text cannot be a note's, or the name a key's.
 */
export async function signNote(
  text: string,
  name: string,
  ...keys: readonly [SigningKey, ...SigningKey[]]
): Promise<string> {
  refuseCrooked(text);
  if (!text.endsWith('\n')) throw new Failure('note_invalid', 'the text of a note ends in a newline');
  if (!isKeyName(name)) throw new Failure('note_invalid', 'not a key name');
  const message = utf8(text);
  const signatures = await Promise.all(
    keys.map(async (key) => ({ name, keyId: keyIdOf(name, key.publicKey), bytes: await key.sign(message) })),
  );
  return formatNote({ text, signatures });
}

function refuseCrooked(text: string): void {
  if (!isWellFormed(text)) throw new Failure('note_invalid', 'not UTF-8: a lone surrogate');
  if (hasControl(text.replaceAll('\n', ''))) throw new Failure('note_invalid', 'a control character');
}

function parseSignature(line: string): NoteSignature {
  if (!line.startsWith(SIGNATURE_MARK)) throw new Failure('note_invalid', 'a signature line begins with U+2014');
  const [name = '', encoded = '', ...rest] = line.slice(SIGNATURE_MARK.length).split(' ');
  if (!isKeyName(name) || rest.length > 0) throw new Failure('note_invalid', 'a signature line is name and base64');
  const bytes = readAs('note_invalid', 'a signature is base64', () => parseBase64(encoded));
  if (bytes.length <= KEY_ID_BYTES) throw new Failure('note_invalid', 'a signature is a key id and more');
  const keyId = toHex(bytes.subarray(0, KEY_ID_BYTES)) as KeyId;
  return { name, keyId, bytes: bytes.subarray(KEY_ID_BYTES) };
}

function formatSignature({ name, keyId, bytes }: NoteSignature): string {
  return `${SIGNATURE_MARK}${name} ${toBase64(concat(parseHex(keyId), bytes))}\n`;
}

/** An id of four bytes can be forged: of two keys under one name and id, neither is known. */
function indexVerifiers(verifiers: readonly VerifierKey[]): ReadonlyMap<string, VerifierKey> {
  const known = new Map(verifiers.map((key) => [nameOf(key), key]));
  if (known.size < verifiers.length) throw new Failure('key_invalid', 'two verifier keys share name and id');
  return known;
}

/** No name has a `+`, so the two parts cannot run together. */
function nameOf({ name, keyId }: { readonly name: string; readonly keyId: KeyId }): string {
  return `${name}+${keyId}`;
}
