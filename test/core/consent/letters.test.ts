/** Letters and the grants that they give: drafted, signed, taken back. */
import { describe, expect, test } from 'vitest';
import type { JsonObject } from '#core/canonical.ts';
import { statusOf } from '#core/consent/grant.ts';
import { WARNINGS_MAX } from '#core/consent/letter.ts';
import { DRAFTS_MAX, type Draft, GRANTS_MAX, type Grant, LETTERS_MAX } from '#core/consent/relationship.ts';
import { commandOf } from '#core/consent/rules.ts';
import {
  ACTIONS,
  type Action,
  FREQUENCY_COUNT_MAX,
  PERIOD_MS_MAX,
  STALENESS_MS_MAX,
  USES_MAX,
} from '#core/consent/terms.ts';
import type { GrantId, LetterId, PartyId } from '#core/ids.ts';
import type { Instant } from '#core/instant.ts';
import { expectFailure } from '../../support/failure.ts';
import { withGrantCount } from './paper-grants.ts';
import {
  ask,
  BUREAU,
  changed,
  DAY,
  drafted,
  draftInput,
  GRADE_B,
  LENDER,
  LETTER,
  MINUTE,
  OTHER_LENDER,
  openedPaper,
  type Paper,
  paperId,
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
  withRoles,
} from './paper-ledger.ts';
import { FIVE, permits, refuses } from './paper-rules.ts';

