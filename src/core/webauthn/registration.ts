/**
 * What an authenticator answers to a registration (WebAuthn 2, section 6.5.1), read into what is bound: the text of its key,
 * and the id that a page asks for it by later. No attestation is asked for or read: that the key is there, an assertion over
 * the binding shows.
 *
 * @module
 */
import { equalBytes, toBase64Url, utf8 } from '../bytes.ts';
import { Failure } from '../failure.ts';
import { sha256 } from '../hash.ts';
import { formatPasskeyKey, parsePasskeyKey } from './passkey-key.ts';

export interface Registration {
  /** The credential's id, base64url: for `allowCredentials`. */
  readonly credential: string;
  /** The text of its public key. */
  readonly key: string;
}

const RP_HASH_BYTES = 32;
const FLAGS_AT = RP_HASH_BYTES;
/** Behind the counter stand the model's id, the length of the credential's id, that id, and the key. */
const LENGTH_AT = FLAGS_AT + 1 + 4 + 16;
const CREDENTIAL_AT = LENGTH_AT + 2;
/** WebAuthn 2, section 4: a credential id has 1023 bytes at most. */
const CREDENTIAL_BYTES_MAX = 1_023;

const USER_PRESENT = 0x01;
const USER_VERIFIED = 0x04;
const ATTESTED = 0x40;
const EXTENDED = 0x80;

/**
 * Reads the authenticator data of a registration: `response.getAuthenticatorData()` in a browser.
 *
 * @throws {Failure} `key_invalid`, if it is for another domain, the user was not verified, or its key is none that we take.
 */
export function readRegistration(relyingParty: string, authenticatorData: Uint8Array): Registration {
  const flags = authenticatorData[FLAGS_AT] ?? 0;
  const has = (flag: number) => (flags & flag) !== 0;
  if (!has(ATTESTED) || has(EXTENDED) || authenticatorData.length <= CREDENTIAL_AT) {
    throw invalid('want the authenticator data of a registration, without extensions');
  }
  if (!equalBytes(authenticatorData.subarray(0, RP_HASH_BYTES), sha256(utf8(relyingParty)))) {
    throw invalid('the passkey is for another domain');
  }
  if (!has(USER_PRESENT) || !has(USER_VERIFIED)) {
    throw invalid('the user was not verified: want userVerification "required"');
  }
  const length = (authenticatorData[LENGTH_AT] as number) * 256 + (authenticatorData[LENGTH_AT + 1] as number);
  if (length === 0 || length > CREDENTIAL_BYTES_MAX) throw invalid('the credential has no id, or too long a one');
  const credential = authenticatorData.subarray(CREDENTIAL_AT, CREDENTIAL_AT + length);
  const key = formatPasskeyKey(relyingParty, authenticatorData.subarray(CREDENTIAL_AT + length));
  // Whatever is cut short, or followed by something, is no key.
  parsePasskeyKey(key);
  return { credential: toBase64Url(credential), key };
}

function invalid(message: string): Failure {
  return new Failure('key_invalid', message);
}
