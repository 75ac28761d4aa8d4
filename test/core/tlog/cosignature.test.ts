import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { concat, parseHex, toBase64, toHex, utf8 } from '#core/bytes.ts';
import { sha256 } from '#core/hash.ts';
import { portableEd25519 } from '#core/note/ed25519.ts';
import {
  type CosignerKey,
  cosignerKey,
  formatCosignerVkey,
  formatVkey,
  keyIdOf,
  parseCosignerVkey,
  parseVkey,
  verifierKey,
} from '#core/note/key.ts';
import { formatNote, type Note, type NoteSignature, parseNote } from '#core/note/note.ts';
import { openCheckpoint, signCheckpoint } from '#core/tlog/checkpoint.ts';
import { cosign, openCosignatures } from '#core/tlog/cosignature.ts';
import { parseSize } from '#core/tlog/tree.ts';
import { webcryptoEd25519 } from '../../../src/client/webcrypto-ed25519.ts';
import { nativeEd25519 } from '../../../src/native.ts';
import { expectFailure, expectRefusal } from '../../support/failure.ts';
import { describeWithVectors, readVectors } from '../../support/vectors.ts';
import { makeLeaves } from './naive.ts';

const logKey = await nativeEd25519.importSeed(new Uint8Array(32).fill(3));
const [one, two] = (await Promise.all(
  [5, 6].map((byte) => nativeEd25519.importSeed(new Uint8Array(32).fill(byte))),
)) as [typeof logKey, typeof logKey];
const oneKey = cosignerKey('one.example/w', one.publicKey);
const twoKey = cosignerKey('two.example/w', two.publicKey);
const TIME = 1_780_000_000;
const root = makeLeaves(1)[0]!;
const checkpoint = await signCheckpoint({ origin: 'ledger.example/consent', size: parseSize(600), root }, logKey);
const { text, signatures } = parseNote(checkpoint);
const line = await cosign(text, oneKey.cosigner, one, TIME);
const withLines = (...lines: readonly NoteSignature[]): Note => ({ text, signatures: [...signatures, ...lines] });
const open = (note: Note, keys: readonly CosignerKey[] = [oneKey, twoKey]) =>
  openCosignatures(note, keys, nativeEd25519);

