/**
 * The payload behind an entry: named parts, each with its own salt and owner, that can be opened or erased one by one.
 *
 * The entry holds only `commit`, a hash over salted digests. Without the salts, which are destroyed with the
 * parts, it says nothing, however guessable a value is (design §4).
 *
 * @module
 */
import { toBase64Url, utf8 } from '../bytes.ts';
import { canonicalText, encodeCanonical, type Json } from '../canonical.ts';
import { Failure } from '../failure.ts';
import { equalHash, type Hash, hashText, mac, SALT_BYTES, sha256 } from '../hash.ts';

/** Whose part it is; with the stream and the retention class it decides under which key the part is encrypted. */
export type Owner = 'subject' | 'party';

export interface Part {
  readonly owner: Owner;
  /** Exactly 32 fresh random bytes. */
  readonly salt: Uint8Array;
  readonly value: Json;
}

export type Payload = Readonly<Record<string, Part>>;
/** What survives erasure: each part's name and salted digest. */
export type PartDigests = Readonly<Record<string, Hash>>;

const COMMIT_CONTEXT = 'assent/payload/v1\n';
const SEPARATOR = new Uint8Array(1);

/** HMAC-SHA-256(salt, name || 0x00 || JCS(value)). */
export function digestPart(name: string, part: Pick<Part, 'salt' | 'value'>): Hash {
  return mac(part.salt, utf8(name), SEPARATOR, encodeCanonical(part.value));
}

export function digestParts(payload: Payload): PartDigests {
  return Object.fromEntries(Object.entries(payload).map(([name, part]) => [name, digestPart(name, part)]));
}

/** What stands in the entry: SHA-256 over the names and digests of all parts. */
export function commitTo(digests: PartDigests): Hash {
  const named = Object.fromEntries(Object.entries(digests).map(([name, digest]) => [name, hashText(digest)]));
  return sha256(utf8(COMMIT_CONTEXT + canonicalText(named)));
}

/**
 * Opens one part against the digest that the entry's commitment covers.
 *
 * @throws {Failure} `commitment_invalid`, if the salt is not 32 bytes, or value and salt are not what was committed to.
 */
export function openPart(name: string, part: Pick<Part, 'salt' | 'value'>, digest: Hash): Json {
  if (part.salt.length !== SALT_BYTES)
    throw new Failure('commitment_invalid', `part ${name}: a salt has ${SALT_BYTES} bytes`);
  if (!equalHash(digestPart(name, part), digest)) {
    throw new Failure('commitment_invalid', `part ${name} is not what the entry committed to`);
  }
  return part.value;
}

/** A text's keyed digest, for statements: says nothing without its key, which is a part of the payload. */
export function digestText(salt: Uint8Array, text: string): string {
  return toBase64Url(mac(salt, utf8(text)));
}
