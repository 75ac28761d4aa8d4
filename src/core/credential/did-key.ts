/**
 * did:key of an Ed25519 public key (W3C CCG did:key 0.9): `did:key:` and the multibase of 0xed 0x01 and the key's 32 bytes.
 *
 * @module
 */
import { concat } from '../bytes.ts';
import { Failure, readAs } from '../failure.ts';
import { PUBLIC_KEY_BYTES, type PublicKey, parsePublicKey } from '../note/key.ts';
import { parseBase58Btc, toBase58Btc } from './base58.ts';

const PREFIX = 'did:key:';
/** Multicodec `ed25519-pub` as a varint. */
const ED25519 = Uint8Array.of(0xed, 0x01);

/** `did:key:z6Mk…` */
export function formatDidKey(key: Uint8Array): string {
  return `${PREFIX}${toBase58Btc(concat(ED25519, key))}`;
}

/** The one verification method of such a key: `did:key:z6Mk…#z6Mk…`. */
export function methodOf(did: string): string {
  return `${did}#${did.slice(PREFIX.length)}`;
}

/** @throws {Failure} `key_invalid`, unless it is the did:key of an Ed25519 key that we accept. */
export function parseDidKey(did: string): PublicKey {
  const message = 'want the did:key of an Ed25519 key';
  if (!did.startsWith(PREFIX)) throw new Failure('key_invalid', message);
  const bytes = readAs('key_invalid', message, () => parseBase58Btc(did.slice(PREFIX.length)));
  const isEd25519 =
    bytes.length === ED25519.length + PUBLIC_KEY_BYTES && ED25519.every((byte, at) => bytes[at] === byte);
  if (!isEd25519) throw new Failure('key_invalid', message);
  return parsePublicKey(bytes.slice(ED25519.length));
}
