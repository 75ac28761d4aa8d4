import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseUtf8, toHex, utf8 } from '#core/bytes.ts';
import { canonicalText, type Json, type JsonObject } from '#core/canonical.ts';
import { isFailure } from '#core/failure.ts';
import { type Hash, hashLeaf, hashText, sha256, useSha256 } from '#core/hash.ts';
import { INSTANT_MAX, type Instant } from '#core/instant.ts';
import { ENTRY_BYTES_MAX, type Entry, encodeEntry, entrySigningBytes, parseEntry } from '#core/tlog/entry.ts';
import type { StreamId } from '#core/tlog/stream.ts';
import { nativeSha256 } from '../../../src/native.ts';
import { expectFailure } from '../../support/failure.ts';

useSha256(nativeSha256);

const STREAM = `rel/${'0'.repeat(30)}d1` as StreamId;
const leaf = (text: string): Hash => hashLeaf(utf8(text));
const ENTRY: Entry = {
  log: 'ledger.example/consent',
  stream: STREAM,
  seq: 3,
  prev: leaf('before'),
  time: 1_795_268_000_123 as Instant,
  type: 'grant.revoked',
  body: { grant: 'f1', kinds: ['a'] },
  commit: leaf('parts'),
};
const GOOD = JSON.parse(parseUtf8(encodeEntry(ENTRY))) as Record<string, Json>;

/** The canonical bytes of an object like the good entry's, with changes; `undefined` takes a field away. */
function bytesOf(change: Readonly<Record<string, Json | undefined>>): Uint8Array {
  const fields = Object.entries({ ...GOOD, ...change }).filter(([, value]) => value !== undefined);
  return utf8(canonicalText(Object.fromEntries(fields) as JsonObject));
}

/** Expects the refusal that the doc of `parseEntry` promises, whatever is wrong. */
function expectRefused(bytes: Uint8Array): void {
  let thrown: unknown;
  try {
    parseEntry(bytes);
  } catch (error) {
    thrown = error;
  }
  expect(isFailure(thrown) ? thrown.code : thrown).toMatch(/^(entry|canonical)_invalid$/);
}

const hashes = fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => bytes as unknown as Hash);
const anyEntry: fc.Arbitrary<Entry> = fc
  .record({
    log: fc.string({ minLength: 1, maxLength: 30 }),
    stream: fc.constantFrom('log', 'heads', STREAM, `party/${'ab'.repeat(16)}`) as fc.Arbitrary<StreamId>,
    seq: fc.nat(),
    prev: hashes,
    time: fc.nat({ max: INSTANT_MAX }).map((time) => time as Instant),
    type: fc.constantFrom('grant.revoked', 'log.opened', 'party.key_added'),
    body: fc.dictionary(fc.string({ maxLength: 8 }), fc.oneof(fc.maxSafeInteger(), fc.string({ maxLength: 8 }))),
    commit: fc.option(hashes, { nil: null }),
  })
  .map((entry) => ({ ...entry, prev: entry.seq === 0 ? null : entry.prev }) as Entry);

