import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { concat, parseHex, toBase64, utf8 } from '#core/bytes.ts';
import { type Ed25519, portableEd25519 } from '#core/note/ed25519.ts';
import { keyIdOf, parseVkey, type VerifierKey, verifierKey } from '#core/note/key.ts';
import {
  formatNote,
  formatSignatureLines,
  NOTE_BYTES_MAX,
  NOTE_SIGNATURES_MAX,
  type NoteSignature,
  openNote,
  parseNote,
  parseSignatureLines,
  signNote,
} from '#core/note/note.ts';
import { nativeEd25519 } from '../../../src/native.ts';
import { expectFailure, expectRefusal } from '../../support/failure.ts';

/** The note in the documentation of Go's sumdb/note. */
const PETER = 'PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW';
const PETERS_TEXT =
  'If you think cryptography is the answer to your problem,\n' + "then you don't know what your problem is.\n";
const PETERS_LINE =
  '— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n';
const PETERS_NOTE = `${PETERS_TEXT}\n${PETERS_LINE}`;

const TEXT = 'first line\n\n授权书 after an empty line\n';
const signingKey = await nativeEd25519.importSeed(new Uint8Array(32).fill(1));
const otherKey = await nativeEd25519.importSeed(new Uint8Array(32).fill(2));
const verifier = verifierKey('example.com/log', signingKey.publicKey);
const other = verifierKey('example.com/other', otherKey.publicKey);
const note = await signNote(TEXT, verifier.name, signingKey);
const [signature] = parseNote(note).signatures as [NoteSignature];
const [otherSignature] = parseNote(await signNote(TEXT, other.name, otherKey)).signatures as [NoteSignature];

const open = (text: string, verifiers: readonly VerifierKey[] = [verifier]) => openNote(text, verifiers, nativeEd25519);
const grease = (i: number): NoteSignature => ({
  name: `grease.example/${i}`,
  keyId: signature.keyId,
  bytes: new Uint8Array(1 + (i % 70)).fill(i),
});

describe('a note', () => {
  test('of others opens, with every implementation', async () => {
    for (const ed25519 of [portableEd25519, nativeEd25519]) {
      const opened = await openNote(PETERS_NOTE, [parseVkey(PETER)], ed25519);
      expect(opened.text).toBe(PETERS_TEXT);
      expect(opened.verified.map(({ name }) => name)).toEqual(['PeterNeumann']);
    }
  });

  test('opens after signing, and its text may have empty lines', async () => {
    const opened = await open(note);
    expect(opened.text).toBe(TEXT);
    expect(opened.verified).toEqual([signature]);
    expect(opened.unverified).toEqual([]);
    expect(signature.keyId).toBe(keyIdOf(verifier.name, signingKey.publicKey));
  });

  test('reads and writes back, whatever signatures it carries', () => {
    const signatures = fc.array(
      fc.record({
        name: fc.constantFrom('a', 'ledger.example/consent', '授权'),
        keyId: fc.uint8Array({ minLength: 4, maxLength: 4 }).map((id) => Buffer.from(id).toString('hex')),
        bytes: fc.uint8Array({ minLength: 1, maxLength: 90 }),
      }),
      { minLength: 1, maxLength: 5 },
    ) as unknown as fc.Arbitrary<readonly NoteSignature[]>;
    const text = fc.string({ unit: fc.constantFrom('a', '\n', '—', ' ', '+', '😀') }).map((lines) => `${lines}\n`);
    fc.assert(
      fc.property(text, signatures, (body, lines) => {
        const parsed = parseNote(formatNote({ text: body, signatures: lines }));
        expect(parsed).toEqual({ text: body, signatures: lines });
      }),
    );
  });

  test('is refused with any byte of its text changed (attack 55)', async () => {
    for (let at = 0; at < TEXT.length; at++) {
      const changed = `${note.slice(0, at)}${note[at] === 'x' ? 'y' : 'x'}${note.slice(at + 1)}`;
      await expect(open(changed)).rejects.toHaveProperty('name', 'Failure');
    }
  });

  test('is refused with any letter of its signature line changed', async () => {
    for (let at = TEXT.length + 1; at < note.length; at++) {
      const changed = `${note.slice(0, at)}${note[at] === 'A' ? 'B' : 'A'}${note.slice(at + 1)}`;
      await expect(open(changed)).rejects.toHaveProperty('name', 'Failure');
    }
  });
});

