/**
 * Cosignatures of witnesses, `cosignature/v1` (C2SP tlog-cosignature): a line under a checkpoint by which a witness says
 * that, as of a time, this is the largest tree that it has seen of the log, and that it continues all before.
 *
 *     signature = time (8 bytes, big-endian) || Ed25519 over
 *
 *         cosignature/v1
 *         time <decimal, seconds>
 *         <the checkpoint's whole text>
 *
 * The witness's name is not signed: one key is one witness, whatever it is called.
 *
 * @module
 */
import { assert } from '../assert.ts';
import type { Brand } from '../brand.ts';
import { concat, utf8 } from '../bytes.ts';
import { Failure } from '../failure.ts';
import { type Ed25519, SIGNATURE_BYTES, type SigningKey } from '../note/ed25519.ts';
import { type CosignerKey, cosignerKey, isKeyName } from '../note/key.ts';
import type { Note, NoteSignature } from '../note/note.ts';

/** A cosignature that its witness's key made over the checkpoint that it stood under. */
export type VerifiedCosignature = Brand<
  {
    readonly key: CosignerKey;
    /** The witness's clock, seconds since 1970. What it is worth is for the reader to judge. */
    readonly timeSeconds: number;
    readonly line: NoteSignature;
  },
  'VerifiedCosignature'
>;

const TIME_BYTES = 8;

/**
 * Cosigns the text of a checkpoint. Only a witness calls this, after it has stored that this is the largest tree it has
 * seen (core/tlog/witness.ts).
 *
 * @throws {Failure} `key_invalid`, if no note could carry the name.
 */
export async function cosign(
  text: string,
  cosigner: string,
  key: SigningKey,
  timeSeconds: number,
): Promise<NoteSignature> {
  assert(Number.isSafeInteger(timeSeconds) && timeSeconds > 0, 'a cosignature is made at a time after 1970');
  const { keyId } = cosignerKey(cosigner, key.publicKey);
  const signature = await key.sign(cosignedBytes(text, timeSeconds));
  return { name: cosigner, keyId, bytes: concat(formatTime(timeSeconds), signature) };
}

/**
 * Verifies the cosignatures of known witnesses under a checkpoint. Lines of unknown keys are ignored; of those that claim
 * to be by a known key all must be good. Who signs twice is one witness, as of the earlier time.
 *
 * @throws {Failure} `signature_invalid`, if a known witness's line is not its signature; `key_invalid`, if two of the keys
 * share name and id, or are one key under two names.
 */
export async function openCosignatures(
  { text, signatures }: Note,
  keys: readonly CosignerKey[],
  ed25519: Ed25519,
): Promise<readonly VerifiedCosignature[]> {
  const known = indexCosigners(keys);
  const claims = signatures.flatMap((line) => {
    const key = known.get(`${line.name}+${line.keyId}`);
    return key === undefined ? [] : [{ key, timeSeconds: parseTime(line.bytes), line }];
  });
  const verdicts = await Promise.all(
    claims.map(({ key, timeSeconds, line }) =>
      ed25519.verify(key.publicKey, cosignedBytes(text, timeSeconds), line.bytes.subarray(TIME_BYTES)),
    ),
  );
  if (verdicts.includes(false)) throw new Failure('signature_invalid', 'a cosignature of a known witness is bad');
  const latestFirst = claims.toSorted((a, b) => b.timeSeconds - a.timeSeconds);
  const byKey = new Map(latestFirst.map((claim) => [claim.key, claim]));
  return keys.flatMap((key) => byKey.get(key) ?? []) as unknown as readonly VerifiedCosignature[];
}

function indexCosigners(keys: readonly CosignerKey[]): ReadonlyMap<string, CosignerKey> {
  const known = new Map(keys.map((key) => [`${key.cosigner}+${key.keyId}`, key]));
  const distinct = new Set(keys.map(({ publicKey }) => publicKey.join()));
  if (known.size < keys.length) throw new Failure('key_invalid', 'two witnesses share name and id');
  if (distinct.size < keys.length) throw new Failure('key_invalid', 'one key under two names is one witness');
  assert(
    keys.every(({ cosigner }) => isKeyName(cosigner)),
    'a cosigner key was read or made here',
  );
  return known;
}

function cosignedBytes(text: string, timeSeconds: number): Uint8Array {
  return utf8(`cosignature/v1\ntime ${timeSeconds}\n${text}`);
}

function formatTime(timeSeconds: number): Uint8Array {
  const bytes = new Uint8Array(TIME_BYTES);
  let rest = timeSeconds;
  for (let i = TIME_BYTES - 1; i >= 0; i--) {
    bytes[i] = rest % 256;
    rest = Math.floor(rest / 256);
  }
  return bytes;
}

/** Up to 2^53-1, which is past any clock; 0 is what a witness without a clock would say, and stands for no time. */
function parseTime(bytes: Uint8Array): number {
  if (bytes.length !== TIME_BYTES + SIGNATURE_BYTES) {
    throw new Failure('signature_invalid', `${bytes.length} bytes, a cosignature has ${TIME_BYTES + SIGNATURE_BYTES}`);
  }
  const timeSeconds = bytes.subarray(0, TIME_BYTES).reduce((high, byte) => high * 256 + byte, 0);
  if (!Number.isSafeInteger(timeSeconds) || timeSeconds === 0) {
    throw new Failure('signature_invalid', 'a cosignature names a time from 1 to 2^53-1');
  }
  return timeSeconds;
}
