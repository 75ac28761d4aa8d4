/**
 * Public keys of Ed25519, and their text for notes: `name+keyId+base64(type || key)` (C2SP signed-note). The type says
 * what the key signs: 0x01 a note's text, 0x04 a timestamped cosignature of a checkpoint (C2SP tlog-cosignature).
 *
 * Runtimes differ on crooked keys (design, section 7), so none gets in: what is a {@link PublicKey} lies in the
 * subgroup of prime order, in its one encoding.
 *
 * @module
 */
import { Point } from '@noble/ed25519';
import { assert } from '../assert.ts';
import type { Brand } from '../brand.ts';
import { concat, equalBytes, parseBase64, parseHex, toBase64, toHex, utf8 } from '../bytes.ts';
import { isWellFormed } from '../canonical.ts';
import { Failure, readAs } from '../failure.ts';
import { sha256 } from '../hash.ts';
import { recent } from '../recent.ts';

/** 32 bytes that every runtime reads as the same good point. */
export type PublicKey = Brand<Uint8Array, 'PublicKey'>;

/** Four bytes of a hash as eight lower-case hex digits: they find a key, they prove nothing. */
export type KeyId = Brand<string, 'KeyId'>;

/** A key under its name: who is believed, and to say what. */
export interface VerifierKey {
  readonly name: string;
  readonly keyId: KeyId;
  readonly publicKey: PublicKey;
}

/**
 * A witness's key under its name: believed in cosignatures, and in nothing else. Its fields are named otherwise, so that
 * neither kind of key is ever taken for the other.
 */
export interface CosignerKey {
  readonly cosigner: string;
  readonly keyId: KeyId;
  readonly publicKey: PublicKey;
}

export const PUBLIC_KEY_BYTES = 32;
export const SEED_BYTES = 32;

/** The signature types that C2SP signed-note assigns to Ed25519. */
const TYPE_NOTE = 0x01;
const TYPE_COSIGNATURE = 0x04;
type KeyType = typeof TYPE_NOTE | typeof TYPE_COSIGNATURE;
const KEY_ID_BYTES = 4;
const PARSED_VKEYS_MAX = 64;

/**
 * Reads a public key and takes a copy of it. It costs a multiplication on the curve (about a millisecond): do it
 * where a key enters, not where it is used.
 *
 * @throws {Failure} `key_invalid`, if the bytes are not the canonical encoding of a point of prime order.
 */
export function parsePublicKey(bytes: Uint8Array): PublicKey {
  if (bytes.length !== PUBLIC_KEY_BYTES) {
    throw new Failure('key_invalid', `${bytes.length} bytes, a public key has ${PUBLIC_KEY_BYTES}`);
  }
  const point = decodePoint(bytes);
  if (point.isSmallOrder()) throw new Failure('key_invalid', 'a public key of small order');
  if (!point.isTorsionFree()) throw new Failure('key_invalid', 'a public key outside the group of prime order');
  return Uint8Array.from(bytes) as PublicKey;
}

/**
 * Takes bytes as a public key that {@link parsePublicKey} accepted when it entered: one read back from where only
 * accepted keys are kept.
 */
export function acceptedPublicKey(bytes: Uint8Array): PublicKey {
  assert(bytes.length === PUBLIC_KEY_BYTES, 'a kept public key has 32 bytes');
  return Uint8Array.from(bytes) as PublicKey;
}

/** Computes the id that goes with a name and a key that signs notes. */
export function keyIdOf(name: string, publicKey: PublicKey): KeyId {
  return typedKeyId(name, TYPE_NOTE, publicKey);
}

/** @throws {Failure} `key_invalid`, if a note could not carry the name. */
export function verifierKey(name: string, publicKey: PublicKey): VerifierKey {
  refuseName(name);
  return { name, keyId: keyIdOf(name, publicKey), publicKey };
}

/** @throws {Failure} `key_invalid`, if a note could not carry the name. */
export function cosignerKey(cosigner: string, publicKey: PublicKey): CosignerKey {
  refuseName(cosigner);
  return { cosigner, keyId: typedKeyId(cosigner, TYPE_COSIGNATURE, publicKey), publicKey };
}

/** Writes a verifier key as its one text, the vkey. */
export function formatVkey(key: VerifierKey): string {
  return formatTyped(key.name, key.keyId, TYPE_NOTE, key.publicKey);
}

/** Writes a cosigner's key as its one text. */
export function formatCosignerVkey(key: CosignerKey): string {
  return formatTyped(key.cosigner, key.keyId, TYPE_COSIGNATURE, key.publicKey);
}

/** Of a log there are few, read with every entry; to find out whether a key is good takes a millisecond. */
const parsedVkeys = recent<VerifierKey>(PARSED_VKEYS_MAX);

