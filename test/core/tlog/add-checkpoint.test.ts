import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { toBase64, utf8 } from '#core/bytes.ts';
import type { Hash } from '#core/hash.ts';
import { NOTE_BYTES_MAX } from '#core/note/note.ts';
import {
  ADD_CHECKPOINT_BYTES_MAX,
  ADD_PROOF_LINES_MAX,
  formatAddCheckpoint,
  formatSizeAnswer,
  parseAddCheckpoint,
  parseSizeAnswer,
} from '#core/tlog/add-checkpoint.ts';
import { signCheckpoint } from '#core/tlog/checkpoint.ts';
import { formatHashLines, parseHashLines } from '#core/tlog/hash-lines.ts';
import { parseSize } from '#core/tlog/tree.ts';
import { nativeEd25519 } from '../../../src/native.ts';
import { expectFailure } from '../../support/failure.ts';
import { describeWithVectors, readVectors } from '../../support/vectors.ts';
import { makeLeaves } from './naive.ts';

const logKey = await nativeEd25519.importSeed(new Uint8Array(32).fill(3));
const leaves = makeLeaves(64);
const checkpoint = await signCheckpoint(
  { origin: 'ledger.example/consent', size: parseSize(600), root: leaves[0]! },
  logKey,
);
const good = { oldSize: parseSize(256), proof: leaves.slice(0, 2), checkpoint };
const BODY = formatAddCheckpoint(good);
const HASH = toBase64(leaves[0]!);
const read = (text: string) => parseAddCheckpoint(utf8(text));

/** Refused, and never with a mistake of ours. */
function expectRefused(body: Uint8Array): void {
  let thrown: unknown;
  try {
    parseAddCheckpoint(body);
  } catch (error) {
    thrown = error;
  }
  expect(thrown).toHaveProperty('name', 'Failure');
  expect(['input_invalid', 'proof_invalid', 'note_invalid', 'checkpoint_invalid']).toContain(
    (thrown as { code?: string }).code,
  );
}

