/** Passkeys by another's code (@simplewebauthn/server): the same registrations and assertions, and the same verdicts. */
import {
  type AuthenticationResponseJSON,
  verifyAuthenticationResponse,
  verifyRegistrationResponse,
} from '@simplewebauthn/server';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseBase64Url, parseHex, toBase64Url, utf8 } from '#core/bytes.ts';
import { isFailure } from '#core/failure.ts';
import { useSha256 } from '#core/hash.ts';
import { verifyAssertion } from '#core/webauthn/assertion.ts';
import { parsePasskeyKey } from '#core/webauthn/passkey-key.ts';
import { readRegistration } from '#core/webauthn/registration.ts';
import { nativeEd25519, nativeP256, nativeSha256 } from '../../../src/native.ts';
import { type AssertionChange, FLAGS, newPasskey, type Passkey } from '../../support/authenticator.ts';
import { expectFailure } from '../../support/failure.ts';

useSha256(nativeSha256);

const DOMAIN = 'ledger.example.org';
const ORIGIN = `https://${DOMAIN}`;
const MESSAGE = utf8('assent/statement/v1\n{"v":1}');
const passkeys = [newPasskey(), newPasskey(DOMAIN, 'EdDSA')] as const;
const [ES256] = passkeys;
/** Its place among the parts of an assertion. */
const SIGNATURE = 2;
const { userPresent, userVerified, eligible, backedUp, attested, extended } = FLAGS;

async function ours(passkey: Passkey, text: string): Promise<boolean> {
  try {
    await verifyAssertion({ ed25519: nativeEd25519, p256: nativeP256 }, parsePasskeyKey(passkey.key), MESSAGE, text);
    return true;
  } catch (failure) {
    if (!isFailure(failure, 'signature_invalid')) throw failure;
    return false;
  }
}

async function theirs({ key, credential }: Passkey, text: string): Promise<boolean> {
  const [authenticatorData, clientDataJSON, signature] = text.split('.') as [string, string, string];
  const response: AuthenticationResponseJSON = {
    id: credential,
    rawId: credential,
    type: 'public-key',
    clientExtensionResults: {},
    response: { authenticatorData, clientDataJSON, signature },
  };
  try {
    const { verified } = await verifyAuthenticationResponse({
      response,
      expectedChallenge: toBase64Url(nativeSha256(MESSAGE)),
      expectedOrigin: ORIGIN,
      expectedRPID: DOMAIN,
      requireUserVerification: true,
      credential: {
        id: credential,
        counter: 0,
        publicKey: Uint8Array.from(parseBase64Url(key.split(':')[2] as string)),
      },
    });
    return verified;
  } catch {
    return false;
  }
}

