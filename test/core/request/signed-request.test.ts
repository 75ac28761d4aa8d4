import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseBase64Url, toBase64Url, utf8 } from '#core/bytes.ts';
import { canonicalText, type JsonObject } from '#core/canonical.ts';
import { useSha256 } from '#core/hash.ts';
import type { Handle, PartyId } from '#core/ids.ts';
import { portableEd25519 } from '#core/note/ed25519.ts';
import { contentDigest } from '#core/request/content-digest.ts';
import {
  digestSignedRequest,
  formatKeyName,
  formatSignedRequest,
  parseKeyName,
  parseSignedRequest,
  readSignatures,
  type SignedRequest,
  verifyBase,
} from '#core/request/signed-request.ts';
import { partyStream, relationshipStream } from '#core/tlog/stream.ts';
import { nativeEd25519, nativeSha256 } from '../../../src/native.ts';
import { expectFailure, expectRefusal } from '../../support/failure.ts';
import { coveredBy, signedOver } from './signing.ts';

useSha256(nativeSha256);

const ID = '0198abcdef0123456789abcdef012345';
const PARTY = partyStream(ID as PartyId);
const REL = relationshipStream(ID as Handle);
const [key, second] = await Promise.all([1, 2].map((n) => nativeEd25519.importSeed(new Uint8Array(32).fill(n))));
if (key === undefined || second === undefined) throw new Error('two keys were made');
const CREATED = 1_795_268_000;
const BODY = '{"principal":"x","text":"示例"}';
const signers = [
  { stream: PARTY, key },
  { stream: PARTY, key: second },
];
const good = await signedOver(signers, coveredBy('/v1/letters', BODY), BODY, CREATED);
const read = await signedOver(
  [{ stream: REL, key }],
  coveredBy('/v1/letters', '', { method: 'GET', contentDigest: null, idempotencyKey: null }),
  '',
  CREATED,
);

describe('a signed request, as it is kept', () => {
  const requests: fc.Arbitrary<SignedRequest> = fc.record({
    body: fc.string({ unit: 'grapheme', maxLength: 200 }),
    signatures: fc.array(
      fc.record({
        base: fc.string({ unit: 'grapheme', minLength: 1, maxLength: 100 }),
        signature: fc.base64String({ minLength: 4, maxLength: 84 }),
      }),
      { maxLength: 2 },
    ),
  });

  test('is one text, which reads back', () => {
    fc.assert(
      fc.property(requests, (request) => {
        const text = formatSignedRequest(request);
        expect(parseSignedRequest(text)).toEqual(request);
        expect(text).toBe(canonicalText(request as unknown as JsonObject));
      }),
    );
  });

  test('is named by SHA-256 over a context of its own and the text', () => {
    fc.assert(
      fc.property(requests, (request) => {
        const text = formatSignedRequest(request);
        const wanted = createHash('sha256').update(`assent/request/v1\n${text}`).digest();
        expect(Buffer.from(digestSignedRequest(text)).equals(wanted)).toBe(true);
      }),
    );
  });

  test('has another digest after any change', () => {
    fc.assert(
      fc.property(requests, requests, (one, other) => {
        const [a, b] = [formatSignedRequest(one), formatSignedRequest(other)];
        expect(toBase64Url(digestSignedRequest(a)) === toBase64Url(digestSignedRequest(b))).toBe(a === b);
      }),
    );
  });

  const [first] = good.signatures;
  const wrong: readonly (readonly [string, unknown])[] = [
    ['no object', []],
    ['null', null],
    ['an empty object', {}],
    ['no body', { signatures: good.signatures }],
    ['no signatures', { body: BODY }],
    ['a body that is an object', { ...good, body: {} }],
    ['a body that is null', { ...good, body: null }],
    ['signatures that are an object', { ...good, signatures: {} }],
    ['three signatures', { ...good, signatures: [first, first, first] }],
    ['a field more', { ...good, path: '/' }],
    ['a field more of a signature', { ...good, signatures: [{ ...first, key: 'x' }] }],
    ['a signature without base', { ...good, signatures: [{ signature: first?.signature }] }],
    ['a base that is empty', { ...good, signatures: [{ ...first, base: '' }] }],
    ['a base too long', { ...good, signatures: [{ ...first, base: 'x'.repeat(4_097) }] }],
    ['a signature that is empty', { ...good, signatures: [{ ...first, signature: '' }] }],
    ['a signature too long', { ...good, signatures: [{ ...first, signature: 'A'.repeat(87) }] }],
    ['a signature that is a number', { ...good, signatures: [{ ...first, signature: 1 }] }],
  ];

  test.each(wrong)('is refused with %s', (_what, value) => {
    expectFailure('entry_invalid', () => parseSignedRequest(JSON.stringify(value)));
  });

  test('is refused in another form than it is written', () => {
    const text = formatSignedRequest(good);
    for (const other of [
      '',
      ` ${text}`,
      `${text}\n`,
      JSON.stringify(good, null, 1),
      text.replace('示', '\\u793a'),
      text.replace('{"body"', '{"body":"","body"'),
      text.slice(0, -1),
      `${text}${text}`,
    ]) {
      expectFailure('entry_invalid', () => parseSignedRequest(other));
    }
  });

  test('never says in a refusal what stood in it', () => {
    try {
      parseSignedRequest(JSON.stringify({ ...good, body: { CANARY: '张示例' } }));
      expect.fail('not refused');
    } catch (thrown) {
      expect(String(thrown)).not.toMatch(/CANARY|张/);
    }
  });
});

