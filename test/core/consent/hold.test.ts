/** Holds: what a subject pauses or freezes stays so, until a signature that is good enough ends it. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { GRADES, type Grade } from '#core/consent/evidence.ts';
import { statusOf } from '#core/consent/grant.ts';
import type { Freeze, Person } from '#core/consent/person.ts';
import { DRAFTS_MAX, type Grant, HOLD_KINDS, type HoldKind, type Relationship } from '#core/consent/relationship.ts';
import type { View } from '#core/consent/rule.ts';
import { type Command, commandOf, decide, decideAgain, evolve, touches } from '#core/consent/rules.ts';
import { type FailureCode, isFailure } from '#core/failure.ts';
import { useSha256 } from '#core/hash.ts';
import type { GrantId, Handle, PersonId, StatementRef } from '#core/ids.ts';
import type { Instant } from '#core/instant.ts';
import { partyStream, personStream, relationshipStream } from '#core/tlog/stream.ts';
import { nativeSha256 } from '../../../src/native.ts';
import { expectFailure } from '../../support/failure.ts';
import {
  ask,
  BUREAU,
  calledBy,
  changed,
  DAY,
  frozen,
  GRADE_B,
  GRADE_D,
  held,
  holdDrafted,
  holdOf,
  IDENTIFIER,
  LENDER,
  MINUTE,
  OTHER_LENDER,
  openedPaper,
  outcomeOf,
  type Paper,
  PERSON,
  paperId,
  QUERY_GRANT,
  REL,
  REPORT_GRANT,
  REPORT_TERMS,
  relationshipOf,
  revoked,
  sealedBy,
  signedPaper,
  stated,
  TODAY,
} from './paper-ledger.ts';

useSha256(nativeSha256);

const FIVE = 5 * MINUTE;
const at = (ms: number) => ms as Instant;
const evidenceOfGrade = { B: GRADE_B, D: GRADE_D } as const;
const isOfEverything = (kind: HoldKind) => kind === 'freeze' || kind === 'release';
const begins = (kind: HoldKind) => kind === 'pause' || kind === 'freeze';
const PAIRS = [
  ['pause', 'resume'],
  ['freeze', 'release'],
] as const;

function refuses(code: FailureCode, view: View, command: Command, time: number = TODAY) {
  expectFailure(code, () => decide(view, command, at(time)));
}
const permits = (view: View, command: Command, time: number = TODAY) => decide(view, command, at(time));

type Signing = Parameters<typeof held>[1] & Parameters<typeof frozen>[1];

/** The signature under a drafted hold. */
function signature(kind: HoldKind, changed: Signing = {}): Command {
  const change = { signed_at: signedAt(kind, TODAY), ...changed };
  if (kind === 'freeze') return frozen('relationship.frozen', change);
  if (kind === 'release') return frozen('relationship.released', change);
  return held(kind === 'pause' ? 'grant.paused' : 'grant.resumed', change);
}

/** What ends a hold is signed later than what began it. */
function signedAt(kind: HoldKind, time: number): Instant {
  return at(begins(kind) ? time : time + 1);
}

let refs = 0x100;
/** Drafts a hold and signs it. */
function hold(paper: Paper, kind: HoldKind, grade: 'B' | 'D' = 'B', time: number = TODAY): void {
  const ref = paperId<StatementRef>(refs++);
  paper.write(holdDrafted({ kind, ref, expires_at: at(time + DAY) }), time);
  paper.write(signature(kind, { ref, signed_at: signedAt(kind, time), evidence: evidenceOfGrade[grade] }), time);
}

/** A signed letter, and a draft of this kind, which waits for its signature. */
function asked(kind: HoldKind): Paper {
  const paper = signedPaper();
  const [first] = PAIRS.find(([, end]) => end === kind) ?? [];
  if (first !== undefined) hold(paper, first);
  paper.write(holdDrafted({ kind }), TODAY);
  return paper;
}

/** The same, drafted a day after the hold that it would end. */
function askedLater(kind: HoldKind): Paper {
  const paper = signedPaper();
  const [first] = PAIRS.find(([, end]) => end === kind) ?? [];
  if (first !== undefined) hold(paper, first);
  paper.write(holdDrafted({ kind, expires_at: at(TODAY + 2 * DAY) }), TODAY + DAY);
  return paper;
}

