import { createHmac } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { parseUtf8, toBase64Url, toHex } from '#core/bytes.ts';
import type { JsonObject } from '#core/canonical.ts';
import { parseKeyBytes, parseKeyText } from '#core/consent/key-text.ts';
import type { Draft } from '#core/consent/relationship.ts';
import { sawOf } from '#core/consent/rules.ts';
import { verifyBinding, verifyStatement } from '#core/consent/signature.ts';
import {
  bindingSigningBytes,
  bindingStatement,
  digestIdentity,
  letterStatement,
  normaliseIdentifier,
  revocationStatement,
  statementSigningBytes,
} from '#core/consent/statement.ts';
import { hashLeaf, sha256, useSha256 } from '#core/hash.ts';
import type { GrantId, Handle, LetterId, PartyId } from '#core/ids.ts';
import { portableEd25519 } from '#core/note/ed25519.ts';
import { LOG_STREAM, partyStream, refusedStream } from '#core/tlog/stream.ts';
import { nativeEd25519, nativeP256, nativeSha256 } from '../../../src/native.ts';
import { expectFailure, expectRefusal } from '../../support/failure.ts';
import { BUREAU, HANDLE, hashOf, IDENTIFIER, LENDER, LETTER, LOG, QUERY_GRANT, TODAY, terms } from './paper-ledger.ts';

useSha256(nativeSha256);

const DRAFT: Draft = {
  text: hashOf(1),
  template: 'consumer_credit',
  warnings: ['adverse'],
  nonce: hashOf(2),
  drafted_at: TODAY,
  expires_at: TODAY + 1,
  grants: [terms(), terms({ grant: 'f2'.padStart(32, '0') as GrantId, from: TODAY })],
  asks: false,
};
const LETTER_PARTS = { log: LOG, ref: LETTER, grantee: LENDER, draft: DRAFT, given: [true, false], signedAt: TODAY };
const REVOCATION_PARTS = { log: LOG, ref: QUERY_GRANT, grantee: LENDER, signedAt: TODAY };
const key = await nativeEd25519.importSeed(new Uint8Array(32).fill(7));
const SALT = Uint8Array.from({ length: 32 }, (_, n) => n);
const SUBJECT = { id_type: 'resident_id', id_number: '99000118900101001X' };
const LINK_PARTS = { method: 'link', identity: null, identifiedBy: null, identifiedAt: null } as const;
const BINDING_PARTS = {
  log: LOG,
  handle: HANDLE,
  key: toBase64Url(key.publicKey),
  identity: digestIdentity(SALT, SUBJECT),
  method: 'identity_provider',
  identifiedBy: IDENTIFIER,
  identifiedAt: TODAY,
} as const;

const letter = letterStatement(LETTER_PARTS);
const revocation = revocationStatement(REVOCATION_PARTS);
const binding = bindingStatement(BINDING_PARTS);
const digestOf = (bytes: Uint8Array) => toHex(sha256(bytes));

const CRYPTO = { ed25519: nativeEd25519, p256: nativeP256 };
const keyOf = (by = key.publicKey) => ({ kind: 'ed25519', key: by }) as const;

