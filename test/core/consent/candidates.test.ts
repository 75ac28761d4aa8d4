import { describe, expect, test } from 'vitest';
import { canonicalText } from '#core/canonical.ts';
import { isOwnAsking } from '#core/consent/candidates.ts';
import { explainAccess } from '#core/consent/explain.ts';
import { boundText } from '#core/consent/explain-text.ts';
import { hearingsOf } from '#core/consent/notices.ts';
import type { View } from '#core/consent/rule.ts';
import { type Command, commandOf, decideAgain, touches } from '#core/consent/rules.ts';
import { letterStatement } from '#core/consent/statement.ts';
import { CANDIDATES_MAX, type Terms } from '#core/consent/terms.ts';
import type { AccessId, GrantId, LetterId, PartyId } from '#core/ids.ts';
import type { Instant } from '#core/instant.ts';
import { partyStream } from '#core/tlog/stream.ts';
import { expectFailure } from '../../support/failure.ts';
import {
  BANK_B,
  BANK_C,
  boundPaper,
  CANDIDATES,
  candidatePaper,
  codes,
  granteeBound,
  grantOf,
  mandated,
  ONE_OF_TWO,
  register,
  reportBy,
  succeeded,
  withBanks,
} from './paper-candidates.ts';
import { END } from './paper-grants.ts';
import {
  ask,
  BUREAU,
  calledBy,
  calledByKeeper,
  changed,
  DAY,
  drafted,
  finding,
  frozen,
  HANDLE,
  held,
  holdDrafted,
  IDENTIFIER,
  LENDER,
  LETTER,
  MINUTE,
  OTHER_BUREAU,
  OTHER_LENDER,
  openedPaper,
  type Paper,
  paperId,
  partyOf,
  QUERY_GRANT,
  REL,
  REPORT_GRANT,
  redeemed,
  relationshipOf,
  revoked,
  sealedBy,
  signed,
  TODAY,
  terms,
  withRoles,
} from './paper-ledger.ts';
import { permits, refuses } from './paper-rules.ts';

const at = (ms: number) => ms as Instant;
const ground = { grant: REPORT_GRANT } as const;
/** Whether an access would stand in this relationship at all; else it is answered as a stranger's. */
const isOwn = (view: View, principal: PartyId, named: { grant: GrantId } | { basis: string } = ground) =>
  isOwnAsking(view, { handle: HANDLE, principal, ground: named });
const draftOf = (change: Partial<Terms>) => drafted({ grants: [{ ...ONE_OF_TWO, ...change }] });

/** What is written now decides again as it was, and is refused where anything of it is another. */
function expectReplay(paper: Paper, before: View, command: Command): void {
  const { entry } = paper.write(command, TODAY);
  expect(() => decideAgain(before, entry)).not.toThrow();
  expectFailure('entry_invalid', () => decideAgain(before, { ...entry, body: { ...entry.body, party: OTHER_LENDER } }));
}

describe('a clause with candidates', () => {
  test('names two or more, each once, and each a party that is registered as a grantee', () => {
    const paper = withBanks();
    permits(paper, draftOf({}));
    permits(paper, draftOf({ candidates: [LENDER, BANK_B] }));
    for (const candidates of [[], [BANK_B], [BANK_B, BANK_B], [BANK_B, BANK_C, BANK_B]]) {
      refuses('input_invalid', paper, draftOf({ candidates }));
    }
    refuses('party_unknown', paper, draftOf({ candidates: [BANK_B, paperId<PartyId>(9)] }));
    for (const other of [BUREAU, IDENTIFIER]) refuses('party_role', paper, draftOf({ candidates: [BANK_B, other] }));
    expect(touches(draftOf({}))).toEqual(expect.arrayContaining(CANDIDATES.map(partyStream)));
  });

  test('is read back as it is: a list of ids, or no such field', () => {
    const { entry } = withBanks().write(draftOf({}), TODAY);
    const spoiled = (candidates: unknown) => () =>
      commandOf({ ...entry, body: { ...entry.body, grants: [{ ...ONE_OF_TWO, candidates }] } as never });
    const many = Array.from({ length: CANDIDATES_MAX + 1 }, (_, n) => paperId(n + 1));
    for (const other of [null, 'x', ['x'], {}, [null], many]) expectFailure('entry_invalid', spoiled(other));
    expect(spoiled(many.slice(1))).not.toThrow();
    // What says nothing of candidates has the bytes that it had before there were any.
    const { entry: plain } = openedPaper().write(drafted({ grants: [terms()] }), TODAY);
    expect(canonicalText(plain.body)).not.toContain('candidates');
    expect(canonicalText(openedPaper().state(REL) as never)).not.toContain('bound');
  });

  test('stands with them in the statement that is signed', () => {
    const paper = withBanks();
    paper.write(draftOf({}), TODAY);
    const draft = relationshipOf(paper).drafts[LETTER] ?? expect.unreachable();
    const signing = { log: 'x', ref: LETTER, grantee: LENDER, draft, given: [true], signedAt: TODAY };
    expect(letterStatement(signing)).toMatchObject({ grants: [{ grant: REPORT_GRANT, candidates: CANDIDATES }] });
  });

  test('is signed from engine 2 on', () => {
    const paper = withBanks();
    paper.write(draftOf({}), TODAY - MINUTE);
    refuses('engine_old', paper, signed({ given: [true] }));
    permits(paper, signed({ given: [true], declined_items: [[]] }));
  });
});