/** How the thing stands that a kind of hold is about. */
function standing(view: View, kind: HoldKind): Freeze | null | undefined {
  const relationship = relationshipOf(view);
  return isOfEverything(kind) ? relationship.frozen : relationship.grants[QUERY_GRANT]?.paused;
}

describe('any history of holds', () => {
  const steps = fc.array(
    fc.record({
      kind: fc.constantFrom(...HOLD_KINDS),
      grade: fc.constantFrom('B' as const, 'D' as const),
      later: fc.constantFrom(0, 1, MINUTE),
    }),
    // As many as may wait for a signature: what is refused stays a draft.
    { minLength: 8, maxLength: 16, size: 'max' },
  );

  test('begins on any grade, ends on one as good but never on D, and allows just while nothing is held', () => {
    const seen = { allow: 0, deny: 0, ended: 0, kept: 0 };
    fc.assert(
      fc.property(steps, (history) => {
        const paper = signedPaper();
        const model: { pause: Grade | null; freeze: Grade | null } = { pause: null, freeze: null };
        let now = TODAY;
        for (const { kind, grade, later } of history) {
          now += later;
          const what = isOfEverything(kind) ? 'freeze' : 'pause';
          const before = model[what];
          const goes = begins(kind) ? before === null : before !== null && grade !== 'D';
          try {
            hold(paper, kind, grade, now);
            expect(goes).toBe(true);
            model[what] = begins(kind) ? grade : null;
            if (!begins(kind)) seen.ended++;
          } catch (thrown) {
            if (!isFailure(thrown)) throw thrown;
            expect(goes).toBe(false);
            expect(thrown.code).toBe(begins(kind) || before === null ? 'hold_mismatch' : 'grade_low');
            if (thrown.code === 'grade_low') seen.kept++;
          }
          expect(standing(paper, 'pause')?.grade ?? null).toBe(model.pause);
          expect(standing(paper, 'freeze')?.grade ?? null).toBe(model.freeze);
          const isHeld = model.pause !== null || model.freeze !== null;
          const { decision, codes } = outcomeOf(paper, ask(), now);
          expect([decision, codes]).toEqual(isHeld ? ['deny', ['FROZEN']] : ['allow', []]);
          seen[decision as 'allow' | 'deny']++;
        }
        for (const { entry } of paper.lines) expect(() => commandOf(entry)).not.toThrow();
      }),
      { numRuns: 60 },
    );
    for (const count of Object.values(seen)) expect(count).toBeGreaterThan(20);
  });

  test('leaves the terms, the other grants and the letters as they were', () => {
    fc.assert(
      fc.property(steps, (history) => {
        const paper = signedPaper();
        const before = relationshipOf(paper);
        for (const { kind, grade } of history) {
          try {
            hold(paper, kind, grade);
          } catch (thrown) {
            if (!isFailure(thrown)) throw thrown;
          }
        }
        const after = relationshipOf(paper);
        expect(after.grants[REPORT_GRANT]).toEqual(before.grants[REPORT_GRANT]);
        expect({ ...after.grants[QUERY_GRANT], paused: null }).toEqual(before.grants[QUERY_GRANT]);
        expect({ ...after, grants: {}, holds: {}, frozen: null }).toEqual({ ...before, grants: {} });
      }),
      { numRuns: 30 },
    );
  });
});