describe('the body of add-checkpoint', () => {
  test('reads back, whatever it asks', () => {
    expect(read(BODY)).toEqual(good);
    fc.assert(
      fc.property(fc.maxSafeNat(), fc.nat({ max: ADD_PROOF_LINES_MAX }), (size, hashes) => {
        const any = { oldSize: parseSize(size), proof: leaves.slice(0, hashes), checkpoint };
        expect(read(formatAddCheckpoint(any))).toEqual(any);
      }),
    );
  });

  test('carries 63 hashes and no 64th (attack 67)', () => {
    expect(read(`old 1\n${`${HASH}\n`.repeat(63)}\n${checkpoint}`).proof).toHaveLength(63);
    expectFailure('proof_invalid', () => read(`old 1\n${`${HASH}\n`.repeat(64)}\n${checkpoint}`));
    expect(() => formatAddCheckpoint({ ...good, proof: leaves })).toThrow('longer proof');
  });

  const crooked: readonly (readonly [string, string])[] = [
    ['nothing', ''],
    ['no blank line', BODY.replace('\n\nledger', '\nledger')],
    ['no old line', BODY.slice('old 256\n'.length)],
    ['an empty line first', `\n${BODY}`],
    ['a second blank line', BODY.replace('\n\nledger', '\n\n\nledger')],
    ['no checkpoint', BODY.slice(0, BODY.indexOf('ledger'))],
    ['an unsigned checkpoint', BODY.slice(0, BODY.lastIndexOf('\n\n') + 2)],
    ['CRLF', BODY.replaceAll('\n', '\r\n')],
    ['CRLF after old', BODY.replace('old 256\n', 'old 256\r\n')],
    ['a byte order mark', `\uFEFF${BODY}`],
    ['a NUL before it', `\u0000${BODY}`],
    ['a NUL behind it', `${BODY}\u0000`],
    ['something behind it', `${BODY}x`],
    ['a newline behind it', `${BODY}\n`],
    ['no final newline', BODY.slice(0, -1)],
    ['OLD', BODY.replace('old', 'OLD')],
    ['two spaces after old', BODY.replace('old ', 'old  ')],
    ['a tab after old', BODY.replace('old ', 'old\t')],
    ['two old lines', `old 256\n${BODY}`],
    ...[
      '',
      '00',
      '0256',
      '+256',
      '-1',
      '-0',
      '256.0',
      '2e2',
      ' 256',
      '256 ',
      '0x100',
      '２５６',
      'NaN',
      '1_000',
      '1,000',
    ]
      .concat([2n ** 53n, 2n ** 63n, 2n ** 64n, 10n ** 400n].map(String))
      .map((size) => [`the old size ${size.slice(0, 30)}`, BODY.replace('old 256', `old ${size}`)] as const),
    ['a hash without padding', BODY.replace(HASH, HASH.slice(0, -1))],
    ['a hash with a space', BODY.replace(HASH, `${HASH} `)],
    ['a hash of 31 bytes', BODY.replace(HASH, toBase64(leaves[0]!.subarray(1)))],
    ['a hash of 33 bytes', BODY.replace(HASH, toBase64(new Uint8Array(33)))],
    ['two hashes on a line', BODY.replace(HASH, `${HASH}${HASH}`)],
    ['a hash in hex', BODY.replace(HASH, 'ab'.repeat(32))],
    ['a hash in base64url', BODY.replace(HASH, `${'_'.repeat(42)}8=`)],
    ['stray bits in a hash', BODY.replace(HASH, `${'A'.repeat(42)}B=`)],
  ];
  test.each(crooked)('is refused with %s (attacks 56 to 58)', (_, text) => expectRefused(utf8(text)));

  test('is UTF-8', () => {
    const bytes = utf8(BODY);
    for (const invalid of [[0xff], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0xf5, 0x80, 0x80, 0x80]]) {
      expectRefused(Uint8Array.from([...bytes.subarray(0, 4), ...invalid, ...bytes.subarray(4)]));
    }
  });

  test('has a largest size, and every good body is within', () => {
    expectFailure('input_invalid', () => parseAddCheckpoint(new Uint8Array(ADD_CHECKPOINT_BYTES_MAX + 1)));
    const text = checkpoint.slice(0, checkpoint.indexOf('\n\n') + 2);
    const line = checkpoint.slice(text.length);
    const filler = (bytes: number) => `— ${'x'.repeat(bytes - 14)} AAAAAAA=\n`;
    const note = `${text}${line}${filler(NOTE_BYTES_MAX - utf8(text + line).length)}`;
    expect(utf8(note).length).toBe(NOTE_BYTES_MAX);
    const largest = { oldSize: parseSize(2 ** 53 - 1), proof: leaves.slice(0, 63), checkpoint: note };
    expect(utf8(formatAddCheckpoint(largest)).length).toBe(ADD_CHECKPOINT_BYTES_MAX);
    expect(read(formatAddCheckpoint(largest))).toEqual(largest);
  });

  test('never breaks the reader, whatever bytes come', () => {
    const bytes = utf8(BODY);
    fc.assert(
      fc.property(
        fc.nat({ max: bytes.length - 1 }),
        fc.uint8Array({ maxLength: 3 }),
        fc.nat({ max: 3 }),
        (at, put, cut) => {
          const spoiled = Uint8Array.from([...bytes.subarray(0, at), ...put, ...bytes.subarray(at + cut)]);
          try {
            // What is read is what was written: there is no second spelling.
            expect(utf8(formatAddCheckpoint(parseAddCheckpoint(spoiled)))).toEqual(spoiled);
          } catch (thrown) {
            expect(thrown).toHaveProperty('name', 'Failure');
          }
        },
      ),
      { numRuns: 1_000 },
    );
  });
});

describe('a proof in lines', () => {
  test('reads back', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ minLength: 32, maxLength: 32 }), { maxLength: 63 }), (hashes) => {
        const lines = formatHashLines(hashes as unknown as Hash[]);
        expect(parseHashLines(lines.split('\n').slice(0, -1))).toEqual(hashes);
      }),
    );
  });
});

describe('the size that a witness is at', () => {
  test('reads back', () => {
    fc.assert(
      fc.property(fc.maxSafeNat(), (size) => {
        expect(parseSizeAnswer(formatSizeAnswer(parseSize(size)))).toBe(size);
      }),
    );
  });

  test.each(
    [
      '',
      '\n',
      '600',
      '600\n\n',
      '600\r\n',
      ' 600\n',
      '600 \n',
      '0600\n',
      '+600\n',
      '-1\n',
      '6e2\n',
      '600\u0000\n',
      '600\n\u0000',
    ]
      .concat(['<html>\n', 'NaN\n', '1\n2\n', `${2n ** 53n}\n`, `${2n ** 64n}\n`, `${'9'.repeat(1e5)}\n`])
      .map((text) => [text.slice(0, 30), text] as const),
  )('is not %j (attack 85)', (_, text) => {
    expectFailure('input_invalid', () => parseSizeAnswer(text));
  });
});

describeWithVectors('tlog-known-answer.json', 'the known bodies', () => {
  const known = readVectors<Record<'addCheckpoint256to600' | 'addCheckpoint0to600', string>>('tlog-known-answer.json');
  test('read and write back', () => {
    for (const body of [known.addCheckpoint256to600, known.addCheckpoint0to600]) {
      expect(formatAddCheckpoint(read(body))).toBe(body);
    }
    expect(read(known.addCheckpoint256to600)).toMatchObject({ oldSize: 256, proof: { length: 2 } });
    expect(read(known.addCheckpoint0to600)).toMatchObject({ oldSize: 0, proof: [] });
  });
});
