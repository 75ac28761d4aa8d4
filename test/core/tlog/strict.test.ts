/**
 * Every reader of a format that strangers send: whatever the bytes, it refuses with a code of its own, or what it read is
 * written as just those bytes. So no two texts mean the same, and nothing that was not looked at is let pass.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseUtf8, utf8 } from '#core/bytes.ts';
import { Failure } from '#core/failure.ts';
import { type Hash, useSha256 } from '#core/hash.ts';
import {
  cosignerKey,
  formatCosignerVkey,
  formatVkey,
  parseCosignerVkey,
  parseVkey,
  verifierKey,
} from '#core/note/key.ts';
import { formatNote, formatSignatureLines, parseNote, parseSignatureLines } from '#core/note/note.ts';
import {
  formatAddCheckpoint,
  formatSizeAnswer,
  parseAddCheckpoint,
  parseSizeAnswer,
} from '#core/tlog/add-checkpoint.ts';
import { formatCheckpoint, parseCheckpoint, signCheckpoint } from '#core/tlog/checkpoint.ts';
import { cosign } from '#core/tlog/cosignature.ts';
import { parseInclusionProof } from '#core/tlog/inclusion.ts';
import { parsePolicy } from '#core/tlog/policy.ts';
import { formatTlogProof, parseTlogProof } from '#core/tlog/proof.ts';
import { formatTilePath, parseTilePath } from '#core/tlog/tile-path.ts';
import { type Index, parseSize } from '#core/tlog/tree.ts';
import { nativeEd25519, nativeSha256 } from '../../../src/native.ts';
import { makeLeaves, naiveTree } from './naive.ts';

useSha256(nativeSha256);

const leaves = makeLeaves(100);
const tree = naiveTree(leaves);
const key = await nativeEd25519.importSeed(new Uint8Array(32).fill(5));
const witness = await nativeEd25519.importSeed(new Uint8Array(32).fill(6));
const vkey = verifierKey('ledger.example/consent', key.publicKey);
const cosigner = cosignerKey('witness.example/w1', witness.publicKey);
const statement = { origin: vkey.name, size: parseSize(100), root: tree.root(100) };
const checkpoint = await signCheckpoint(statement, key);
const cosignature = await cosign(formatCheckpoint(statement), 'witness.example/w1', witness, 1_700_000_000);
const cosigned = `${checkpoint}${formatSignatureLines([cosignature])}`;
const proof = parseInclusionProof(tree.inclusion(42, 100));

interface Format {
  readonly good: readonly string[];
  /** Reads, and writes what was read. */
  readonly again: (text: string) => string;
}

const FORMATS: Readonly<Record<string, Format>> = {
  'a note': { good: [checkpoint, cosigned], again: (text) => formatNote(parseNote(text)) },
  'the signature lines of a witness': {
    good: [cosigned.slice(checkpoint.length)],
    again: (text) => formatSignatureLines(parseSignatureLines(text)),
  },
  'a checkpoint': { good: [formatCheckpoint(statement)], again: (text) => formatCheckpoint(parseCheckpoint(text)) },
  'a proof': {
    good: [
      formatTlogProof({ index: 42 as Index, proof, checkpoint }),
      formatTlogProof({ index: 42 as Index, proof, checkpoint, extra: Uint8Array.of(1, 2, 3) }),
    ],
    again: (text) => formatTlogProof(parseTlogProof(text)),
  },
  'what a witness is sent': {
    good: [formatAddCheckpoint({ oldSize: parseSize(64), proof: leaves.slice(0, 2) as readonly Hash[], checkpoint })],
    again: (text) => formatAddCheckpoint(parseAddCheckpoint(utf8(text))),
  },
  'the size that a witness is at': {
    good: ['100\n'],
    again: (text) => formatSizeAnswer(parseSizeAnswer(text)),
  },
  'the path of a tile': {
    good: ['tile/0/x001/234', 'tile/1/000.p/112', 'tile/entries/x001/x234/067.p/7'],
    again: (text) => formatTilePath(parseTilePath(text)),
  },
  'a key of a log': { good: [formatVkey(vkey)], again: (text) => formatVkey(parseVkey(text)) },
  'a key of a witness': {
    good: [formatCosignerVkey(cosigner)],
    again: (text) => formatCosignerVkey(parseCosignerVkey(text)),
  },
};

