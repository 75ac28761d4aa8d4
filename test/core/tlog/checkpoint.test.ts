import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { toBase64 } from '#core/bytes.ts';
import type { Hash } from '#core/hash.ts';
import { verifierKey } from '#core/note/key.ts';
import { signNote } from '#core/note/note.ts';
import {
  type Checkpoint,
  formatCheckpoint,
  openCheckpoint,
  parseCheckpoint,
  signCheckpoint,
} from '#core/tlog/checkpoint.ts';
import { EMPTY_ROOT, parseSize } from '#core/tlog/tree.ts';
import { nativeEd25519 } from '../../../src/native.ts';
import { expectFailure, expectRefusal } from '../../support/failure.ts';
import { makeLeaves } from './naive.ts';

const signingKey = await nativeEd25519.importSeed(new Uint8Array(32).fill(3));
const vkey = verifierKey('ledger.example/consent', signingKey.publicKey);
const root = makeLeaves(1)[0] as Hash;
const checkpoint: Checkpoint = { origin: vkey.name, size: parseSize(600), root };
const TEXT = formatCheckpoint(checkpoint);
const ROOT_TEXT = toBase64(root);

describe('the text of a checkpoint', () => {
  test('has three lines, and reads back', () => {
    expect(TEXT).toBe(`ledger.example/consent\n600\n${ROOT_TEXT}\n`);
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 2 ** 53 - 1 }),
        fc.uint8Array({ minLength: 32, maxLength: 32 }),
        (size, bytes) => {
          const any = { origin: vkey.name, size: parseSize(size), root: bytes as unknown as Hash };
          expect(parseCheckpoint(formatCheckpoint(any))).toEqual(any);
        },
      ),
    );
  });

  test('of an empty tree has the one root there is', () => {
    const empty = { origin: vkey.name, size: parseSize(0), root: EMPTY_ROOT };
    expect(parseCheckpoint(formatCheckpoint(empty))).toEqual(empty);
    expectFailure('checkpoint_invalid', () => parseCheckpoint(formatCheckpoint({ ...empty, root })));
  });

  const withSize = (size: string) => TEXT.replace('600', size);
  const withRoot = (text: string) => TEXT.replace(ROOT_TEXT, text);
  const crooked: readonly (readonly [string, string])[] = [
    ['nothing', ''],
    ['no final newline', TEXT.slice(0, -1)],
    ['an empty line at the end', `${TEXT}\n`],
    ['an extension line', `${TEXT}extension\n`],
    ['two lines', `ledger.example/consent\n600\n`],
    ['no origin', TEXT.slice('ledger.example/consent'.length)],
    ['CRLF', TEXT.replaceAll('\n', '\r\n')],
    ['a control character in its origin', TEXT.replace('ledger', 'ledg\u0007er')],
    ...['', '00', '0600', '+600', '-1', '600.0', '6e2', ' 600', '600 ', '0x258', '９'].map(
      (size) => [`the size ${JSON.stringify(size)}`, withSize(size)] as const,
    ),
    ...[2n ** 53n, 2n ** 53n + 1n, 2n ** 63n, 2n ** 64n].map(
      (size) => [`the size ${size}`, withSize(`${size}`)] as const,
    ),
    ['a root without padding', withRoot(ROOT_TEXT.slice(0, -1))],
    ['a root of 31 bytes', withRoot(toBase64(root.subarray(1)))],
    ['a root of 33 bytes', withRoot(toBase64(new Uint8Array(33)))],
    ['a root in hex', withRoot('ab'.repeat(32))],
    ['a root in base64url', withRoot(`${'_'.repeat(42)}8=`)],
    ['a root with a space', withRoot(` ${ROOT_TEXT}`)],
  ];
  test.each(crooked)('is refused with %s', (_, text) => {
    expectFailure('checkpoint_invalid', () => parseCheckpoint(text));
  });

  test('is refused with stray bits in its root, which decode to the same bytes elsewhere (attack 56)', () => {
    const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
    const last = letters.indexOf(ROOT_TEXT.at(-2) as string);
    for (const stray of [1, 2, 3]) {
      const crooked = `${ROOT_TEXT.slice(0, -2)}${letters[last + stray]}=`;
      expect(Buffer.from(crooked, 'base64')).toEqual(Buffer.from(root));
      expectFailure('checkpoint_invalid', () => parseCheckpoint(withRoot(crooked)));
    }
  });
});

describe('a signed checkpoint', () => {
  test('opens with the key of its log', async () => {
    const opened = await openCheckpoint(await signCheckpoint(checkpoint, signingKey), vkey, nativeEd25519);
    expect(opened).toEqual(checkpoint);
  });

  test('does not open with another key, or the same key under another name', async () => {
    const note = await signCheckpoint(checkpoint, signingKey);
    const other = await nativeEd25519.importSeed(new Uint8Array(32).fill(4));
    const otherKey = verifierKey(vkey.name, other.publicKey);
    const otherName = verifierKey('ledger.example/other', signingKey.publicKey);
    await expectRefusal('signature_invalid', openCheckpoint(note, otherKey, nativeEd25519));
    await expectRefusal('signature_invalid', openCheckpoint(note, otherName, nativeEd25519));
  });

  test('of another log does not open, though the key is the right one', async () => {
    const foreign = formatCheckpoint({ ...checkpoint, origin: 'ledger.example/other' });
    const note = await signNote(foreign, vkey.name, signingKey);
    await expectRefusal('checkpoint_invalid', openCheckpoint(note, vkey, nativeEd25519));
  });

  test('is a checkpoint: another text by the same key does not open', async () => {
    for (const text of ['any text\n', `${TEXT}extension\n`, `${vkey.name}\n0600\n${ROOT_TEXT}\n`]) {
      const note = await signNote(text, vkey.name, signingKey);
      await expectRefusal('checkpoint_invalid', openCheckpoint(note, vkey, nativeEd25519));
    }
  });

  test('needs an origin that can name a key', async () => {
    const note = signCheckpoint({ ...checkpoint, origin: 'with space' }, signingKey);
    await expectRefusal('note_invalid', note);
  });

  test('does not open with any letter changed', async () => {
    const note = await signCheckpoint(checkpoint, signingKey);
    for (let at = 0; at < note.length; at++) {
      const crooked = `${note.slice(0, at)}${note[at] === '7' ? '8' : '7'}${note.slice(at + 1)}`;
      await expect(openCheckpoint(crooked, vkey, nativeEd25519)).rejects.toHaveProperty('name', 'Failure');
    }
  });
});