describe('the end of a hold', () => {
  /** A ledger in which the hold began with this grade, and whose end waits for a signature. */
  function heldWith(grade: Grade, end: HoldKind): View {
    const paper = asked(end);
    const relationship = relationshipOf(paper);
    const since: Freeze = { at: TODAY, grade, signed_at: TODAY };
    const grant = { ...relationship.grants[QUERY_GRANT], paused: since } as Grant;
    const changedTo: Relationship = isOfEverything(end)
      ? { ...relationship, frozen: since }
      : { ...relationship, grants: { ...relationship.grants, [QUERY_GRANT]: grant } };
    return changed(paper, { [REL]: changedTo });
  }

  test.each(PAIRS.flatMap(([, end]) => GRADES.map((grade) => [end, grade] as const)))(
    '(%s) of one that began with grade %s takes at least that grade, and never D',
    (end, grade) => {
      const view = heldWith(grade, end);
      if (grade === 'A') refuses('grade_low', view, signature(end, { evidence: GRADE_B }));
      else permits(view, signature(end, { evidence: GRADE_B }));
      refuses('grade_low', view, signature(end, { evidence: GRADE_D }));
    },
  );

  test.each(PAIRS.map(([, end]) => [end] as const))('(%s) attests the grade that follows from its key', (end) => {
    const view = heldWith('D', end);
    for (const evidence of [
      { ...GRADE_D, grade: 'B' },
      { ...GRADE_D, grade: 'A' },
      { ...GRADE_B, identified_by: LENDER },
      { ...GRADE_B, identified_by: null },
      { ...GRADE_B, grade: 'C' },
      { ...GRADE_B, method: 'link' },
    ] as const) {
      refuses('entry_invalid', view, signature(end, { evidence }));
    }
  });

  test('is of the same thing: a release resumes no grant, a resumption releases nothing', () => {
    const paper = signedPaper();
    hold(paper, 'pause');
    hold(paper, 'freeze');
    expect(outcomeOf(paper, ask(), TODAY).codes).toEqual(['FROZEN']);
    hold(paper, 'release');
    expect(relationshipOf(paper).frozen).toBeNull();
    expect(outcomeOf(paper, ask(), TODAY).codes).toEqual(['FROZEN']);
    hold(paper, 'freeze');
    hold(paper, 'resume');
    expect(relationshipOf(paper).grants[QUERY_GRANT]?.paused).toBeNull();
    expect(outcomeOf(paper, ask(), TODAY).codes).toEqual(['FROZEN']);
    hold(paper, 'release');
    expect(outcomeOf(paper, ask(), TODAY).decision).toBe('allow');
  });

  test.each(PAIRS)('comes after its beginning: %s twice, or %s of nothing, is refused', (begin, end) => {
    const paper = signedPaper();
    paper.write(holdDrafted({ kind: end }), TODAY);
    refuses('hold_mismatch', paper, signature(end));
    hold(paper, begin);
    const ref = paperId<StatementRef>(2);
    paper.write(holdDrafted({ kind: begin, ref }), TODAY);
    refuses('hold_mismatch', paper, signature(begin, { ref }));
    expect(standing(paper, begin)).toEqual({ at: TODAY, grade: 'B', signed_at: TODAY });
  });

  test.each(PAIRS)('frees what %s held: after %s it is as before', (begin, end) => {
    const paper = signedPaper();
    const before = outcomeOf(paper, ask(), TODAY);
    hold(paper, begin, 'D');
    expect(outcomeOf(paper, ask(), TODAY)).toEqual({ decision: 'deny', codes: ['FROZEN'] });
    hold(paper, end, 'B');
    expect(outcomeOf(paper, ask(), TODAY)).toEqual(before);
    expect(before.decision).toBe('allow');
  });

  /** Or who had a resumption signed in advance would end with it a hold that comes later. */
  test.each(PAIRS)('is signed after it began: %s is not ended by a %s signed before', (begin, end) => {
    const paper = signedPaper();
    paper.write(holdDrafted({ kind: end }), TODAY);
    hold(paper, begin, 'B', TODAY + DAY / 2);
    const now = TODAY + DAY / 2 + MINUTE;
    // The draft is older than the hold: what counts is when the signer says that it was signed.
    refuses('signed_before', paper, signature(end, { signed_at: at(TODAY) }), now);
    refuses('signed_before', paper, signature(end, { signed_at: at(TODAY + DAY / 2) }), now);
    permits(paper, signature(end, { signed_at: at(TODAY + DAY / 2 + 1) }), now);
  });

  test.each(PAIRS)('is measured by the signer’s own clock, which may run ahead: %s, then %s', (begin, end) => {
    const paper = asked(begin);
    paper.write(signature(begin, { signed_at: at(TODAY + FIVE) }), TODAY);
    expect(standing(paper, begin)).toEqual({ at: TODAY, grade: 'B', signed_at: TODAY + FIVE });
    const ref = paperId<StatementRef>(2);
    paper.write(holdDrafted({ kind: end, ref }), TODAY + 1);
    refuses('signed_before', paper, signature(end, { ref, signed_at: at(TODAY + 1) }), TODAY + 1);
    refuses('signed_before', paper, signature(end, { ref, signed_at: at(TODAY + FIVE) }), TODAY + 1);
    permits(paper, signature(end, { ref, signed_at: at(TODAY + FIVE + 1) }), TODAY + 1);
  });

  /** Without a draft there is only the freeze to compare with: a keeper may have kept an old release. */
  test('is no old signature, where a freeze was written without a statement of its own', () => {
    const paper = signedPaper();
    paper.write(frozen('relationship.frozen', { ref: null, signed_at: at(TODAY) }), TODAY);
    paper.write(frozen('relationship.released', { ref: null, signed_at: at(TODAY + 1) }), TODAY + 1);
    paper.write(frozen('relationship.frozen', { ref: null, signed_at: at(TODAY + DAY) }), TODAY + DAY);
    refuses(
      'signed_before',
      paper,
      frozen('relationship.released', { ref: null, signed_at: at(TODAY + 1) }),
      TODAY + 2 * DAY,
    );
  });

  test('is not signed ahead of the ledger, with a statement of its own or without', () => {
    const paper = signedPaper();
    const ahead = at(TODAY + FIVE + 1);
    refuses('signed_ahead', paper, frozen('relationship.frozen', { ref: null, signed_at: ahead }));
  });
});

