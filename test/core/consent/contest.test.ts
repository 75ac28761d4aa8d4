/** Grants that are contested: by their subject, by a finding of those they concern; nothing is allowed meanwhile. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { statusOf } from '#core/consent/grant.ts';
import { hearingsOf } from '#core/consent/notices.ts';
import type { Grant } from '#core/consent/relationship.ts';
import { decide } from '#core/consent/rules.ts';
import type { AccessId, GrantId, StatementRef } from '#core/ids.ts';
import type { Instant } from '#core/instant.ts';
import {
  amendDrafted,
  ask,
  BUREAU,
  calledBy,
  DAY,
  finding,
  GRADE_D,
  held,
  holdDrafted,
  LENDER,
  MADE_GRANT,
  OTHER_BUREAU,
  type Paper,
  paperId,
  QUERY_GRANT,
  REL,
  REPORT_GRANT,
  redeemed,
  relationshipOf,
  revoked,
  signedPaper,
  TODAY,
} from './paper-ledger.ts';
import { permits, refuses } from './paper-rules.ts';

const at = (ms: number) => ms as Instant;
const grantOf = (paper: Paper, grant: GrantId = QUERY_GRANT) => relationshipOf(paper).grants[grant] as Grant;
const codes = (paper: Paper, time: number, change: Parameters<typeof ask>[0] = {}) =>
  paper.write(ask(change), time).entry.body['codes'];
const recorded = (change: Parameters<typeof finding>[1] = {}) => finding('finding.recorded', change);
const lifted = (change: Parameters<typeof finding>[1] = {}) => finding('finding.lifted', change);

let refs = 0x100;
/** The subject contests a grant, or affirms it again. */
function state(paper: Paper, kind: 'object' | 'affirm', time: number, change: Parameters<typeof held>[1] = {}) {
  const ref = paperId<StatementRef>(refs++);
  paper.write(holdDrafted({ ref, kind, grant: change.grant ?? QUERY_GRANT, expires_at: at(time + DAY) }), time);
  const type = kind === 'object' ? 'grant.contested' : 'grant.affirmed';
  return held(type, { ref, signed_at: at(time), ...change });
}
function contested(): Paper {
  const paper = signedPaper();
  paper.write(state(paper, 'object', TODAY), TODAY);
  return paper;
}

describe('a grant that its subject contests', () => {
  test('allows nothing more, and shows so; what is affirmed is as it was', () => {
    const paper = signedPaper();
    const before = grantOf(paper);
    paper.write(state(paper, 'object', TODAY), TODAY);
    expect(grantOf(paper)).toMatchObject({ contested_at: TODAY, contested: { at: TODAY, grade: 'B' } });
    expect(statusOf(grantOf(paper), at(TODAY), 0)).toBe('contested');
    expect(codes(paper, TODAY)).toEqual(['FROZEN']);
    paper.write(state(paper, 'affirm', TODAY + 1), TODAY + 1);
    expect(grantOf(paper)).toEqual(before);
    expect(codes(paper, TODAY + 1)).toEqual([]);
  });

  test('hands nothing over on a permit that is out', () => {
    const paper = signedPaper();
    const access = paperId<AccessId>(0x51);
    paper.write(ask({ access }), TODAY);
    paper.write(state(paper, 'object', TODAY), TODAY);
    expect(paper.write(redeemed({ access }), TODAY).entry.body['codes']).toEqual(['FROZEN']);
  });

  test('is contested on any evidence, and affirmed on evidence as good, later, never on D', () => {
    const paper = signedPaper();
    permits(paper, state(paper, 'object', TODAY, { evidence: GRADE_D }));
    paper.write(state(paper, 'object', TODAY), TODAY);
    refuses('grade_low', paper, state(paper, 'affirm', TODAY + 1, { evidence: GRADE_D }), TODAY + 1);
    refuses('signed_before', paper, state(paper, 'affirm', TODAY + 1, { signed_at: at(TODAY) }), TODAY + 1);
    permits(paper, state(paper, 'affirm', TODAY + 1), TODAY + 1);
  });

  test('is contested once, affirmed once, and neither where it is taken back or over', () => {
    const twice = contested();
    refuses('hold_mismatch', twice, state(twice, 'object', TODAY));
    const never = signedPaper();
    refuses('hold_mismatch', never, state(never, 'affirm', TODAY));
    const gone = signedPaper();
    const waiting = state(gone, 'object', TODAY);
    gone.write(revoked(), TODAY);
    refuses('already_revoked', gone, waiting);
    const over = signedPaper();
    refuses('grant_ended', over, state(over, 'object', TODAY + 365 * DAY), TODAY + 365 * DAY);
  });
  test('is contested with what follows it', () => {
    const paper = signedPaper();
    paper.write(amendDrafted(), TODAY);
    paper.write(held('grant.extended'), TODAY);
    const { entry } = paper.write(state(paper, 'object', TODAY), TODAY);
    expect(codes(paper, TODAY + 365 * DAY, { ground: { grant: MADE_GRANT } })).toEqual(['FROZEN']);
    const hearings = hearingsOf(entry, paper.state(REL) as never);
    expect(hearings).toEqual([LENDER, BUREAU].map((party) => ({ party, grants: [QUERY_GRANT, MADE_GRANT] })));
    paper.write(state(paper, 'affirm', TODAY + 1), TODAY + 1);
    expect(codes(paper, TODAY + 365 * DAY, { ground: { grant: MADE_GRANT } })).toEqual([]);
  });
});

