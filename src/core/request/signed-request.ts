/**
 * A signed request, as it is kept: its body, and each signature with the base that was signed. What the ledger took in,
 * the audit verifies again from this alone.
 *
 * @module
 */
import { concat, equalBytes, parseBase64Url, parseUtf8, utf8 } from '../bytes.ts';
import { encodeCanonical, type JsonObject, parseCanonical } from '../canonical.ts';
import { Failure, readAs } from '../failure.ts';
import { type Hash, sha256 } from '../hash.ts';
import type { Ed25519 } from '../note/ed25519.ts';
import type { PublicKey } from '../note/key.ts';
import { list, record, type Shape, type ShapeOf, text } from '../shape.ts';
import { parseStream, type StreamId } from '../tlog/stream.ts';
import { parseContentDigest } from './content-digest.ts';
import { parseSignatureBase, type SignatureBase } from './signature-base.ts';

/** How far a signature's time may be from the ledger's, either way (design §8). */
export const SIGNATURE_AGE_MAX_MS = 5 * 60_000;
const BODY_CHARS_MAX = 16 * 1024 * 1024;
const BASE_CHARS_MAX = 4_096;

export const signedRequestShape: Shape<{
  /** The body's exact text; empty where there is none. */
  readonly body: string;
  /** Base and Ed25519 signature (base64url) of each signer. */
  readonly signatures: readonly { readonly base: string; readonly signature: string }[];
}> = record({
  body: (value, at) => (value === '' ? '' : text(BODY_CHARS_MAX)(value, at)),
  signatures: list(record({ base: text(BASE_CHARS_MAX), signature: text(86) }), 2),
});
export type SignedRequest = ShapeOf<typeof signedRequestShape>;

const CONTEXT = utf8('assent/request/v1\n');

/** The canonical text that is kept. */
export function formatSignedRequest(request: SignedRequest): string {
  return parseUtf8(encodeCanonical(request as unknown as JsonObject));
}

/** SHA-256("assent/request/v1\n" || the canonical text): what an entry names its request by. */
export function digestSignedRequest(formatted: string): Hash {
  return sha256(concat(CONTEXT, utf8(formatted)));
}

/** @throws {Failure} `entry_invalid` */
export function parseSignedRequest(formatted: string): SignedRequest {
  const message = 'not a signed request';
  return readAs('entry_invalid', message, () => signedRequestShape(parseCanonical(utf8(formatted)), 'request'));
}

/** Who signs, by the `keyid`: a party's key `party/<id>/<key>`, or a subject's `rel/<handle>/<key>`. */
export interface KeyName {
  readonly stream: StreamId;
  /** Public key, base64url. */
  readonly key: string;
}

export function formatKeyName({ stream, key }: KeyName): string {
  return `${stream}/${key}`;
}

/** @throws {Failure} `signature_malformed` */
export function parseKeyName(keyid: string): KeyName {
  const [, stream, key] = /^((?:party|rel)\/[0-9a-f]{32})\/([A-Za-z0-9_-]{43})$/.exec(keyid) ?? [];
  if (stream === undefined || key === undefined) {
    throw new Failure('signature_malformed', 'want keyid="party/<party>/<public key>" or "rel/<handle>/<public key>"');
  }
  return { stream: parseStream(stream), key };
}

/** A signature's base, read. */
export interface ReadSignature extends SignatureBase {
  readonly name: KeyName;
}

/**
 * Reads what was signed, and compares it with the body that came with it.
 *
 * @throws {Failure} `signature_malformed`; `digest_mismatch`, if another body was signed.
 */
export function readSignatures(request: SignedRequest): readonly ReadSignature[] {
  const digest = sha256(utf8(request.body));
  return request.signatures.map(({ base }) => {
    const read = parseSignatureBase(base);
    const { contentDigest } = read.covered;
    const isSame = contentDigest === null ? request.body === '' : equalBytes(parseContentDigest(contentDigest), digest);
    if (!isSame) throw new Failure('digest_mismatch', 'the body is not the one that was signed');
    return { ...read, name: parseKeyName(read.keyid) };
  });
}

/** Tells whether the key made this signature over this base. */
export async function verifyBase(
  ed25519: Ed25519,
  key: PublicKey,
  signed: { readonly base: string; readonly signature: string },
): Promise<boolean> {
  const signature = readAs('signature_malformed', 'a signature is 64 bytes', () => parseBase64Url(signed.signature));
  return ed25519.verify(key, utf8(signed.base), signature);
}
