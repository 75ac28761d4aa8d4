/** What a subject refuses: a letter, a clause, items of a clause; and how long it is not asked for again. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { JsonObject } from '#core/canonical.ts';
import { REFUSALS_MAX } from '#core/consent/quiet.ts';
import { LETTERS_MAX, type Refusal } from '#core/consent/relationship.ts';
import { commandOf, decide, decideAgain, evolve } from '#core/consent/rules.ts';
import type { Terms } from '#core/consent/terms.ts';
import type { GrantId, LetterId } from '#core/ids.ts';
import type { Instant } from '#core/instant.ts';
import type { Pack } from '#core/pack/pack.ts';
import type { PackRule } from '#core/pack/rule.ts';
import { expectFailure } from '../../support/failure.ts';
import { paperPack } from '../pack/paper-pack.ts';
import { CATALOGUE, inForce } from './paper-catalogue.ts';
import {
  ask,
  changed,
  DAY,
  declined,
  drafted,
  draftInput,
  GRADE_B,
  GRADE_D,
  LETTER,
  MINUTE,
  openedPaper,
  type Paper,
  paperId,
  published,
  QUERY_GRANT,
  REL,
  REPORT_GRANT,
  REPORT_TERMS,
  relationshipOf,
  revoked,
  signed,
  signedPaper,
  TODAY,
  terms,
} from './paper-ledger.ts';
import { FIVE, permits, refuses } from './paper-rules.ts';

const at = (ms: number) => ms as Instant;

/** A letter that waits for its answer. */
function draftedPaper(...grants: readonly Terms[]): Paper {
  const paper = openedPaper();
  paper.write(drafted(grants.length === 0 ? {} : { grants }), TODAY);
  return paper;
}

describe('a letter that is declined', () => {
  test('is closed: nothing is granted, and it is neither signed nor declined again', () => {
    const paper = draftedPaper();
    paper.write(declined(), TODAY);
    expect(relationshipOf(paper)).toMatchObject({ drafts: {}, signed: [], grants: {}, declined: [LETTER] });
    expect(paper.write(ask(), TODAY).entry.body['codes']).toEqual(['NOAUTH']);
    refuses('letter_declined', paper, signed());
    refuses('letter_declined', paper, declined());
    refuses('grant_unknown', paper, revoked());
  });

  test('is one that waits, of this relationship', () => {
    refuses('letter_unknown', openedPaper(), declined());
    refuses('letter_unknown', draftedPaper(), declined({ letter: '__proto__' as LetterId }));
    refuses('already_signed', signedPaper(), declined());
  });

  test('takes no grade of evidence, and what it attests is true', () => {
    permits(draftedPaper(), declined({ evidence: GRADE_D }));
    refuses('entry_invalid', draftedPaper(), declined({ evidence: { ...GRADE_D, grade: 'B' } }));
    refuses('entry_invalid', draftedPaper(), declined({ evidence: { ...GRADE_B, identified_by: null } }));
  });

  test('is declined in time, by both clocks: who lets it expire has not refused', () => {
    const { expires_at } = draftInput();
    permits(draftedPaper(), declined({ signed_at: at(expires_at - 1) }), expires_at - 1);
    refuses('letter_expired', draftedPaper(), declined({ signed_at: at(expires_at - 1) }), expires_at);
    refuses('letter_expired', draftedPaper(), declined({ signed_at: expires_at }), expires_at - 1);
    permits(draftedPaper(), declined({ signed_at: at(TODAY + FIVE) }));
    refuses('signed_ahead', draftedPaper(), declined({ signed_at: at(TODAY + FIVE + 1) }));
    refuses('signed_before', draftedPaper(), declined({ signed_at: at(TODAY - FIVE - 1) }));
  });

  test('leaves its ids taken', () => {
    const paper = draftedPaper();
    paper.write(declined(), TODAY);
    refuses('already_there', paper, drafted());
    permits(paper, drafted({ letter: paperId<LetterId>(0xe2) }));
  });

  test(`counts among the ${LETTERS_MAX} letters of a relationship, and is declined however many there are`, () => {
    const paper = draftedPaper();
    const many = (signedCount: number, declinedCount: number) =>
      changed(paper, {
        [REL]: {
          ...relationshipOf(paper),
          signed: Array.from({ length: signedCount }, (_, n) => paperId(0x7000 + n)),
          declined: Array.from({ length: declinedCount }, (_, n) => paperId(0x8000 + n)),
        },
      });
    const another = drafted({ letter: paperId<LetterId>(0xe2), grants: [terms({ grant: paperId<GrantId>(3) })] });
    permits(many(LETTERS_MAX - 2, 1), another);
    refuses('limit_reached', many(LETTERS_MAX - 1, 1), another);
    refuses('limit_reached', many(0, LETTERS_MAX), another);
    permits(many(LETTERS_MAX, LETTERS_MAX), declined());
  });
});