/** What leniency likes: other line ends, signs, zeros in front, other alphabets, spaces of all kinds. */
const PIECES = [
  ...['\n', '\r\n', '\r', '\t', ' ', '\u00a0', '\u2014', '\u2014 ', '\0', '\u202e', '=', '==', '-', '_', '+', '/', '.'],
  ...[
    '0',
    '00',
    '+1',
    '-0',
    '1e3',
    '0x10',
    '９',
    '.p/',
    '.p/0',
    '.p/256',
    'x000',
    'tile/',
    'index 0\n',
    'old 0\n',
    '\n\n',
  ],
] as const;

/** A text after a few small changes. */
const changed = (good: readonly string[]): fc.Arbitrary<string> =>
  fc
    .tuple(
      fc.constantFrom(...good),
      fc.array(
        fc.record({
          at: fc.nat(),
          gone: fc.integer({ min: 0, max: 3 }),
          put: fc.oneof(fc.constantFrom(...PIECES), fc.string({ maxLength: 2, unit: 'binary' }), fc.constant('')),
        }),
        { minLength: 0, maxLength: 3 },
      ),
    )
    .map(([text, changes]) =>
      changes.reduce((made, { at, gone, put }) => {
        const place = at % (made.length + 1);
        return made.slice(0, place) + put + made.slice(place + gone);
      }, text),
    );

const anything = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 300 }),
  fc
    .array(fc.constantFrom<string>(...PIECES, 'A', 'ledger.example/consent', '100'), { maxLength: 30 })
    .map((all) => all.join('')),
);

describe.each(Object.entries(FORMATS))('%s', (_name, { good, again }) => {
  test('is written as it was read', () => {
    for (const text of good) expect(again(text)).toBe(text);
  });

  test('is refused by a code, or is read as just its own bytes', () => {
    fc.assert(
      fc.property(fc.oneof({ weight: 3, arbitrary: changed(good) }, anything), (drawn) => {
        // As it arrives: in UTF-8.
        const text = parseUtf8(utf8(drawn));
        try {
          expect(again(text)).toBe(text);
        } catch (thrown) {
          if (!(thrown instanceof Failure)) throw thrown;
        }
      }),
      { numRuns: 3_000 },
    );
  });
});

describe('a policy', () => {
  const text = `log ${formatVkey(vkey)}\nwitness w ${formatCosignerVkey(cosigner)} https://w.example/\ngroup g any w\nquorum g\n`;

  test('is refused by its code, or trusts no key that does not stand in it', () => {
    fc.assert(
      fc.property(fc.oneof({ weight: 3, arbitrary: changed([text]) }, anything), (drawn) => {
        const file = parseUtf8(utf8(drawn));
        try {
          const { logs, witnesses } = parsePolicy(utf8(file));
          for (const { key: log } of logs) expect(file).toContain(formatVkey(log));
          for (const { key: each } of witnesses) expect(file).toContain(formatCosignerVkey(each));
        } catch (thrown) {
          if (!(thrown instanceof Failure)) throw thrown;
          expect(thrown.code).toBe('policy_invalid');
        }
      }),
      { numRuns: 3_000 },
    );
  });

  test('of bytes that are no text is refused', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 200 }), (bytes) => {
        try {
          parsePolicy(bytes);
          expect(parseUtf8(bytes).endsWith('\n')).toBe(true);
        } catch (thrown) {
          if (!(thrown instanceof Failure)) throw thrown;
        }
      }),
    );
  });
});
