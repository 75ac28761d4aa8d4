/**
 * A time-stamped checkpoint as a file: canonical JSON with a checkpoint's note and the token over it. Stamped are the note's
 * exact UTF-8 bytes as the log signed it: its text, an empty line, and the log's own signature lines, one for each log key that
 * signs. Cosignatures are not under it: they come later, and have times of their own.
 *
 * @module
 */
import { parseBase64, parseUtf8, toBase64, utf8 } from '#core/bytes.ts';
import { encodeCanonical, parseCanonical } from '#core/canonical.ts';
import { Failure, readAs } from '#core/failure.ts';
import { equalHash, parseHash } from '#core/hash.ts';
import type { Ed25519 } from '#core/note/ed25519.ts';
import type { VerifierKey } from '#core/note/key.ts';
import { formatNote, NOTE_BYTES_MAX, parseNote } from '#core/note/note.ts';
import { oneOf, record, text } from '#core/shape.ts';
import {
  openAnyCheckpoint,
  openSignedCheckpoint,
  type SignedCheckpoint,
  type VerifiedCheckpoint,
} from '#core/tlog/checkpoint.ts';
import { parseConsistencyProof, verifyConsistency } from '#core/tlog/consistency.ts';
import type { TsaCertificates } from './certificates.ts';
import { openTimeStamp, type TimeStamp, TOKEN_BYTES_MAX } from './token.ts';

export const STAMP_BYTES_MAX = 2 * NOTE_BYTES_MAX + 2 * TOKEN_BYTES_MAX;

const shape = record({
  format: oneOf(['assent/time-stamp/v1']),
  checkpoint: text(NOTE_BYTES_MAX),
  /** The TimeStampToken (RFC 3161), DER in base64. */
  token: text(2 * TOKEN_BYTES_MAX),
});

/** A checkpoint, and when it existed. */
export interface StampedCheckpoint extends SignedCheckpoint {
  readonly stamp: TimeStamp;
}

export function formatStamped(note: string, token: Uint8Array): Uint8Array {
  return encodeCanonical({ format: 'assent/time-stamp/v1', checkpoint: note, token: toBase64(token) });
}

/**
 * The note with the log's own signatures alone: those under its name.
 *
 * @param vkeys of one log, of which one has to have signed.
 * @throws {Failure} as {@link openAnyCheckpoint}
 */
export async function ownNote(note: string, vkeys: readonly VerifierKey[], ed25519: Ed25519): Promise<string> {
  const { origin } = await openAnyCheckpoint(note, vkeys, ed25519);
  const { text, signatures } = parseNote(note);
  return formatNote({ text, signatures: signatures.filter(({ name }) => name === origin) });
}

/**
 * Opens a file that {@link formatStamped} made: the log's key signed the checkpoint, and a pinned TSA that note.
 *
 * @throws {Failure} `time_stamp_invalid`
 */
export async function openStamped(
  file: Uint8Array,
  vkeys: readonly VerifierKey[],
  pinned: TsaCertificates,
  ed25519: Ed25519,
): Promise<StampedCheckpoint> {
  const { note, token } = parseStamped(file);
  return { stamp: await openTimeStamp(token, utf8(note), pinned), ...(await openNote(note, vkeys, ed25519)) };
}

/**
 * The checkpoint of such a file, whoever stamped it: the log's key signed it.
 *
 * @throws {Failure} `time_stamp_invalid`
 */
export async function openStampedCheckpoint(
  file: Uint8Array,
  vkeys: readonly VerifierKey[],
  ed25519: Ed25519,
): Promise<VerifiedCheckpoint> {
  return (await openNote(parseStamped(file).note, vkeys, ed25519)).checkpoint;
}

function parseStamped(file: Uint8Array): { readonly note: string; readonly token: Uint8Array } {
  const { checkpoint, token } = readAs('time_stamp_invalid', 'the file is no time-stamp (assent/time-stamp/v1)', () =>
    shape(parseCanonical(file), 'time-stamp'),
  );
  return {
    note: checkpoint,
    token: readAs('time_stamp_invalid', 'the token is not in base64', () => parseBase64(token)),
  };
}

async function openNote(note: string, vkeys: readonly VerifierKey[], ed25519: Ed25519): Promise<SignedCheckpoint> {
  try {
    if ((await ownNote(note, vkeys, ed25519)) !== note)
      throw invalid('there is more under the checkpoint than the log’s signature');
    return await openSignedCheckpoint(note, vkeys, ed25519);
  } catch (cause) {
    if (!(cause instanceof Failure)) throw cause;
    throw new Failure('time_stamp_invalid', `what was stamped is no checkpoint of this log: ${cause.message}`, {
      cause,
    });
  }
}

/**
 * That the tree of a checkpoint is the stamped one, or its beginning: then it existed by then, too.
 *
 * @param proof The answer of `GET /v1/proofs/consistency`, from the one's size to the other's; undefined: there is none.
 * @throws {Failure} `time_stamp_invalid`, if it is not, or nothing proves it.
 */
export function requireCovered(
  checkpoint: VerifiedCheckpoint,
  stamped: VerifiedCheckpoint,
  proof: Uint8Array | undefined,
): void {
  const [own, other] = [checkpoint.size, stamped.size];
  if (other < own) {
    throw invalid(
      `the time-stamp is of the tree of ${other} entries, and the receipt’s has ${own}: take one of ${own} or more (GET /v1/time-stamps?from=${own})`,
    );
  }
  if (own === other && equalHash(checkpoint.root, stamped.root)) return;
  if (own === other) throw invalid(`the log’s key signed two trees of ${own} entries: keep both files, they show it`);
  if (proof === undefined) {
    throw invalid(
      `the time-stamp is of the tree of ${other} entries, and the receipt’s has ${own}: want the answer of GET /v1/proofs/consistency?from=${own}&to=${other} as well (--consistency FILE)`,
    );
  }
  readAs('time_stamp_invalid', 'the proof does not lead from the receipt’s tree to the stamped one', () =>
    verifyConsistency(parseConsistencyProof(hashesOf(proof)), checkpoint, stamped),
  );
}

function hashesOf(proof: Uint8Array) {
  try {
    const { hashes } = JSON.parse(parseUtf8(proof));
    if (Array.isArray(hashes)) return hashes.map((each: unknown) => parseHash(parseBase64(String(each))));
  } catch {
    // Said below.
  }
  throw new Failure('proof_invalid', 'want {"from", "to", "hashes"}, as GET /v1/proofs/consistency answers');
}

function invalid(message: string): Failure {
  return new Failure('time_stamp_invalid', message);
}
