/** An authenticator in software: passkeys of ES256 and Ed25519 that sign as WebAuthn 2 says, and as a test wants it changed. */
import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';
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
  /** Its credential's id, base64url. */
  readonly credential: string;
  /** An assertion over the SHA-256 of a message. */
  sign(message: Uint8Array, change?: AssertionChange): string;
  /** What it answered to its registration, over a challenge, without attestation. */
  register(challenge: Uint8Array, flags?: number): Registered;
}

export interface Registered {
  readonly authenticatorData: Uint8Array;
  readonly attestationObject: Uint8Array;
  readonly clientData: Uint8Array;
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
  const cose = coseOf(publicKey, alg);
  const credential = randomBytes(32);
  return {
    key: formatPasskeyKey(relyingParty, cose),
    credential: credential.toString('base64url'),
    register(challenge, flags = VERIFIED | FLAGS.attested) {
      const said = { type: 'webauthn.create', challenge: Buffer.from(challenge).toString('base64url'), origin };
      const authenticatorData = Buffer.concat([
        hashOf(relyingParty),
        Buffer.from([flags, 0, 0, 0, 0]),
        Buffer.alloc(16),
        Buffer.from([0, credential.length]),
        credential,
        cose,
      ]);
      return {
        authenticatorData,
        // {"fmt": "none", "attStmt": {}, "authData": …}
        attestationObject: Buffer.concat([
          Buffer.from('a363666d74646e6f6e656761747453746d74a068617574684461746158', 'hex'),
          Buffer.from([authenticatorData.length]),
          authenticatorData,
        ]),
        clientData: Buffer.from(JSON.stringify({ ...said, crossOrigin: false })),
      };
    },
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
