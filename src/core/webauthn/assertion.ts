/**
 * An assertion: how a passkey signs (WebAuthn 2, section 7.2). Its one text is three parts in base64url,
 * `<authenticator data>.<client data>.<signature>`, so that it is kept and verified again as any other signature is.
 *
 * What it has to say follows from the key and the message alone: the challenge is the SHA-256 of the message, the relying
 * party is the key's, the origin is of that domain, and the user was verified. Its counter says nothing: passkeys that are
 * synchronised have none.
 *
 * @module
 */
import { concat, equalBytes, parseBase64Url, parseUtf8, toBase64Url, utf8 } from '../bytes.ts';
import { Failure, readAs } from '../failure.ts';
import { sha256 } from '../hash.ts';
import type { Ed25519 } from '../note/ed25519.ts';
import { type P256, readDerSignature } from './p256.ts';
import type { CoseKey, PasskeyKey } from './passkey-key.ts';

/** The primitives that a runtime verifies signatures of persons with. */
export interface SubjectCrypto {
  readonly ed25519: Ed25519;
  readonly p256: P256;
}

/** More than any authenticator or browser sends. */
export const ASSERTION_CHARS_MAX = 4_096;

interface Assertion {
  readonly authenticatorData: Uint8Array;
  readonly clientData: Uint8Array;
  readonly signature: Uint8Array;
}

/** Writes what a browser answers as the text that we take. */
export function formatAssertion({ authenticatorData, clientData, signature }: Assertion): string {
  return [authenticatorData, clientData, signature].map(toBase64Url).join('.');
}

/**
 * Verifies that a passkey signed a message.
 *
 * @throws {Failure} `signature_invalid`, saying what is wrong with the assertion.
 */
export async function verifyAssertion(
  crypto: SubjectCrypto,
  key: PasskeyKey,
  message: Uint8Array,
  text: string,
): Promise<void> {
  const assertion = parseAssertion(text);
  requireAuthenticatorData(assertion.authenticatorData, key.relyingParty);
  requireClientData(assertion.clientData, key.relyingParty, sha256(message));
  const signed = concat(assertion.authenticatorData, sha256(assertion.clientData));
  if (!(await isSigned(crypto, key.cose, signed, assertion.signature))) {
    throw invalid('the passkey did not sign this');
  }
}

function parseAssertion(text: string): Assertion {
  const wanted = 'want an assertion of a passkey: three parts in base64url, with full stops between';
  const parts = text.length > ASSERTION_CHARS_MAX ? [] : text.split('.');
  const [authenticatorData, clientData, signature, ...more] = readAs('signature_invalid', wanted, () =>
    parts.map(parseBase64Url),
  );
  if (authenticatorData === undefined || clientData === undefined || signature === undefined || more.length > 0) {
    throw invalid(wanted);
  }
  return { authenticatorData, clientData, signature };
}

const FLAG = {
  userPresent: 0x01,
  userVerified: 0x04,
  backupEligible: 0x08,
  backedUp: 0x10,
  attested: 0x40,
  extended: 0x80,
};
/** Hash of the relying party, flags, counter. */
const BARE_BYTES = 32 + 1 + 4;

function requireAuthenticatorData(bytes: Uint8Array, relyingParty: string): void {
  const flags = bytes[32] ?? 0;
  const has = (flag: keyof typeof FLAG) => (flags & FLAG[flag]) !== 0;
  // Extensions stand behind and are signed with the rest; we asked for none, and read none.
  const isWhole = has('extended') ? bytes.length > BARE_BYTES : bytes.length === BARE_BYTES;
  if (!isWhole || has('attested')) throw invalid('its authenticator data are not those of an assertion');
  if (!equalBytes(bytes.subarray(0, 32), sha256(utf8(relyingParty)))) throw invalid('it is for another domain');
  if (!has('userPresent') || !has('userVerified')) {
    throw invalid('the user was not verified: want userVerification "required"');
  }
  if (has('backedUp') && !has('backupEligible')) throw invalid('its flags contradict each other');
}

function requireClientData(bytes: Uint8Array, relyingParty: string, challenge: Uint8Array): void {
  const said = readClientData(bytes);
  if (said['type'] !== 'webauthn.get') throw invalid('its client data are not those of an assertion');
  if (said['challenge'] !== toBase64Url(challenge)) throw invalid('it is over another challenge');
  if (!isOriginOf(said['origin'], relyingParty)) throw invalid('its origin is not of the passkey’s domain');
  if (said['crossOrigin'] === true || said['topOrigin'] !== undefined) {
    throw invalid('it was made in a page within another one');
  }
}

function readClientData(bytes: Uint8Array): { readonly [name: string]: unknown } {
  const text = readAs('signature_invalid', 'its client data are not UTF-8', () => parseUtf8(bytes));
  let said: unknown;
  try {
    said = JSON.parse(text);
  } catch {
    said = undefined;
  }
  if (typeof said !== 'object' || said === null || Array.isArray(said)) throw invalid('its client data are not JSON');
  return said as { readonly [name: string]: unknown };
}

/** Of the domain itself or below it, over TLS; on one's own machine without. */
function isOriginOf(origin: unknown, relyingParty: string): boolean {
  if (typeof origin !== 'string') return false;
  if (relyingParty === 'localhost') return /^https?:\/\/localhost(?::\d{1,5})?$/.test(origin);
  const [, host = ''] = /^https:\/\/([a-z0-9.-]+)(?::\d{1,5})?$/.exec(origin) ?? [];
  return host === relyingParty || host.endsWith(`.${relyingParty}`);
}

async function isSigned(
  { ed25519, p256 }: SubjectCrypto,
  cose: CoseKey,
  signed: Uint8Array,
  signature: Uint8Array,
): Promise<boolean> {
  if (cose.alg === 'EdDSA') return ed25519.verify(cose.key, signed, signature);
  const scalars = readDerSignature(signature);
  return scalars !== undefined && p256.verify(cose.point, signed, scalars);
}

function invalid(message: string): Failure {
  return new Failure('signature_invalid', message);
}
