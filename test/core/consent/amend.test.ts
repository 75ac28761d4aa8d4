/** Grants that are made of others by their subject: followed for longer, or narrowed; never for more. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { statusOf } from '#core/consent/grant.ts';
import { hearingsOf } from '#core/consent/notices.ts';
import { DRAFTS_MAX, GRANTS_MAX, type Grant } from '#core/consent/relationship.ts';
import type { View } from '#core/consent/rule.ts';
import { decide } from '#core/consent/rules.ts';
import type { Terms } from '#core/consent/terms.ts';
import type { AccessId, GrantId, PartyId, StatementRef } from '#core/ids.ts';
import type { Instant } from '#core/instant.ts';
import {
  amendDrafted,
  ask,
  BUREAU,
  changed,
  DAY,
  drafted,
  GRADE_B,
  GRADE_D,
  held,
  holdDrafted,
  LENDER,
  longer,
  MADE_GRANT,
  MINUTE,
  OTHER_BUREAU,
  openedPaper,
  type Paper,
  paperId,
  QUERY_GRANT,
  REL,
  REPORT_GRANT,
  redeemed,
  relationshipOf,
  revoked,
  settled,
  signed,
  signedPaper,
  TODAY,
  terms,
} from './paper-ledger.ts';
import { FIVE, permits, refuses } from './paper-rules.ts';

const at = (ms: number) => ms as Instant;
const END = TODAY + 365 * DAY;
const within = (change: Partial<Terms> = {}): Terms => terms({ grant: MADE_GRANT, ...change });
const narrowing = (made: Terms = within()) => amendDrafted({ kind: 'narrow', terms: made });
const grantOf = (paper: Paper, grant: GrantId): Grant => relationshipOf(paper).grants[grant] as Grant;

/** A letter of one query clause that was given. */
function given(change: Partial<Terms> = {}): Paper {
  const paper = openedPaper();
  paper.write(drafted({ grants: [terms(change)] }), TODAY - MINUTE);
  paper.write(signed({ given: [true] }), TODAY);
  return paper;
}
function extended(change: Partial<Terms> = {}, to = END + DAY): Paper {
  const paper = given(change);
  paper.write(amendDrafted({ terms: longer(terms(change), MADE_GRANT, to) }), TODAY);
  paper.write(held('grant.extended'), TODAY);
  return paper;
}
function narrowed(made: Partial<Terms>, change: Partial<Terms> = {}): Paper {
  const paper = given(change);
  paper.write(narrowing(within({ ...change, ...made })), TODAY);
  paper.write(held('grant.narrowed'), TODAY);
  return paper;
}
const MADE = { ground: { grant: MADE_GRANT } } as const;
const codes = (paper: Paper, time: number, change: Parameters<typeof ask>[0] = {}) =>
  paper.write(ask(change), time).entry.body['codes'];