describe('a cosignature', () => {
  test('opens under its checkpoint in every runtime, with its witness and its time', async () => {
    for (const ed25519 of [portableEd25519, nativeEd25519, webcryptoEd25519]) {
      const opened = await openCosignatures(withLines(line), [oneKey, twoKey], ed25519);
      expect(opened).toEqual([{ key: oneKey, timeSeconds: TIME, line }]);
    }
  });

  test('is 8 bytes of time, big-endian, and a signature over header, time and the whole text', async () => {
    expect(toHex(line.bytes.subarray(0, 8))).toBe('000000006a18a500');
    const message = utf8(`cosignature/v1\ntime ${TIME}\n${text}`);
    expect(await nativeEd25519.verify(one.publicKey, message, line.bytes.subarray(8))).toBe(true);
    expect(line.keyId).toBe(oneKey.keyId);
  });

  test('holds any time from 1 to 2^53-1, and reads back the same', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 2 ** 53 - 1 }), async (time) => {
        const [opened] = await open(withLines(await cosign(text, oneKey.cosigner, one, time)));
        expect(opened?.timeSeconds).toBe(time);
      }),
      { numRuns: 30 },
    );
  });

  test('covers extension lines, and is no signature over the checkpoint without them', async () => {
    const extended = `${text}extension\n`;
    const over = await cosign(extended, oneKey.cosigner, one, TIME);
    expect(await open({ text: extended, signatures: [over] })).toHaveLength(1);
    await expectRefusal('signature_invalid', open(withLines(over)));
  });

  test('of an unknown key proves nothing and harms nothing (attack 61)', async () => {
    expect(await open(withLines(line), [twoKey])).toEqual([]);
    const grease: NoteSignature = { ...line, name: 'grease.example', bytes: new Uint8Array(2428) };
    expect(await open(withLines(grease, line))).toHaveLength(1);
    // The same witness with the key of its text signatures: another type, another id.
    const note = { ...line, keyId: keyIdOf(oneKey.cosigner, one.publicKey) };
    expect(await open(withLines(note))).toEqual([]);
  });

  test('attack 83: of type 0x06, which covers the tree alone, is an unknown line, and lets no extension line in', async () => {
    const origin = utf8(`${oneKey.cosigner}\n`);
    const keyId = toHex(
      sha256(concat(origin, new Uint8Array([6]), one.publicKey)).subarray(0, 4),
    ) as NoteSignature['keyId'];
    const tree = text.split('\n').slice(0, 3).join('\n');
    const signature = await one.sign(utf8(`subtree/v1\n${tree}\n`));
    const over: NoteSignature = { name: oneKey.cosigner, keyId, bytes: concat(line.bytes.subarray(0, 8), signature) };
    expect(keyId).not.toBe(oneKey.keyId);
    const extended = { text: `${text}anything at all\n`, signatures: [over] };
    expect(await open(withLines(over))).toEqual([]);
    expect(await open(extended)).toEqual([]);
    // Under the witness's own id it is none of its cosignatures.
    await expectRefusal('signature_invalid', open(withLines({ ...over, keyId: oneKey.keyId })));
    // And whoever signed, a checkpoint with such a line is none.
    const vkey = verifierKey('ledger.example/consent', logKey.publicKey);
    const whole = { name: vkey.name, keyId: vkey.keyId, bytes: await logKey.sign(utf8(extended.text)) };
    const note = formatNote({ text: extended.text, signatures: [whole, over] });
    await expectRefusal('checkpoint_invalid', openCheckpoint(note, vkey, nativeEd25519));
  });

  test('given twice is one witness, as of the earlier time, in either order', async () => {
    const later = await cosign(text, oneKey.cosigner, one, TIME + 60);
    for (const lines of [
      [line, later],
      [later, line],
      [line, line],
    ]) {
      expect(await open(withLines(...lines))).toEqual([{ key: oneKey, timeSeconds: TIME, line }]);
    }
  });

  test('beside a bad one by the same key spoils the note (attack 60)', async () => {
    const bad = { ...line, bytes: line.bytes.with(20, line.bytes[20]! ^ 1) };
    await expectRefusal('signature_invalid', open(withLines(line, bad)));
    await expectRefusal('signature_invalid', open(withLines(bad, line)));
  });

  test('does not open with any bit of it flipped, its time included', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat({ max: 71 }), fc.nat({ max: 7 }), async (at, bit) => {
        const bytes = line.bytes.with(at, line.bytes[at]! ^ (2 ** bit));
        await expectRefusal('signature_invalid', open(withLines({ ...line, bytes })));
      }),
      { numRuns: 100 },
    );
  });

  test.each([
    ['no time at all', line.bytes.subarray(8)],
    ['a byte less', line.bytes.subarray(1)],
    ['a byte more', concat(line.bytes, new Uint8Array(1))],
    ['a time of zero', concat(new Uint8Array(8), line.bytes.subarray(8))],
    ['a time of 2^53', concat(parseHex('0020000000000000'), line.bytes.subarray(8))],
    ['a time of 2^63', concat(parseHex('8000000000000000'), line.bytes.subarray(8))],
    ['a time of 2^64-1', concat(parseHex('ffffffffffffffff'), line.bytes.subarray(8))],
  ])('is refused with %s (attack 86)', async (_, bytes) => {
    await expectRefusal('signature_invalid', open(withLines({ ...line, bytes })));
  });

  test('replayed under another checkpoint or origin does not open (attack 81)', async () => {
    for (const other of [
      text.replace('600', '601'),
      text.replace('consent', 'other'),
      text.replace(toBase64(root), toBase64(makeLeaves(2)[1]!)),
    ]) {
      await expectRefusal('signature_invalid', open({ text: other, signatures: [line] }));
    }
  });

  test('is never a signature over a note, nor the other way round (attack 77)', async () => {
    // The log's key, its checkpoint signature taken for a cosignature.
    const asCosigner = cosignerKey('ledger.example/consent', logKey.publicKey);
    const [own] = signatures as [NoteSignature];
    const taken = { ...own, keyId: asCosigner.keyId, bytes: concat(line.bytes.subarray(0, 8), own.bytes) };
    await expectRefusal('signature_invalid', open(withLines(taken), [asCosigner]));
  });

  test('is not made without a time', async () => {
    for (const time of [0, -1, 1.5, Number.NaN, 2 ** 53]) {
      await expect(cosign(text, oneKey.cosigner, one, time)).rejects.toThrow('a time after 1970');
    }
    await expectRefusal('key_invalid', cosign(text, 'with space', one, TIME));
  });

  test('of one key under two names is refused, and so are two keys under one name and id (attacks 80, 82)', async () => {
    const renamed = cosignerKey('other.example/w', one.publicKey);
    await expectRefusal('key_invalid', open(withLines(line), [oneKey, renamed]));
    const forged = { ...twoKey, cosigner: oneKey.cosigner, keyId: oneKey.keyId };
    await expectRefusal('key_invalid', open(withLines(line), [oneKey, forged]));
  });

  test('survives the note’s text', async () => {
    const opened = await open(parseNote(formatNote(withLines(line))));
    expect(opened.map(({ key }) => key)).toEqual([oneKey]);
  });
});

