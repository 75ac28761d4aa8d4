import { describe, expect, test } from 'vitest';
import { diffPacks } from '#core/pack/diff.ts';
import { PAPER_PACK, paperPack } from './paper-pack.ts';

const NOTHING = { items: [], recipients: [], reasons: [] };
const item = PAPER_PACK.items[0]!;
const party = PAPER_PACK.parties[0]!;
const purpose = PAPER_PACK.purposes[0]!;

describe('what a new version changes', () => {
  test('is nothing between equals', () => {
    expect(diffPacks(paperPack(), paperPack())).toEqual({ fields: [], sections: [], classes: [], widened: NOTHING });
  });

  test('is told by section and id', () => {
    const newer = paperPack({
      version: 2,
      from: '2021-01-01',
      items: [{ ...item, level: 4 }],
      laws: [],
      rules: PAPER_PACK.rules.slice(0, 3),
      calendar: null,
      codes: [...PAPER_PACK.codes, { ...PAPER_PACK.codes[0], code: '03' }],
    });
    const none = { added: [], removed: [], changed: [] };
    expect(diffPacks(paperPack(), newer)).toEqual({
      fields: ['version', 'from'],
      sections: [
        { section: 'laws', ...none, removed: ['law-1'] },
        { section: 'items', ...none, changed: ['credit_report'] },
        { section: 'codes', ...none, added: ['reason_person 03'] },
        { section: 'rules', ...none, removed: ['R-4'] },
        { section: 'calendar', ...none, removed: ['2024'] },
      ],
      classes: [],
      widened: NOTHING,
    });
  });

  test('widens by items, by recipients, and by reasons of a purpose that was there', () => {
    const newer = paperPack({
      items: [item, { ...item, id: 'ninety_seventh' }],
      parties: [party, { ...party, id: 'bureau_c' }],
      purposes: [
        { ...purpose, reasons: [...purpose.reasons, { scheme: 'reason_person', code: '24' }] },
        { ...purpose, id: 'new_purpose' },
      ],
    });
    expect(diffPacks(paperPack(), newer).widened).toEqual({
      items: ['ninety_seventh'],
      recipients: ['bureau_c'],
      reasons: ['loan_apply'],
    });
    expect(diffPacks(newer, paperPack()).widened).toEqual(NOTHING);
  });
});