describe('an assertion', () => {
  test.each<[string, AssertionChange, boolean]>([
    ['as it is asked for', {}, true],
    ['of a passkey that is synchronised', { flags: userPresent | userVerified | eligible | backedUp }, true],
    ['with an extension', { flags: userPresent | userVerified | extended, more: parseHex('a0') }, true],
    ['without the user being verified', { flags: userPresent }, false],
    ['without the user being there', { flags: userVerified }, false],
    ['backed up, and not eligible for it', { flags: userPresent | userVerified | backedUp }, false],
    ['with a credential that is not there', { flags: userPresent | userVerified | attested }, false],
    ['with an extension that is not there', { flags: userPresent | userVerified | extended }, false],
    ['with more than it says', { more: parseHex('00') }, false],
    ['for another domain', { relyingParty: 'example.org' }, false],
    ['from another origin', { clientData: { origin: 'https://evil.example' } }, false],
    ['that registers', { clientData: { type: 'webauthn.create' } }, false],
    ['over another challenge', { clientData: { challenge: 'AAAA' } }, false],
    ['made below another page', { clientData: { topOrigin: 'https://a.example' } }, false],
    ['whose client data are nothing', { clientText: 'null' }, false],
    ['whose client data are no JSON', { clientText: '{' }, false],
  ])('%s is judged alike', async (_what, change, good) => {
    for (const passkey of passkeys) {
      const text = passkey.sign(MESSAGE, change);
      expect({ ours: await ours(passkey, text), theirs: await theirs(passkey, text) }).toEqual({
        ours: good,
        theirs: good,
      });
    }
  });

  test('with any byte changed is refused: by both, where it is one of what is signed', async () => {
    for (const passkey of passkeys) {
      const parts = passkey.sign(MESSAGE).split('.').map(parseBase64Url);
      await fc.assert(
        fc.asyncProperty(fc.nat(2), fc.nat(), fc.integer({ min: 1, max: 255 }), async (part, at, flip) => {
          const bytes = Uint8Array.from(parts[part] as Uint8Array);
          const place = at % bytes.length;
          bytes[place] = (bytes[place] as number) ^ flip;
          const text = parts.with(part, bytes).map(toBase64Url).join('.');
          expect(await ours(passkey, text)).toBe(false);
          // Theirs reads DER leniently, as below.
          if (part !== SIGNATURE) expect(await theirs(passkey, text)).toBe(false);
        }),
        { numRuns: 100 },
      );
    }
  });

  test('that we are stricter on: a signature in DER with another tag', async () => {
    const parts = ES256.sign(MESSAGE).split('.').map(parseBase64Url);
    const bytes = Uint8Array.from(parts[SIGNATURE] as Uint8Array);
    bytes[0] = (bytes[0] as number) ^ 0x80;
    const text = parts.with(SIGNATURE, bytes).map(toBase64Url).join('.');
    expect([await ours(ES256, text), await theirs(ES256, text)]).toEqual([false, true]);
  });

  test('that we are stricter on: made in a frame of another page, which no statement is signed in', async () => {
    const text = ES256.sign(MESSAGE, { clientData: { crossOrigin: true } });
    expect([await ours(ES256, text), await theirs(ES256, text)]).toEqual([false, true]);
  });
});

describe('a registration', () => {
  const challenge = nativeSha256(utf8('challenge'));

  test('is read into the key and the credential that others read out of it', async () => {
    for (const passkey of passkeys) {
      const { authenticatorData, attestationObject, clientData } = passkey.register(challenge);
      expect(readRegistration(DOMAIN, authenticatorData)).toEqual({ key: passkey.key, credential: passkey.credential });
      const { verified, registrationInfo } = await verifyRegistrationResponse({
        response: {
          id: passkey.credential,
          rawId: passkey.credential,
          type: 'public-key',
          clientExtensionResults: {},
          response: { clientDataJSON: toBase64Url(clientData), attestationObject: toBase64Url(attestationObject) },
        },
        expectedChallenge: toBase64Url(challenge),
        expectedOrigin: ORIGIN,
        expectedRPID: DOMAIN,
        requireUserVerification: true,
        supportedAlgorithmIDs: [-7, -8],
      });
      expect(verified).toBe(true);
      const { id, publicKey } = registrationInfo?.credential ?? expect.unreachable();
      expect(readRegistration(DOMAIN, authenticatorData)).toEqual({
        key: `passkey:${DOMAIN}:${toBase64Url(publicKey)}`,
        credential: id,
      });
    }
  });

  test('is refused for another domain, without the user, with extensions, cut short, or with something behind', () => {
    const { authenticatorData } = ES256.register(challenge);
    expectFailure('key_invalid', () => readRegistration('example.org', authenticatorData));
    const VERIFIED = userPresent | userVerified;
    for (const flags of [userPresent | attested, userVerified | attested, VERIFIED, VERIFIED | attested | extended]) {
      expectFailure('key_invalid', () => readRegistration(DOMAIN, ES256.register(challenge, flags).authenticatorData));
    }
    for (let length = 0; length < authenticatorData.length; length++) {
      expectFailure('key_invalid', () => readRegistration(DOMAIN, authenticatorData.subarray(0, length)));
    }
    expectFailure('key_invalid', () => readRegistration(DOMAIN, Uint8Array.from([...authenticatorData, 0])));
    const LENGTH_AT = 53;
    for (const [high, low] of [
      [0, 0],
      [4, 0],
      [0, 31],
    ] as const) {
      const other = Uint8Array.from(authenticatorData)
        .with(LENGTH_AT, high)
        .with(LENGTH_AT + 1, low);
      expectFailure('key_invalid', () => readRegistration(DOMAIN, other));
    }
  });
});