describe('a grant that is extended', () => {
  test('is followed by another with the same terms, from its end on', () => {
    const paper = extended();
    expect(grantOf(paper, QUERY_GRANT)).toMatchObject({ terms: terms(), revoked_at: null, followed_by: MADE_GRANT });
    const made = grantOf(paper, MADE_GRANT);
    expect(made).toMatchObject({ terms: longer(terms(), MADE_GRANT), of: QUERY_GRANT, revoked_at: null });
    expect(made.followed_by).toBeUndefined();
    expect(statusOf(made, at(END - 1), 0)).toBe('pending');
    expect(relationshipOf(paper).holds).toEqual({});
    expect([codes(paper, END - 1), codes(paper, END - 1, MADE)]).toEqual([[], ['NOT_YET']]);
    expect([codes(paper, END), codes(paper, END, MADE)]).toEqual([['EXPIRED'], []]);
    expect(codes(paper, END + DAY, MADE)).toEqual(['EXPIRED']);
  });

  test.each<[string, Partial<Terms>]>([
    ['another action', { action: 'STORE', sources: [] }],
    ['another purpose', { purposes: ['loan_apply', 'post_loan', 'guarantor'] }],
    ['fewer purposes', { purposes: ['loan_apply'] }],
    ['another item', { items: ['credit_info', 'credit_report', 'tax'] }],
    ['another source', { sources: [BUREAU, OTHER_BUREAU] }],
    ['another basis', { basis: 'consent' }],
    ['another necessity', { necessity: 'optional' }],
    ['a limit', { uses_max: 1 }],
    ['a frequency', { frequency: { count: 1, period_ms: MINUTE } }],
    ['a staleness', { staleness_ms: 1_000 }],
    ['an earlier beginning', { from: END - 1 }],
    ['a later beginning', { from: END + 1 }],
    ['none of its own', { from: null }],
    ['no later end', { from: END - 1, to: END }],
  ])('is extended in time alone: not with %s', (_what, change) => {
    refuses('terms_wider', signedPaper(), amendDrafted({ terms: { ...longer(terms(), MADE_GRANT), ...change } }));
  });

  test('takes a signature as good as the one it was given with, and never grade D', () => {
    const paper = given();
    paper.write(amendDrafted(), TODAY);
    refuses('grade_low', paper, held('grant.extended', { evidence: GRADE_D }));
    permits(paper, held('grant.extended', { evidence: GRADE_B }));
    const graded = (grade: Grant['grade']): View =>
      changed(paper, {
        [REL]: { ...relationshipOf(paper), grants: { [QUERY_GRANT]: { ...grantOf(paper, QUERY_GRANT), grade } } },
      });
    refuses('grade_low', graded('A'), held('grant.extended'));
    permits(graded('C'), held('grant.extended'));
    permits(graded('D'), held('grant.extended'));
    refuses('grade_low', graded('D'), held('grant.extended', { evidence: GRADE_D }));
    refuses('entry_invalid', paper, held('grant.extended', { evidence: { ...GRADE_B, identified_by: LENDER } }));
  });

  test('is extended once; further on it is what follows that is extended', () => {
    const paper = extended();
    const again = (of: GrantId, made: Terms) =>
      amendDrafted({ ref: paperId<StatementRef>(0xac), grant: of, terms: made });
    const LATER = paperId<GrantId>(0xf8);
    refuses('already_there', paper, again(QUERY_GRANT, longer(terms(), LATER)));
    const follower = longer(terms(), MADE_GRANT);
    paper.write(again(MADE_GRANT, longer(follower, LATER)), TODAY);
    paper.write(held('grant.extended', { ref: paperId<StatementRef>(0xac), grant: MADE_GRANT }), TODAY);
    expect(grantOf(paper, LATER)).toMatchObject({ of: MADE_GRANT, terms: { from: END + DAY, to: END + 2 * DAY } });
    // Once what followed is taken back, it may be extended anew.
    paper.write(revoked({ grant: MADE_GRANT }), TODAY);
    expect(grantOf(paper, LATER).revoked_at).toBe(TODAY);
    permits(paper, again(QUERY_GRANT, longer(terms(), paperId<GrantId>(0xf9))));
  });

  test('is taken back with all that follows it; what follows is taken back alone', () => {
    const paper = extended();
    paper.write(revoked(), TODAY + 1);
    expect([QUERY_GRANT, MADE_GRANT].map((grant) => grantOf(paper, grant).revoked_at)).toEqual([TODAY + 1, TODAY + 1]);
    expect(codes(paper, END, MADE)).toEqual(['REVOKED']);
    const alone = extended();
    alone.write(revoked({ grant: MADE_GRANT }), TODAY + 1);
    expect(codes(alone, TODAY + 1)).toEqual([]);
  });

  test('is paused and resumed with what follows it; what was paused by itself stays paused', () => {
    const paper = extended();
    const step = (ref: number, kind: 'pause' | 'resume', grant: GrantId, time: number) => {
      const named = { ref: paperId<StatementRef>(ref), grant };
      paper.write(holdDrafted({ ...named, kind }), time);
      paper.write(held(kind === 'pause' ? 'grant.paused' : 'grant.resumed', { ...named, signed_at: at(time) }), time);
    };
    const paused = () => [QUERY_GRANT, MADE_GRANT].map((grant) => grantOf(paper, grant).paused !== null);
    step(1, 'pause', QUERY_GRANT, TODAY + 1);
    expect(paused()).toEqual([true, true]);
    step(2, 'resume', QUERY_GRANT, TODAY + 2);
    expect(paused()).toEqual([false, false]);
    step(3, 'pause', MADE_GRANT, TODAY + 3);
    step(4, 'pause', QUERY_GRANT, TODAY + 4);
    step(5, 'resume', QUERY_GRANT, TODAY + 5);
    expect(paused()).toEqual([false, true]);
    const { entry } = paper.lines.at(-1) as Paper['lines'][number];
    const grants = hearingsOf(entry, paper.state(REL) as never).flatMap((each) => each.grants);
    expect(new Set(grants)).toEqual(new Set([QUERY_GRANT]));
  });

  test('goes on as it stands: paused, with its warnings, under its letter', () => {
    const paper = given();
    paper.write(holdDrafted(), TODAY);
    paper.write(held('grant.paused'), TODAY);
    paper.write(amendDrafted(), TODAY);
    paper.write(held('grant.extended'), TODAY);
    const [old, made] = [grantOf(paper, QUERY_GRANT), grantOf(paper, MADE_GRANT)];
    expect(made).toEqual({ ...old, terms: made.terms, of: QUERY_GRANT, followed_by: undefined });
    expect(codes(paper, END, MADE)).toEqual(['FROZEN']);
  });
});

