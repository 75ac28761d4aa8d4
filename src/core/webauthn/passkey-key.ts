/**
 * The public key of a passkey, and its one text: `passkey:<relying party>:<COSE key in base64url>`.
 *
 * The relying party (WebAuthn 2, section 5.1.2) is a part of the key: an authenticator keeps each passkey for one domain, and
 * signs for no other, so whoever reads the text can tell what the assertions have to say without asking anybody.
 *
 * A COSE key (RFC 9053) as authenticators give it is in canonical CBOR (CTAP 2, section 8): of each kind there is one head.
 *
 * @module
 */
import { concat, equalBytes, parseBase64Url, parseHex, toBase64Url, toHex } from '../bytes.ts';
import { Failure, readAs } from '../failure.ts';
import { type PublicKey, parsePublicKey } from '../note/key.ts';

/** A point of P-256 that lies on the curve, uncompressed: 0x04 || x || y. */
export type P256Point = Uint8Array;

/** ES256 (COSE −7) and Ed25519 (COSE −8). */
export type CoseKey =
  | { readonly alg: 'ES256'; readonly point: P256Point }
  | { readonly alg: 'EdDSA'; readonly key: PublicKey };

export interface PasskeyKey {
  /** The domain that the passkey is for. */
  readonly relyingParty: string;
  readonly cose: CoseKey;
}

export const PASSKEY_PREFIX = 'passkey:';
/** A domain has 253 characters at most; a key of RSA, which we read in order to say so, some 360. */
export const PASSKEY_CHARS_MAX = 800;

/** A registrable name or a part of one, in lower case, never an address; `localhost` is for one's own machine. */
const DOMAIN =
  /^(?=.{1,253}$)(?:localhost|(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9]))$/;

/** {1: 2 (EC2), 3: −7 (ES256), −1: 1 (P-256), −2: x, −3: y} */
const ES256_HEAD = parseHex('a5010203262001215820');
const ES256_MIDDLE = parseHex('225820');
/** {1: 1 (OKP), 3: −8 (EdDSA), −1: 6 (Ed25519), −2: x} */
const EDDSA_HEAD = parseHex('a4010103272006215820');
/** {1: 3 (RSA), 3: −257 (RS256), …} */
const RS256_HEAD = parseHex('a401030339010020');
const COORDINATE_BYTES = 32;

/**
 * Reads the text of a passkey's public key.
 *
 * @throws {Failure} `key_invalid`, if it is none that we accept: RS256 is not among them.
 */
export function parsePasskeyKey(text: string): PasskeyKey {
  const [prefix, relyingParty = '', encoded = '', ...more] = text.split(':');
  if (`${prefix}:` !== PASSKEY_PREFIX || more.length > 0 || text.length > PASSKEY_CHARS_MAX) {
    throw new Failure('key_invalid', 'a passkey is passkey:<domain>:<COSE key in base64url>');
  }
  if (!DOMAIN.test(relyingParty)) throw new Failure('key_invalid', 'a passkey is for a domain in lower case');
  const bytes = readAs('key_invalid', 'a COSE key is base64url', () => parseBase64Url(encoded));
  return { relyingParty, cose: parseCoseKey(bytes) };
}

export function formatPasskeyKey(relyingParty: string, coseKey: Uint8Array): string {
  return `${PASSKEY_PREFIX}${relyingParty}:${toBase64Url(coseKey)}`;
}

/** @throws {Failure} `key_invalid` */
function parseCoseKey(bytes: Uint8Array): CoseKey {
  if (startsWith(bytes, RS256_HEAD)) {
    throw new Failure('key_invalid', 'a passkey of RS256 is not taken: make one of ES256 (−7) or Ed25519 (−8)');
  }
  if (startsWith(bytes, EDDSA_HEAD)) return { alg: 'EdDSA', key: parsePublicKey(bytes.subarray(EDDSA_HEAD.length)) };
  const x = bytes.subarray(ES256_HEAD.length, ES256_HEAD.length + COORDINATE_BYTES);
  const y = bytes.subarray(ES256_HEAD.length + COORDINATE_BYTES + ES256_MIDDLE.length);
  if (!equalBytes(bytes, concat(ES256_HEAD, x, ES256_MIDDLE, y)) || y.length !== COORDINATE_BYTES) {
    throw new Failure('key_invalid', 'not a COSE key of ES256 or Ed25519 in canonical CBOR');
  }
  if (!isOnCurve(numberOf(x), numberOf(y))) throw new Failure('key_invalid', 'the point is not on the curve P-256');
  return { alg: 'ES256', point: concat(POINT_HEAD, x, y) };
}

const POINT_HEAD = new Uint8Array([4]);
/** The prime of P-256, and b of y² = x³ − 3x + b (SP 800-186, section 3.2.1.3). Its cofactor is 1: on it is good. */
const PRIME = BigInt('0xffffffff00000001000000000000000000000000ffffffffffffffffffffffff');
const B = BigInt('0x5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604b');

function isOnCurve(x: bigint, y: bigint): boolean {
  return x < PRIME && y < PRIME && (y * y - (x * x * x - 3n * x + B)) % PRIME === 0n;
}

function startsWith(bytes: Uint8Array, head: Uint8Array): boolean {
  return equalBytes(bytes.subarray(0, head.length), head);
}

function numberOf(bigEndian: Uint8Array): bigint {
  return BigInt(`0x${toHex(bigEndian)}`);
}