describe('the form of a note', () => {
  const line = note.slice(TEXT.length + 1);
  const encoded = line.trim().split(' ')[2] as string;
  const withLine = (crooked: string) => `${TEXT}\n${crooked}\n`;

  test.each([
    ['nothing', ''],
    ['no signature', `${TEXT}\n`],
    ['no blank line', `text\n${line}`],
    ['no final newline', note.slice(0, -1)],
    ['a blank line at the end', `${note}\n`],
    ['a second blank line among the signatures', `${note}\n\n`],
    ['CRLF', note.replaceAll('\n', '\r\n')],
    ['one CR', note.replace('\n', '\r\n')],
    ['a tab', note.replace('first line', 'first\tline')],
    ['a NUL', note.replace('first line', 'first\u0000line')],
    ['a control character in a name', note.replace('— example', '— \u0001example')],
    ['a lone surrogate', note.replace('first', '\ud83d')],
    ['a hyphen for the dash', withLine(line.trim().replace('—', '-'))],
    ['an en dash for the dash', withLine(line.trim().replace('—', '–'))],
    ['a horizontal bar for the dash', withLine(line.trim().replace('—', '―'))],
    ['no space after the dash', withLine(line.trim().replace('— ', '—'))],
    ['two spaces after the dash', withLine(line.trim().replace('— ', '—  '))],
    ['no-break space after the dash', withLine(line.trim().replace('— ', '—\u00a0'))],
    ['two spaces before the signature', withLine(`— example.com/log  ${encoded}`)],
    ['a space at the end', withLine(`${line.trim()} `)],
    ['a third word', withLine(`${line.trim()} more`)],
    ['no name', withLine(`—  ${encoded}`)],
    ['no signature after the name', withLine('— example.com/log')],
    ['an empty signature', withLine('— example.com/log ')],
    ['a name with +', withLine(`— example.com+log ${encoded}`)],
    ['a name with a no-break space', withLine(`— example.com\u00a0log ${encoded}`)],
    ['a key id alone', withLine(`— example.com/log ${encoded.slice(0, 5)}A==`)],
    ['base64 without its padding', withLine(`— a ${toBase64(new Uint8Array(68)).replace('=', '')}`)],
    ['base64 with stray bits', withLine(`— a ${toBase64(new Uint8Array(68)).replace('AA=', 'AB=')}`)],
    ['base64 of the other alphabet', withLine('— a ____')],
    ['text between signatures', `${note}text\n${line}`],
  ])('is refused with %s', async (_, crooked) => {
    expectFailure('note_invalid', () => parseNote(crooked));
    await expectRefusal('note_invalid', open(crooked));
  });

  test('holds up to 100 signatures', async () => {
    const signatures = [...Array.from({ length: NOTE_SIGNATURES_MAX - 1 }, (_, i) => grease(i)), signature];
    const opened = await open(formatNote({ text: TEXT, signatures }));
    expect(opened.unverified).toHaveLength(NOTE_SIGNATURES_MAX - 1);
    const tooMany = formatNote({ text: TEXT, signatures: [grease(0), ...signatures] });
    await expectRefusal('note_invalid', open(tooMany));
  });

  test('has at most 64 KiB, counted in bytes', async () => {
    const frame = (await signNote('\n', verifier.name, signingKey)).length + 2 - 1;
    const fits = 'é'.repeat(Math.floor((NOTE_BYTES_MAX - frame - 1) / 2));
    await expect(open(await signNote(`${fits}\n`, verifier.name, signingKey))).resolves.toBeDefined();
    expectFailure('note_invalid', () => parseNote(`${'é'.repeat(NOTE_BYTES_MAX / 2)}\n\n${line}`));
    expectFailure('note_invalid', () => parseNote(`${'e'.repeat(NOTE_BYTES_MAX)}\n\n${line}`));
  });
});

