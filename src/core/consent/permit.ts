/**
 * The permit: what the lender hands to the door, signed by the ledger's issuing key, as a compact JWS (RFC 7515, EdDSA by
 * RFC 8037).
 *
 *     { "alg": "EdDSA", "kid": "log/<issuing key>", "typ": "assent-permit+jws" }
 *     { "v": 1, "log", "access", "aud": <door>, "principal", "ground", "action", "purpose", "items",
 *       "sub": HMAC(key shared by ledger and door, JCS([access, ID scheme, normalised ID])),
 *       "request": <salted digest>|null, "offline": true|false, "issued_at", "expires_at", "index", "leaf" }
 *
 * `sub` is another for every permit, so that doors can't join them; the door computes it from the person it is asked
 * about, and compares. The same access always makes the same bytes.
 *
 * @module
 */
import { parseBase64Url, toBase64Url, utf8 } from '../bytes.ts';
import { encodeCanonical, type JsonObject, parseCanonical } from '../canonical.ts';
import { Failure, readAs } from '../failure.ts';
import { type Hash, hashText, mac, sha256 } from '../hash.ts';
import type { AccessId, PartyId } from '../ids.ts';
import type { Ed25519, SigningKey } from '../note/ed25519.ts';
import { type IssuingKeys, listKeys } from '../note/issuing-keys.ts';
import type { PublicKey } from '../note/key.ts';
import { code, flag, hash, id, instant, integer, list, nullable, oneOf, record, type ShapeOf, text } from '../shape.ts';
import { groundShape } from './asked.ts';
import { type Identifier, normaliseIdentifier } from './statement.ts';
import { ACTIONS, ITEMS_MAX } from './terms.ts';

const TYPE = 'assent-permit+jws';
export const PERMIT_CHARS_MAX = 32_768;

const permitShape = record({
  v: integer(1, 1),
  log: text(512),
  access: id<AccessId>(),
  /** The door: the only one that may take it. */
  aud: id<PartyId>(),
  principal: id<PartyId>(),
  /** Of a document that it rests on only that there is one: its number may say who someone is. */
  ground: groundShape,
  action: oneOf(ACTIONS),
  purpose: code,
  items: list(code, ITEMS_MAX),
  sub: hash,
  request: nullable(hash),
  offline: flag,
  issued_at: instant,
  expires_at: instant,
  index: integer(0, Number.MAX_SAFE_INTEGER),
  leaf: hash,
});
export type Permit = ShapeOf<typeof permitShape>;

/** Whom a permit is about, as only ledger and door can tell. */
export function permitSubject(doorKey: Uint8Array, access: AccessId, identifier: Identifier): string {
  return hashText(mac(doorKey, encodeCanonical([access, ...normaliseIdentifier(identifier)])));
}

/** A request that a permit is bound to, as the lender names it: a digest under a salt that only lender and door have. */
export function bindRequest(salt: Uint8Array, body: Uint8Array): string {
  return hashText(mac(salt, body));
}

/** Signs a permit. The same one gives the same bytes: Ed25519 draws nothing. */
export async function formatPermit(key: SigningKey, permit: Omit<Permit, 'v'>): Promise<string> {
  const signed = signedText(key, permit);
  return `${signed}.${toBase64Url(await key.sign(utf8(signed)))}`;
}

/** The same for many at once, in order. */
export async function formatPermits(
  key: SigningKey,
  permits: readonly Omit<Permit, 'v'>[],
): Promise<readonly string[]> {
  const signed = permits.map((permit) => signedText(key, permit));
  const signatures = await key.signAll(signed.map(utf8));
  return signed.map((text, at) => `${text}.${toBase64Url(signatures[at] as Uint8Array)}`);
}

function signedText(key: SigningKey, permit: Omit<Permit, 'v'>): string {
  return `${headOf(key.publicKey)}.${encode({ v: 1, ...permit } as unknown as JsonObject)}`;
}

/** What a permit is named by, so that it need not be shown again: SHA-256 of its text. */
export function digestPermit(permit: string): Hash {
  return sha256(utf8(permit));
}

/**
 * Opens an attacker-controlled text: verifies that the issuing key signed it, and reads it. Whose it is, for what and
 * until when, is the door's to compare.
 *
 * @throws {Failure} `permit_invalid`
 */
export async function openPermit(permit: string, issuingKeys: IssuingKeys, ed25519: Ed25519): Promise<Permit> {
  const [head, payload, signature, ...rest] = permit.length > PERMIT_CHARS_MAX ? [] : permit.split('.');
  const key = listKeys(issuingKeys).find((each) => head === headOf(each));
  if (key === undefined || payload === undefined || signature === undefined || rest.length > 0) {
    throw new Failure('permit_invalid', 'not a permit of this ledger');
  }
  const bytes = readAs('permit_invalid', 'not a permit', () => parseBase64Url(signature));
  if (!(await ed25519.verify(key, utf8(`${head}.${payload}`), bytes))) {
    throw new Failure('permit_invalid', 'the ledger did not sign this permit');
  }
  return readAs('permit_invalid', 'not a permit', () => permitShape(parseCanonical(parseBase64Url(payload)), 'permit'));
}

/** Of one key there is one header: whatever else a header may say, we do not take it. */
function headOf(key: PublicKey): string {
  return encode({ alg: 'EdDSA', kid: `log/${toBase64Url(key)}`, typ: TYPE });
}

function encode(value: JsonObject): string {
  return toBase64Url(encodeCanonical(value));
}