describe('a draft', () => {
  const paper = openedPaper();

  test('is the grantee’s, and grants nothing', () => {
    const ledger = openedPaper();
    ledger.write(drafted(), TODAY);
    expect(relationshipOf(ledger).grants).toEqual({});
    expect(ledger.write(ask(), TODAY).entry.body['codes']).toEqual(['NOAUTH']);
    const roleless = withRoles(ledger, LENDER, ['bureau']);
    refuses('party_role', roleless, drafted({ letter: paperId(1) }));
  });

  test('can still be signed: it expires after now', () => {
    refuses('letter_expired', paper, drafted({ expires_at: TODAY as Instant }), TODAY);
    refuses('letter_expired', paper, drafted({ expires_at: (TODAY - 1) as Instant }), TODAY);
    permits(paper, drafted({ expires_at: (TODAY + 1) as Instant }), TODAY);
  });

  test.each([
    ['no grant', []],
    ['no purpose', [terms({ purposes: [] })]],
    ['no item', [terms({ items: [] })]],
    ['a query without source', [terms({ sources: [] })]],
    ['a query with recipients', [terms({ recipients: [BUREAU] })]],
    ['a report without recipient', [{ ...REPORT_TERMS, recipients: [] }]],
    ['a report with sources', [{ ...REPORT_TERMS, sources: [BUREAU] }]],
    ['a score with recipients', [terms({ action: 'SCORE', sources: [], recipients: [BUREAU] })]],
    ['a store with sources', [terms({ action: 'STORE' })]],
    ['an end that is now', [terms({ to: TODAY })]],
    ['an end before its beginning', [terms({ from: TODAY + 2 * DAY, to: TODAY + DAY })]],
    ['a score that a door would verify', [terms({ action: 'SCORE', sources: [], staleness_ms: MINUTE })]],
    ['a store that a door would verify', [terms({ action: 'STORE', sources: [], staleness_ms: MINUTE })]],
    ['an end at its beginning', [terms({ from: TODAY + DAY, to: TODAY + DAY })]],
    ['a bad clause behind a good one', [terms(), { ...REPORT_TERMS, items: [] }]],
  ])('is refused with %s', (_what, grants) => {
    refuses('input_invalid', paper, drafted({ grants }));
  });

  test('may name each action with the doors that it has', () => {
    const doors = (action: Action) => ({
      sources: action === 'QUERY' ? [BUREAU] : [],
      recipients: action === 'REPORT' || action === 'PROVIDE' ? [BUREAU] : [],
    });
    for (const action of ACTIONS) permits(paper, drafted({ grants: [terms({ action, ...doors(action) })] }));
    permits(paper, drafted({ grants: [terms({ from: TODAY, to: TODAY + 1 })] }));
  });

  test('names doors that are parties, and what it saw of each', () => {
    refuses('party_unknown', paper, drafted({ grants: [terms({ sources: [BUREAU, paperId<PartyId>(9)] })] }));
    refuses('party_unknown', paper, drafted({ grants: [{ ...REPORT_TERMS, recipients: [paperId<PartyId>(9)] }] }));
    const one = permits(paper, drafted({ grants: [terms()] }));
    const two = permits(paper, drafted({ grants: [terms({ sources: [OTHER_LENDER] })] }));
    expect(one['saw']).not.toBe(two['saw']);
  });

  test('takes no id that was taken before: a letter, a grant of another draft, one given, one taken back', () => {
    const ledger = signedPaper();
    refuses('already_there', ledger, drafted({ grants: [terms({ grant: paperId(1) })] }));
    const other = (grants: ReturnType<typeof terms>[], letter = paperId<LetterId>(0xe2)) => drafted({ letter, grants });
    refuses('already_there', ledger, other([terms()]));
    refuses('already_there', ledger, other([terms({ grant: paperId(1) }), terms({ grant: paperId(1) })]));
    ledger.write(revoked(), TODAY);
    refuses('already_there', ledger, other([terms()]));
    ledger.write(other([terms({ grant: paperId(2) })]), TODAY);
    refuses('already_there', ledger, other([terms({ grant: paperId(3) })]));
    refuses('already_there', ledger, other([terms({ grant: paperId(2) })], paperId<LetterId>(0xe3)));
    permits(ledger, other([terms({ grant: paperId(3) })], paperId<LetterId>(0xe3)));
  });

  const letters = (from: number, count: number) => Array.from({ length: count }, (_, n) => paperId(from + n));
  const waiting = (ids: readonly string[], expires_at: number) =>
    Object.fromEntries(
      ids.map((id): [string, Pick<Draft, 'grants' | 'expires_at'>] => [id, { grants: [], expires_at }]),
    );
  /** A relationship with so many letters that can still be signed, that can't any more, and that are. */
  const standing = (open: number, expired: number, signedCount: number) =>
    changed(paper, {
      [REL]: {
        ...relationshipOf(signedPaper()),
        grants: {},
        drafts: { ...waiting(letters(0x5000, open), TODAY + 1), ...waiting(letters(0x6000, expired), TODAY) },
        signed: letters(0x7000, signedCount),
      },
    });

  test(`is one of ${DRAFTS_MAX} that wait for a signature at most; those that expired do not count`, () => {
    permits(standing(DRAFTS_MAX - 1, 0, 0), drafted());
    permits(standing(DRAFTS_MAX - 1, 5 * DRAFTS_MAX, 0), drafted());
    refuses('limit_reached', standing(DRAFTS_MAX, 0, 0), drafted());
    refuses('limit_reached', standing(DRAFTS_MAX, 1, 0), drafted());
    // A millisecond later all of them have expired.
    refuses('limit_reached', standing(DRAFTS_MAX, 0, 0), drafted(), TODAY);
    permits(standing(DRAFTS_MAX, 0, 0), drafted(), TODAY + 1);
  });

  test(`comes after ${LETTERS_MAX} signed letters no more; drafts do not count among them`, () => {
    permits(standing(0, 0, LETTERS_MAX - 1), drafted());
    permits(standing(DRAFTS_MAX - 1, LETTERS_MAX, LETTERS_MAX - 1), drafted());
    refuses('limit_reached', standing(0, 0, LETTERS_MAX), drafted());
  });

  test('takes the place of those that expired, and of no other', () => {
    const ledger = openedPaper();
    const until = (n: number, expires_at: number) =>
      drafted({
        letter: paperId<LetterId>(0x100 + n),
        grants: [terms({ grant: paperId<GrantId>(0x200 + n) })],
        expires_at: expires_at as Instant,
      });
    for (let n = 0; n < DRAFTS_MAX; n++) ledger.write(until(n, TODAY + (n === 0 ? MINUTE : DAY)), TODAY);
    refuses('limit_reached', ledger, until(DRAFTS_MAX, TODAY + DAY), TODAY + MINUTE - 1);
    // The expired one still stands in the state until the next draft comes.
    expect(Object.keys(relationshipOf(ledger).drafts)).toContain(paperId(0x100));
    refuses('letter_expired', ledger, signed({ letter: paperId(0x100), given: [true] }), TODAY + MINUTE);
    ledger.write(until(DRAFTS_MAX, TODAY + DAY), TODAY + MINUTE);
    expect(Object.keys(relationshipOf(ledger).drafts).sort()).toEqual(letters(0x101, DRAFTS_MAX));
    refuses('letter_unknown', ledger, signed({ letter: paperId(0x100), given: [true] }), TODAY + MINUTE);
    refuses('limit_reached', ledger, until(DRAFTS_MAX + 1, TODAY + 2 * DAY), TODAY + MINUTE);
    // A signature makes room as well.
    ledger.write(signed({ letter: paperId(0x101), given: [true] }), TODAY + MINUTE);
    permits(ledger, until(DRAFTS_MAX + 1, TODAY + 2 * DAY), TODAY + MINUTE);
  });

  test(`has ${WARNINGS_MAX} warnings, 16 grants, 32 purposes and doors, 128 items at most`, () => {
    const { entry } = openedPaper().write(drafted(), TODAY);
    const accepts = (change: object) => commandOf({ ...entry, body: { ...entry.body, ...change } as JsonObject });
    const codes = (count: number) => Array.from({ length: count }, (_, n) => `c${n}`);
    const ids = (count: number) => Array.from({ length: count }, (_, n) => paperId(n));
    const limits: [number, (count: number) => object][] = [
      [WARNINGS_MAX, (count) => ({ warnings: codes(count) })],
      [16, (count) => ({ grants: ids(count).map((grant) => ({ ...terms(), grant })) })],
      [32, (count) => ({ grants: [{ ...terms(), purposes: codes(count) }] })],
      [128, (count) => ({ grants: [{ ...terms(), items: codes(count) }] })],
      [32, (count) => ({ grants: [{ ...terms(), sources: ids(count) }] })],
      [32, (count) => ({ grants: [{ ...terms(), recipients: ids(count) }] })],
    ];
    for (const [max, change] of limits) {
      expect(() => accepts(change(max))).not.toThrow();
      expectFailure('entry_invalid', () => accepts(change(max + 1)));
    }
  });

  test('says how often, within which period and how stale it may be used, each within its limits or not at all', () => {
    const { entry } = openedPaper().write(drafted(), TODAY);
    const accepts = (change: object) => () => {
      const grants = [{ ...terms(), ...change }];
      return commandOf({ ...entry, body: { ...entry.body, grants } as unknown as JsonObject });
    };
    const often = (count: number, period_ms: number) => ({ frequency: { count, period_ms } });
    for (const change of [
      { uses_max: null, frequency: null, staleness_ms: null },
      { uses_max: 1 },
      { uses_max: USES_MAX },
      often(1, 1_000),
      often(FREQUENCY_COUNT_MAX, PERIOD_MS_MAX),
      { staleness_ms: 1_000 },
      { staleness_ms: STALENESS_MS_MAX },
    ]) {
      expect(accepts(change)).not.toThrow();
    }
    for (const change of [
      { uses_max: 0 },
      { uses_max: 1.5 },
      { uses_max: USES_MAX + 1 },
      { uses_max: undefined },
      often(0, 1_000),
      often(1, 999),
      often(FREQUENCY_COUNT_MAX + 1, 1_000),
      often(1, PERIOD_MS_MAX + 1),
      { frequency: {} },
      { frequency: { ...often(1, 1_000).frequency, more: 1 } },
      { staleness_ms: 0 },
      { staleness_ms: 999 },
      { staleness_ms: STALENESS_MS_MAX + 1 },
    ]) {
      expectFailure('entry_invalid', accepts(change));
    }
  });
});