describe('the signatures of a note', () => {
  const bad = { ...signature, bytes: signature.bytes.map((byte) => 255 - byte) };
  const openSignatures = (signatures: readonly NoteSignature[], verifiers = [verifier]) =>
    open(formatNote({ text: TEXT, signatures }), verifiers);

  test('of unknown keys are ignored, in any order', async () => {
    const sameNameOtherId = { ...signature, keyId: other.keyId };
    const sameIdOtherName = { ...signature, name: other.name };
    for (const signatures of [
      [grease(1), sameNameOtherId, signature, sameIdOtherName],
      [sameIdOtherName, signature, sameNameOtherId, grease(1)],
    ]) {
      const opened = await openSignatures(signatures);
      expect(opened.verified).toEqual([signature]);
      expect(opened.unverified).toEqual(signatures.filter((each) => each !== signature));
    }
  });

  test('of unknown keys alone are not enough', async () => {
    await expectRefusal('signature_invalid', openSignatures([otherSignature, grease(3)]));
    await expectRefusal('signature_invalid', open(note, []));
  });

  test('of all known keys are verified', async () => {
    const opened = await openSignatures([signature, otherSignature], [other, verifier]);
    expect(opened.verified).toEqual([signature, otherSignature]);
  });

  test('that are bad under a known key spoil the note, even beside good ones', async () => {
    await expectRefusal('signature_invalid', openSignatures([bad]));
    await expectRefusal('signature_invalid', openSignatures([signature, bad]));
    await expectRefusal('signature_invalid', openSignatures([bad, signature]));
    await expectRefusal('signature_invalid', openSignatures([bad, otherSignature], [verifier, other]));
  });

  test('of a known key have 64 bytes', async () => {
    for (const length of [1, 63, 65]) {
      const bytes = concat(signature.bytes, signature.bytes).subarray(0, length);
      await expectRefusal('signature_invalid', openSignatures([{ ...signature, bytes }]));
    }
  });

  test('twice by one key count once', async () => {
    const opened = await openSignatures([signature, signature, signature]);
    expect(opened.verified).toEqual([signature]);
    expect(opened.unverified).toEqual([]);
  });

  test('do not count under a key that only shares name and id', async () => {
    const collision: VerifierKey = { ...verifier, publicKey: other.publicKey };
    await expectRefusal('signature_invalid', open(note, [collision]));
    await expectRefusal('key_invalid', open(note, [verifier, collision]));
  });

  test('are of this text: another note of the same key lends none', async () => {
    const [elsewhere] = parseNote(await signNote('other\n', verifier.name, signingKey)).signatures;
    await expectRefusal('signature_invalid', openSignatures([elsewhere as NoteSignature]));
  });

  test('fail when the implementation fails, and never count as good', async () => {
    const broken: Ed25519 = { ...nativeEd25519, verify: () => Promise.reject(new Error('out of threads')) };
    await expect(openNote(note, [verifier], broken)).rejects.toThrow('out of threads');
  });
});

describe('signing', () => {
  test.each(['', 'no newline', 'tab\t\n', 'cr\r\n', '\ud800\n'])('refuses the text %j', async (text) => {
    await expectRefusal('note_invalid', signNote(text, verifier.name, signingKey));
  });

  test.each(['', 'a b', 'a+b', 'a\nb'])('refuses the name %j (attack 59)', async (name) => {
    await expectRefusal('note_invalid', signNote(TEXT, name, signingKey));
  });

  test('signs the text with its last newline, and nothing else', async () => {
    expect(await nativeEd25519.verify(signingKey.publicKey, utf8(TEXT), signature.bytes)).toBe(true);
    expect(note).toBe(`${TEXT}\n— ${verifier.name} ${toBase64(concat(parseHex(verifier.keyId), signature.bytes))}\n`);
  });
});

describe('signature lines by themselves', () => {
  const lines = formatSignatureLines([signature, otherSignature]);

  test('read and write back', () => {
    expect(parseSignatureLines(lines)).toEqual([signature, otherSignature]);
    const many = formatSignatureLines(Array.from({ length: NOTE_SIGNATURES_MAX }, (_, i) => grease(i)));
    expect(formatSignatureLines(parseSignatureLines(many))).toBe(many);
  });

  test.each([
    ['nothing', ''],
    ['a newline', '\n'],
    ['no final newline', lines.slice(0, -1)],
    ['a blank line before', `\n${lines}`],
    ['a blank line behind', `${lines}\n`],
    ['a blank line between', lines.replace('\n', '\n\n')],
    ['CRLF', lines.replaceAll('\n', '\r\n')],
    ['a NUL', lines.replace('example', 'exam\u0000ple')],
    ['a hyphen instead of U+2014', lines.replace('—', '-')],
    ['one line too many', formatSignatureLines(Array.from({ length: NOTE_SIGNATURES_MAX + 1 }, (_, i) => grease(i)))],
    ['a page', '<html></html>\n'],
  ])('are not %s', (_, text) => {
    expectFailure('note_invalid', () => parseSignatureLines(text));
  });
});