describe('items that are declined of a clause', () => {
  const without = (...declined_items: readonly (readonly string[])[]) => signed({ declined_items });

  test('are not in the grant that stands; the rest is', () => {
    const paper = draftedPaper();
    paper.write(without(['credit_report'], []), TODAY);
    const { grants } = relationshipOf(paper);
    expect(grants[QUERY_GRANT]?.terms).toEqual(terms({ items: ['credit_info'] }));
    expect(grants[REPORT_GRANT]?.terms).toEqual(REPORT_TERMS);
    const codes = (...items: string[]) => paper.write(ask({ items }), TODAY).entry.body['codes'];
    expect(codes('credit_report')).toEqual(['SCOPE']);
    expect(codes('credit_info', 'credit_report')).toEqual(['SCOPE']);
    expect(codes('credit_info')).toEqual([]);
  });

  test('leave nothing of a clause where they are all of it', () => {
    const paper = draftedPaper();
    paper.write(without(['credit_report', 'credit_info'], []), TODAY);
    expect(Object.keys(relationshipOf(paper).grants)).toEqual([REPORT_GRANT]);
    expect(paper.write(ask(), TODAY).entry.body['codes']).toEqual(['NOAUTH']);
  });

  test('are items of a clause that is given, each once, for each clause', () => {
    const paper = draftedPaper();
    permits(paper, without([], []));
    permits(paper, without(['credit_info'], ['adverse']));
    for (const declined_items of [
      [],
      [[]],
      [[], [], []],
      [['tax'], []],
      [['credit_info', 'credit_info'], []],
      [[], ['credit_info']],
    ]) {
      refuses('input_invalid', paper, signed({ declined_items }));
    }
    refuses('input_invalid', paper, signed({ given: [false, true], declined_items: [['credit_info'], []] }));
  });

  test('are not said where a clause is given or not as a whole: the grant is the same', () => {
    const [whole, none] = [draftedPaper(), draftedPaper()];
    whole.write(signed({ given: [true, false] }), TODAY);
    none.write(signed({ given: [true, false], declined_items: [[], []] }), TODAY);
    expect(relationshipOf(none)).toEqual(relationshipOf(whole));
  });

  test('never widen: whatever is left out, what stands is what was given less that', () => {
    const items = ['credit_info', 'credit_report'];
    fc.assert(
      fc.property(fc.subarray(items), fc.subarray(items, { minLength: 1 }), (left, wanted) => {
        const paper = draftedPaper();
        paper.write(without(left, []), TODAY);
        const { decision } = decide(paper, ask({ items: wanted }), TODAY as Instant);
        expect(decision).toBe(wanted.some((item) => left.includes(item)) ? 'deny' : 'allow');
      }),
    );
  });
});

const DAYS = 7;
const RULE: PackRule = {
  ...(paperPack().rules[0] as PackRule),
  id: 'Q-1',
  applies: { actions: null, subjects: null, item_kinds: null, purpose_kinds: null, bases: null, regions: null },
  require: 'not_asked_again',
  params: { days: DAYS, workdays: null, years: null, count: null, grade: null, owed_to: null },
  otherwise: { oblige: 'quiet' },
};
const quietPack = (...rules: readonly Partial<PackRule>[]): Pack => ({
  ...CATALOGUE,
  rules: rules.map((rule) => ({ ...RULE, ...rule })),
});
const applying = (change: Partial<PackRule['applies']>) => ({ applies: { ...RULE.applies, ...change } });

/** The paper with a pack in force that asks for quiet, and a letter that waits. */
function underPack(...rules: readonly Partial<PackRule>[]): Paper {
  const paper = draftedPaper();
  paper.write(published(quietPack(...rules)), TODAY);
  return paper;
}
const again = (grants: readonly Terms[] = [terms({ grant: paperId<GrantId>(3) })], letter = 0xe2) =>
  drafted({ letter: paperId<LetterId>(letter), grants, expires_at: at(TODAY + 100 * DAY) });
/** The day of the refusal does not count; TODAY is the first moment of its day. */
const UNTIL = TODAY + (DAYS + 1) * DAY;