describe('the signatures of a request, read', () => {
  test('say what was signed, when, and by which keys', () => {
    const names = [key, second].map(({ publicKey }) => ({ stream: PARTY, key: toBase64Url(publicKey) }));
    expect(readSignatures(good)).toEqual(
      names.map((name) => ({
        covered: coveredBy('/v1/letters', BODY),
        created: CREATED,
        keyid: formatKeyName(name),
        name,
      })),
    );
    expect(readSignatures(read)).toMatchObject([
      { covered: { method: 'GET', contentDigest: null, idempotencyKey: null }, name: { stream: REL } },
    ]);
  });

  test('are refused with any other body than the one that was signed', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.string({ unit: 'grapheme' }), fc.constantFrom('', ' ', `${BODY} `, `${BODY}\n`)),
        (body) => {
          fc.pre(body !== BODY);
          expectFailure('digest_mismatch', () => readSignatures({ ...good, body }));
        },
      ),
    );
    fc.assert(
      fc.property(fc.nat(BODY.length - 1), (at) => {
        const body = `${BODY.slice(0, at)}${BODY.slice(at + 1)}`;
        expectFailure('digest_mismatch', () => readSignatures({ ...good, body }));
      }),
    );
  });

  test('are refused where one of them is of another body', async () => {
    const other = await signedOver(signers, coveredBy('/v1/letters', '{}'), '{}', CREATED);
    const mixed = (a: SignedRequest, b: SignedRequest) => ({
      body: BODY,
      signatures: [...a.signatures.slice(0, 1), ...b.signatures.slice(1)],
    });
    expect(() => readSignatures(mixed(good, good))).not.toThrow();
    expectFailure('digest_mismatch', () => readSignatures(mixed(good, other)));
    expectFailure('digest_mismatch', () => readSignatures(mixed(other, good)));
  });

  test('are refused where a body came with a read, or with no digest', async () => {
    expectFailure('digest_mismatch', () => readSignatures({ ...read, body: BODY }));
    const bare = await signedOver(signers, coveredBy('/v1/letters', BODY, { contentDigest: null }), BODY, CREATED);
    expectFailure('digest_mismatch', () => readSignatures(bare));
    const keyless = await signedOver(signers, coveredBy('/v1/letters', BODY, { idempotencyKey: null }), BODY, CREATED);
    expectFailure('digest_mismatch', () => readSignatures(keyless));
  });

  test('are refused with a digest in another form', async () => {
    for (const digest of ['', 'sha-256=::', contentDigest(utf8(BODY)).toUpperCase()]) {
      const crooked = await signedOver(
        signers,
        coveredBy('/v1/letters', BODY, { contentDigest: digest }),
        BODY,
        CREATED,
      );
      expectFailure('signature_malformed', () => readSignatures(crooked));
    }
  });

  test('may be over nothing: a request without a body has the digest of nothing, or none', async () => {
    const empty = await signedOver(signers, coveredBy('/v1/letters', ''), '', CREATED);
    expect(readSignatures(empty)[0]?.covered.contentDigest).toBe(contentDigest(utf8('')));
    expectFailure('digest_mismatch', () => readSignatures({ ...empty, body: BODY }));
    expect(readSignatures(read)[0]?.covered.contentDigest).toBeNull();
  });

  test('are refused with a base that is none', () => {
    const [signed] = good.signatures as [SignedRequest['signatures'][number]];
    for (const base of ['', 'x', signed.base.replace('ed25519', 'rsa')]) {
      expectFailure('signature_malformed', () => readSignatures({ ...good, signatures: [{ ...signed, base }] }));
    }
  });
});