describe('the signed bytes', () => {
  test('of a revocation are these', () => {
    expect(parseUtf8(statementSigningBytes(revocation))).toBe(
      'assent/statement/v1\n' +
        '{"expires_at":null,"grants":[],"kind":"revoke","log":"paper.assent.example/log","nonce":null,' +
        '"parties":["000000000000000000000000000000a1"],"ref":"000000000000000000000000000000f1",' +
        '"signed_at":1717171200000,"template":null,"text":null,"v":1,"warnings":[]}',
    );
  });

  test('of a binding are these', () => {
    expect(parseUtf8(bindingSigningBytes(binding))).toBe(
      'assent/binding/v1\n' +
        '{"handle":"000000000000000000000000000000d1","identified_at":1717171200000,' +
        '"identified_by":"000000000000000000000000000000c1",' +
        '"identity":"i402OMmKvN44rsgCD_Es3KKI2_8hvIiJV9CGmNkM1K4","key":"6kpsY-KcUgq-9VB7Ey7F-ZVHdq6-vnuSQh7qaRRG0iw",' +
        '"log":"paper.assent.example/log","method":"identity_provider","v":1}',
    );
  });

  test('of a binding by a link are these: it says who nobody', () => {
    const link = bindingStatement({ ...BINDING_PARTS, ...LINK_PARTS });
    expect(parseUtf8(bindingSigningBytes(link))).toBe(
      'assent/binding/v1\n' +
        '{"handle":"000000000000000000000000000000d1","identified_at":null,"identified_by":null,"identity":null,' +
        '"key":"6kpsY-KcUgq-9VB7Ey7F-ZVHdq6-vnuSQh7qaRRG0iw","log":"paper.assent.example/log","method":"link","v":1}',
    );
    expect(digestOf(bindingSigningBytes(link))).toBe(
      '68b0805d9738f6e3872f3684a8cbe47bf3587b8e73c6443fa4dc192a2ad69c65',
    );
  });

  test('of a letter are these', () => {
    const text = parseUtf8(statementSigningBytes(letter));
    expect(text.startsWith('assent/statement/v1\n{"expires_at":1717171200001,"grants":[{"action":"QUERY",')).toBe(true);
    expect(JSON.parse(text.slice(text.indexOf('\n')))).toEqual({
      v: 1,
      log: LOG,
      kind: 'letter',
      ref: LETTER,
      text: DRAFT.text,
      template: 'consumer_credit',
      grants: [
        { ...DRAFT.grants[0], given: true },
        { ...DRAFT.grants[1], given: false },
      ],
      parties: [LENDER],
      warnings: ['adverse'],
      nonce: DRAFT.nonce,
      signed_at: TODAY,
      expires_at: TODAY + 1,
    });
  });

  test('have these digests, for ever', () => {
    expect(digestOf(statementSigningBytes(revocation))).toBe(
      '45dd2e03ec1f69c69b6e29292e5d97cafc648b6a38ba27f8914fe75a3312249c',
    );
    expect(digestOf(bindingSigningBytes(binding))).toBe(
      '1d34d7e1f98956031711c52414d7d8445044392b801cd88a6a4d0c22d9379cc5',
    );
    expect(digestOf(statementSigningBytes(letter))).toBe(
      'c0469166a0f80eef7290a02c3693751e103daf38b747733d74cf625fadfd4424',
    );
  });
});

describe('a letter’s statement', () => {
  const others: readonly (readonly [string, Partial<Parameters<typeof letterStatement>[0]>])[] = [
    ['log', { log: `${LOG}2` }],
    ['letter', { ref: 'e2'.padStart(32, '0') as LetterId }],
    ['grantee', { grantee: BUREAU }],
    ['tick', { given: [true, true] }],
    ['tick taken off', { given: [false, false] }],
    ['time', { signedAt: TODAY + 1 }],
    ['text', { draft: { ...DRAFT, text: hashOf(3) } }],
    ['template', { draft: { ...DRAFT, template: null } }],
    ['warning', { draft: { ...DRAFT, warnings: [] } }],
    ['nonce', { draft: { ...DRAFT, nonce: hashOf(3) } }],
    ['expiry', { draft: { ...DRAFT, expires_at: TODAY + 2 } }],
    ['order of clauses', { draft: { ...DRAFT, grants: [...DRAFT.grants].reverse() } }],
    ['clause less', { draft: { ...DRAFT, grants: DRAFT.grants.slice(0, 1) } }],
    ...Object.entries({
      action: 'REPORT',
      purposes: ['loan_apply'],
      items: ['credit_info', 'credit_report', 'tax'],
      sources: [],
      recipients: [BUREAU],
      from: 1,
      to: 1,
      basis: 'consent',
      necessity: 'optional',
      uses_max: 1,
      frequency: { count: 1, period_ms: 1_000 },
      staleness_ms: 1_000,
      grant: 'f3'.padStart(32, '0'),
    }).map(
      ([name, value]) =>
        [`${name} of a clause`, { draft: { ...DRAFT, grants: [terms({ [name]: value }), DRAFT.grants[1]] } }] as never,
    ),
  ];

  test.each(others)('is not signed with another %s', async (_what, change) => {
    const signature = toBase64Url(await key.sign(statementSigningBytes(letter)));
    const signed = { statement: letter, key: keyOf(), signature };
    for (const ed25519 of [nativeEd25519, portableEd25519]) {
      const crypto = { ed25519, p256: nativeP256 };
      await verifyStatement(crypto, signed);
      const other = letterStatement({ ...LETTER_PARTS, ...change });
      await expectRefusal('signature_invalid', verifyStatement(crypto, { ...signed, statement: other }));
    }
  });

  test('takes a missing tick for one that is not given', () => {
    const grants = letterStatement({ ...LETTER_PARTS, given: [] })['grants'] as readonly JsonObject[];
    expect(grants.map((clause) => clause['given'])).toEqual([false, false]);
  });
});

