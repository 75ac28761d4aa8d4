/** An authenticator in software: passkeys of ES256 and Ed25519 that sign as WebAuthn 2 says, and as a test wants it changed. */
import { createHash, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { formatAssertion } from '#core/webauthn/assertion.ts';
import { formatPasskeyKey } from '#core/webauthn/passkey-key.ts';

export interface AssertionChange {
  readonly relyingParty?: string;
  readonly flags?: number;
  /** Behind the counter. */
  readonly more?: Uint8Array;
  readonly clientData?: object;
  /** In the place of the client data as JSON. */
  readonly clientText?: string;
  /** What becomes of the signature. */
  readonly signature?: (der: Uint8Array) => Uint8Array;
}

export interface Passkey {
  /** The text of its public key. */
  readonly key: string;
  /** An assertion over the SHA-256 of a message. */
  sign(message: Uint8Array, change?: AssertionChange): string;
}

export const FLAGS = {
  userPresent: 0x01,
  userVerified: 0x04,
  eligible: 0x08,
  backedUp: 0x10,
  attested: 0x40,
  extended: 0x80,
};
const VERIFIED = FLAGS.userPresent | FLAGS.userVerified;

const hashOf = (bytes: Uint8Array | string) => createHash('sha256').update(bytes).digest();
const coordinate = (text: string | undefined) => Buffer.from(text ?? '', 'base64url');

export function newPasskey(
  relyingParty = 'ledger.example.org',
  alg: 'ES256' | 'EdDSA' = 'ES256',
  origin = `https://${relyingParty}`,
): Passkey {
  const { privateKey, publicKey } =
    alg === 'ES256' ? generateKeyPairSync('ec', { namedCurve: 'P-256' }) : generateKeyPairSync('ed25519');
  return {
    key: formatPasskeyKey(relyingParty, coseOf(publicKey, alg)),
    sign(message, change = {}) {
      const said = {
        type: 'webauthn.get',
        challenge: hashOf(message).toString('base64url'),
        origin,
        crossOrigin: false,
        ...change.clientData,
      };
      const clientData = Buffer.from(change.clientText ?? JSON.stringify(said));
      const authenticatorData = Buffer.concat([
        hashOf(change.relyingParty ?? relyingParty),
        Buffer.from([change.flags ?? VERIFIED, 0, 0, 0, 0]),
        change.more ?? new Uint8Array(),
      ]);
      const signed = sign(
        alg === 'ES256' ? 'sha256' : null,
        Buffer.concat([authenticatorData, hashOf(clientData)]),
        privateKey,
      );
      return formatAssertion({ authenticatorData, clientData, signature: change.signature?.(signed) ?? signed });
    },
  };
}

/** In the canonical CBOR of CTAP 2. */
function coseOf(key: KeyObject, alg: 'ES256' | 'EdDSA'): Uint8Array {
  const { x, y } = key.export({ format: 'jwk' });
  return alg === 'ES256'
    ? Buffer.concat([
        Buffer.from('a5010203262001215820', 'hex'),
        coordinate(x),
        Buffer.from('225820', 'hex'),
        coordinate(y),
      ])
    : Buffer.concat([Buffer.from('a4010103272006215820', 'hex'), coordinate(x)]);
}