describe('a signature under a letter', () => {
  function draftedPaper(): Paper {
    const paper = openedPaper();
    paper.write(drafted(), TODAY);
    return paper;
  }
  const at = (ms: number) => ms as Instant;

  test('gives the ticked clauses, and no other', () => {
    const paper = draftedPaper();
    paper.write(signed({ given: [false, true] }), TODAY);
    const { grants, drafts, signed: letters } = relationshipOf(paper);
    expect(Object.keys(grants)).toEqual([REPORT_GRANT]);
    expect(drafts).toEqual({});
    expect(letters).toEqual([LETTER]);
    expect(paper.write(ask(), TODAY).entry.body['codes']).toEqual(['NOAUTH']);
  });

  test('may tick nothing, and then grants nothing', () => {
    const paper = draftedPaper();
    paper.write(signed({ given: [false, false] }), TODAY);
    expect(relationshipOf(paper).grants).toEqual({});
  });

  test('has a tick for each clause', () => {
    for (const given of [[], [true], [true, true, true]]) {
      refuses('input_invalid', draftedPaper(), signed({ given }), TODAY);
    }
  });

  test('is of a letter of this relationship, and comes once', () => {
    const paper = draftedPaper();
    refuses('letter_unknown', paper, signed({ letter: paperId(1) }));
    refuses('letter_unknown', paper, signed({ letter: '__proto__' as LetterId }));
    refuses('letter_unknown', paper, signed({ letter: 'constructor' as LetterId }));
    paper.write(signed(), TODAY);
    refuses('already_signed', paper, signed());
    refuses('already_signed', paper, signed({ given: [false, false] }));
  });

  test('may be 5 minutes ahead of the ledger, not a millisecond more', () => {
    const paper = draftedPaper();
    permits(paper, signed({ signed_at: at(TODAY + FIVE) }), TODAY);
    refuses('signed_ahead', paper, signed({ signed_at: at(TODAY + FIVE + 1) }), TODAY);
  });

  test('ahead of the ledger counts from its own time on, else from the ledger’s', () => {
    const ahead = draftedPaper();
    ahead.write(signed({ signed_at: at(TODAY + FIVE) }), TODAY);
    expect(relationshipOf(ahead).grants[QUERY_GRANT]).toMatchObject({
      signed_at: TODAY + FIVE,
      given_at: TODAY + FIVE,
    });
    const { [QUERY_GRANT]: grant } = relationshipOf(ahead).grants;
    expect(statusOf(grant as Grant, at(TODAY + FIVE - 1), 0)).toBe('pending');
    expect(statusOf(grant as Grant, at(TODAY + FIVE), 0)).toBe('active');
    expect(ahead.write(ask(), TODAY + FIVE - 1).entry.body['codes']).toEqual(['NOT_YET']);
    expect(ahead.write(ask(), TODAY + FIVE).entry.body['codes']).toEqual([]);
    const behind = draftedPaper();
    behind.write(signed({ signed_at: at(TODAY) }), TODAY + MINUTE);
    expect(relationshipOf(behind).grants[QUERY_GRANT]).toMatchObject({ signed_at: TODAY, given_at: TODAY + MINUTE });
  });

  test('may be 5 minutes before its draft by the subject’s clock, not a millisecond more', () => {
    const paper = draftedPaper();
    permits(paper, signed({ signed_at: at(TODAY - FIVE) }), TODAY + DAY / 2);
    refuses('signed_before', paper, signed({ signed_at: at(TODAY - FIVE - 1) }), TODAY + DAY / 2);
  });

  test('comes before the letter expires, by the ledger’s clock and by the subject’s', () => {
    const paper = draftedPaper();
    const { expires_at } = draftInput();
    permits(paper, signed({ signed_at: at(expires_at - 1) }), expires_at - 1);
    refuses('letter_expired', paper, signed({ signed_at: at(expires_at - 1) }), expires_at);
    refuses('letter_expired', paper, signed({ signed_at: expires_at }), expires_at - 1);
    refuses('letter_expired', paper, signed({ signed_at: at(TODAY) }), expires_at);
  });

  test('attests the grade that follows from what it says of the key', () => {
    const paper = draftedPaper();
    permits(paper, signed({ evidence: GRADE_B }));
    for (const evidence of [
      { ...GRADE_B, grade: 'A' },
      { ...GRADE_B, grade: 'D' },
      { ...GRADE_B, identified_by: null },
      { ...GRADE_B, identified_by: LENDER },
      { ...GRADE_B, method: 'link' },
    ] as const) {
      refuses('entry_invalid', paper, signed({ evidence }));
    }
  });

  test(`leaves a relationship with ${GRANTS_MAX} grants at most`, () => {
    const standing = (count: number) => withGrantCount(draftedPaper(), count);
    permits(standing(GRANTS_MAX - 2), signed());
    refuses('limit_reached', standing(GRANTS_MAX - 1), signed());
    permits(standing(GRANTS_MAX - 1), signed({ given: [true, false] }));
    refuses('limit_reached', standing(GRANTS_MAX), signed({ given: [true, false] }));
    permits(standing(GRANTS_MAX), signed({ given: [false, false] }));
  });
});

