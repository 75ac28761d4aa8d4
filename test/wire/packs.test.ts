/** A pack as a message: zod and the core's own reader take the same, and refuse the same. */
import { resolve } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { z } from 'zod';
import { encodeCanonical, type Json } from '#core/canonical.ts';
import { isFailure } from '#core/failure.ts';
import { PACK_BYTES_MAX, type Pack, parsePack } from '#core/pack/pack.ts';
import { packSchema, readPack } from '#wire/packs.ts';
import { readFolder } from '../../src/cli/packs/folder.ts';
import { PAPER_PACK } from '../core/pack/paper-pack.ts';

const PACKS: readonly Json[] = [
  PAPER_PACK,
  ...['cn-credit', 'pboc'].map((id) => {
    const { pack } = readFolder(resolve(import.meta.dirname, '../../packs', id));
    return (pack ?? expect.fail(`${id} can't be read`)) as Json;
  }),
];

/** What the core says of a value; undefined: it refuses it. */
function readByCore(value: unknown): Pack | undefined {
  try {
    return parsePack(encodeCanonical(value as Json));
  } catch (thrown) {
    if (isFailure(thrown)) return undefined;
    throw thrown;
  }
}

function readByWire(value: unknown): Pack | undefined {
  const read = readPack(value);
  return 'pack' in read ? read.pack : undefined;
}

/** Every path of a value, its own included. */
function pathsOf(value: unknown, path: readonly (string | number)[] = []): readonly (readonly (string | number)[])[] {
  if (typeof value !== 'object' || value === null) return [path];
  const steps = Array.isArray(value) ? [...value.keys()] : Object.keys(value);
  return [path, ...steps.flatMap((step) => pathsOf((value as never)[step], [...path, step]))];
}

/** A copy in which one place is changed. */
function changed(
  value: unknown,
  [step, ...rest]: readonly (string | number)[],
  change: (old: unknown) => unknown,
): unknown {
  if (step === undefined) return change(value);
  if (Array.isArray(value)) return value.map((item, at) => (at === step ? changed(item, rest, change) : item));
  const { [step]: old, ...others } = value as Record<string, unknown>;
  const found = changed(old, rest, change);
  return found === LEFT_OUT ? others : { ...others, [step]: found };
}

const LEFT_OUT = Symbol('left out');
const [SMALL] = PACKS as [Json];
const STRANGE: readonly unknown[] = [
  ...[
    null,
    true,
    false,
    0,
    1,
    -1,
    2,
    6,
    30,
    1.5,
    2 ** 53,
    1_000_001,
    [],
    {},
    [null],
    { zh: '示例' },
    { zh: '示例', en: 'x' },
  ],
  ...[
    '',
    ' ',
    'x',
    ' x ',
    'a\u200bb',
    'a\nb',
    '\ud800',
    '示例',
    'R-15c',
    'a123456',
    '2024-02-29',
    '2023-02-29',
    '33',
    '333',
  ],
  ...[
    'credit',
    'V',
    'never',
    'QUERY',
    'judicial',
    'person',
    'A',
    'D',
    'E',
    'cn-credit',
    'x'.repeat(33),
    'x'.repeat(201),
  ],
  ...[{ deny: 'BASIS' }, { flag: 'fee' }, { oblige: 'reply_due' }, { deny: 'fee' }, { deny: 'BASIS', flag: 'fee' }],
  ...[
    { years: 0 },
    { years: 5 },
    { event: 'decision' },
    { years: 5, event: 'decision' },
    ['QUERY', 'REPORT'],
    ['credit'],
  ],
  LEFT_OUT,
];

/** One changed place of the paper pack, which has them all. */
const spoiled = fc
  .record({
    path: fc.constantFrom(...pathsOf(SMALL)),
    to: fc.oneof(fc.constantFrom(...STRANGE), fc.jsonValue(), fc.string()),
  })
  .filter(({ path, to }) => path.length > 0 || to !== LEFT_OUT)
  .map(({ path, to }) => changed(SMALL, path, () => to))
  // As a door has it: JSON has one zero, and strict JSON no such name.
  .map((value) => JSON.stringify(value) ?? 'null')
  .filter((text) => !text.includes('"__proto__"'))
  .map((text): unknown => JSON.parse(text));

describe('a pack that is right', () => {
  test.each(PACKS.map((pack) => [(pack as { id: string }).id, pack] as const))('is read alike: %s', (_id, pack) => {
    expect(readByWire(pack)).toEqual(pack);
    expect(readByCore(pack)).toEqual(pack);
  });

  test('is one type for both', () => {
    const fromWire = (pack: z.output<typeof packSchema>): Pack => pack;
    const fromCore = (pack: Pack): z.output<typeof packSchema> => pack;
    expect(fromCore(fromWire(packSchema.parse(SMALL)))).toEqual(SMALL);
  });
});

describe('a pack that is changed anywhere', () => {
  test('is taken by both or by none, and then as the same', () => {
    let [taken, refused] = [0, 0];
    fc.assert(
      fc.property(spoiled, (value) => {
        const [byWire, byCore] = [readByWire(value), readByCore(value)];
        expect(byWire).toEqual(byCore);
        if (byWire === undefined) refused++;
        else taken++;
      }),
      { numRuns: 3_000 },
    );
    // Else the property would say nothing.
    expect(taken).toBeGreaterThan(30);
    expect(refused).toBeGreaterThan(300);
  });

  test('is refused by both wherever a field more stands', () => {
    const objects = pathsOf(SMALL).filter((path) => path[0] !== 'templates');
    for (const path of objects) {
      const value = changed(SMALL, path, (old) =>
        typeof old === 'object' && old !== null && !Array.isArray(old) ? { ...old, extra: 1 } : undefined,
      );
      if (value === undefined) continue;
      expect([readByWire(value), readByCore(value)]).toEqual([undefined, undefined]);
    }
  });

  test('is refused by both if it is too large', () => {
    const large = { ...(SMALL as object), templates: [{ id: 'a', version: 1, text: 'x'.repeat(PACK_BYTES_MAX) }] };
    expect([readByWire(large), readByCore(large)]).toEqual([undefined, undefined]);
  });
});

describe('what is wrong with a pack', () => {
  test('is told all at once, each at its own place', () => {
    const value = changed(
      changed(
        changed(SMALL, ['rules', 1, 'require'], () => 'luck'),
        ['items', 0, 'colour'],
        () => 'red',
      ),
      ['laws', 0, 'evidence'],
      () => LEFT_OUT,
    );
    const read = readPack(value);
    expect('errors' in read && read.errors.map(({ at }) => at).sort()).toEqual([
      'items[0].colour',
      'laws[0].evidence',
      'rules[1].require',
    ]);
    expect('errors' in read && read.errors.find(({ at }) => at === 'items[0].colour')?.message).toBe(
      'unknown: want no other field than id, name, kinds, level, fi_class, illustrative, evidence, class',
    );
  });
});
