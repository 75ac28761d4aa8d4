/**
 * The receipt: everything that proves one access, what a subject answered to one letter, or one erasure, to someone who trusts
 * nobody but the log's public key. One canonical JSON file under one checkpoint.
 *
 *     { "v": 1, "kind": "access", "log": <origin>, "access": <id>,      of a letter: "kind": "letter", "letter": <id>
 *                                                                      of an erasure: "kind": "erasure", "leaf": <its entry's>
 *       "slices": [ { "stream", "entries": [<entry's text>…], "signatures": [<base64url>…], "proof": <c2sp.org/tlog-proof@v1> }… ],
 *       "opened": [ { "index", "digests": {<name>: <digest>}, "parts": {<name>: {"salt", "value"}} }… ],
 *       "packs": [ <canonical text>… ]  where packs decided
 *       "evidence": { "keys": [ { "entry", "signature", "proof", "digests", "parts", "identifier": <slice> | null }… ],
 *                     "opened": [ { "seq", "digests", "parts" }… ] },  where the subject opens what it signed
 *       "erasure": <slice>  where payloads of the first slice were erased: the same stream, up to the entry that says so,
 *       "log_keys": <slice with "key_steps">  where the log key was exchanged: the log's own stream as of the checkpoint,
 *       "continued": <slice>  where the log goes on under another name than what the receipt is of: its own stream, up to the entry that says so }
 *
 * The first slice ends with the access, with the letter's signature or refusal, or with the entry that something was erased, whose receipt has neither evidence nor erasure; the others are the streams whose heads the
 * decision `saw`, and the log's, which names the keys. Of the evidence, `opened` are entries of the first slice, and `keys` the entries that bound the keys which signed them, each by itself: a person's
 * stream says where else the person is known. `identifier` is the party that identified the person, as it was before. The
 * trust root, the vkey, is never taken from the receipt.
 *
 * @module
 */
import { parseUtf8 } from '../bytes.ts';
import { encodeCanonical, type Json, type JsonObject, parseCanonical } from '../canonical.ts';
import { Failure, readAs } from '../failure.ts';
import type { AccessId, LetterId } from '../ids.ts';
import { PACK_BYTES_MAX } from '../pack/pack.ts';
import {
  hash,
  id,
  integer,
  isObject,
  list,
  nullable,
  oneOf,
  record,
  recordWith,
  type Shape,
  type ShapeOf,
  text,
} from '../shape.ts';
import { ENTRY_BYTES_MAX } from '../tlog/entry.ts';
import { parseStream, type StreamId } from '../tlog/stream.ts';
import { PACKS_MAX } from './log.ts';
import { LOG_KEYS_MAX } from './log-key.ts';

export const RECEIPT_BYTES_MAX = 16 * 1024 * 1024;
export const SLICES_MAX = 64;
/** A slice holds every entry of its stream from the first on; past this one the receipt would not be read. */
export const SLICE_ENTRIES_MAX = 10_000;

/** Four steps in the life of a log key at most (log-key.ts). */
const KEY_STEPS_MAX = 4 * LOG_KEYS_MAX;

const stream: Shape<StreamId> = (value) => parseStream(value);
const anything: Shape<Json> = (value, at) => {
  if (value === undefined) throw new Failure('receipt_invalid', `${at}: want a value`);
  return value;
};

const SLICE = {
  stream,
  /** The entries' exact bytes, from seq 0 on, as text. */
  entries: list(text(ENTRY_BYTES_MAX), SLICE_ENTRIES_MAX),
  /** The issuing key's signature over each entry's leaf. */
  signatures: list(text(86), SLICE_ENTRIES_MAX),
  /** Proves the last entry, and by the chain all before it. */
  proof: text(262_144),
};
const slice = record(SLICE);
export type Slice = ShapeOf<typeof slice>;

/** The log's own slice, with what leads from one log key to the next (follow-log-keys.ts). */
export type FollowableSlice = Slice & {
  /** Of each entry of it about a log key, in their order, its own proof, under a checkpoint of that time. Absent: none is. */
  readonly key_steps?: readonly string[] | undefined;
};
const followable: Shape<FollowableSlice> = recordWith(SLICE, { key_steps: list(text(262_144), KEY_STEPS_MAX) });

