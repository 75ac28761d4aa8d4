import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { toBase64, utf8 } from '#core/bytes.ts';
import { sha256, useSha256 } from '#core/hash.ts';
import { contentDigest, parseContentDigest } from '#core/request/content-digest.ts';
import { nativeSha256 } from '../../../src/native.ts';
import { expectFailure } from '../../support/failure.ts';

useSha256(nativeSha256);

/** Published values: RFC 9530, appendix B (the body ends in a line feed), and RFC 9421, appendix B.2. */
const PUBLISHED: readonly (readonly [string, string])[] = [
  ['{"hello": "world"}\n', 'RK/0qy18MlBSVnWgjwz6lZEWjP/lF5HF9bvEF8FabDg='],
  ['"world"}\n', 'jjcgBDWNAtbYUXI37CVG3gRuGOAjaaDRGpIUFsdyepQ='],
  ['{"hello": "world"}', 'X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE='],
  ['', '47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='],
];

describe('the digest of a content', () => {
  test('is SHA-256 in base64, and reads back', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (body) => {
        const header = contentDigest(body);
        expect(header).toBe(`sha-256=:${createHash('sha256').update(body).digest('base64')}:`);
        expect(parseContentDigest(header)).toEqual(sha256(body));
      }),
    );
  });

  test.each(PUBLISHED)('of %j is the published one', (body, digest) => {
    expect(contentDigest(utf8(body))).toBe(`sha-256=:${digest}:`);
    expect(toBase64(parseContentDigest(`sha-256=:${digest}:`))).toBe(digest);
  });

  const good = contentDigest(utf8('x'));
  const encoded = good.slice('sha-256=:'.length, -1);
  const sha512 = createHash('sha512').update('x').digest('base64');

  test.each([
    ['nothing', ''],
    ['a bare digest', encoded],
    ['no colons', `sha-256=${encoded}`],
    ['one colon', `sha-256=:${encoded}`],
    ['another name', `sha256=:${encoded}:`],
    ['a name in capitals', `SHA-256=:${encoded}:`],
    ['another algorithm', `sha-512=:${sha512}:`],
    ['another algorithm’s length', `sha-256=:${sha512}:`],
    ['a second algorithm', `${good}, sha-512=:${sha512}:`],
    ['a second algorithm before', `sha-512=:${sha512}:, ${good}`],
    ['itself twice', `${good}, ${good}`],
    ['a parameter', `${good};x=1`],
    ['a space before', ` ${good}`],
    ['a space behind', `${good} `],
    ['a line feed behind', `${good}\n`],
    ['a space within', `sha-256= :${encoded}:`],
    ['no padding', `sha-256=:${encoded.replace('=', '')}:`],
    ['padding too much', `sha-256=:${encoded}=:`],
    ['bits behind the last byte', `sha-256=:${'A'.repeat(42)}B=:`],
    ['base64url', `sha-256=:${'_'.repeat(42)}8=:`],
    ['hexadecimal', `sha-256=:${createHash('sha256').update('x').digest('hex')}:`],
    ['a byte less', `sha-256=:${toBase64(new Uint8Array(31))}:`],
    ['a byte more', `sha-256=:${toBase64(new Uint8Array(33))}:`],
    ['no byte', 'sha-256=::'],
    ['a token', 'sha-256=abc'],
  ])('is refused with %s', (_what, value) => {
    expectFailure('signature_malformed', () => parseContentDigest(value));
  });

  test('is refused or another one after a change of any character', () => {
    fc.assert(
      fc.property(fc.nat(good.length - 1), fc.string({ minLength: 1, maxLength: 1 }), (place, character) => {
        fc.pre(good[place] !== character);
        const changed = good.slice(0, place) + character + good.slice(place + 1);
        let read: Uint8Array;
        try {
          read = parseContentDigest(changed);
        } catch (thrown) {
          expectFailure('signature_malformed', () => {
            throw thrown;
          });
          return;
        }
        expect(read).not.toEqual(sha256(utf8('x')));
        expect(`sha-256=:${toBase64(read)}:`).toBe(changed);
      }),
      { numRuns: 500 },
    );
  });

  test('fails as malformed for any text at all', () => {
    fc.assert(
      fc.property(fc.string(), (value) => expectFailure('signature_malformed', () => parseContentDigest(value))),
    );
  });
});
