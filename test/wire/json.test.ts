import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { utf8 } from '#core/bytes.ts';
import { DEPTH_MAX } from '#core/canonical.ts';
import { Failure } from '#core/failure.ts';
import { parseStrictJson } from '#wire/json.ts';
import { expectFailure } from '../support/failure.ts';

const read = (text: string) => parseStrictJson(utf8(text));
const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth);

describe('strict JSON', () => {
  test('reads what JSON.parse reads, where that has only one reading', () => {
    for (const text of [
      '{}',
      '[]',
      'null',
      '"a:b"',
      '{"a":{"b":[1,true,null,"x:\\"{"]}}',
      ' {"a" : -5}\n',
      nested(DEPTH_MAX),
    ]) {
      expect(read(text)).toEqual(JSON.parse(text));
    }
  });

  test('reads back every value of ours', () => {
    const value = fc.letrec((tie) => ({
      node: fc.oneof(
        { depthSize: 'small' },
        fc.string({ unit: 'grapheme' }),
        fc.maxSafeNat(),
        fc.boolean(),
        fc.constant(null),
        fc.array(tie('node')),
        fc.dictionary(
          fc.string().filter((name) => name !== '__proto__'),
          tie('node'),
        ),
      ),
    })).node;
    fc.assert(
      fc.property(value, (each) => {
        expect(read(JSON.stringify(each))).toEqual(JSON.parse(JSON.stringify(each)));
      }),
    );
  });

  test.each([
    ['nothing', ''],
    ['what is broken off', '{"a":1'],
    ['a comma too many', '{"a":1,}'],
    ['a comment', '{"a":1}//'],
    ['two values', '{}{}'],
    ['single quotes', "{'a':1}"],
    ['a word', 'NaN'],
    ['a raw line end in text', '"a\nb"'],
    ['a byte order mark', '\uFEFF{}'],
    ['a name that stands twice', '{"a":1,"a":1}'],
    ['a name that stands twice deep inside', '{"b":[{"a":1,"c":{"d":1,"d":2}}]}'],
    ['a name that stands twice in two spellings', '{"a":1,"\\u0061":2}'],
    ['the name __proto__', '{"__proto__":{"a":1}}'],
    ['the name __proto__ in another spelling', '{"\\u005f_proto__":1}'],
    ['a lone surrogate', '{"a":"\\ud800"}'],
    ['a lone surrogate in a name', '{"\\udc00":1}'],
    ['halves of a pair in two texts', '["\\ud83d","\\ude00"]'],
    ['nesting that is too deep', nested(DEPTH_MAX + 1)],
    ['nesting that would exhaust a stack', '['.repeat(100_000)],
  ])('refuses %s', (_what, text) => expectFailure('json_malformed', () => read(text)));

  test.each(['1.0', '1.5', '1e3', '1E3', '-0', '[-0.5]', '{"a":0.1}'])('refuses the number %s', (text) =>
    expectFailure('input_invalid', () => read(text)),
  );

  test('reads both halves of a pair as one character', () => {
    expect(read('"\\ud83d\\ude00"')).toBe('😀');
  });

  test.each([
    [[0xff]],
    [[0x22, 0xc0, 0x80, 0x22]],
    [[0x22, 0xed, 0xa0, 0x80, 0x22]],
    [[0xff, 0xfe, 0x7b, 0x00, 0x7d, 0x00]],
  ])('refuses the bytes %j, which are not UTF-8', (bytes) =>
    expectFailure('json_malformed', () => parseStrictJson(Uint8Array.from(bytes))),
  );

  test('never quotes what it refuses', () => {
    for (const text of ['{"name":"canary"', '{"canary":1,"canary":2}', 'canary', '["canary\\ud800"]']) {
      try {
        read(text);
        expect.unreachable();
      } catch (failure) {
        expect(failure).toBeInstanceOf(Failure);
        expect(`${(failure as Failure).message} ${String((failure as Failure).cause)}`).not.toContain('canary');
      }
    }
  });
});