describe('the draft of a hold', () => {
  test.each(HOLD_KINDS)('(%s) holds nothing by itself', (kind) => {
    const paper = signedPaper();
    paper.write(holdDrafted({ kind }), TODAY);
    expect(outcomeOf(paper, ask(), TODAY).decision).toBe('allow');
    expect(holdOf(paper)).toMatchObject({ kind, drafted_at: TODAY });
  });

  test('names a grant where it is of one, and none where it is of everything', () => {
    const paper = signedPaper();
    for (const kind of HOLD_KINDS) {
      const [right, wrong] = isOfEverything(kind) ? [null, QUERY_GRANT] : [QUERY_GRANT, null];
      permits(paper, holdDrafted({ kind, grant: right }));
      refuses('input_invalid', paper, holdDrafted({ kind, grant: wrong }));
    }
  });

  test('is of a grant that was given here', () => {
    const paper = signedPaper();
    permits(paper, holdDrafted({ grant: REPORT_GRANT }));
    for (const grant of [paperId<GrantId>(1), '__proto__' as GrantId, 'constructor' as GrantId]) {
      refuses('grant_unknown', paper, holdDrafted({ grant }));
    }
    refuses('grant_unknown', openedPaper(), holdDrafted());
  });

  test('is the grantee’s by its business operator, or the subject’s by its own key, and nobody else’s', () => {
    const paper = signedPaper();
    permits(paper, holdDrafted());
    permits(paper, holdDrafted({ principal: null }));
    refuses('duty_missing', paper, holdDrafted(calledBy(LENDER, 'admin')));
    refuses('relationship_unknown', paper, holdDrafted({ principal: OTHER_LENDER }));
    refuses('relationship_unknown', paper, holdDrafted({ principal: BUREAU }));
    refuses('principal_mismatch', paper, holdDrafted(calledBy(OTHER_LENDER)));
    refuses('entry_invalid', paper, holdDrafted({ ...sealedBy(LENDER), principal: null }));
    refuses('entry_invalid', paper, holdDrafted({ by: [] }));
    refuses('entry_invalid', paper, holdDrafted({ request: null }));
    refuses('entry_invalid', paper, holdDrafted(stated()));
    const nowhere = { ...holdDrafted(), stream: relationshipStream(paperId<Handle>(0xdd)) } as Command;
    refuses('relationship_unknown', paper, nowhere);
  });

  test('by the subject reads no party, by the grantee the grantee’s', () => {
    expect(touches(holdDrafted({ principal: null }))).toEqual([REL]);
    expect(touches(holdDrafted())).toEqual([REL, partyStream(LENDER)]);
  });

  test('can still be signed: it expires after now', () => {
    const paper = signedPaper();
    refuses('letter_expired', paper, holdDrafted({ expires_at: at(TODAY) }));
    refuses('letter_expired', paper, holdDrafted({ expires_at: at(TODAY - 1) }));
    permits(paper, holdDrafted({ expires_at: at(TODAY + 1) }));
  });

  test('has a ref of its own among those that wait', () => {
    const paper = signedPaper();
    paper.write(holdDrafted(), TODAY);
    refuses('already_there', paper, holdDrafted());
    refuses('already_there', paper, holdDrafted({ kind: 'freeze' }));
    permits(paper, holdDrafted({ ref: paperId(1) }));
  });

  /** The rule forgets a ref with its draft: that none is drafted again for ever is the audit's (src/ledger/replay.ts). */
  test('has a ref that the rule knows while it waits, and no longer', () => {
    const paper = asked('pause');
    refuses('already_there', paper, holdDrafted());
    paper.write(signature('pause'), TODAY);
    permits(paper, holdDrafted());
    // Drafted again, it takes no signature over the hold that it already began, and ends none.
    paper.write(holdDrafted(), TODAY);
    refuses('hold_mismatch', paper, signature('pause'));
    refuses('statement_unknown', paper, signature('resume'));
  });

  test(`is one of ${DRAFTS_MAX} that wait at most; those that expired make room`, () => {
    const paper = signedPaper();
    const nth = (n: number, until = TODAY + DAY) => holdDrafted({ ref: paperId(0x500 + n), expires_at: at(until) });
    for (let n = 0; n < DRAFTS_MAX; n++) paper.write(nth(n, n === 0 ? TODAY + MINUTE : TODAY + DAY), TODAY);
    refuses('limit_reached', paper, nth(DRAFTS_MAX), TODAY + MINUTE - 1);
    permits(paper, nth(DRAFTS_MAX), TODAY + MINUTE);
    paper.write(nth(DRAFTS_MAX), TODAY + MINUTE);
    expect(Object.keys(relationshipOf(paper).holds)).toHaveLength(DRAFTS_MAX);
    expect(holdOf(paper, paperId(0x500))).toBeUndefined();
    refuses('statement_unknown', paper, signature('pause', { ref: paperId(0x500) }), TODAY + MINUTE);
    paper.write(signature('pause', { ref: paperId(0x501) }), TODAY + MINUTE);
    permits(paper, nth(DRAFTS_MAX + 1), TODAY + MINUTE);
  });
});