describe('who was identified', () => {
  test('is HMAC-SHA-256 under the salt over the canonical identifier', () => {
    const want = createHmac('sha256', SALT).update('["resident_id","99000118900101001X"]').digest('base64url');
    expect(digestIdentity(SALT, SUBJECT)).toBe(want);
    expect(want).toBe('i402OMmKvN44rsgCD_Es3KKI2_8hvIiJV9CGmNkM1K4');
  });

  test.each([
    ['small letters', '99000118900101001x'],
    ['spaces', ' 990001 18900101\t001X '],
    ['a line end', '99000118900101001X\r\n'],
    ['full width', '９９０００１１８９００１０１００１Ｘ'],
    ['the wide space', '990001　18900101　001x'],
  ])('is the same with %s', (_how, id_number) => {
    expect(normaliseIdentifier({ ...SUBJECT, id_number })).toEqual(['resident_id', '99000118900101001X']);
    expect(digestIdentity(SALT, { ...SUBJECT, id_number })).toBe(digestIdentity(SALT, SUBJECT));
  });

  test('is another with another number, document or salt', () => {
    const others = [
      digestIdentity(SALT, { ...SUBJECT, id_number: '990001189001010014' }),
      digestIdentity(SALT, { ...SUBJECT, id_type: 'passport' }),
      digestIdentity(SALT.toReversed(), SUBJECT),
      digestIdentity(SALT, { id_type: '', id_number: 'resident_id99000118900101001X' }),
    ];
    expect(new Set([...others, digestIdentity(SALT, SUBJECT)]).size).toBe(others.length + 1);
  });

  test('wants a salt of exactly 32 bytes', () => {
    for (const bytes of [0, 31, 33]) expect(() => digestIdentity(new Uint8Array(bytes), SUBJECT)).toThrow('32 bytes');
  });
});

