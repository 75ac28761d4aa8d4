/** Passkeys: which keys are taken, and which assertions are signatures of them over a message. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { webcryptoEd25519 } from '#client/webcrypto-ed25519.ts';
import { webcryptoP256 } from '#client/webcrypto-p256.ts';
import { parseBase64Url, parseHex, toBase64Url, utf8 } from '#core/bytes.ts';
import { useSha256 } from '#core/hash.ts';
import { portableEd25519 } from '#core/note/ed25519.ts';
import { formatAssertion, verifyAssertion } from '#core/webauthn/assertion.ts';
import { readDerSignature } from '#core/webauthn/p256.ts';
import { formatPasskeyKey, parsePasskeyKey } from '#core/webauthn/passkey-key.ts';
import { nativeEd25519, nativeP256, nativeSha256 } from '../../../src/native.ts';
import { type AssertionChange, FLAGS, newPasskey, type Passkey } from '../../support/authenticator.ts';
import { expectFailure, expectRefusal } from '../../support/failure.ts';

useSha256(nativeSha256);

const RUNTIMES = [
  { ed25519: nativeEd25519, p256: nativeP256 },
  { ed25519: webcryptoEd25519, p256: webcryptoP256 },
  { ed25519: portableEd25519, p256: nativeP256 },
] as const;
const [NATIVE] = RUNTIMES;
const MESSAGE = utf8('assent/statement/v1\n{"v":1}');
const passkeys = { ES256: newPasskey(), EdDSA: newPasskey('ledger.example.org', 'EdDSA') } as const;
const { ES256 } = passkeys;

const verify = (text: string, passkey: Passkey = ES256, message = MESSAGE) =>
  verifyAssertion(NATIVE, parsePasskeyKey(passkey.key), message, text);
const refuses = async (change: AssertionChange, wanted: string) => {
  for (const passkey of Object.values(passkeys)) {
    await expectRefusal('signature_invalid', verify(passkey.sign(MESSAGE, change), passkey));
    await expect(verify(passkey.sign(MESSAGE, change), passkey)).rejects.toThrow(wanted);
  }
};

describe('a passkey', () => {
  test.each(['ES256', 'EdDSA'] as const)('of %s signs a message, in every runtime alike', async (alg) => {
    const passkey = passkeys[alg];
    const key = parsePasskeyKey(passkey.key);
    expect(key).toMatchObject({ relyingParty: 'ledger.example.org', cose: { alg } });
    for (const runtime of RUNTIMES) {
      await verifyAssertion(runtime, key, MESSAGE, passkey.sign(MESSAGE));
      const other = verifyAssertion(runtime, key, utf8('another message'), passkey.sign(MESSAGE));
      await expectRefusal('signature_invalid', other);
    }
  });

  test('signs for its own domain and what is below it, over TLS; on one’s own machine without', async () => {
    for (const origin of ['https://ledger.example.org', 'https://www.ledger.example.org:8443']) {
      const passkey = newPasskey('ledger.example.org', 'ES256', origin);
      await verify(passkey.sign(MESSAGE), passkey);
    }
    const local = newPasskey('localhost', 'ES256', 'http://localhost:8787');
    await verify(local.sign(MESSAGE), local);
    for (const origin of [
      'http://ledger.example.org',
      'https://example.org',
      'https://evil-ledger.example.org',
      'https://ledger.example.org.evil.example',
      'https://ledger.example.org/',
      'https://user@ledger.example.org',
      'android:apk-key-hash:x',
      '',
      null,
    ]) {
      await refuses({ clientData: { origin } }, 'its origin is not of the passkey’s domain');
    }
  });

  test('may be synchronised, and may say more behind an extension', async () => {
    const flags = FLAGS.userPresent | FLAGS.userVerified;
    await verify(ES256.sign(MESSAGE, { flags: flags | FLAGS.eligible | FLAGS.backedUp }));
    await verify(ES256.sign(MESSAGE, { flags: flags | FLAGS.extended, more: parseHex('a0') }));
    await verify(ES256.sign(MESSAGE, { clientData: { crossOrigin: undefined, other_keys: 'do not compare' } }));
  });
});

describe('an assertion is refused', () => {
  const { userPresent, userVerified, backedUp, attested, extended } = FLAGS;
  test.each<[string, AssertionChange, string]>([
    ['without the user being verified', { flags: userPresent }, 'the user was not verified'],
    ['without the user being there', { flags: userVerified }, 'the user was not verified'],
    ['for another domain', { relyingParty: 'example.org' }, 'for another domain'],
    ['backed up, and not eligible for it', { flags: userPresent | userVerified | backedUp }, 'contradict'],
    ['with a credential in it', { flags: userPresent | userVerified | attested }, 'not those of an assertion'],
    ['with an extension that is not there', { flags: userPresent | userVerified | extended }, 'not those of an'],
    ['with more than it says', { more: parseHex('00') }, 'not those of an assertion'],
    ['that registers', { clientData: { type: 'webauthn.create' } }, 'its client data are not those'],
    ['over another challenge', { clientData: { challenge: 'AAAA' } }, 'over another challenge'],
    ['over a padded challenge', { clientData: { challenge: `${toBase64Url(nativeSha256(MESSAGE))}=` } }, 'challenge'],
    ['made in a frame of another', { clientData: { crossOrigin: true } }, 'in a page within another one'],
    ['made below another', { clientData: { topOrigin: 'https://a.example' } }, 'in a page within another one'],
    ['whose client data are a list', { clientText: '[]' }, 'not JSON'],
    ['whose client data are nothing', { clientText: 'null' }, 'not JSON'],
    ['whose client data are no JSON', { clientText: '{' }, 'not JSON'],
  ])('%s', async (_what, change, wanted) => {
    await refuses(change, wanted);
  });

  test('with any byte of any part changed, or a part left out', async () => {
    for (const passkey of Object.values(passkeys)) {
      const parts = passkey.sign(MESSAGE).split('.').map(parseBase64Url);
      const [authenticatorData, clientData, signature] = parts as [Uint8Array, Uint8Array, Uint8Array];
      const write = (changed: readonly Uint8Array[]) => changed.map(toBase64Url).join('.');
      expect(write(parts)).toBe(formatAssertion({ authenticatorData, clientData, signature }));
      await fc.assert(
        fc.asyncProperty(fc.nat(2), fc.nat(), fc.integer({ min: 1, max: 255 }), async (part, at, flip) => {
          const bytes = Uint8Array.from(parts[part] as Uint8Array);
          const place = at % bytes.length;
          bytes[place] = (bytes[place] as number) ^ flip;
          await expectRefusal('signature_invalid', verify(write(parts.with(part, bytes)), passkey));
        }),
        { numRuns: 150 },
      );
      for (const text of ['', '.', '..', write(parts.slice(0, 2)), write([...parts, signature]), 'a'.repeat(5_000)]) {
        await expectRefusal('signature_invalid', verify(text, passkey));
      }
      const rest = ES256.sign(MESSAGE).split('.');
      await expectRefusal('signature_invalid', verify(`${rest[0]}=.${rest[1]}.${rest[2]}`));
    }
  });

  test('of another passkey, be it of the same domain', async () => {
    await expectRefusal('signature_invalid', verify(newPasskey().sign(MESSAGE)));
  });
});

describe('a signature in DER', () => {
  const scalar = (hex: string) => hex.padStart(64, '0');
  const ORDER = 'ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551';

  test('is r and s of 32 bytes each', () => {
    const read = readDerSignature(parseHex('3006020101020102'));
    expect(Buffer.from(read ?? []).toString('hex')).toBe(scalar('01') + scalar('02'));
    const high = readDerSignature(parseHex('30080202008002020081'));
    expect(Buffer.from(high ?? []).toString('hex')).toBe(scalar('80') + scalar('81'));
  });

  test.each([
    ['nothing', ''],
    ['a set', '3106020101020102'],
    ['a length that is too short', '3005020101020102'],
    ['a length that is too long', '3007020101020102'],
    ['a length in two bytes', '308106020101020102'],
    ['a third integer', '3009020101020102020103'],
    ['one integer', '3003020101'],
    ['something behind it', '300602010102010200'],
    ['no integer', '3006030101020102'],
    ['an integer of no bytes', '300402000200'],
    ['zero', '3006020100020102'],
    ['a negative number', '3006020180020102'],
    ['a padded number', '300702020001020102'],
    ['the order', `30260221 00${ORDER} 020101`.replaceAll(' ', '')],
    ['33 bytes', `3026022101${'00'.repeat(32)}020101`],
  ])('is not %s', (_what, hex) => {
    expect(readDerSignature(parseHex(hex))).toBeUndefined();
  });

  test('has one encoding: any other bytes are another signature, or none', () => {
    const integer = (number: bigint) => {
      const hex = number.toString(16);
      const even = hex.padStart(hex.length + (hex.length % 2), '0');
      const signed = /^[89a-f]/.test(even) ? `00${even}` : even;
      return `02${(signed.length / 2).toString(16).padStart(2, '0')}${signed}`;
    };
    const encode = (r: bigint, s: bigint) => {
      const inside = integer(r) + integer(s);
      return parseHex(`30${(inside.length / 2).toString(16).padStart(2, '0')}${inside}`);
    };
    const scalars = fc.bigInt({ min: 1n, max: BigInt(`0x${ORDER}`) - 1n });
    fc.assert(
      fc.property(scalars, scalars, fc.nat(), fc.integer({ min: 1, max: 255 }), (r, s, at, flip) => {
        const der = encode(r, s);
        const wanted = scalar(r.toString(16)) + scalar(s.toString(16));
        expect(Buffer.from(readDerSignature(der) ?? []).toString('hex')).toBe(wanted);
        const place = at % der.length;
        const other = readDerSignature(der.with(place, (der[place] as number) ^ flip));
        if (other !== undefined) expect(Buffer.from(other).toString('hex')).not.toBe(wanted);
      }),
      { numRuns: 1_000 },
    );
  });
});

describe('the text of a passkey', () => {
  const cose = parseBase64Url(ES256.key.split(':')[2] as string);
  const withCose = (bytes: Uint8Array) => formatPasskeyKey('ledger.example.org', bytes);
  const flipped = (at: number) => Uint8Array.from(cose, (byte, place) => (place === at ? byte ^ 1 : byte));

  test('is written as it is read', () => {
    expect(withCose(cose)).toBe(ES256.key);
    expect(parsePasskeyKey(formatPasskeyKey('xn--fiq228c.example', cose)).relyingParty).toBe('xn--fiq228c.example');
  });

  test('of RS256 is refused, and says what to make instead', () => {
    const rsa = withCose(parseHex(`a401030339010020590100${'ff'.repeat(256)}2143010001`));
    expectFailure('key_invalid', () => parsePasskeyKey(rsa));
    expect(() => parsePasskeyKey(rsa)).toThrow('RS256 is not taken: make one of ES256 (−7) or Ed25519 (−8)');
  });

  test.each([
    ['a point beside the curve', withCose(flipped(20))],
    [
      'coordinates above the prime',
      withCose(parseHex(`a5010203262001215820${'ff'.repeat(32)}225820${'ff'.repeat(32)}`)),
    ],
    ['another curve', withCose(flipped(7))],
    ['another algorithm', withCose(flipped(4))],
    ['a byte more', withCose(Uint8Array.from([...cose, 0]))],
    ['a byte less', withCose(cose.slice(0, -1))],
    ['no key', withCose(new Uint8Array())],
    ['an Ed25519 key of small order', withCose(parseHex(`a4010103272006215820${'00'.repeat(32)}`))],
    ['no domain', `passkey::${toBase64Url(cose)}`],
    ['a domain in capitals', formatPasskeyKey('Ledger.example', cose)],
    ['an address', formatPasskeyKey('127.0.0.1', cose)],
    ['one label', formatPasskeyKey('intranet', cose)],
    ['a full stop at the end', formatPasskeyKey('ledger.example.', cose)],
    ['a scheme', formatPasskeyKey('https', cose).replace('https', 'https://ledger.example')],
    ['a part more', `${ES256.key}:x`],
    ['another prefix', ES256.key.replace('passkey', 'passkeys')],
    ['padding', `${ES256.key}=`],
    ['far too much', formatPasskeyKey('ledger.example.org', new Uint8Array(600))],
  ])('is not %s', (_what, text) => {
    expectFailure('key_invalid', () => parsePasskeyKey(text));
  });
});