describe('the signature under a hold', () => {
  test.each(HOLD_KINDS)('(%s) is of a draft of its own kind', (kind) => {
    const paper = asked(kind);
    for (const other of HOLD_KINDS.filter((each) => each !== kind)) {
      refuses('statement_unknown', paper, signature(other));
    }
    permits(paper, signature(kind));
  });

  test.each(HOLD_KINDS)('(%s) is of a draft that is there', (kind) => {
    const paper = asked(kind);
    for (const ref of [paperId<StatementRef>(1), '__proto__' as StatementRef, 'constructor' as StatementRef]) {
      refuses('statement_unknown', paper, signature(kind, { ref }));
    }
    const nowhere = { ...signature(kind), stream: relationshipStream(paperId<Handle>(0xdd)) } as Command;
    refuses('relationship_unknown', paper, nowhere);
  });

  test.each(HOLD_KINDS)('(%s) comes once: the draft goes with it', (kind) => {
    const paper = asked(kind);
    paper.write(signature(kind), TODAY);
    expect(holdOf(paper)).toBeUndefined();
    refuses('statement_unknown', paper, signature(kind));
  });

  test('takes its own draft only', () => {
    const paper = asked('pause');
    const other = paperId<StatementRef>(3);
    paper.write(holdDrafted({ ref: other, grant: REPORT_GRANT }), TODAY);
    paper.write(signature('pause'), TODAY);
    expect(Object.keys(relationshipOf(paper).holds)).toEqual([other]);
    refuses('grant_unknown', paper, signature('pause', { ref: other }));
    paper.write(signature('pause', { ref: other, grant: REPORT_GRANT }), TODAY);
    expect(relationshipOf(paper).grants[REPORT_GRANT]?.paused).toEqual({ at: TODAY, grade: 'B', signed_at: TODAY });
  });

  test.each(HOLD_KINDS)('(%s) comes before the draft expires, by the ledger’s clock and by the subject’s', (kind) => {
    const paper = asked(kind);
    const end = TODAY + DAY;
    permits(paper, signature(kind, { signed_at: at(end - 1) }), end - 1);
    refuses('letter_expired', paper, signature(kind, { signed_at: at(end - 1) }), end);
    refuses('letter_expired', paper, signature(kind, { signed_at: at(end) }), end - 1);
    refuses('letter_expired', paper, signature(kind), end);
  });

  test.each(HOLD_KINDS)('(%s) may be 5 minutes off, ahead or before its draft, not a millisecond more', (kind) => {
    // What ends a hold is after it as well: here that was signed long before.
    const paper = askedLater(kind);
    const now = TODAY + DAY + DAY / 2;
    permits(paper, signature(kind, { signed_at: at(now + FIVE) }), now);
    refuses('signed_ahead', paper, signature(kind, { signed_at: at(now + FIVE + 1) }), now);
    permits(paper, signature(kind, { signed_at: at(TODAY + DAY - FIVE) }), now);
    refuses('signed_before', paper, signature(kind, { signed_at: at(TODAY + DAY - FIVE - 1) }), now);
  });

  test('is a statement, and no request of a party’s', () => {
    const paper = asked('pause');
    refuses('entry_invalid', paper, signature('pause', calledBy(LENDER)));
    refuses('entry_invalid', paper, signature('pause', { auth: 'session' }));
    refuses('entry_invalid', paper, signature('pause', { auth: 'none' }));
    refuses('entry_invalid', paper, signature('pause', { by: calledBy(LENDER).by }));
    refuses('entry_invalid', paper, signature('pause', { request: calledBy(LENDER).request }));
  });
});