describe('a key’s name', () => {
  const keys = fc.uint8Array({ minLength: 32, maxLength: 32 }).map(toBase64Url);
  const ids = fc.uint8Array({ minLength: 16, maxLength: 16 }).map((bytes) => Buffer.from(bytes).toString('hex'));

  test('is of a party or of a relationship, and reads back', () => {
    fc.assert(
      fc.property(ids, keys, fc.boolean(), (id, key, isParty) => {
        const stream = isParty ? partyStream(id as PartyId) : relationshipStream(id as Handle);
        const text = formatKeyName({ stream, key });
        expect(text).toBe(`${isParty ? 'party' : 'rel'}/${id}/${key}`);
        expect(parseKeyName(text)).toEqual({ stream, key });
      }),
    );
  });

  const name = toBase64Url(new Uint8Array(32));
  test.each([
    '',
    name,
    `party/${ID}`,
    `party/${ID}/`,
    `party/${ID}/${name}/`,
    `/party/${ID}/${name}`,
    `party//${name}`,
    `person/${ID}/${name}`,
    `refused/${ID}/${name}`,
    `log/${name}`,
    `log/${ID}/${name}`,
    `Party/${ID}/${name}`,
    `party/${ID.toUpperCase()}/${name}`,
    `party/${ID.slice(1)}/${name}`,
    `party/${ID}0/${name}`,
    `party/${ID}/${name.slice(1)}`,
    `party/${ID}/${name}A`,
    `party/${ID}/${name}=`,
    `party/${ID}/${'+'.repeat(43)}`,
    `party/${ID}/${name}\n`,
    ` party/${ID}/${name}`,
    `party/${ID}/${name} `,
    `party/../${ID}/${name}`,
    'test-key-ed25519',
  ])('is refused as %j', (keyid) => {
    expectFailure('signature_malformed', () => parseKeyName(keyid));
  });
});

describe.each([
  ['native', nativeEd25519],
  ['portable', portableEd25519],
] as const)('the signature over a base (%s)', (_name, ed25519) => {
  const [signed] = good.signatures as [SignedRequest['signatures'][number]];

  test('is the key’s, and nobody else’s', async () => {
    expect(await verifyBase(ed25519, key.publicKey, signed)).toBe(true);
    expect(await verifyBase(ed25519, second.publicKey, signed)).toBe(false);
    const [, other] = good.signatures as [unknown, typeof signed];
    expect(await verifyBase(ed25519, second.publicKey, other)).toBe(true);
    expect(await verifyBase(ed25519, key.publicKey, { ...signed, signature: other.signature })).toBe(false);
  });

  test('is over each of its characters', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(signed.base.length - 1), fc.constantFrom('', 'x', '\n', ' ', 'é'), async (at, put) => {
        const base = signed.base.slice(0, at) + put + signed.base.slice(at + 1);
        fc.pre(base !== signed.base);
        expect(await verifyBase(ed25519, key.publicKey, { ...signed, base })).toBe(false);
      }),
      { numRuns: 60 },
    );
  });

  test('has 64 bytes, in base64url', async () => {
    const bytes = parseBase64Url(signed.signature);
    for (const crooked of [bytes.subarray(1), bytes.subarray(0, 32), new Uint8Array(64), new Uint8Array(0)]) {
      const signature = toBase64Url(crooked);
      expect(await verifyBase(ed25519, key.publicKey, { ...signed, signature })).toBe(false);
    }
    for (const signature of ['*', `${signed.signature}=`, `${signed.signature} `, '+/'.repeat(43), 'A']) {
      await expectRefusal('signature_malformed', verifyBase(ed25519, key.publicKey, { ...signed, signature }));
    }
  });
});