describe('a cosigner’s vkey', () => {
  const vkey = formatCosignerVkey(oneKey);

  test('reads back, and is no vkey of a log', () => {
    expect(parseCosignerVkey(vkey)).toEqual(oneKey);
    expectFailure('key_invalid', () => parseVkey(vkey));
    expectFailure('key_invalid', () => parseCosignerVkey(formatVkey(verifierKey('one.example/w', one.publicKey))));
  });

  test('is refused with any letter changed', () => {
    for (let at = 0; at < vkey.length; at++) {
      expectFailure('key_invalid', () =>
        parseCosignerVkey(`${vkey.slice(0, at)}${vkey[at] === '7' ? '8' : '7'}${vkey.slice(at + 1)}`),
      );
    }
  });

  test.each([
    ['nothing', ''],
    ['a newline behind it', `${vkey}\n`],
    ['CRLF behind it', `${vkey}\r\n`],
    ['a space before it', ` ${vkey}`],
    ['its padding away', vkey.slice(0, -1)],
    ['its id in capitals', vkey.replace(/\+([0-9a-f]{8})\+/, (id) => id.toUpperCase())],
    ['a NUL in its name', vkey.replace('one', 'o\u0000e')],
    ['a space in its name', vkey.replace('one', 'o e')],
    ['no name', vkey.slice('one.example/w'.length)],
    ['a type of ML-DSA', `one.example/w+${oneKey.keyId}+${toBase64(concat(new Uint8Array([6]), one.publicKey))}`],
  ])('is refused with %s (attack 59)', (_, crooked) => {
    expectFailure('key_invalid', () => parseCosignerVkey(crooked));
  });
});

interface KnownAnswer {
  readonly witnesses: readonly { readonly name: string; readonly seedHex: string; readonly vkey: string }[];
  readonly cosignedCheckpoint600: string;
  readonly cosignatureTimestamp: number;
}

describeWithVectors('tlog-known-answer.json', 'the known cosignatures', () => {
  const known = readVectors<KnownAnswer>('tlog-known-answer.json');
  const keys = known.witnesses.map(({ vkey }) => parseCosignerVkey(vkey));

  test('open, and are made byte for byte', async () => {
    const note = parseNote(known.cosignedCheckpoint600);
    const opened = await openCosignatures(note, keys, nativeEd25519);
    expect(opened.map(({ key }) => key)).toEqual(keys);
    for (const [at, { name, seedHex, vkey }] of known.witnesses.entries()) {
      const key = await nativeEd25519.importSeed(parseHex(seedHex));
      expect(formatCosignerVkey(cosignerKey(name, key.publicKey))).toBe(vkey);
      expect(await cosign(note.text, name, key, known.cosignatureTimestamp)).toEqual(opened[at]?.line);
    }
  });
});