describe('what a revocation and a binding bind', () => {
  test.each([
    ['log', { log: `${LOG}2` }],
    ['grant', { ref: 'f2'.padStart(32, '0') as GrantId }],
    ['grantee', { grantee: BUREAU }],
    ['time', { signedAt: TODAY + 1 }],
  ])('a revocation binds the %s', (_what, change) => {
    const other = revocationStatement({ ...REVOCATION_PARTS, ...change });
    expect(statementSigningBytes(other)).not.toEqual(statementSigningBytes(revocation));
  });

  test.each([
    ['log', { log: `${LOG}2` }],
    ['relationship', { handle: 'd2'.padStart(32, '0') as Handle }],
    ['key', { key: 'A'.repeat(43) }],
    ['method', { method: 'link' as const }],
    ['identity', { identity: digestIdentity(SALT, { ...SUBJECT, id_number: '990001189001010014' }) as string | null }],
    ['identity’s absence', { identity: null }],
    ['identifier', { identifiedBy: BUREAU as PartyId | null }],
    ['identifier’s absence', { identifiedBy: null }],
    ['time', { identifiedAt: TODAY + 1 }],
  ])('a binding binds the %s', async (_what, change) => {
    const signature = toBase64Url(await key.sign(bindingSigningBytes(binding)));
    await verifyBinding(CRYPTO, { binding, key: keyOf(), signature });
    const other = bindingStatement({ ...BINDING_PARTS, ...change });
    await expectRefusal('signature_invalid', verifyBinding(CRYPTO, { binding: other, key: keyOf(), signature }));
  });

  test('none can be taken for another, nor for an entry or a checkpoint', async () => {
    const signature = toBase64Url(await key.sign(bindingSigningBytes(binding)));
    await expectRefusal('signature_invalid', verifyStatement(CRYPTO, { statement: binding, key: keyOf(), signature }));
    const revoke = toBase64Url(await key.sign(statementSigningBytes(revocation)));
    await expectRefusal(
      'signature_invalid',
      verifyStatement(CRYPTO, { statement: letter, key: keyOf(), signature: revoke }),
    );
  });
});

describe('a signature', () => {
  test('is refused after any flip of a bit, with another key, and in any other text', async () => {
    const bytes = await key.sign(statementSigningBytes(revocation));
    const verify = (signature: string, by = key.publicKey) =>
      verifyStatement(CRYPTO, { statement: revocation, key: keyOf(by), signature });
    await verify(toBase64Url(bytes));
    for (let at = 0; at < 64; at++) {
      const crooked = bytes.map((byte, i) => (i === at ? byte ^ (1 << (at % 8)) : byte));
      await expectRefusal('signature_invalid', verify(toBase64Url(crooked)));
    }
    const other = await nativeEd25519.importSeed(new Uint8Array(32).fill(8));
    await expectRefusal('signature_invalid', verify(toBase64Url(bytes), other.publicKey));
    const good = toBase64Url(bytes);
    for (const text of ['', good.slice(1), `${good}A`, `${good}==`, ` ${good}`, good.replace(/.$/, '!'), '张示例']) {
      await expectRefusal('signature_invalid', verify(text));
    }
  });

  test('comes from a key that we accept', () => {
    const good = toBase64Url(key.publicKey);
    expect(parseKeyText(good)).toEqual(key.publicKey);
    const small = toBase64Url(new Uint8Array(32).fill(1, 0, 1));
    expectFailure('key_invalid', () => parseKeyText(small));
    for (const text of ['', 'x', good.slice(1), `${good}=`, `${good}A`, '!'.repeat(43)]) {
      expectFailure('key_invalid', () => parseKeyBytes(text));
      expectFailure('key_invalid', () => parseKeyText(text));
    }
  });
});

describe('what a decision saw', () => {
  const leaf = (n: number) => hashLeaf(new Uint8Array([n]));
  const view = {
    head: (stream: string) =>
      stream === LOG_STREAM
        ? { seq: 0, leaf: leaf(1) }
        : stream === partyStream(LENDER)
          ? { seq: 3, leaf: leaf(2) }
          : undefined,
    state: () => undefined,
  };

  test('is SHA-256 over its streams and their heads', () => {
    const text = `{"log":"${toBase64Url(leaf(1))}","party/${LENDER}":"${toBase64Url(leaf(2))}","refused/${LENDER}":null}`;
    const want = toBase64Url(nativeSha256(new TextEncoder().encode(text)));
    const streams = [refusedStream(LENDER), LOG_STREAM, partyStream(LENDER)];
    expect(sawOf(view, streams)).toBe(want);
    expect(sawOf(view, streams.toReversed())).toBe(want);
    expect(sawOf(view, [LOG_STREAM, partyStream(LENDER)])).toBe('MxtuA5_4oNtJbMYMk8U0o46HXA3uMReaMqr2XN2J1mw');
    expect(sawOf(view, [LOG_STREAM])).not.toBe(sawOf(view, [partyStream(LENDER)]));
  });
});
