/**
 * The same as strict.test.ts for what is bytes, not text, and comes from a server that nobody trusts, or from a file: refused
 * by a code, or written again as just those bytes, and no other error ever.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { concat, utf8 } from '#core/bytes.ts';
import { encodeCanonical } from '#core/canonical.ts';
import { formatReceipt, parseReceipt } from '#core/consent/receipt.ts';
import { Failure } from '#core/failure.ts';
import { hashText, useSha256 } from '#core/hash.ts';
import { formatBeside, parseBeside } from '#core/tlog/beside.ts';
import { formatBundle, parseBundle } from '#core/tlog/bundle.ts';
import { encodeEntry, parseEntry } from '#core/tlog/entry.ts';
import { formatTile, parseTile } from '#core/tlog/tile.ts';
import { nativeSha256 } from '../../../src/native.ts';
import { ask, signedPaper, TODAY } from '../consent/paper-ledger.ts';
import { fileOf, keysOf, receiptOf, verdictOf } from '../consent/paper-receipt.ts';
import { makeLeaves } from './naive.ts';

useSha256(nativeSha256);

const keys = await keysOf(0x51);
const paper = signedPaper(keys.texts);
const receipt = fileOf(await receiptOf(paper, keys, paper.write(ask(), TODAY)));
const entries = paper.lines.map(({ bytes }) => bytes).slice(0, 3);
const [one, two, three] = makeLeaves(3).map((hash) => hashText(hash)) as [string, string, string];
const beside = encodeCanonical({
  v: 1,
  signatures: ['AAAA', 'AQID'],
  digests: [{ text: one }, { signature: two, text: three }],
  requests: { [three]: 'a request' },
});

interface Format {
  readonly good: readonly Uint8Array[];
  readonly again: (bytes: Uint8Array) => Uint8Array;
}

const FORMATS: Readonly<Record<string, Format>> = {
  'a tile': {
    good: [formatTile(makeLeaves(1)), formatTile(makeLeaves(256))],
    again: (bytes) => formatTile(parseTile(bytes)),
  },
  'a bundle of entries': { good: [formatBundle(entries)], again: (bytes) => formatBundle(parseBundle(bytes, 3)) },
  'what stands beside a bundle': { good: [beside], again: (bytes) => formatBeside(parseBeside(bytes, 2)) },
  'an entry': { good: entries, again: (bytes) => encodeEntry(parseEntry(bytes)) },
  'a receipt': { good: [receipt], again: (bytes) => utf8(formatReceipt(parseReceipt(bytes))) },
};

/** What JSON readers are lenient with, and what breaks a length. */
const PIECES = [
  ...['{', '}', '[', ']', ',', ':', '"', '""', 'null', 'true', '-0', '1e3', '1.0', '00', '\\u0041', '\\ud800', ' '],
  ...['"__proto__":{},', '"constructor":1,', '"v":2,', '"v":1,', '\ufeff', '\n', '\0', 'AA==', '_', '='],
].map((text) => utf8(text));

const changed = (good: readonly Uint8Array[]): fc.Arbitrary<Uint8Array> =>
  fc
    .tuple(
      fc.constantFrom(...good),
      fc.array(
        fc.record({
          at: fc.nat(),
          gone: fc.integer({ min: 0, max: 40 }),
          put: fc.oneof(fc.constantFrom(...PIECES), fc.uint8Array({ maxLength: 33 }), fc.constant(new Uint8Array())),
        }),
        { maxLength: 3 },
      ),
    )
    .map(([bytes, changes]) =>
      changes.reduce<Uint8Array>((made, { at, gone, put }) => {
        const place = at % (made.length + 1);
        return concat(made.subarray(0, place), put, made.subarray(place + gone));
      }, bytes),
    );

const anything = (good: readonly Uint8Array[]) =>
  fc.oneof({ weight: 4, arbitrary: changed(good) }, fc.uint8Array({ maxLength: 300 }));

describe.each(Object.entries(FORMATS))('%s', (name, { good, again }) => {
  test('is written as it was read', () => {
    for (const bytes of good) expect(again(bytes)).toEqual(Uint8Array.from(bytes));
  });

  test('is refused by a code, or is read as just its own bytes (attacks 55, 63, 64)', () => {
    fc.assert(
      fc.property(anything(good), (drawn) => {
        try {
          const written = again(drawn);
          // Editors leave one line break at the end of a receipt, which says nothing.
          const said = name === 'a receipt' && drawn.at(-1) === 0x0a ? drawn.subarray(0, -1) : drawn;
          expect(Buffer.compare(written, said)).toBe(0);
        } catch (thrown) {
          if (!(thrown instanceof Failure)) throw thrown;
        }
      }),
      { numRuns: name === 'a receipt' ? 300 : 2_000 },
    );
  });
});

test('a receipt that was changed anywhere has a verdict, and only an unchanged one that it is recorded (attack 109)', async () => {
  await fc.assert(
    fc.asyncProperty(anything([receipt]), async (drawn) => {
      const said = drawn.at(-1) === 0x0a ? drawn.subarray(0, -1) : drawn;
      const { problem } = await verdictOf(drawn, keys);
      expect(problem === null).toBe(Buffer.compare(said, receipt) === 0);
    }),
    { numRuns: 300 },
  );
});