describe('an entry', () => {
  test('reads back as it was written, byte for byte', () => {
    fc.assert(
      fc.property(anyEntry, (entry) => {
        const bytes = encodeEntry(entry);
        const read = parseEntry(bytes);
        expect(encodeEntry(read)).toEqual(bytes);
        expect(canonicalText(read.body)).toBe(canonicalText(entry.body));
        expect([read.log, read.stream, read.seq, read.time, read.type]).toEqual([
          entry.log,
          entry.stream,
          entry.seq,
          entry.time,
          entry.type,
        ]);
      }),
      { numRuns: 200 },
    );
  });

  test('has these bytes, this leaf, and this text to sign', () => {
    expect(parseUtf8(encodeEntry(ENTRY))).toBe(
      '{"body":{"grant":"f1","kinds":["a"]},"commit":"fTypCTHNxbEDl2hkG_VhcXFL6V_v2gijCWi8W6EDbKI",' +
        '"log":"ledger.example/consent","prev":"L0y2kW-kIAVmDTY7XaEj9q_abmTwKXRiweYTUiFdWsk","seq":3,"stream":"rel/000000000000000000000000000000d1",' +
        '"time":1795268000123,"type":"grant.revoked","v":1}',
    );
    expect(toHex(hashLeaf(encodeEntry(ENTRY)))).toBe(
      'f9ed1c7a1dc4ea40118a0028901016b44a2aba38bdd1408eeb6385f0f20d7661',
    );
    expect(toHex(entrySigningBytes(leaf('before')))).toBe(
      `${toHex(utf8('assent/entry/v1\n'))}${toHex(leaf('before'))}`,
    );
  });

  test('has no commitment where it has no payload', () => {
    const bytes = encodeEntry({ ...ENTRY, commit: null });
    expect(parseUtf8(bytes)).not.toContain('commit');
    expect(parseEntry(bytes).commit).toBeNull();
  });

  test('names no predecessor exactly at seq 0', () => {
    expect(parseEntry(bytesOf({ seq: 0, prev: null })).prev).toBeNull();
    expectRefused(bytesOf({ seq: 0 }));
    expectRefused(bytesOf({ prev: null }));
  });

  test.each(['v', 'log', 'stream', 'seq', 'prev', 'time', 'type', 'body'])('is refused without %s', (name) => {
    expectRefused(bytesOf({ [name]: undefined }));
  });

  test.each(['w', 'Body', 'constructor', 'toString', ''])('is refused with the field “%s” besides', (name) => {
    expectRefused(bytesOf({ [name]: 1 }));
    expectRefused(bytesOf({ [name]: 1, v: undefined }));
  });

  const WRONG: Readonly<Record<string, readonly Json[]>> = {
    v: [0, 2, '1', null, true, [1]],
    log: ['', 1, null, {}, ['ledger.example/consent']],
    stream: ['', 'rel', 'rel/', 'rel/D1', `rel/${'0'.repeat(31)}`, 'logs', 'log/', 1, null, {}, [STREAM]],
    seq: [-1, '3', null, true, [3]],
    prev: ['', 'AA', 'x'.repeat(43), 1, {}, false, `${hashText(leaf('before'))}=`],
    time: [-1, '1', null, {}],
    type: [
      '',
      'grant',
      'Grant.revoked',
      'grant.revoked.',
      'grant..revoked',
      'grant.re voked',
      'grant.revoked\n',
      1,
      null,
    ],
    body: [null, 'x', 1, true, []],
    commit: [null, '', 'AA', 1, {}, `${hashText(leaf('parts'))} `],
  };
  test.each(Object.entries(WRONG).flatMap(([name, values]) => values.map((value) => [name, value] as const)))(
    'is refused where %s is %j',
    (name, value) => {
      expectRefused(bytesOf({ [name]: value }));
    },
  );

  test('is refused with a hash that has stray bits, so that one hash has one text', () => {
    const text = hashText(leaf('before'));
    const last = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
    const stray = last[last.indexOf(text.at(-1) as string) + 1] as string;
    expectRefused(bytesOf({ prev: `${text.slice(0, -1)}${stray}` }));
  });

  const good = parseUtf8(encodeEntry(ENTRY));
  test.each([
    ['a space', good.replace(':', ': ')],
    ['a line break at its end', `${good}\n`],
    ['a byte order mark', `\ufeff${good}`],
    ['keys in another order', good.replace('"v":1', '').replace('{', '{"v":1,').replace(',}', '}')],
    ['a key twice', good.replace('"seq":3', '"seq":3,"seq":3')],
    ['a key twice with other values', good.replace('"seq":3', '"seq":4,"seq":3')],
    ['__proto__', good.replace('{"body"', '{"__proto__":{"commit":1},"body"')],
    ['__proto__ for a field', good.replace('"v":1', '"__proto__":{"v":1}')],
    ['a float', good.replace('"seq":3', '"seq":3.0')],
    ['an exponent', good.replace('"seq":3', '"seq":3e0')],
    ['minus zero', good.replace('"seq":3', '"seq":-0')],
    ['a number beyond 2^53', good.replace('"seq":3', '"seq":9007199254740993')],
    ['a number beyond all', good.replace('"seq":3', '"seq":1e999')],
    ['a number beyond 2^53 in its body', good.replace('["a"]', '[9007199254740992]')],
    ['a fraction in its body', good.replace('["a"]', '[0.5]')],
    ['an escape that is not needed', good.replace('"f1"', '"\\u0066"')],
    ['an escaped lone surrogate', good.replace('"f1"', '"\\ud800"')],
    ['nothing in it', ''],
    ['a list', `[${good}]`],
    ['null', 'null'],
    ['a text', JSON.stringify(good)],
  ])('is refused with %s', (_what, text) => {
    expectRefused(utf8(text));
  });

  test('is refused with bytes that are no UTF-8', () => {
    const bytes = encodeEntry(ENTRY);
    bytes[bytes.indexOf(0x66)] = 0xed;
    expectRefused(bytes);
  });

  test('is refused after any change of a byte, or is another entry with another leaf', () => {
    const bytes = encodeEntry(ENTRY);
    for (let at = 0; at < bytes.length; at++) {
      for (const bit of [1, 2, 32, 128]) {
        const crooked = Uint8Array.from(bytes);
        crooked[at] = (crooked[at] as number) ^ bit;
        try {
          expect(encodeEntry(parseEntry(crooked))).toEqual(crooked);
        } catch (thrown) {
          if (!isFailure(thrown)) throw thrown;
        }
      }
    }
  });

  test('may have 65,535 bytes, as many as an entry bundle can say, and not one more (attack 62)', () => {
    const room = ENTRY_BYTES_MAX - encodeEntry({ ...ENTRY, body: { filler: '' } }).length;
    const largest = { ...ENTRY, body: { filler: 'x'.repeat(room) } };
    const bytes = encodeEntry(largest);
    expect(bytes.length).toBe(65_535);
    expect(parseEntry(bytes)).toEqual(largest);
    expectFailure('too_large', () => encodeEntry({ ...ENTRY, body: { filler: 'x'.repeat(room + 1) } }));
    expectFailure('too_large', () => encodeEntry({ ...ENTRY, body: { filler: `${'x'.repeat(room - 1)}é` } }));
    expectRefused(bytesOf({ body: { filler: 'x'.repeat(room + 1) } }));
  });

  test('cannot be written with what canonical JSON has not', () => {
    expectFailure('canonical_invalid', () => encodeEntry({ ...ENTRY, body: { name: '\ud800' } }));
    expectFailure('canonical_invalid', () => encodeEntry({ ...ENTRY, body: { share: 0.5 } }));
    expectFailure('canonical_invalid', () => encodeEntry({ ...ENTRY, seq: 2 ** 53 }));
  });

  test('never makes its reader throw anything but a refusal', () => {
    const anything = fc.oneof(fc.uint8Array({ maxLength: 200 }), fc.json().map(utf8));
    fc.assert(
      fc.property(anything, (bytes) => expectRefused(bytes)),
      { numRuns: 300 },
    );
  });

  test('says nothing of its body in a refusal', () => {
    for (const change of [
      { seq: -1 },
      { type: 'x' },
      { prev: 'CANARY' },
      { commit: 'CANARY' },
      { stream: 'rel/CANARY' },
    ]) {
      try {
        parseEntry(bytesOf({ ...change, body: { name: 'CANARY' }, log: 'CANARY' }));
        expect.fail('it was to be refused');
      } catch (thrown) {
        expect(String(thrown)).not.toContain('CANARY');
      }
    }
  });
});

describe('the bytes that the issuing key signs', () => {
  test('differ for every leaf, and are no other signed text of ours', () => {
    expect(entrySigningBytes(leaf('a'))).not.toEqual(entrySigningBytes(leaf('b')));
    expect(parseUtf8(entrySigningBytes(sha256(utf8('')).fill(0x41)))).toBe(`assent/entry/v1\n${'A'.repeat(32)}`);
  });
});