describe('a pause', () => {
  test('is of one grant: the others go on', () => {
    const paper = signedPaper();
    hold(paper, 'pause');
    const { action, purposes, items, recipients } = REPORT_TERMS;
    const report = { action, purpose: purposes[0] as string, items, door: recipients[0] as never };
    expect(outcomeOf(paper, ask(), TODAY).codes).toEqual(['FROZEN']);
    expect(outcomeOf(paper, ask({ ...report, ground: { grant: REPORT_GRANT } }), TODAY).decision).toBe('allow');
  });

  test('is of the grant that its draft names', () => {
    const paper = asked('pause');
    refuses('grant_unknown', paper, signature('pause', { grant: REPORT_GRANT }));
    refuses('grant_unknown', paper, signature('pause', { grant: paperId(9) }));
  });

  test.each(['pause', 'resume'] as const)('(%s) is of no grant that was taken back', (kind) => {
    const paper = asked(kind);
    paper.write(revoked(), TODAY);
    refuses('already_revoked', paper, signature(kind));
  });

  test.each(['pause', 'resume'] as const)('(%s) is of no grant that has ended by itself', (kind) => {
    const paper = asked(kind);
    const end = TODAY + DAY / 2;
    const relationship = relationshipOf(paper);
    const grant = relationship.grants[QUERY_GRANT] as Grant;
    const ending = changed(paper, {
      [REL]: {
        ...relationship,
        grants: { ...relationship.grants, [QUERY_GRANT]: { ...grant, terms: { ...grant.terms, to: end } } },
      },
    });
    permits(ending, signature(kind, { signed_at: at(end - 1) }), end - 1);
    refuses('grant_ended', ending, signature(kind, { signed_at: at(end) }), end);
  });

  test('does not keep a grant from being taken back, for good', () => {
    const paper = signedPaper();
    hold(paper, 'pause');
    paper.write(revoked(), TODAY + 1);
    expect(outcomeOf(paper, ask(), TODAY + 1).codes).toEqual(['FROZEN', 'REVOKED']);
    paper.write(holdDrafted({ kind: 'resume' }), TODAY + 1);
    refuses('already_revoked', paper, signature('resume', { signed_at: at(TODAY + 1) }), TODAY + 1);
  });

  test('shows in how the grant stands, after its end and its taking back', () => {
    const paper = signedPaper();
    hold(paper, 'pause');
    const grant = relationshipOf(paper).grants[QUERY_GRANT] as Grant;
    expect(statusOf(grant, at(TODAY), 0)).toBe('paused');
    expect(statusOf(grant, at(grant.terms.to - 1), 0)).toBe('paused');
    expect(statusOf(grant, at(grant.terms.to), 0)).toBe('expired');
    expect(statusOf({ ...grant, revoked_at: TODAY }, at(TODAY), 0)).toBe('revoked');
    expect(statusOf({ ...grant, given_at: TODAY + DAY }, at(TODAY), 0)).toBe('paused');
  });
});