describe('before one of its candidates is bound', () => {
  const paper = candidatePaper();

  test('nobody is allowed anything under it, the one that drafted it included', () => {
    expect(codes(paper, reportBy(LENDER))).toEqual(['PARTY']);
    expect(codes(paper, ask())).toEqual([]);
    for (const bank of CANDIDATES) {
      expect(isOwn(paper, bank)).toBe(false);
      refuses('entry_invalid', paper, reportBy(bank));
    }
  });

  test('an explanation says whom it names, and that it is nobody’s yet', () => {
    const ledger = candidatePaper();
    const before = changed(ledger, { [REL]: relationshipOf(ledger) });
    const { entry } = ledger.write(reportBy(LENDER), TODAY);
    const { checks, would_allow } = explainAccess(before, entry);
    const [party] = checks.filter(({ failed }) => failed);
    expect(party).toMatchObject({
      code: 'PARTY',
      looked_at: { principal: LENDER, grantee: null, candidates: CANDIDATES },
    });
    expect(would_allow).toMatchObject([
      { zh: expect.stringContaining('候选人'), en: expect.stringContaining('candidate') },
    ]);
  });
});

describe('once it is bound', () => {
  const paper = boundPaper();

  test('the bound one is allowed what it gives, and nobody else is (seeds 0.19)', () => {
    expect(codes(paper, reportBy(BANK_B))).toEqual([]);
    expect(codes(paper, reportBy(LENDER))).toEqual(['PARTY']);
    expect(isOwn(paper, BANK_C)).toBe(false);
    refuses('entry_invalid', paper, reportBy(BANK_C));
    expect(codes(paper, reportBy(BANK_B, { purpose: 'marketing', items: ['tax'] }))).toEqual(['PURPOSE', 'SCOPE']);
    expect(codes(paper, reportBy(BANK_B, { door: OTHER_BUREAU }))).toEqual(['RECIPIENT']);
  });

  test('it is a stranger in the rest of the relationship, also under a grant that never was', () => {
    const others = [{ grant: QUERY_GRANT }, { grant: paperId<GrantId>(9) }, { basis: 'statutory_duty' }] as const;
    for (const other of others) expect(isOwn(paper, BANK_B, other)).toBe(false);
    refuses('entry_invalid', paper, ask({ principal: BANK_B }));
    refuses('entry_invalid', paper, ask({ principal: BANK_B, ground: { basis: 'statutory_duty', reference: false } }));
    refuses(
      'relationship_unknown',
      paper,
      drafted({ principal: BANK_B, letter: paperId<LetterId>(9), ...sealedBy(BANK_B) }),
    );
    refuses('relationship_unknown', paper, holdDrafted({ principal: BANK_B }));
    refuses('relationship_unknown', paper, granteeBound({ principal: BANK_B }));
    // Its grantee keeps what is its own.
    expect(codes(paper, ask())).toEqual([]);
  });

  test('who succeeded it is allowed in its place; who succeeded another candidate, or the grantee, is not', () => {
    const ledger = boundPaper();
    const [heir, other, platform] = [0x701, 0x702, 0x703].map((n) => paperId<PartyId>(n)) as [
      PartyId,
      PartyId,
      PartyId,
    ];
    for (const each of [heir, other, platform]) register(ledger, each);
    refuses('entry_invalid', ledger, reportBy(heir));
    ledger.write(succeeded(heir, BANK_B), TODAY);
    ledger.write(succeeded(other, BANK_C), TODAY);
    ledger.write(succeeded(platform, LENDER), TODAY);
    expect(codes(ledger, reportBy(heir))).toEqual([]);
    expect(isOwn(ledger, heir, { grant: QUERY_GRANT })).toBe(false);
    expect(isOwn(ledger, other)).toBe(false);
    expect(codes(ledger, reportBy(platform))).toEqual(['PARTY']);
  });

  test('its processor acts on behalf of it, by its mandate and no other’s', () => {
    const ledger = boundPaper();
    const processor = paperId<PartyId>(0x704);
    register(ledger, processor, 'processor');
    const onBehalf = () => reportBy(BANK_B, { by: calledBy(processor).by });
    refuses('principal_mismatch', ledger, onBehalf());
    ledger.write(mandated(processor, BANK_C, ['access']), TODAY);
    refuses('principal_mismatch', ledger, onBehalf());
    ledger.write(mandated(processor, BANK_B, ['access']), TODAY);
    expect(codes(ledger, onBehalf())).toEqual([]);
  });

  test('the grantee itself may be a candidate, and is bound like any other', () => {
    const ledger = candidatePaper({ candidates: [LENDER, BANK_B] });
    expect(codes(ledger, reportBy(LENDER))).toEqual(['PARTY']);
    ledger.write(granteeBound({ party: LENDER }), TODAY);
    expect(codes(ledger, reportBy(LENDER))).toEqual([]);
    refuses('entry_invalid', ledger, reportBy(BANK_B));
  });

  test('it ends as ever: taken back, over, frozen, its party suspended or no grantee any more', () => {
    expect(codes(withRoles(paper, BANK_B, ['bureau']), reportBy(BANK_B))).toEqual(['PARTY']);
    const suspended = changed(paper, { [partyStream(BANK_B)]: { ...partyOf(paper, BANK_B), suspended_at: TODAY } });
    expectFailure('key_ended', () => codes(suspended, reportBy(BANK_B)));
    expect(codes(paper, reportBy(BANK_B), END)).toEqual(['EXPIRED']);
    const gone = boundPaper();
    gone.write(revoked({ grant: REPORT_GRANT }), TODAY);
    expect(codes(gone, reportBy(BANK_B))).toEqual(['REVOKED']);
    const cold = boundPaper();
    cold.write(holdDrafted({ kind: 'freeze' }), TODAY);
    cold.write(frozen('relationship.frozen'), TODAY);
    expect(codes(cold, reportBy(BANK_B))).toEqual(['FROZEN']);
  });

  test('its permit is taken as its own: said to be another’s it is refused', () => {
    const access = paperId<AccessId>(0x51);
    const ledger = boundPaper();
    ledger.write(reportBy(BANK_B, { access }), TODAY);
    expect(codes(ledger, redeemed({ access, principal: BANK_B }))).toEqual([]);
    expect(codes(ledger, redeemed({ access, principal: LENDER }))).toEqual(['PARTY']);
    refuses('entry_invalid', ledger, redeemed({ access, principal: BANK_C }));
    ledger.write(revoked({ grant: REPORT_GRANT }), TODAY);
    expect(codes(ledger, redeemed({ access, principal: BANK_B }))).toEqual(['REVOKED']);
    // One that nobody knows any more may have been anybody's who was allowed something here.
    const lost = redeemed({ access: paperId<AccessId>(0x52), principal: BANK_B });
    expect(codes(ledger, lost)).toEqual(['REDEEMED']);
    refuses('entry_invalid', candidatePaper(), lost);
  });

  test('it may contest the grant by a finding of its own, as its grantee and doors may; another candidate may not', () => {
    const ledger = boundPaper();
    const found = (principal: PartyId) => finding('finding.recorded', { grant: REPORT_GRANT, principal });
    refuses('grant_unknown', ledger, found(BANK_C));
    refuses('grant_unknown', ledger, finding('finding.recorded', { principal: BANK_B }));
    ledger.write(found(BANK_B), TODAY);
    expect(codes(ledger, reportBy(BANK_B))).toEqual(['FROZEN']);
  });

  test('an explanation names it', () => {
    const ledger = boundPaper();
    const before = changed(ledger, { [REL]: relationshipOf(ledger) });
    const { entry } = ledger.write(reportBy(LENDER), TODAY);
    const [party] = explainAccess(before, entry).checks.filter(({ failed }) => failed);
    expect(party).toMatchObject({ code: 'PARTY', looked_at: { grantee: BANK_B, candidates: CANDIDATES } });
  });

  test('its subject reads who it is, in both languages', () => {
    expect(boundText('示例银行乙股份有限公司')).toEqual({
      zh: '您的授信由示例银行乙股份有限公司提供',
      en: 'Your line comes from 示例银行乙股份有限公司',
    });
  });
});