describe('uses', () => {
  const FEW = { uses_max: 2 } as const;

  test('count in what follows, also those of after the extension: the limit does not begin anew', () => {
    const paper = extended(FEW);
    const [one, two] = [paperId<AccessId>(0x51), paperId<AccessId>(0x52)];
    paper.write(ask({ access: one }), TODAY);
    paper.write(redeemed({ access: one }), TODAY);
    paper.write(settled({ access: one }), TODAY);
    expect(grantOf(paper, MADE_GRANT).used).toBe(1);
    // One that failed is given back there, too.
    paper.write(ask({ access: two }), TODAY);
    paper.write(redeemed({ access: two }), TODAY);
    expect(grantOf(paper, MADE_GRANT).used).toBe(2);
    paper.write(settled({ access: two, result: 'failed', items: [], count: 0, response: null }), TODAY);
    expect(grantOf(paper, MADE_GRANT).used).toBe(1);
    const last = paperId<AccessId>(0x53);
    paper.write(ask({ access: last, ...MADE }), END);
    paper.write(redeemed({ access: last, until: at(END + FIVE) }), END);
    expect(codes(paper, END, MADE)).toEqual(['QUOTA']);
  });

  test('count in what is narrower, with their times', () => {
    const HOURLY = { frequency: { count: 1, period_ms: 60 * MINUTE }, action: 'SCORE', sources: [] } as const;
    const paper = given(HOURLY);
    const score = { action: 'SCORE', door: null } as const;
    expect(codes(paper, TODAY, score)).toEqual([]);
    paper.write(narrowing(within({ ...HOURLY, items: ['credit_report'] })), TODAY + 1);
    paper.write(held('grant.narrowed', { signed_at: at(TODAY + 1) }), TODAY + 1);
    expect(grantOf(paper, MADE_GRANT)).toMatchObject({ used: 1, recent: [TODAY] });
    expect(codes(paper, TODAY + 60 * MINUTE - 1, { ...score, ...MADE })).toEqual(['FREQUENCY']);
    expect(codes(paper, TODAY + 60 * MINUTE, { ...score, ...MADE })).toEqual([]);
  });
});

