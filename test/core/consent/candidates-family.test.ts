/** Candidates of grants that were made of one another, and keys that a candidate vouches for: one letter, one lender. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { hearingsOf } from '#core/consent/notices.ts';
import type { Grant } from '#core/consent/relationship.ts';
import { type Command, decide, touches } from '#core/consent/rules.ts';
import type { Terms } from '#core/consent/terms.ts';
import { isFailure } from '#core/failure.ts';
import type { GrantId, PartyId, StatementRef } from '#core/ids.ts';
import type { Instant } from '#core/instant.ts';
import { partyStream } from '#core/tlog/stream.ts';
import {
  BANK_B,
  BANK_C,
  boundPaper,
  CANDIDATES,
  candidatePaper,
  codes,
  granteeBound,
  grantOf,
  ONE_OF_TWO,
  reportBy,
  withBanks,
} from './paper-candidates.ts';
import { END } from './paper-grants.ts';
import {
  amendDrafted,
  ask,
  BUREAU,
  DAY,
  drafted,
  GRADE_B,
  held,
  holdDrafted,
  LENDER,
  longer,
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
  TODAY,
  terms,
} from './paper-ledger.ts';
import { permits, refuses } from './paper-rules.ts';

const at = (ms: number) => ms as Instant;
describe('a grant that was made of another', () => {
  const MADE = paperId<GrantId>(0x6a0);
  const later = { grant: MADE, signed_at: at(TODAY) };
  function extended(paper: Paper): Paper {
    const { grant, ...old } = grantOf(paper).terms;
    paper.write(amendDrafted({ grant, terms: longer({ grant, ...old }, MADE) }), TODAY);
    paper.write(held('grant.extended', { grant }), TODAY);
    return paper;
  }
  const underMade = (principal: PartyId) => reportBy(principal, { ground: { grant: MADE } });

  test('is bound to whom that one was', () => {
    const paper = extended(boundPaper());
    expect(grantOf(paper, MADE)).toMatchObject({ bound: { party: BANK_B }, terms: { candidates: CANDIDATES } });
    expect(codes(paper, underMade(BANK_B), END)).toEqual([]);
    refuses('already_there', paper, granteeBound({ ...later, party: BANK_C }));
  });

  test.each([
    ['what it was made of', REPORT_GRANT],
    ['itself', MADE],
  ])('is bound together with it, whichever is named: %s', (_what, grant) => {
    const paper = extended(candidatePaper());
    const { entry } = paper.write(granteeBound({ grant }), TODAY);
    for (const each of [REPORT_GRANT, MADE]) expect(grantOf(paper, each).bound).toEqual({ party: BANK_B, at: TODAY });
    expect(codes(paper, reportBy(BANK_B))).toEqual([]);
    expect(codes(paper, underMade(BANK_B), END)).toEqual([]);
    const grants = [REPORT_GRANT, MADE].sort();
    expect(hearingsOf(entry, paper.state(REL) as never)).toEqual(
      [LENDER, BANK_B, BUREAU].map((party) => ({ party, grants })),
    );
  });

  test('in its place is bound, and what it took the place of stays as it ended', () => {
    const paper = candidatePaper();
    const { terms: old } = grantOf(paper);
    paper.write(
      amendDrafted({ kind: 'narrow', grant: REPORT_GRANT, terms: { ...old, grant: MADE, items: ['basic'] } }),
      TODAY,
    );
    paper.write(held('grant.narrowed', { grant: REPORT_GRANT }), TODAY);
    const ended = grantOf(paper);
    refuses('already_revoked', paper, granteeBound());
    paper.write(granteeBound({ grant: MADE }), TODAY);
    expect(grantOf(paper)).toEqual(ended);
    expect(codes(paper, underMade(BANK_B))).toEqual([]);
  });

  test.each<[string, Partial<Terms>]>([
    ['the grantee in the place of one', { candidates: [BANK_B, LENDER] }],
    ['one more', { candidates: [BANK_B, BANK_C, OTHER_LENDER] }],
    ['the same in another order', { candidates: [BANK_C, BANK_B] }],
  ])('has the same candidates, and not %s', (_what, change) => {
    const paper = candidatePaper();
    const { terms: old } = grantOf(paper);
    const asked = { grant: REPORT_GRANT };
    refuses(
      'terms_wider',
      paper,
      amendDrafted({ ...asked, kind: 'narrow', terms: { ...old, grant: MADE, ...change } }),
    );
    refuses('terms_wider', paper, amendDrafted({ ...asked, terms: { ...longer(old, MADE), ...change } }));
    const { candidates: _none, ...bare } = old;
    refuses('terms_wider', paper, amendDrafted({ ...asked, kind: 'narrow', terms: { ...bare, grant: MADE } }));
    const plain = { ...REPORT_TERMS, grant: MADE, candidates: CANDIDATES };
    const given = openedPaper();
    given.write(drafted(), TODAY - MINUTE);
    given.write(signed(), TODAY);
    refuses('terms_wider', given, amendDrafted({ ...asked, kind: 'narrow', terms: plain }));
  });
});

describe('a key that a candidate vouches for', () => {
  const BY_BANK = { ...GRADE_B, identified_by: BANK_B };
  const paper = withBanks();
  paper.write(drafted({ grants: [terms(), ONE_OF_TWO] }), TODAY - MINUTE);
  paper.write(signed({ declined_items: [[], []], evidence: BY_BANK }), TODAY);
  paper.write(granteeBound({ party: BANK_C }), TODAY);

  test('is D for the clause that names it, and as good as it is for any other', () => {
    expect([grantOf(paper).grade, grantOf(paper, QUERY_GRANT).grade]).toEqual(['D', 'B']);
    expect(codes(paper, reportBy(BANK_C))).toEqual(['EVIDENCE']);
    expect(codes(paper, ask())).toEqual([]);
  });

  test('neither extends that clause, nor ends a hold on it or a contest of it', () => {
    const ledger = boundPaper();
    const asked = { grant: REPORT_GRANT, signed_at: at(TODAY + 1) };
    const refs = [1, 2, 3, 4, 5].map((n) => paperId<StatementRef>(0x600 + n)) as StatementRef[];
    const [extend, pause, resume, object, affirm] = refs;
    ledger.write(
      amendDrafted({ ref: extend!, grant: REPORT_GRANT, terms: longer(ONE_OF_TWO, paperId<GrantId>(0x6a1)) }),
      TODAY,
    );
    for (const [ref, kind] of [
      [pause, 'pause'],
      [resume, 'resume'],
      [object, 'object'],
      [affirm, 'affirm'],
    ] as const) {
      ledger.write(holdDrafted({ ref: ref!, kind, grant: REPORT_GRANT }), TODAY);
    }
    ledger.write(held('grant.paused', { ref: pause!, grant: REPORT_GRANT }), TODAY);
    ledger.write(held('grant.contested', { ref: object!, grant: REPORT_GRANT }), TODAY);
    for (const [type, ref] of [
      ['grant.extended', extend],
      ['grant.resumed', resume],
      ['grant.affirmed', affirm],
    ] as const) {
      refuses('grade_low', ledger, held(type, { ...asked, ref: ref!, evidence: BY_BANK }));
      permits(ledger, held(type, { ...asked, ref: ref! }));
    }
  });
});

test('any history: under a clause and what comes of it one party at most is ever allowed, and it is a candidate', () => {
  const parties = fc.constantFrom(LENDER, BANK_B, BANK_C, OTHER_LENDER);
  const step = fc.record({
    what: fc.constantFrom('bind', 'bind', 'ask', 'ask', 'ask', 'ask', 'extend', 'narrow', 'revoke'),
    party: parties,
    n: fc.nat(20),
    later: fc.constantFrom(0, 1, MINUTE),
  });
  let allowed = 0;
  fc.assert(
    fc.property(fc.array(step, { minLength: 6, maxLength: 24 }), (steps) => {
      const paper = candidatePaper({ candidates: [LENDER, BANK_B, BANK_C] });
      let now = TODAY;
      let bound: PartyId | undefined;
      let refs = 0x700;
      steps.forEach(({ what, party, n, later }, place) => {
        now += later;
        const all = Object.values(relationshipOf(paper).grants).filter(({ terms }) => terms.candidates !== undefined);
        const { terms: old } = all[n % all.length] as Grant;
        const { grant } = old;
        const ref = paperId<StatementRef>(refs++);
        const made = paperId<GrantId>(0x800 + place);
        const asked = { ref, grant, expires_at: at(now + DAY) };
        const attempt = (...commands: readonly Command[]) => {
          try {
            return commands.map((command) => paper.write(command, now)).at(-1)?.entry;
          } catch (failure) {
            if (!isFailure(failure)) throw failure;
            return undefined;
          }
        };
        if (what === 'bind') {
          const entry = attempt(granteeBound({ grant, party }));
          if (entry !== undefined) {
            expect(bound).toBeUndefined();
            bound = party;
          }
        } else if (what === 'ask') {
          const by = n % 3 === 0 ? party : (bound ?? party);
          const entry = attempt(reportBy(by, { ground: { grant } }));
          if (entry?.body['decision'] !== 'allow') return;
          expect(by).toBe(bound);
          expect(old.candidates).toContain(by);
          allowed++;
        } else if (what === 'revoke') attempt(revoked({ grant, signed_at: at(now) }));
        else {
          const wanted = what === 'extend' ? longer(old, made) : { ...old, grant: made };
          const kind = what as 'extend' | 'narrow';
          const signing = { ref, grant, signed_at: at(now) };
          attempt(amendDrafted({ ...asked, kind, terms: wanted }), held(`grant.${kind}ed`, signing));
        }
      });
      // All that stands is bound alike.
      for (const { terms, revoked_at, bound: own } of Object.values(relationshipOf(paper).grants)) {
        if (terms.candidates !== undefined && revoked_at === null) expect(own?.party).toBe(bound);
      }
    }),
    { numRuns: 300 },
  );
  expect(allowed).toBeGreaterThan(50);
});

test('a decision under it reads no more streams than before: the bound party’s own', () => {
  const paper = boundPaper();
  const command = reportBy(BANK_B);
  const body = decide(paper, command, at(TODAY));
  expect(touches(command)).toEqual(expect.arrayContaining([partyStream(BANK_B)]));
  expect(touches(command)).not.toContain(partyStream(BANK_C));
  expect(body).toMatchObject({ principal: BANK_B, decision: 'allow' });
});
