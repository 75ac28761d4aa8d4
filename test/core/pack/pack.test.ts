import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { canonicalText, type Json } from '#core/canonical.ts';
import { encodePack, PACK_BYTES_MAX, packDigest, parsePack } from '#core/pack/pack.ts';
import { expectFailure } from '../../support/failure.ts';
import { PAPER_PACK, paperBytes, paperPack } from './paper-pack.ts';

const rule = PAPER_PACK.rules[0]!;
const [item] = PAPER_PACK.items;

describe('the canonical bytes of a pack', () => {
  test('are read back to what they were made of, and pinned by their SHA-256', () => {
    const pack = paperPack();
    expect(pack).toEqual(PAPER_PACK);
    const bytes = encodePack(pack);
    expect(parsePack(bytes)).toEqual(pack);
    expect(packDigest(bytes)).toBe(createHash('sha256').update(canonicalText(PAPER_PACK)).digest('base64url'));
  });

  test('are refused if there are too many', () => {
    const long = { ...PAPER_PACK, templates: [{ id: 'a', version: 1, text: 'x'.repeat(PACK_BYTES_MAX) }] };
    expectFailure('pack_invalid', () => parsePack(paperBytes(long)));
    expectFailure('pack_invalid', () => encodePack({ ...paperPack(), templates: long.templates }));
  });

  test('are refused in any other form', () => {
    const text = canonicalText(PAPER_PACK);
    for (const crooked of [
      '',
      ' ',
      'null',
      '[]',
      `${text} `,
      `\uFEFF${text}`,
      text.replace('"id"', '"id" '),
      text.slice(1),
    ]) {
      expectFailure('pack_invalid', () => parsePack(new TextEncoder().encode(crooked)));
    }
  });

  test.each<[string, Json, string]>([
    ['an id in capitals', { ...PAPER_PACK, id: 'Paper' }, 'pack.id: want a pack'],
    ['an id of one letter', { ...PAPER_PACK, id: 'p' }, 'pack.id'],
    ['an id of 33 letters', { ...PAPER_PACK, id: 'p'.repeat(33) }, 'pack.id'],
    ['version 0', { ...PAPER_PACK, version: 0 }, 'pack.version: want an integer from 1'],
    ['a day that is none', { ...PAPER_PACK, from: '2023-02-29' }, 'pack.from: want a day'],
    ['a text in one language', { ...PAPER_PACK, title: { zh: '示例' } }, 'pack.title.en: want text'],
    [
      'a text that is blank',
      { ...PAPER_PACK, title: { zh: '示例', en: ' ' } },
      'pack.title.en: want text that is not blank',
    ],
    ['an unknown field', { ...PAPER_PACK, extra: 1 }, 'pack: want no other field'],
    ['a kind that is none', { ...PAPER_PACK, items: [{ ...item, kinds: ['secret'] }] }, 'pack.items[0].kinds[0]'],
    ['an item of no kind', { ...PAPER_PACK, items: [{ ...item, kinds: [] }] }, 'pack.items[0].kinds: want one or more'],
    ['an item without evidence', { ...PAPER_PACK, items: [{ ...item, evidence: null }] }, 'pack.items[0].evidence'],
    ['a requirement that is none', { ...PAPER_PACK, rules: [{ ...rule, require: 'luck' }] }, 'pack.rules[0].require'],
    [
      'a denial that is none',
      { ...PAPER_PACK, rules: [{ ...rule, otherwise: { deny: 'NO' } }] },
      'pack.rules[0].otherwise.deny',
    ],
    [
      'two outcomes',
      { ...PAPER_PACK, rules: [{ ...rule, otherwise: { deny: 'BASIS', flag: 'fee' } }] },
      'pack.rules[0].otherwise',
    ],
    [
      'no outcome',
      { ...PAPER_PACK, rules: [{ ...rule, otherwise: {} }] },
      'pack.rules[0].otherwise: want deny, flag or oblige',
    ],
    [
      'a rule for no action',
      { ...PAPER_PACK, rules: [{ ...rule, applies: { ...rule.applies, actions: [] } }] },
      'pack.rules[0].applies.actions',
    ],
    [
      'half a province',
      { ...PAPER_PACK, rules: [{ ...rule, applies: { ...rule.applies, regions: ['3'] } }] },
      'pack.rules[0].applies.regions[0]',
    ],
    [
      'retention for no time',
      { ...PAPER_PACK, retention: [{ ...PAPER_PACK.retention[0], keep: {} }] },
      'pack.retention[0].keep: want years or event',
    ],
    ['a template without a version', { ...PAPER_PACK, templates: [{ id: 'a' }] }, 'pack.templates[0].version'],
    ['a template that is text', { ...PAPER_PACK, templates: ['a'] }, 'pack.templates[0]: want an object'],
    [
      'an area code of five digits',
      { ...PAPER_PACK, areas: [{ ...PAPER_PACK.areas[0], code: '99000' }] },
      'pack.areas[0].code',
    ],
  ])('are refused with %s, and the place is said', (_what, value, message) => {
    expectFailure('pack_invalid', () => parsePack(paperBytes(value)));
    expect(() => parsePack(paperBytes(value))).toThrow(message);
  });

  test('have every field: none may be left out', () => {
    for (const field of Object.keys(PAPER_PACK)) {
      const { [field]: _left, ...rest } = PAPER_PACK as Record<string, Json>;
      expectFailure('pack_invalid', () => parsePack(paperBytes(rest)));
    }
  });
});