describe('a grant that is narrowed', () => {
  test('ends at that instant, and the narrower one stands in its place, on the same signature', () => {
    const paper = narrowed({ items: ['credit_report'] });
    const [old, made] = [grantOf(paper, QUERY_GRANT), grantOf(paper, MADE_GRANT)];
    expect(old).toMatchObject({ revoked_at: TODAY, followed_by: MADE_GRANT });
    expect(made).toMatchObject({ of: QUERY_GRANT, revoked_at: null, grade: 'B', signed_at: old.signed_at });
    expect(codes(paper, TODAY)).toEqual(['REVOKED']);
    expect(codes(paper, TODAY, MADE)).toEqual([]);
    expect(codes(paper, TODAY, { ...MADE, items: ['credit_info'] })).toEqual(['SCOPE']);
  });

  test('takes no grade of evidence, and its own grade stays', () => {
    const paper = given();
    paper.write(narrowing(), TODAY);
    paper.write(held('grant.narrowed', { evidence: GRADE_D }), TODAY);
    expect(grantOf(paper, MADE_GRANT).grade).toBe('B');
  });

  test('takes along what would have followed it, and its doors hear of what ended', () => {
    const paper = extended();
    const ref = paperId<StatementRef>(0xac);
    const NARROW = paperId<GrantId>(0xf8);
    paper.write(amendDrafted({ ref, kind: 'narrow', terms: within({ grant: NARROW }) }), TODAY);
    const { entry } = paper.write(held('grant.narrowed', { ref }), TODAY);
    expect(grantOf(paper, MADE_GRANT).revoked_at).toBe(TODAY);
    expect(grantOf(paper, NARROW).revoked_at).toBeNull();
    const hearings = hearingsOf(entry, paper.state(REL) as never);
    expect(hearings).toEqual([LENDER, BUREAU].map((party) => ({ party, grants: [QUERY_GRANT, MADE_GRANT] })));
    expect(codes(paper, END, MADE)).toEqual(['REVOKED']);
  });

  test('hands nothing over any more on a permit that is out', () => {
    const paper = given();
    const access = paperId<AccessId>(0x51);
    paper.write(ask({ access }), TODAY);
    paper.write(narrowing(), TODAY);
    paper.write(held('grant.narrowed'), TODAY);
    expect(paper.write(redeemed({ access }), TODAY).entry.body['codes']).toEqual(['REVOKED']);
  });

  const LIMITED = { uses_max: 5, frequency: { count: 3, period_ms: 10 * MINUTE }, staleness_ms: 5_000 } as const;
  test.each<[string, Partial<Terms>, Partial<Terms>]>([
    ['another action', {}, { action: 'STORE', sources: [] }],
    ['another purpose', {}, { purposes: ['loan_apply', 'guarantor'] }],
    ['another item', {}, { items: ['credit_info', 'tax'] }],
    ['another source', {}, { sources: [OTHER_BUREAU] }],
    ['another basis', {}, { basis: 'separate_consent' }],
    ['another necessity', {}, { necessity: 'optional' }],
    ['a later end', {}, { to: END + 1 }],
    ['an earlier beginning', { from: TODAY + DAY }, { from: TODAY + DAY - 1 }],
    ['a beginning now', { from: TODAY + DAY }, { from: null }],
    ['more uses', LIMITED, { uses_max: 6 }],
    ['uses without limit', LIMITED, { uses_max: null }],
    ['more uses within the period', LIMITED, { frequency: { count: 4, period_ms: 10 * MINUTE } }],
    ['a shorter period', LIMITED, { frequency: { count: 3, period_ms: 10 * MINUTE - 1 } }],
    ['no frequency', LIMITED, { frequency: null }],
    ['older knowledge of its doors', LIMITED, { staleness_ms: 5_001 }],
    ['doors that need not ask any more', {}, { staleness_ms: 1_000 }],
  ])('is not one with %s', (_what, old, change) => {
    refuses('terms_wider', given(old), narrowing(within({ ...old, ...change })));
  });

  test.each<[string, Partial<Terms>, Partial<Terms>]>([
    ['the same terms', {}, {}],
    ['fewer purposes, items and days', {}, { purposes: ['post_loan'], items: ['credit_info'], to: END - DAY }],
    ['a later beginning', { from: TODAY + DAY }, { from: TODAY + 2 * DAY }],
    ['fewer uses', LIMITED, { uses_max: 1 }],
    ['fewer uses within a longer period', LIMITED, { frequency: { count: 1, period_ms: 20 * MINUTE } }],
    ['fresher knowledge', LIMITED, { staleness_ms: 1_000 }],
    ['doors that ask', LIMITED, { staleness_ms: null }],
    ['a limit where there was none', {}, { uses_max: 5, frequency: LIMITED.frequency }],
  ])('may be one with %s', (_what, old, change) => {
    permits(given(old), narrowing(within({ ...old, ...change })));
  });
  test.each(Array.from({ length: 150 }, (_, i) => [i]))(
    'never allows what the old one would not have: any terms, any access %i',
    () => {
      const terms = {
        purposes: fc.subarray(['loan_apply', 'post_loan', 'guarantor'], { minLength: 1 }),
        items: fc.subarray(['credit_info', 'credit_report', 'tax'], { minLength: 1 }),
        sources: fc.subarray<PartyId>([BUREAU, OTHER_BUREAU], { minLength: 1 }),
        from: fc.constantFrom(null, TODAY, TODAY + DAY),
        to: fc.constantFrom(END - DAY, END, END + DAY),
        uses_max: fc.constantFrom(null, 1, 2),
        frequency: fc.constantFrom(null, { count: 1, period_ms: DAY }, { count: 2, period_ms: DAY }),
      };
      const anyTerms = fc.record(terms);
      // Often the same but for one or two: else almost none is a narrowing.
      const anyChange = fc.record(terms, { requiredKeys: [] });
      const anyAsk = fc.record({
        purpose: fc.constantFrom('loan_apply', 'post_loan', 'guarantor'),
        items: fc.subarray(['credit_info', 'credit_report', 'tax'], { minLength: 1 }),
        door: fc.constantFrom<PartyId>(BUREAU, OTHER_BUREAU),
        time: fc.constantFrom(TODAY, TODAY + DAY, END - DAY, END - 1, END),
      });
      const seen = new Set<string>();
      fc.assert(
        fc.property(anyTerms, anyChange, fc.array(anyAsk, { minLength: 1, maxLength: 4 }), (old, change, asks) => {
          const narrow = narrowing(within({ ...old, ...change } as Partial<Terms>));
          const before = given(old as Partial<Terms>);
          try {
            decide(before, narrow, at(TODAY));
          } catch {
            seen.add('refused');
            return;
          }
          const after = given(old as Partial<Terms>);
          after.write(narrow, TODAY);
          after.write(held('grant.narrowed'), TODAY);
          for (const { time, ...access } of asks.toSorted((a, b) => a.time - b.time)) {
            const now = decide(after, ask({ ...access, ...MADE }), at(time))['decision'];
            const then = decide(before, ask(access), at(time))['decision'];
            seen.add(`${then} ${now}`);
            if (now === 'allow') expect(then).toBe('allow');
          }
        }),
        { numRuns: 1_000 },
      );
      expect(seen).toEqual(new Set(['refused', 'allow allow', 'allow deny', 'deny deny']));
    },
  );
});