describe('a freeze', () => {
  test('is of every grant of the relationship, those given later included', () => {
    const paper = signedPaper();
    hold(paper, 'freeze');
    for (const grant of [QUERY_GRANT, REPORT_GRANT]) {
      expect(outcomeOf(paper, ask({ ground: { grant } }), TODAY).codes).toContain('FROZEN');
    }
    expect(outcomeOf(paper, ask({ ground: { grant: paperId(9) } }), TODAY).codes).toEqual(['FROZEN', 'NOAUTH']);
  });

  test('denies an access on a legal basis as well', () => {
    const paper = signedPaper();
    hold(paper, 'freeze');
    const judicial = ask({ ground: { basis: 'judicial', reference: false } });
    expect(outcomeOf(paper, judicial, TODAY).codes).toEqual(['BASIS', 'FROZEN']);
  });

  test('comes without a ref into the subject’s other relationships: it would be a link', () => {
    const paper = asked('freeze');
    paper.write(frozen('relationship.frozen', { ref: null }), TODAY);
    expect(relationshipOf(paper).frozen).toEqual({ at: TODAY, grade: 'B', signed_at: TODAY });
    // What waits in that relationship is another statement.
    expect(holdOf(paper)).toMatchObject({ kind: 'freeze' });
    refuses('hold_mismatch', paper, frozen('relationship.frozen', { ref: null }));
    refuses('grade_low', paper, frozen('relationship.released', { ref: null, evidence: GRADE_D }));
    refuses('signed_before', paper, frozen('relationship.released', { ref: null }));
    paper.write(frozen('relationship.released', { ref: null, signed_at: at(TODAY + 1) }), TODAY);
    expect(relationshipOf(paper).frozen).toBeNull();
    refuses('hold_mismatch', paper, frozen('relationship.released', { ref: null }));
  });

  test('stands in a relationship that is opened under it, with its grade', () => {
    const handle = paperId<Handle>(0xd9);
    const stream = relationshipStream(handle);
    for (const grade of [...GRADES, null]) {
      const paper = openedPaper();
      const signed_at = at(TODAY - DAY);
      const since = grade === null ? null : { grade, signed_at };
      const input = { grantee: LENDER, subject: 'person', frozen: since, ...sealedBy(LENDER) } as const;
      paper.write({ type: 'relationship.opened', stream, input }, TODAY);
      expect((paper.state(stream) as Relationship).frozen).toEqual(since && { at: TODAY, ...since });
      expect(outcomeOf(paper, { ...ask(), stream } as Command, TODAY).codes).toEqual(
        grade === null ? ['NOAUTH'] : ['FROZEN', 'NOAUTH'],
      );
      const ends = (signedAt: number): Command => {
        const { type, input: signing } = frozen('relationship.released', { ref: null, signed_at: at(signedAt) });
        return { type, stream, input: signing } as Command;
      };
      if (grade === null) refuses('hold_mismatch', paper, ends(TODAY));
      else if (grade === 'A') refuses('grade_low', paper, ends(TODAY));
      else {
        // By the clock of who froze everything, elsewhere and before.
        refuses('signed_before', paper, ends(signed_at));
        permits(paper, ends(signed_at + 1));
      }
    }
  });
});

