import { describe, expect, test } from 'vitest';
import { toBase64 } from '#core/bytes.ts';
import { type Hash, useSha256 } from '#core/hash.ts';
import { verifierKey } from '#core/note/key.ts';
import { openCheckpoint, signCheckpoint } from '#core/tlog/checkpoint.ts';
import { parseInclusionProof, verifyInclusion } from '#core/tlog/inclusion.ts';
import { EXTRA_BYTES_MAX, formatTlogProof, parseTlogProof, type TlogProof } from '#core/tlog/proof.ts';
import { type Index, parseIndex, parseSize } from '#core/tlog/tree.ts';
import { nativeEd25519, nativeSha256 } from '../../../src/native.ts';
import { expectFailure } from '../../support/failure.ts';
import { makeLeaves, naiveTree } from './naive.ts';

useSha256(nativeSha256);

const leaves = makeLeaves(100);
const naive = naiveTree(leaves);
const signingKey = await nativeEd25519.importSeed(new Uint8Array(32).fill(5));
const vkey = verifierKey('ledger.example/consent', signingKey.publicKey);
const checkpoint = await signCheckpoint({ origin: vkey.name, size: parseSize(100), root: naive.root(100) }, signingKey);
const plain: TlogProof = { index: 42 as Index, proof: parseInclusionProof(naive.inclusion(42, 100)), checkpoint };
const extra = new Uint8Array([1, 2, 3]);
const TEXT = formatTlogProof({ ...plain, extra });

describe('the text of a proof', () => {
  test('reads back, with and without extra data', () => {
    expect(parseTlogProof(TEXT)).toEqual({ ...plain, extra });
    expect(parseTlogProof(formatTlogProof(plain))).toEqual(plain);
    expect('extra' in parseTlogProof(formatTlogProof(plain))).toBe(false);
  });

  test('carries the proof of a tree of one entry, which has no hashes', async () => {
    const one = await signCheckpoint({ origin: vkey.name, size: parseSize(1), root: naive.root(1) }, signingKey);
    const text = formatTlogProof({ index: parseIndex(0), proof: parseInclusionProof([]), checkpoint: one });
    expect(text.startsWith('c2sp.org/tlog-proof@v1\nindex 0\n\nledger.example/consent\n1\n')).toBe(true);
    expect(parseTlogProof(text).proof).toEqual([]);
  });

  test('carries all that a verifier needs', async () => {
    const { index, proof, checkpoint: note } = parseTlogProof(TEXT);
    verifyInclusion(proof, index, leaves[42] as Hash, await openCheckpoint(note, vkey, nativeEd25519));
  });

  const hash = toBase64(naive.inclusion(42, 100)[0] as Hash);
  const crooked: readonly (readonly [string, string])[] = [
    ['nothing', ''],
    ['another header', TEXT.replace('@v1', '@v2')],
    ['a space after the header', TEXT.replace('@v1\n', '@v1 \n')],
    ['CRLF', TEXT.replaceAll('\n', '\r\n')],
    ['no blank line', TEXT.replaceAll('\n\n', '\n')],
    ['no index', TEXT.replace('index 42\n', '')],
    ['two indices', TEXT.replace('index 42\n', 'index 42\nindex 42\n')],
    ['an index before the extra data', TEXT.replace('extra AQID\nindex 42\n', 'index 42\nextra AQID\n')],
    ['extra data twice', TEXT.replace('extra AQID\n', 'extra AQID\nextra AQID\n')],
    ['empty extra data', TEXT.replace('extra AQID', 'extra ')],
    ['extra without a space', TEXT.replace('extra AQID', 'extraAQID')],
    ['extra data that are not base64', TEXT.replace('AQID', 'AQI')],
    ['extra data with stray bits', TEXT.replace('AQID', 'AQJ=')],
    ['extra data without end', TEXT.replace('AQID', toBase64(new Uint8Array(EXTRA_BYTES_MAX + 1)))],
    ['a text without end', `${TEXT}${'x'.repeat(300_000)}`],
    ...['', '042', '+42', '-1', '4.2', '42 ', '9007199254740992', '18446744073709551616'].map(
      (index) => [`the index ${JSON.stringify(index)}`, TEXT.replace('index 42', `index ${index}`)] as const,
    ),
    ['a hash of 31 bytes', TEXT.replace(hash, toBase64(new Uint8Array(31)))],
    ['a hash of 33 bytes', TEXT.replace(hash, toBase64(new Uint8Array(33)))],
    ['a hash that is not base64', TEXT.replace(hash, '*'.repeat(44))],
    ['64 hashes', TEXT.replace(hash, Array.from({ length: 64 }, () => hash).join('\n'))],
  ];
  test.each(crooked)('is refused with %s', (_, text) => {
    expectFailure('proof_invalid', () => parseTlogProof(text));
  });

  test.each([
    ['a blank line among the hashes', TEXT.replace(hash, `${hash}\n`)],
    ['a checkpoint without signature', TEXT.slice(0, TEXT.indexOf('— '))],
    ['a checkpoint without newline', TEXT.slice(0, -1)],
    ['text after the checkpoint', `${TEXT}more\n`],
  ])('is refused with %s', (_, text) => {
    expect(() => parseTlogProof(text)).toThrow(expect.objectContaining({ name: 'Failure' }));
  });

  test('never verifies with any letter changed, but for the extra data, which prove nothing', async () => {
    for (let at = 0; at < TEXT.length; at++) {
      const crooked = `${TEXT.slice(0, at)}${TEXT[at] === '4' ? '5' : '4'}${TEXT.slice(at + 1)}`;
      const inExtra = at >= TEXT.indexOf('AQID') && at < TEXT.indexOf('AQID') + 4;
      const verdict = await (async () => {
        const { index, proof, checkpoint: note } = parseTlogProof(crooked);
        verifyInclusion(proof, index, leaves[42] as Hash, await openCheckpoint(note, vkey, nativeEd25519));
      })().then(
        () => 'verified',
        (error) => error.name,
      );
      expect(verdict, `letter ${at}`).toBe(inExtra ? 'verified' : 'Failure');
    }
  });

  test('is written of what can be read', () => {
    expect(() => formatTlogProof({ ...plain, extra: new Uint8Array(0) })).toThrow('extra has bytes');
    expect(() => formatTlogProof({ ...plain, extra: new Uint8Array(EXTRA_BYTES_MAX + 1) })).toThrow('not too many');
    const longest = formatTlogProof({ ...plain, extra: new Uint8Array(EXTRA_BYTES_MAX) });
    expect(parseTlogProof(longest).extra).toHaveLength(EXTRA_BYTES_MAX);
  });
});