/** @throws {Failure} `key_invalid`, unless the text is what {@link formatVkey} writes of some good key. */
export function parseVkey(text: string): VerifierKey {
  return parsedVkeys(text, () => {
    const { name, publicKey } = parseTyped(text, TYPE_NOTE, 'not a vkey of Ed25519 over notes (type 0x01)');
    return verifierKey(name, publicKey);
  });
}

/** @throws {Failure} `key_invalid`, unless the text is what {@link formatCosignerVkey} writes of some good key. */
export function parseCosignerVkey(text: string): CosignerKey {
  const { name, publicKey } = parseTyped(text, TYPE_COSIGNATURE, 'not a vkey of cosignature/v1 (type 0x04)');
  return cosignerKey(name, publicKey);
}

function typedKeyId(name: string, type: KeyType, publicKey: PublicKey): KeyId {
  const digest = sha256(concat(utf8(`${name}\n`), new Uint8Array([type]), publicKey));
  return toHex(digest.subarray(0, KEY_ID_BYTES)) as KeyId;
}

function formatTyped(name: string, keyId: KeyId, type: KeyType, publicKey: PublicKey): string {
  return `${name}+${keyId}+${toBase64(concat(new Uint8Array([type]), publicKey))}`;
}

function parseTyped(text: string, type: KeyType, otherType: string) {
  const [, name, keyId, encoded] = /^([^+]+)\+([0-9a-f]{8})\+(.+)$/.exec(text) ?? [];
  if (name === undefined || keyId === undefined || encoded === undefined) {
    throw new Failure('key_invalid', 'a vkey is name+hex+base64');
  }
  const typed = readAs('key_invalid', 'the key in a vkey is base64', () => parseBase64(encoded));
  if (typed[0] !== type) throw new Failure('key_invalid', otherType);
  refuseName(name);
  const publicKey = parsePublicKey(typed.subarray(1));
  const wanted = typedKeyId(name, type, publicKey);
  if (wanted !== keyId) throw new Failure('key_invalid', `key id ${keyId}, want ${wanted}`);
  return { name, publicKey };
}

function refuseName(name: string): void {
  if (!isKeyName(name)) throw new Failure('key_invalid', 'a key name is not empty and has no space, control or +');
}

/** Tells whether a note can carry the name: not empty, UTF-8, without Unicode space, control character or `+`. */
export function isKeyName(name: string): boolean {
  return name !== '' && isWellFormed(name) && !/[\p{White_Space}+]/u.test(name) && !hasControl(name);
}

/** Tells whether a text has an ASCII control character, one below U+0020. */
export function hasControl(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) < 0x20) return true;
  return false;
}

/**
 * Wraps a private seed as PKCS #8 (RFC 8410, section 7), the form that native implementations import.
 *
 * @throws {Failure} `key_invalid`, if the seed has not 32 bytes.
 */
export function encodePkcs8(seed: Uint8Array): Uint8Array<ArrayBuffer> {
  if (seed.length !== SEED_BYTES) throw new Failure('key_invalid', `${seed.length} bytes, a seed has ${SEED_BYTES}`);
  return Uint8Array.from(concat(PKCS8_HEAD, seed));
}

const PKCS8_HEAD = parseHex('302e020100300506032b657004220420');

const PEM_HEAD = '-----BEGIN PRIVATE KEY-----\n';
const PEM_TAIL = '\n-----END PRIVATE KEY-----\n';

/** Writes a private seed as a PEM file (RFC 7468, section 10), which openssl and every runtime read. */
export function formatPrivatePem(seed: Uint8Array): string {
  return PEM_HEAD + toBase64(encodePkcs8(seed)) + PEM_TAIL;
}

/** @throws {Failure} `key_invalid`, if the text is not an Ed25519 private key as {@link formatPrivatePem} or openssl write it. */
export function parsePrivatePem(text: string): Uint8Array {
  const message = 'want an Ed25519 private key in PEM (PKCS #8), as assent keygen writes it';
  const [, encoded] =
    /^\s*-----BEGIN PRIVATE KEY-----\s+([A-Za-z0-9+/=]+)\s+-----END PRIVATE KEY-----\s*$/.exec(text) ?? [];
  if (encoded === undefined) throw new Failure('key_invalid', message);
  const der = readAs('key_invalid', message, () => parseBase64(encoded));
  const seed = der.subarray(PKCS8_HEAD.length);
  if (seed.length !== SEED_BYTES || !equalBytes(der.subarray(0, PKCS8_HEAD.length), PKCS8_HEAD)) {
    throw new Failure('key_invalid', message);
  }
  return Uint8Array.from(seed);
}

/** Decodes as RFC 8032 (section 5.1.3) says: y below p, and no sign on x = 0. */
function decodePoint(bytes: Uint8Array): Point {
  try {
    return Point.fromBytes(bytes, false);
  } catch (cause) {
    throw new Failure('key_invalid', 'not the canonical encoding of a point', { cause });
  }
}