describe('a person’s freeze', () => {
  const of = (type: 'person.frozen' | 'person.released', grade: Grade = 'B', time?: number): Command => {
    const signed_at = at(time ?? (type === 'person.frozen' ? TODAY : TODAY + 1));
    return { type, stream: PERSON, input: { grade, signed_at, ...stated() } };
  };
  function known(): Paper {
    const paper = openedPaper();
    const input = {
      kind: 'ed25519',
      method: 'identity_provider',
      identified_by: IDENTIFIER,
      identified_at: at(TODAY),
      enrolled_by: LENDER,
      ...sealedBy(LENDER),
    } as const;
    paper.write({ type: 'person.key_bound', stream: PERSON, input }, TODAY);
    return paper;
  }
  const frozenOf = (view: View) => (view.state(PERSON) as Person).frozen;

  test('is of a person with a key', () => {
    for (const type of ['person.frozen', 'person.released'] as const) {
      refuses('subject_key_unknown', openedPaper(), of(type));
      const elsewhere = { ...of(type), stream: personStream(paperId<PersonId>(5)) } as Command;
      refuses('subject_key_unknown', known(), elsewhere);
    }
  });

  test('begins on any grade and once, and ends by the rule of every hold', () => {
    for (const began of GRADES) {
      const paper = known();
      refuses('hold_mismatch', paper, of('person.released'));
      paper.write(of('person.frozen', began), TODAY);
      expect(frozenOf(paper)).toEqual({ at: TODAY, grade: began, signed_at: TODAY });
      refuses('hold_mismatch', paper, of('person.frozen'));
      for (const grade of GRADES) {
        const isEnough = grade !== 'D' && GRADES.indexOf(grade) <= GRADES.indexOf(began);
        if (isEnough) permits(paper, of('person.released', grade));
        else refuses('grade_low', paper, of('person.released', grade));
        if (isEnough) refuses('signed_before', paper, of('person.released', grade, TODAY));
      }
      paper.write(of('person.released', 'A'), TODAY + 1);
      expect(frozenOf(paper)).toBeNull();
    }
  });

  test('outlives a further key', () => {
    const paper = known();
    paper.write(of('person.frozen'), TODAY);
    const { input } = commandOf((paper.lines.find((line) => line.entry.type === 'person.key_bound') as never)['entry']);
    paper.write({ type: 'person.key_bound', stream: PERSON, input: { ...input, ...sealedBy(LENDER) } as never }, TODAY);
    expect(frozenOf(paper)).toEqual({ at: TODAY, grade: 'B', signed_at: TODAY });
    expect((paper.state(PERSON) as Person).keys).toHaveLength(2);
  });
});

describe('an entry of a hold, changed', () => {
  const history: readonly [string, () => { paper: Paper; command: Command }][] = [
    ['hold.drafted', () => ({ paper: signedPaper(), command: holdDrafted() })],
    ...HOLD_KINDS.map((kind): [string, () => { paper: Paper; command: Command }] => [
      signature(kind).type,
      () => ({ paper: asked(kind), command: signature(kind) }),
    ]),
  ];

  test.each(history)('%s is refused with a field too many, too few, or of another type', (_type, make) => {
    const { paper, command } = make();
    const { entry } = paper.write(command, TODAY);
    for (const change of [{ remark: 'x' }, { given: [] }]) {
      expectFailure('entry_invalid', () => commandOf({ ...entry, body: { ...entry.body, ...change } }));
    }
    for (const name of Object.keys(entry.body).filter((field) => field !== 'saw')) {
      const { [name]: _gone, ...body } = entry.body;
      expectFailure('entry_invalid', () => commandOf({ ...entry, body }));
      expectFailure('entry_invalid', () => commandOf({ ...entry, body: { ...entry.body, [name]: { x: 1 } } }));
    }
  });

  test.each(history)('%s is decided again in its place, and in no other', (_type, make) => {
    const { paper, command } = make();
    const before = changed(paper, { [REL]: relationshipOf(paper) });
    const { entry } = paper.write(command, TODAY);
    expect(() => decideAgain(before, entry)).not.toThrow();
    // What it needed is gone with it, or was never there.
    if (entry.type !== 'hold.drafted') expectFailure('entry_invalid', () => decideAgain(paper, entry));
    expectFailure('entry_invalid', () => decideAgain(openedPaper(), entry));
    expectFailure('entry_invalid', () => decideAgain(before, { ...entry, time: at(TODAY + 2 * DAY) }));
    expectFailure('entry_invalid', () =>
      decideAgain(before, { ...entry, commit: entry.commit ? null : ('x' as never) }),
    );
  });

  test('never comes before the relationship in a fold', () => {
    for (const kind of HOLD_KINDS) {
      const { type, input } = signature(kind);
      const event = { stream: REL, seq: 0, time: at(TODAY), body: input as never };
      expectFailure('entry_invalid', () => evolve(undefined, type, event));
    }
    const event = { stream: REL, seq: 0, time: at(TODAY), body: holdDrafted().input as never };
    expectFailure('entry_invalid', () => evolve(undefined, 'hold.drafted', event));
    const { input } = held('grant.paused', { grant: paperId(9) });
    const unknown = { stream: REL, seq: 9, time: at(TODAY), body: input as never };
    expectFailure('entry_invalid', () => evolve(relationshipOf(signedPaper()), 'grant.paused', unknown));
  });
});