describe('after a refusal', () => {
  test('the same is not asked again within the days that the pack says, and from then on it is', () => {
    const paper = underPack({});
    const { entry } = paper.write(declined(), TODAY);
    expect(entry.body['quiet']).toEqual([UNTIL, UNTIL]);
    refuses('quiet_period', paper, again(), TODAY);
    refuses('quiet_period', paper, again(), UNTIL - 1);
    permits(paper, again(), UNTIL);
  });

  test('says from which day on, and nothing else', () => {
    const paper = underPack({});
    paper.write(declined(), TODAY);
    expect(() => permits(paper, again(), TODAY)).toThrow(
      'the subject refused this: it is not asked again before 2024-06-09',
    );
  });

  test('another action, or another purpose, may be asked for', () => {
    const paper = underPack({});
    paper.write(declined(), TODAY);
    permits(paper, again([terms({ grant: paperId<GrantId>(3), purposes: ['guarantor'] })]));
    permits(paper, again([{ ...REPORT_TERMS, grant: paperId<GrantId>(3), purposes: ['loan_apply'] }]));
    refuses(
      'quiet_period',
      paper,
      again([terms({ grant: paperId<GrantId>(3), purposes: ['guarantor', 'post_loan'] })]),
    );
    refuses('quiet_period', paper, again([{ ...REPORT_TERMS, grant: paperId<GrantId>(3) }]));
  });

  test('of one clause, that one is quiet; also of one whose items were all declined', () => {
    for (const change of [
      { given: [false, true], declined_items: [[], []] },
      { given: [true, true], declined_items: [['credit_info', 'credit_report'], []] },
    ]) {
      const paper = underPack({});
      const { entry } = paper.write(signed(change), TODAY);
      expect(entry.body['quiet']).toEqual([UNTIL, null]);
      refuses('quiet_period', paper, again());
      permits(paper, again([{ ...REPORT_TERMS, grant: paperId<GrantId>(3) }]));
    }
  });

  test('of some items nothing is quiet: the rest was given', () => {
    const paper = underPack({});
    expect(paper.write(signed({ declined_items: [['credit_info'], []] }), TODAY).entry.body['quiet']).toEqual([
      null,
      null,
    ]);
    permits(paper, again());
  });

  test('a letter that only expired may be drafted again at once', () => {
    const paper = underPack({});
    permits(paper, again(), draftInput().expires_at);
  });

  test('without a pack, or without such a rule, nothing is quiet', () => {
    const bare = draftedPaper();
    expect(bare.write(declined(), TODAY).entry.body['quiet']).toEqual([null, null]);
    permits(bare, again());
    const ruleless = underPack();
    expect(ruleless.write(declined(), TODAY).entry.body['quiet']).toEqual([null, null]);
    permits(ruleless, again());
  });

  test.each<[string, Partial<PackRule['applies']>, readonly boolean[]]>([
    ['actions', { actions: ['REPORT'] }, [false, true]],
    ['subjects', { subjects: ['firm'] }, [false, false]],
    ['bases', { bases: ['consent'] }, [false, false]],
    ['kinds of purposes, any of which counts', { purpose_kinds: ['post_loan'] }, [true, false]],
    ['kinds of items, any of which counts', { item_kinds: ['basic'] }, [false, true]],
  ])('the rule is about its %s only', (_what, applies, quiet) => {
    const body = underPack(applying(applies)).write(declined(), TODAY).entry.body;
    expect(body['quiet']).toEqual(quiet.map((each) => (each ? UNTIL : null)));
  });

  test('the longest of several rules counts, and one that is not in force does not', () => {
    const longer = { id: 'Q-2', params: { ...RULE.params, days: 30 } };
    const quiet = (...rules: readonly Partial<PackRule>[]) =>
      underPack(...rules).write(declined(), TODAY).entry.body['quiet'];
    expect(quiet({}, longer)).toEqual([TODAY + 31 * DAY, TODAY + 31 * DAY]);
    expect(quiet({}, { ...longer, from: '2024-06-02' as PackRule['from'] })).toEqual([UNTIL, UNTIL]);
  });

  test('is no rule of any access: nothing is denied, marked or owed by it', () => {
    const view = inForce(signedPaper(), quietPack({}));
    const { law } = decide(view, ask(), TODAY as Instant) as { law: JsonObject };
    expect(law).toMatchObject({ rules: [], marks: [], obligations: [] });
  });

  test(`the latest ${REFUSALS_MAX} refusals are remembered, and none that is over`, () => {
    const paper = underPack({});
    const old = (count: number, until: number): readonly Refusal[] =>
      Array.from({ length: count }, () => ({ action: 'SCORE', purposes: ['loan_apply'], until }));
    const remembered = (refusals: readonly Refusal[]) => {
      const { entry } = paper.lines.at(-1) as Paper['lines'][number];
      const state = { ...relationshipOf(paper), refusals };
      const body = decide(changed(paper, { [REL]: state }), declined(), TODAY as Instant);
      const evolved = evolve(state, 'letter.declined', { ...entry, time: at(TODAY), body });
      return evolved['refusals'] as unknown as readonly Refusal[];
    };
    expect(remembered(old(5, TODAY)).length).toBe(2);
    expect(remembered(old(5, TODAY + 1)).length).toBe(7);
    const full = remembered(old(REFUSALS_MAX, TODAY + 1));
    expect(full.length).toBe(REFUSALS_MAX);
    expect(full.at(-1)).toEqual({ action: 'REPORT', purposes: ['credit_reporting'], until: UNTIL });
  });
});

test('a refusal is decided again byte for byte, and another outcome is none', () => {
  const paper = underPack({});
  const { entry } = paper.write(declined(), TODAY + MINUTE);
  const command = commandOf(entry);
  expect(command).toMatchObject({ type: 'letter.declined', input: { letter: LETTER } });
  expect(Object.keys(command.input)).not.toContain('quiet');
  const before = underPack({});
  const again = before.write(declined(), TODAY + MINUTE).entry;
  const view = underPack({});
  decideAgain(view, { ...again, body: { ...decide(view, declined(), at(TODAY + MINUTE)) } });
  for (const quiet of [[UNTIL, null], [null, null], [UNTIL - 1, UNTIL], []]) {
    expectFailure('entry_invalid', () => decideAgain(view, { ...again, body: { ...again.body, quiet } }));
  }
});
