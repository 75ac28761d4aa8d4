/**
 * The entry: what is logged, hashed, signed and served, byte for byte (design §4, format version 1).
 *
 *     { "v": 1, "log": <origin>, "stream": "rel/0198…", "seq": 3, "prev": <leaf of seq 2, or null at seq 0>,
 *       "time": <ms>, "type": "grant.revoked", "body": { … }, "commit": <over the payload's parts, or absent> }
 *
 * in canonical form (RFC 8785). The stored bytes are the hashed bytes; nothing serialises them again.
 *
 * @module
 */
import { concat, utf8 } from '../bytes.ts';
import { encodeCanonical, type Json, type JsonObject, parseCanonical } from '../canonical.ts';
import { Failure, readAs } from '../failure.ts';
import { type Hash, hashText, parseHashText } from '../hash.ts';
import { type Instant, parseInstant } from '../instant.ts';
import { isObject } from '../shape.ts';
import { parseStream, type StreamId } from './stream.ts';

const ENTRY_VERSION = 1;
/** A tile's entry bundle gives an entry's length in two bytes (C2SP tlog-tiles). */
export const ENTRY_BYTES_MAX = 65_535;

export interface Entry {
  readonly log: string;
  readonly stream: StreamId;
  /** 0-based place in the stream. */
  readonly seq: number;
  /** Leaf hash of the stream's previous entry; null exactly at seq 0. */
  readonly prev: Hash | null;
  /** Ledger time; never decreases over the log. */
  readonly time: Instant;
  readonly type: string;
  readonly body: JsonObject;
  readonly commit: Hash | null;
}

const SIGNATURE_CONTEXT = utf8('assent/entry/v1\n');
const TYPE_PATTERN = /^[a-z]+\.[a-z_]+$/;
const FIELDS = ['v', 'log', 'stream', 'seq', 'prev', 'time', 'type', 'body'];

/** @throws {Failure} `too_large`, if the bytes would not fit into an entry bundle. */
export function encodeEntry(entry: Entry): Uint8Array<ArrayBuffer> {
  const bytes = encodeCanonical({
    v: ENTRY_VERSION,
    log: entry.log,
    stream: entry.stream,
    seq: entry.seq,
    prev: entry.prev === null ? null : hashText(entry.prev),
    time: entry.time,
    type: entry.type,
    body: entry.body,
    ...(entry.commit === null ? {} : { commit: hashText(entry.commit) }),
  });
  if (bytes.length > ENTRY_BYTES_MAX) {
    throw new Failure('too_large', `an entry of ${bytes.length} bytes, at most ${ENTRY_BYTES_MAX} fit`);
  }
  return bytes;
}

/**
 * Reads an entry out of attacker-controlled bytes.
 *
 * @throws {Failure} `entry_invalid` or `canonical_invalid`, if they are anything but the canonical form of an entry.
 */
export function parseEntry(bytes: Uint8Array): Entry {
  if (bytes.length > ENTRY_BYTES_MAX)
    throw new Failure('entry_invalid', `an entry has at most ${ENTRY_BYTES_MAX} bytes`);
  const value = parseCanonical(bytes);
  if (!isObject(value)) throw new Failure('entry_invalid', 'an entry is an object');
  const fields = Object.keys(value).filter((name) => name !== 'commit');
  if (fields.length !== FIELDS.length || !FIELDS.every((name) => Object.hasOwn(value, name))) {
    throw new Failure('entry_invalid', `an entry has the fields ${FIELDS.join(', ')}, and may have commit`);
  }
  const { v, log, stream, seq, prev, time, type, body, commit } = value;
  if (v !== ENTRY_VERSION) throw new Failure('entry_invalid', `entry version ${ENTRY_VERSION} wanted`);
  if (typeof log !== 'string' || log === '') throw new Failure('entry_invalid', 'log: want an origin');
  if (typeof seq !== 'number' || seq < 0) throw new Failure('entry_invalid', 'seq: want an integer from 0');
  if (typeof type !== 'string' || !TYPE_PATTERN.test(type)) throw new Failure('entry_invalid', 'type: want noun.verb');
  if (!isObject(body)) throw new Failure('entry_invalid', 'body: want an object');
  if ((prev === null) !== (seq === 0)) throw new Failure('entry_invalid', 'prev: want null exactly at seq 0');
  return {
    log,
    stream: parseStream(stream),
    seq,
    prev: prev === null ? null : readHash(prev, 'prev'),
    time: readAs('entry_invalid', 'time: want whole milliseconds since 1970', () => parseInstant(time)),
    type,
    body,
    commit: commit === undefined ? null : readHash(commit, 'commit'),
  };
}

/** What the issuing key signs for an entry: its promise, answered right after COMMIT. */
export function entrySigningBytes(leaf: Hash): Uint8Array {
  return concat(SIGNATURE_CONTEXT, leaf);
}

function readHash(value: Json | undefined, at: string): Hash {
  const message = `${at}: want a hash`;
  if (typeof value !== 'string') throw new Failure('entry_invalid', message);
  return readAs('entry_invalid', message, () => parseHashText(value));
}