describe('a binding', () => {
  test('is one, for ever: neither another nor the same comes after it', () => {
    const paper = candidatePaper();
    const before = changed(paper, { [REL]: relationshipOf(paper) });
    expectReplay(paper, before, granteeBound());
    expect(grantOf(paper).bound).toEqual({ party: BANK_B, at: TODAY });
    for (const party of CANDIDATES) refuses('already_there', paper, granteeBound({ party }));
  });

  test('is to a candidate of that grant, registered and in good standing', () => {
    const paper = candidatePaper();
    for (const party of [LENDER, OTHER_LENDER, BUREAU, paperId<PartyId>(9)]) {
      refuses('candidate_unknown', paper, granteeBound({ party }));
    }
    refuses('candidate_unknown', paper, granteeBound({ grant: QUERY_GRANT }));
    refuses('party_role', withRoles(paper, BANK_B, ['bureau']), granteeBound());
    paper.write({ type: 'party.suspended', stream: partyStream(BANK_B), input: calledByKeeper() }, TODAY);
    refuses('party_role', paper, granteeBound());
    permits(paper, granteeBound({ party: BANK_C }));
  });

  test('is of a grant that stands, also one that is paused or has not begun', () => {
    const paper = candidatePaper({ from: at(TODAY + DAY) });
    refuses('grant_unknown', paper, granteeBound({ grant: paperId<GrantId>(9) }));
    paper.write(holdDrafted({ grant: REPORT_GRANT }), TODAY);
    paper.write(held('grant.paused', { grant: REPORT_GRANT }), TODAY);
    permits(paper, granteeBound());
    refuses('grant_ended', paper, granteeBound(), END);
    paper.write(revoked({ grant: REPORT_GRANT }), TODAY);
    refuses('already_revoked', paper, granteeBound());
    const untold = withBanks();
    untold.write(draftOf({}), TODAY - MINUTE);
    refuses('grant_unknown', untold, granteeBound());
    untold.write(signed({ given: [false], declined_items: [[]] }), TODAY);
    refuses('grant_unknown', untold, granteeBound());
  });

  test('is the grantee’s own to state, by its operator: no mandate covers it', () => {
    const paper = candidatePaper();
    const processor = paperId<PartyId>(0x704);
    register(paper, processor, 'processor');
    const all = ['access', 'facility', 'notice', 'attestation', 'objection'] as const;
    paper.write(mandated(processor, LENDER, all), TODAY);
    refuses('principal_mismatch', paper, granteeBound({ by: calledBy(processor).by }));
    refuses('principal_mismatch', paper, granteeBound({ by: calledBy(BANK_B).by }));
    refuses('duty_missing', paper, granteeBound({ by: calledBy(LENDER, 'admin').by }));
    for (const principal of [OTHER_LENDER, BUREAU, BANK_B]) {
      refuses('relationship_unknown', paper, granteeBound({ principal }));
    }
  });

  test('may be stated by who succeeded the grantee, and of what a letter gave that one by nobody else', () => {
    const paper = withBanks();
    const heir = paperId<PartyId>(0x705);
    register(paper, heir);
    paper.write(succeeded(heir, LENDER), TODAY - MINUTE);
    paper.write(draftOf({}), TODAY - MINUTE);
    paper.write(signed({ given: [true], declined_items: [[]] }), TODAY);
    permits(paper, granteeBound({ principal: heir }));
    const own = { letter: paperId<LetterId>(7), principal: heir, ...sealedBy(heir) };
    paper.write(drafted({ ...own, grants: [{ ...ONE_OF_TWO, grant: QUERY_GRANT }] }), TODAY);
    paper.write(signed({ letter: own.letter, given: [true], declined_items: [[]] }), TODAY);
    refuses('grant_unknown', paper, granteeBound({ grant: QUERY_GRANT }));
    paper.write(granteeBound({ grant: QUERY_GRANT, principal: heir }), TODAY);
    expect(codes(paper, reportBy(BANK_B, { ground: { grant: QUERY_GRANT } }))).toEqual([]);
  });

  test('is heard by the grantee, the bound one and the doors; and so is what ends the grant afterwards', () => {
    const paper = candidatePaper();
    const heard = (command: Command) => {
      const { entry } = paper.write(command, TODAY);
      return hearingsOf(entry, paper.state(REL) as never);
    };
    const all = [LENDER, BANK_B, BUREAU].map((party) => ({ party, grants: [REPORT_GRANT] }));
    expect(heard(granteeBound())).toEqual(all);
    expect(heard(revoked({ grant: REPORT_GRANT }))).toEqual(all);
    expect(heard(revoked())).toEqual([LENDER, BUREAU].map((party) => ({ party, grants: [QUERY_GRANT] })));
  });
});
