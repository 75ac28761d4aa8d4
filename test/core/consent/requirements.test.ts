/** Requirements of packs' rules, each met and not met, where no door makes the case yet. */
import { describe, expect, test } from 'vitest';
import { type LawCase, MEETS } from '#core/consent/checks/requirements.ts';
import { GRADES } from '#core/consent/evidence.ts';
import type { Day } from '#core/pack/day.ts';
import type { PackRule } from '#core/pack/rule.ts';

const rule = (params: Partial<PackRule['params']>, applies: Partial<PackRule['applies']> = {}) =>
  ({
    params: { days: null, workdays: null, years: null, count: null, grade: null, owed_to: null, ...params },
    applies,
  }) as unknown as PackRule;
const asked = (change: object) => ({ relationship: {}, now: 1_000, ...change }) as unknown as LawCase;

describe('the grade of evidence (V18)', () => {
  test.each(GRADES.flatMap((grade) => GRADES.map((least) => [grade, least] as const)))(
    'of a letter of grade %s, where %s is wanted',
    (grade, least) => {
      const met = MEETS.grade_at_least(asked({ grant: { grade } }), [], rule({ grade: least }));
      // A scan is C: never enough where an online product wants B.
      expect(met).toBe(GRADES.indexOf(grade) <= GRADES.indexOf(least));
    },
  );

  test('is not met without a grant, nor by a grade that nobody knows', () => {
    expect(MEETS.grade_at_least(asked({ grant: undefined }), [], rule({ grade: 'C' }))).toBe(false);
    expect(MEETS.grade_at_least(asked({ grant: { grade: 'A+' } }), [], rule({ grade: 'C' }))).toBe(false);
  });
});

describe('retention', () => {
  const dated = (fact: object, day: string) =>
    asked({ law: { day: day as Day }, relationship: { facts: { items: { adverse: fact } } } });

  test.each([
    ['2019-06-01', '2024-06-01', true],
    ['2019-06-01', '2024-06-02', false],
    ['2020-02-29', '2025-02-28', true],
    ['2020-02-29', '2025-03-01', false],
  ])('of what ended on %s, asked on %s: %s', (ended_on, day, met) => {
    const fact = { ended_on, determined_on: null, region: null };
    expect(MEETS.within_retention(dated(fact, day), ['adverse'], rule({ years: 5 }))).toBe(met);
  });

  test('has no end for what has not ended, or is not known to have', () => {
    const fact = { ended_on: null, determined_on: null, region: null };
    expect(MEETS.within_retention(dated(fact, '2999-01-01'), ['adverse'], rule({ years: 5 }))).toBe(true);
    expect(MEETS.within_retention(dated(fact, '2999-01-01'), ['other'], rule({ years: 5 }))).toBe(true);
  });
});

describe('a licence', () => {
  const party = (licences?: object[]) => ({ licences });
  const bank = { kind: 'bank', from: 500, to: 1_001 };

  test.each([
    ['both have one', party([bank]), party([bank]), true],
    ['the lender has none', party(), party([bank]), false],
    ['the door has none', party([bank]), party([]), false],
    ['it ended at this very moment', party([{ ...bank, to: 1_000 }]), party([bank]), false],
    ['it begins at this very moment', party([{ ...bank, from: 1_000 }]), party([bank]), true],
    ['there is no door', party([bank]), undefined, true],
  ])('where %s', (_name, own, door, met) => {
    expect(MEETS.party_licensed(asked({ party: own, door }), [], rule({}))).toBe(met);
  });
});
