import { createHash, createHmac } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { concat, toHex, utf8 } from '#core/bytes.ts';
import { encodeCanonical, type Json } from '#core/canonical.ts';
import { isFailure } from '#core/failure.ts';
import type { Hash } from '#core/hash.ts';
import { commitTo, digestPart, digestParts, digestText, openPart, type Payload } from '#core/tlog/payload.ts';
import { expectFailure } from '../../support/failure.ts';

const salt = (n: number): Uint8Array => new Uint8Array(32).fill(n);
const PAYLOAD: Payload = {
  text: { owner: 'subject', salt: salt(1), value: '授权书' },
  signature: { owner: 'subject', salt: salt(2), value: { by: 'key', at: 1 } },
};
const digests = digestParts(PAYLOAD);
const flip = (bytes: Uint8Array, at: number): Uint8Array => bytes.map((byte, i) => (i === at ? byte ^ 1 : byte));

/** Opens whatever an attacker sends; our own assertion on a salt's length must never be reached. */
function refuses(name: string, part: { salt: Uint8Array; value: Json }, digest: Hash): void {
  expectFailure('commitment_invalid', () => openPart(name, part, digest));
}

describe('a commitment', () => {
  test('is what the design says, computed by another hand', () => {
    const hmac = (key: Uint8Array, name: string, value: Json) =>
      createHmac('sha256', key)
        .update(Buffer.concat([Buffer.from(name), Buffer.from([0]), encodeCanonical(value)]))
        .digest('base64url');
    const named = {
      signature: hmac(salt(2), 'signature', { by: 'key', at: 1 }),
      text: hmac(salt(1), 'text', '授权书'),
    };
    const want = createHash('sha256').update('assent/payload/v1\n').update(JSON.stringify(named)).digest('hex');
    expect(toHex(commitTo(digests))).toBe(want);
  });

  test('has this value, for ever', () => {
    expect(toHex(commitTo(digests))).toBe('f2bcc8bf44803cb2f28b98f5df9beb11c67f56933de71a5b90a25547782500b7');
    expect(toHex(digestPart('text', PAYLOAD['text'] as never))).toBe(
      '793fab97ecc08f1b93f7868d92da8bba746b94807fa84e1877442db1e0adfcc9',
    );
    expect(digestText(salt(3), '个人征信查询报送授权书')).toBe('kxG_-sfXJynEZKT8R3suuKH89HP0PiwnLQS9vc16P_A');
  });

  test('does not depend on the order of the parts, and on all else', () => {
    const { text, signature } = digests as Record<string, Hash>;
    const commit = commitTo(digests);
    expect(commitTo({ signature: signature as Hash, text: text as Hash })).toEqual(commit);
    const others = [
      {},
      { text: text as Hash },
      { text: signature as Hash, signature: text as Hash },
      { ...digests, more: text as Hash },
      { texts: text as Hash, signature: signature as Hash },
    ];
    for (const other of others) expect(commitTo(other)).not.toEqual(commit);
  });

  test('says nothing without the salt: the same value is another digest each time (attack 97)', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), (fresh) => {
        fc.pre(fresh.some((byte) => byte !== 1));
        expect(digestPart('text', { salt: fresh, value: '授权书' })).not.toEqual(digests['text']);
      }),
    );
  });

  test('still verifies after a part is erased, and the other part still opens', () => {
    const kept = digests;
    const { signature } = PAYLOAD;
    expect(commitTo(kept)).toEqual(commitTo(digestParts(PAYLOAD)));
    expect(openPart('signature', signature as never, kept['signature'] as Hash)).toEqual({ by: 'key', at: 1 });
  });
});

describe('opening a part', () => {
  test('gives the value that was committed to', () => {
    for (const [name, part] of Object.entries(PAYLOAD)) {
      expect(openPart(name, part, digests[name] as Hash)).toEqual(part.value);
    }
  });

  test('is refused with another salt, value, name or digest', () => {
    const digest = digests['text'] as Hash;
    refuses('text', { salt: salt(2), value: '授权书' }, digest);
    for (let at = 0; at < 32; at++) refuses('text', { salt: flip(salt(1), at), value: '授权书' }, digest);
    refuses('text', { salt: salt(1), value: '授权书 ' }, digest);
    refuses('text', { salt: salt(1), value: ['授权书'] }, digest);
    refuses('Text', { salt: salt(1), value: '授权书' }, digest);
    refuses('', { salt: salt(1), value: '授权书' }, digest);
    refuses('text', { salt: salt(1), value: '授权书' }, digests['signature'] as Hash);
  });

  test('is refused with a salt of another length, also one that HMAC would pad to the same', () => {
    const padded = salt(7);
    padded[31] = 0;
    const digest = digestPart('text', { salt: padded, value: 'x' });
    expect(openPart('text', { salt: padded, value: 'x' }, digest)).toBe('x');
    refuses('text', { salt: padded.subarray(0, 31), value: 'x' }, digest);
    refuses('text', { salt: concat(padded, new Uint8Array(1)), value: 'x' }, digest);
    refuses('text', { salt: new Uint8Array(0), value: 'x' }, digest);
  });

  test('does not take a name that runs into the value', () => {
    const digest = digestPart('a', { salt: salt(1), value: 'b' });
    refuses('a\u0000"b"', { salt: salt(1), value: '' }, digest);
  });

  test('names the part in its refusal, never the value', () => {
    try {
      openPart('text', { salt: salt(9), value: 'CANARY' }, digests['text'] as Hash);
      expect.fail('it was to be refused');
    } catch (thrown) {
      expect(isFailure(thrown, 'commitment_invalid')).toBe(true);
      expect(String(thrown)).toContain('part text');
      expect(String(thrown)).not.toContain('CANARY');
    }
  });
});

describe('the digest of a text', () => {
  test('covers every byte under its own salt', () => {
    const text = '个人征信查询报送授权书';
    const digest = digestText(salt(3), text);
    expect(digest).toBe(createHmac('sha256', salt(3)).update(utf8(text)).digest('base64url'));
    expect(digestText(salt(4), text)).not.toBe(digest);
    for (const other of [`${text} `, text.normalize('NFD').concat('\u0301'), '', `\ufeff${text}`]) {
      expect(digestText(salt(3), other)).not.toBe(digest);
    }
  });
});
