import { createHash, createHmac } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseHex, toHex, utf8 } from '#core/bytes.ts';
import {
  equalHash,
  hashLeaf,
  hashNode,
  hashText,
  mac,
  parseHash,
  parseHashText,
  sha256,
  useSha256,
} from '#core/hash.ts';
import { nativeSha256 } from '../../src/native.ts';
import { expectFailure } from '../support/failure.ts';

const ABC = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad';

test('knows the value of FIPS 180 for "abc", portable and native', () => {
  expect(toHex(sha256(utf8('abc')))).toBe(ABC);
  expect(toHex(nativeSha256(utf8('abc')))).toBe(ABC);
});

test('computes the same, portable and native', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      expect(nativeSha256(bytes)).toEqual(Uint8Array.from(sha256(bytes)));
    }),
  );
});

test('refuses a native SHA-256 that does not know "abc"', () => {
  expect(() => useSha256(() => new Uint8Array(32))).toThrow('a native SHA-256 knows its test value');
  expect(toHex(sha256(utf8('abc')))).toBe(ABC);
});

test('computes the same through a native SHA-256 handed in', () => {
  const before = toHex(hashLeaf(utf8('entry')));
  useSha256(nativeSha256);
  expect(toHex(hashLeaf(utf8('entry')))).toBe(before);
});

describe('the tree', () => {
  test('hashes leaf and node as RFC 6962 does', () => {
    expect(toHex(hashLeaf(utf8('L123456')))).toBe('395aa064aa4c29f7010acfe3f25db9485bbd4b91897b6ad7ad547639252b4d56');
    expect(toHex(hashLeaf(new Uint8Array(0)))).toBe('6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d');
  });

  test('hashes leaves of each length after one another, up to more than an entry can have', () => {
    const lengths = [70_000, 65_536, 65_535, 65_534, 933, 32, 1, 0, 65_535];
    const leaves = lengths.map((length) => hashLeaf(new Uint8Array(length).fill(length % 251)));
    for (const [at, length] of lengths.entries()) {
      const entry = new Uint8Array(1 + length).fill(length % 251, 1);
      expect(toHex(leaves[at] as Uint8Array)).toBe(createHash('sha256').update(entry).digest('hex'));
    }
  });

  test('keeps leaf and node apart: an entry made of two hashes is not their node', () => {
    const left = hashLeaf(utf8('left'));
    const right = hashLeaf(utf8('right'));
    const forged = new Uint8Array([...left, ...right]);
    expect(equalHash(hashLeaf(forged), hashNode(left, right))).toBe(false);
    const node = createHash('sha256')
      .update(new Uint8Array([1]))
      .update(forged)
      .digest('hex');
    expect(toHex(hashNode(left, right))).toBe(node);
  });
});

describe('a MAC', () => {
  const key = new Uint8Array(32).fill(7);

  test('is HMAC-SHA-256 over its parts, one after the other', () => {
    expect(toHex(mac(key, utf8('na'), utf8('me')))).toBe(createHmac('sha256', key).update('name').digest('hex'));
  });

  test.each([0, 31, 33, 64])('takes no key of %i bytes', (length) => {
    expect(() => mac(new Uint8Array(length), utf8('a'))).toThrow('32 bytes');
  });
});

describe('the text of a hash', () => {
  test('is base64url, and reads back', () => {
    const hash = sha256(utf8('abc'));
    expect(hashText(hash)).toBe(Buffer.from(ABC, 'hex').toString('base64url'));
    expect(parseHashText(hashText(hash))).toEqual(parseHex(ABC));
  });

  test('is refused with stray bits, in padded form, or of another length', () => {
    const text = hashText(sha256(utf8('abc')));
    const last = text.slice(-1);
    for (const other of 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_') {
      if (other === last || 'AEIMQUYcgkosw048'.includes(other)) continue;
      expectFailure('input_invalid', () => parseHashText(text.slice(0, -1) + other));
    }
    expectFailure('input_invalid', () => parseHashText(`${text}=`));
    expectFailure('input_invalid', () => parseHashText(text.slice(0, -2)));
    expectFailure('input_invalid', () => parseHash(new Uint8Array(31)));
    expectFailure('input_invalid', () => parseHash(new Uint8Array(33)));
  });
});
