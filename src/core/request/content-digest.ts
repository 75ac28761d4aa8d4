/**
 * The header Content-Digest (RFC 9530, section 2) with SHA-256, in the one form that we write and take:
 * `sha-256=:<base64>:`.
 *
 * @module
 */
import { parseBase64, toBase64 } from '../bytes.ts';
import { Failure, readAs } from '../failure.ts';
import { type Hash, parseHash, sha256 } from '../hash.ts';

const MESSAGE = 'want content-digest: sha-256=:<base64>:, and no other';

export function contentDigest(body: Uint8Array): string {
  return `sha-256=:${toBase64(sha256(body))}:`;
}

/** @throws {Failure} `signature_malformed` */
export function parseContentDigest(value: string): Hash {
  const [, encoded] = /^sha-256=:([A-Za-z0-9+/]+=*):$/.exec(value) ?? [];
  if (encoded === undefined) throw new Failure('signature_malformed', MESSAGE);
  return readAs('signature_malformed', MESSAGE, () => parseHash(parseBase64(encoded)));
}