describe('a revocation', () => {
  const at = (ms: number) => ms as Instant;

  test('ends one grant, for good, and leaves the others', () => {
    const paper = signedPaper();
    paper.write(revoked(), TODAY + 1);
    const { grants } = relationshipOf(paper);
    expect(grants[QUERY_GRANT]?.revoked_at).toBe(TODAY + 1);
    expect(grants[REPORT_GRANT]?.revoked_at).toBeNull();
    refuses('already_revoked', paper, revoked(), TODAY + 2);
  });

  test('is of a grant that was given here', () => {
    const paper = openedPaper();
    paper.write(drafted(), TODAY);
    refuses('grant_unknown', paper, revoked());
    paper.write(signed({ given: [false, true] }), TODAY);
    refuses('grant_unknown', paper, revoked());
    refuses('grant_unknown', paper, revoked({ grant: paperId<GrantId>(1) }));
    refuses('grant_unknown', paper, revoked({ grant: '__proto__' as GrantId }));
    refuses('grant_unknown', paper, revoked({ grant: LETTER as unknown as GrantId }));
    permits(paper, revoked({ grant: REPORT_GRANT }));
  });

  test('comes before the grant ends by itself, and at that instant no more', () => {
    const paper = signedPaper();
    const end = TODAY + 365 * DAY;
    permits(paper, revoked({ signed_at: at(end) }), end - 1);
    refuses('grant_ended', paper, revoked({ signed_at: at(end) }), end);
  });

  test('may be taken back before it begins', () => {
    const paper = openedPaper();
    paper.write(drafted({ grants: [terms({ from: TODAY + DAY })] }), TODAY);
    paper.write(signed({ given: [true] }), TODAY);
    permits(paper, revoked(), TODAY);
  });

  test('may be 5 minutes ahead of the ledger or behind the letter’s signature, not a millisecond more', () => {
    const paper = signedPaper();
    permits(paper, revoked({ signed_at: at(TODAY + DAY + FIVE) }), TODAY + DAY);
    refuses('signed_ahead', paper, revoked({ signed_at: at(TODAY + DAY + FIVE + 1) }), TODAY + DAY);
    permits(paper, revoked({ signed_at: at(TODAY - FIVE) }), TODAY + DAY);
    refuses('signed_before', paper, revoked({ signed_at: at(TODAY - FIVE - 1) }), TODAY + DAY);
  });

  test('attests its evidence truly, and works with any: taking back needs no grade', () => {
    const paper = signedPaper();
    const link = { grade: 'D', kind: 'ed25519', method: 'link', identified_by: null } as const;
    permits(paper, revoked({ evidence: link }));
    refuses('entry_invalid', paper, revoked({ evidence: { ...link, grade: 'B' } }));
  });
});

describe('how a grant stands', () => {
  const grant = (change: Partial<Grant> = {}, from: number | null = null): Grant => ({
    terms: terms({ from, to: TODAY + DAY }),
    letter: LETTER,
    signed_at: TODAY,
    given_at: TODAY,
    grade: 'B',
    revoked_at: null,
    paused: null,
    used: 0,
    recent: [],
    ...change,
  });
  const status = (each: Grant, ms: number) => statusOf(each, ms as Instant, 0);

  test('follows the instants of its terms, from inclusive, to exclusive', () => {
    const later = grant({}, TODAY + MINUTE);
    expect(status(later, TODAY + MINUTE - 1)).toBe('pending');
    expect(status(later, TODAY + MINUTE)).toBe('active');
    expect(status(later, TODAY + DAY - 1)).toBe('active');
    expect(status(later, TODAY + DAY)).toBe('expired');
    expect(status(grant(), TODAY)).toBe('active');
  });

  test('is revoked whatever the time', () => {
    for (const ms of [0, TODAY, TODAY + DAY]) expect(status(grant({ revoked_at: TODAY }), ms)).toBe('revoked');
  });
});