/** Reads what `GET /v1/log/keys` answers, as a mirror keeps it, and verifies nothing. @throws {Failure} `input_invalid` */
export function parseFollowable(value: Json): FollowableSlice {
  return readAs('input_invalid', 'not the log’s own slice', () => followable(value, 'keys'));
}

const OPENED_PARTS = { digests: named(hash), parts: named(record({ salt: hash, value: anything })) };
const openedParts = record(OPENED_PARTS);
/** The digests of all parts of a payload, and those of them that are opened. */
export type OpenedParts = ShapeOf<typeof openedParts>;
const opening = record({ index: integer(0, Number.MAX_SAFE_INTEGER), ...OPENED_PARTS });
export type Opening = ShapeOf<typeof opening>;

/** The entry that bound a key, by itself, and who identified the person for it. */
const boundKey = record({
  entry: text(ENTRY_BYTES_MAX),
  signature: text(86),
  proof: text(262_144),
  ...OPENED_PARTS,
  identifier: nullable(slice),
});
export type BoundKeyShown = ShapeOf<typeof boundKey>;
const signedEntry = record({ seq: integer(0, SLICE_ENTRIES_MAX), ...OPENED_PARTS });
/** So many keys sign in one relationship, ended ones included. */
export const EVIDENCE_KEYS_MAX = 64;
const evidence = record({
  keys: list(boundKey, EVIDENCE_KEYS_MAX),
  opened: list(signedEntry, SLICE_ENTRIES_MAX),
});
export type ShownEvidence = ShapeOf<typeof evidence>;

const FIELDS = {
  v: integer(1, 1),
  log: text(512),
  slices: list(slice, SLICES_MAX),
  opened: list(opening, SLICE_ENTRIES_MAX),
};
/** `packs`: the canonical texts of those that it was decided by, where there were any; the others: see above. */
const PACKS = list(text(PACK_BYTES_MAX), PACKS_MAX);
const OF_THE_LOG = { continued: slice, log_keys: followable };
const OPTIONAL = { packs: PACKS, evidence, erasure: slice, ...OF_THE_LOG };
const ofAccess = recordWith({ ...FIELDS, kind: oneOf(['access']), access: id<AccessId>() }, OPTIONAL);
const ofLetter = recordWith({ ...FIELDS, kind: oneOf(['letter']), letter: id<LetterId>() }, OPTIONAL);
const ofErasure = recordWith({ ...FIELDS, kind: oneOf(['erasure']), leaf: hash }, { packs: PACKS, ...OF_THE_LOG });
export type AccessReceipt = ShapeOf<typeof ofAccess>;
export type LetterReceipt = ShapeOf<typeof ofLetter>;
/** What was signed is gone, or told by a letter's own receipt. */
export type ErasureReceipt = ShapeOf<typeof ofErasure> & {
  readonly evidence?: undefined;
  readonly erasure?: undefined;
};
export type Receipt = AccessReceipt | LetterReceipt | ErasureReceipt;
const receipt: Shape<Receipt> = (value, at) => {
  const kind = isObject(value) ? value['kind'] : undefined;
  if (kind === 'letter') return ofLetter(value, at);
  return kind === 'erasure' ? ofErasure(value, at) : ofAccess(value, at);
};

/** Writes a receipt's file. */
export function formatReceipt(
  parts: Omit<AccessReceipt, 'v'> | Omit<LetterReceipt, 'v'> | Omit<ErasureReceipt, 'v'>,
): string {
  return parseUtf8(encodeCanonical({ v: 1, ...parts } as JsonObject));
}

/**
 * Reads a receipt's file and verifies nothing. One line break at its end is allowed, as editors leave one.
 *
 * @throws {Failure} `receipt_invalid`
 */
export function parseReceipt(bytes: Uint8Array): Receipt {
  if (bytes.length > RECEIPT_BYTES_MAX) throw new Failure('receipt_invalid', 'the file is too large for a receipt');
  const trimmed = bytes.at(-1) === 0x0a ? bytes.subarray(0, -1) : bytes;
  return readAs('receipt_invalid', 'not a receipt', () => receipt(parseCanonical(trimmed), 'receipt'));
}

function named<T>(shape: Shape<T>): Shape<{ readonly [name: string]: T }> {
  return (value, at) => {
    if (!isObject(value)) throw new Failure('receipt_invalid', `${at}: want an object`);
    return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, shape(each, `${at}.${name}`)]));
  };
}
