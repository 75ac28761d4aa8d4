/** What an access owes or uses up by law: nothing follows from what is refused, and nothing is counted twice. */
import { describe, expect, test } from 'vitest';
import type { JsonObject } from '#core/canonical.ts';
import type { AccessId } from '#core/ids.ts';
import type { Pack } from '#core/pack/pack.ts';
import type { PackRule } from '#core/pack/rule.ts';
import { withRules } from '../pack/paper-pack.ts';
import { CATALOGUE } from './paper-catalogue.ts';
import {
  ask,
  DAY,
  drafted,
  MINUTE,
  openedPaper,
  type Paper,
  paperId,
  published,
  redeemed,
  signed,
  signedPaper,
  TODAY,
  terms,
} from './paper-ledger.ts';

const ANY = { actions: null, subjects: null, item_kinds: null, purpose_kinds: null, bases: null, regions: null };
const ruled = (...rules: readonly Partial<PackRule>[]): Pack => ({
  ...CATALOGUE,
  rules: withRules(...rules.map((rule, n) => ({ id: `O-${n}`, applies: ANY, ...rule }))).rules,
});
const under = (pack: Pack, paper: Paper = signedPaper()): Paper => {
  paper.write(published(pack), TODAY);
  return paper;
};
const lawOf = (paper: Paper, command = ask()) => paper.write(command, TODAY).entry.body['law'] as JsonObject;

describe('what follows from an access', () => {
  const all = (['deletion_due', 'feedback_due', 'notice_due', 'reply_due'] as const).map(
    (oblige): Partial<PackRule> => ({ require: 'never', otherwise: { oblige } }),
  );
  const owed = (law: JsonObject) => (law['obligations'] as { name: string }[]).map(({ name }) => name);

  test('is owed where it is allowed', () => {
    expect(owed(lawOf(under(ruled(...all))))).toEqual(['deletion_due', 'feedback_due', 'notice_due', 'reply_due']);
  });

  test('is not owed where it is denied, by the law or by any check, but that what is too old is deleted', () => {
    const byLaw = ruled(...all, { require: 'never', otherwise: { deny: 'TEMPLATE' } });
    expect(owed(lawOf(under(byLaw)))).toEqual(['deletion_due']);
    expect(owed(lawOf(under(ruled(...all)), ask({ items: ['basic'] })))).toEqual(['deletion_due']);
  });

  test('is not owed where it was used late and was not allowed at its time', () => {
    const paper = under(ruled(...all));
    const stated = { reason: null, used_at: TODAY - DAY, asked_at: null, officers: null };
    const { body } = paper.write(ask({ stated } as Parameters<typeof ask>[0]), TODAY).entry;
    expect(body).toMatchObject({ decision: 'deny' });
    expect(owed(body['law'] as JsonObject)).toEqual(['deletion_due']);
  });

  test('marks no due time that is unknown, of what is not owed', () => {
    const params = { days: 5, workdays: null, years: null, count: null, grade: null, owed_to: null };
    const pack = {
      ...ruled({ require: 'never', otherwise: { oblige: 'reply_due' }, params }),
      calendar: { years: [] },
    };
    expect(lawOf(under(pack))['marks']).toEqual(['due_unknown']);
    expect(lawOf(under(pack), ask({ items: ['basic'] }))['marks']).toEqual([]);
  });
});

describe('the last free query of one’s own data', () => {
  const params = { days: null, workdays: null, years: null, count: 2, grade: null, owed_to: null };
  const FREE = ruled({ require: 'free_queries_left', params, otherwise: { deny: 'QUOTA' } });
  const own = (n: number) => ({ access: paperId<AccessId>(0x200 + n) });
  const purpose = 'own_report';

  /** A ledger whose grant is for one's own report, and where only so many a year are allowed. */
  function opened(): Paper {
    const paper = openedPaper();
    paper.write(drafted({ grants: [terms({ purposes: [purpose] })] }), TODAY - MINUTE);
    paper.write(signed({ given: [true] }), TODAY);
    return under(FREE, paper);
  }

  const asked = (paper: Paper, n: number, items: readonly string[]) =>
    paper.write(ask({ ...own(n), purpose, items }), TODAY).entry.body;
  const handed = (paper: Paper, n: number) => paper.write(redeemed(own(n)), TODAY + MINUTE).entry.body;

  test('is handed over: it is counted when it is allowed, and not once more', () => {
    const paper = opened();
    expect(asked(paper, 1, ['credit_info'])).toMatchObject({ decision: 'allow' });
    expect(asked(paper, 2, ['credit_report'])).toMatchObject({ decision: 'allow' });
    expect(asked(paper, 3, ['credit_info', 'credit_report'])).toMatchObject({ decision: 'deny', codes: ['QUOTA'] });
    for (const n of [1, 2]) expect(handed(paper, n)).toMatchObject({ decision: 'allow', codes: [] });
  });
});