describe('what makes a grant of another', () => {
  test('is of a grant that stands, in time', () => {
    const paper = given();
    refuses('grant_unknown', paper, amendDrafted({ grant: REPORT_GRANT }));
    refuses('input_invalid', paper, amendDrafted({ grant: null }));
    refuses('grant_ended', paper, amendDrafted({ expires_at: at(END + DAY) }), END);
    paper.write(amendDrafted(), TODAY);
    paper.write(revoked(), TODAY);
    refuses('already_revoked', paper, held('grant.extended'));
    const later = longer(terms(), paperId<GrantId>(0xf8));
    refuses('already_revoked', paper, amendDrafted({ ref: paperId<StatementRef>(0xac), terms: later }));
  });

  test('is of its own kind, and signed once', () => {
    const paper = given();
    paper.write(amendDrafted(), TODAY);
    refuses('statement_unknown', paper, held('grant.narrowed'));
    refuses('statement_unknown', paper, held('grant.paused'));
    refuses('grant_unknown', paper, held('grant.extended', { grant: REPORT_GRANT }));
    paper.write(held('grant.extended'), TODAY);
    refuses('statement_unknown', paper, held('grant.extended'));
  });

  test('has terms that a letter’s clause could have, and no other kind has any', () => {
    const paper = given();
    refuses('input_invalid', paper, narrowing(within({ items: [] })));
    refuses('input_invalid', paper, narrowing(within({ to: at(TODAY) })));
    const { terms: _terms, ...bare } = amendDrafted().input as { terms: Terms };
    refuses('input_invalid', paper, { ...amendDrafted(), input: bare } as never);
    refuses('input_invalid', paper, amendDrafted({ kind: 'pause' }));
  });

  test('takes an id that nothing else has: no grant, no letter, no other statement', () => {
    const paper = given();
    refuses('already_there', paper, amendDrafted({ terms: longer(terms(), QUERY_GRANT) }));
    paper.write(amendDrafted(), TODAY);
    const other = amendDrafted({ ref: paperId<StatementRef>(0xac) });
    refuses('already_there', paper, other);
    const letter = drafted({ letter: paperId(0xe2), grants: [terms({ grant: MADE_GRANT })] });
    refuses('already_there', paper, letter);
    const waiting = given();
    waiting.write(letter, TODAY);
    refuses('already_there', waiting, amendDrafted());
  });

  test(`is one of ${GRANTS_MAX} grants, and of ${DRAFTS_MAX} statements that wait`, () => {
    const paper = given();
    paper.write(amendDrafted(), TODAY);
    const full = (count: number) => {
      const more = Array.from({ length: count - 1 }, (_, n) => [paperId(0x7000 + n), {}]);
      const { grants } = relationshipOf(paper);
      return changed(paper, {
        [REL]: { ...relationshipOf(paper), grants: { ...grants, ...Object.fromEntries(more) } },
      });
    };
    permits(full(GRANTS_MAX - 1), held('grant.extended'));
    refuses('limit_reached', full(GRANTS_MAX), held('grant.extended'));
  });

  test('does nothing to other grants', () => {
    for (const kind of ['extend', 'narrow'] as const) {
      const paper = signedPaper();
      const before = relationshipOf(paper).grants[REPORT_GRANT];
      paper.write(kind === 'extend' ? amendDrafted() : narrowing(), TODAY);
      paper.write(held(kind === 'extend' ? 'grant.extended' : 'grant.narrowed'), TODAY);
      paper.write(revoked({ grant: MADE_GRANT }), TODAY);
      expect(relationshipOf(paper).grants[REPORT_GRANT]).toEqual(before);
    }
  });
});