describe('a finding', () => {
  test('is of the grantee or a door of the grant, and stands beside others', () => {
    const paper = signedPaper();
    refuses('grant_unknown', paper, recorded({ principal: OTHER_BUREAU }));
    refuses('grant_unknown', paper, recorded({ grant: paperId<GrantId>(9) }));
    refuses('principal_mismatch', paper, recorded({ ...calledBy(LENDER), principal: BUREAU }));
    refuses('duty_missing', paper, recorded({ ...calledBy(BUREAU, 'admin'), principal: BUREAU }));
    paper.write(recorded(), TODAY);
    refuses('already_there', paper, recorded());
    paper.write(recorded({ principal: LENDER }), TODAY + 1);
    expect(grantOf(paper)).toMatchObject({
      contested_at: TODAY,
      findings: [
        { party: BUREAU, at: TODAY },
        { party: LENDER, at: TODAY + 1 },
      ],
    });
    expect(codes(paper, TODAY + 1)).toEqual(['FROZEN']);
    expect(
      codes(paper, TODAY + 1, {
        ground: { grant: REPORT_GRANT },
        action: 'REPORT',
        purpose: 'credit_reporting',
        items: ['basic'],
      }),
    ).toEqual([]);
  });

  test('is lifted by the party that recorded it, and by nobody else: no subject’s signature does', () => {
    const paper = signedPaper();
    const before = grantOf(paper);
    paper.write(recorded(), TODAY);
    refuses('hold_mismatch', paper, lifted({ principal: LENDER }));
    refuses('grant_unknown', paper, lifted({ principal: OTHER_BUREAU }));
    refuses('hold_mismatch', paper, state(paper, 'affirm', TODAY + 1), TODAY + 1);
    paper.write(state(paper, 'object', TODAY + 1), TODAY + 1);
    paper.write(state(paper, 'affirm', TODAY + 2), TODAY + 2);
    expect(codes(paper, TODAY + 2)).toEqual(['FROZEN']);
    paper.write(lifted(), TODAY + 2);
    expect(grantOf(paper)).toEqual(before);
    refuses('hold_mismatch', paper, lifted());
  });

  test('is of a grant that stands', () => {
    const paper = signedPaper();
    refuses('grant_ended', paper, recorded(), TODAY + 365 * DAY);
    paper.write(revoked(), TODAY);
    refuses('already_revoked', paper, recorded());
  });
});

test('any history of contests: it is allowed just while nobody contests it, and another grant is never touched', () => {
  const kinds = ['object', 'affirm', 'bureau', 'lender', 'bureau lifts', 'lender lifts'] as const;
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...kinds), { maxLength: 12 }), (steps) => {
      const paper = signedPaper();
      const other = grantOf(paper, REPORT_GRANT);
      const by = new Set<string>();
      steps.forEach((step, n) => {
        const time = TODAY + n + 1;
        const [who, ends] =
          step === 'object' || step === 'affirm'
            ? ['subject', step === 'affirm']
            : [step.split(' ')[0], step.endsWith('lifts')];
        const principal = who === 'bureau' ? BUREAU : LENDER;
        const command =
          who === 'subject'
            ? state(paper, step as 'object' | 'affirm', time)
            : finding(ends ? 'finding.lifted' : 'finding.recorded', { principal });
        if (by.has(who as string) === ends) {
          paper.write(command, time);
          if (ends) by.delete(who as string);
          else by.add(who as string);
        } else refuses(who === 'subject' || ends ? 'hold_mismatch' : 'already_there', paper, command, time);
        const { codes } = decide(paper, ask(), at(time)) as { codes: readonly string[] };
        expect(codes).toEqual(by.size === 0 ? [] : ['FROZEN']);
      });
      expect(grantOf(paper, REPORT_GRANT)).toEqual(other);
    }),
    { numRuns: 200 },
  );
});
