import { describe, expect, test } from 'vitest';
import { UNSTATED } from '#core/consent/asked.ts';
import type { Instant } from '#core/instant.ts';
import { expectFailure } from '../../support/failure.ts';
import { END, onReport, paper, report, withGrant } from './paper-grants.ts';
import {
  ask,
  askInput,
  BUREAU,
  drafted,
  GRADE_D,
  HANDLE,
  MINUTE,
  OTHER_BUREAU,
  openedPaper,
  outcomeOf,
  REPORT_GRANT,
  revoked,
  signed,
  signedPaper,
  TODAY,
} from './paper-ledger.ts';

/** law.md 2.13, as far as they go without packs. Reason 01 = post_loan, 02 = loan_apply; today is 2024-06-01. */
describe('the golden decisions', () => {
  const NOON = TODAY + 12 * 3_600_000;

  test('V01: the grant in force, its grantee, reason 02, on written consent: allow', () => {
    expect(outcomeOf(paper, ask(), NOON)).toEqual({ decision: 'allow', codes: [] });
  });

  test('V03: the same with reason 19: PURPOSE', () => {
    expect(outcomeOf(paper, ask({ purpose: 'reason_19' }), NOON).codes).toEqual(['PURPOSE']);
  });

  test('V04: only “guarantor” ticked, reason 02: PURPOSE', () => {
    const guarantor = withGrant({}, { purposes: ['guarantor'] });
    expect(outcomeOf(guarantor, ask(), NOON).codes).toEqual(['PURPOSE']);
  });

  test('V05, V06 as a term: a grant to 2023-07-10 00:00 +08:00 allows at 23:59:59 of the day before, a second later not', () => {
    const end = Date.parse('2023-07-10T00:00:00+08:00');
    const ledger = withGrant({ given_at: 0 }, { to: end });
    expect(outcomeOf(ledger, ask({ purpose: 'post_loan' }), end - 1000).decision).toBe('allow');
    expect(outcomeOf(ledger, ask({ purpose: 'post_loan' }), end).codes).toEqual(['EXPIRED']);
  });

  test('V07: revoked first, queried after it in the same millisecond: REVOKED; the other order: allow', () => {
    const first = signedPaper();
    first.write(revoked(), NOON);
    expect(first.write(ask(), NOON).entry.body['codes']).toEqual(['REVOKED']);
    const second = signedPaper();
    expect(second.write(ask(), NOON).entry.body['codes']).toEqual([]);
    second.write(revoked(), NOON);
    // Of another purpose: the same is out already.
    expect(second.write(ask({ purpose: 'post_loan' }), NOON).entry.body['codes']).toEqual(['REVOKED']);
  });

  test('V07: an expiry equal to the time of the query: EXPIRED', () => {
    expect(outcomeOf(withGrant({}, { to: NOON }), ask(), NOON).codes).toEqual(['EXPIRED']);
  });

  test('V08 without profile R-15c: revoked while debt is outstanding, a report of that account: REVOKED', () => {
    expect(outcomeOf(withGrant({ revoked_at: TODAY }, {}, REPORT_GRANT), ask(onReport), NOON).codes).toEqual([
      'REVOKED',
    ]);
    const duty = ask({ ...report, ground: { basis: 'statutory_duty', reference: false } });
    expect(outcomeOf(paper, duty, NOON).codes).toEqual(['BASIS']);
  });

  test('V11: a report to a bureau that was registered later: RECIPIENT', () => {
    expect(outcomeOf(paper, ask({ ...onReport, door: OTHER_BUREAU }), NOON).codes).toEqual(['RECIPIENT']);
  });

  test('V16: a firm’s letter does not cover its legal representative: without a letter of the person’s own, NOAUTH', () => {
    const ownHandle = openedPaper();
    expect(outcomeOf(ownHandle, ask(), NOON).codes).toEqual(['NOAUTH']);
  });

  test('V18 as far as grades go: a bare claim: EVIDENCE', () => {
    const ledger = openedPaper();
    ledger.write(drafted(), TODAY - MINUTE);
    ledger.write(signed({ evidence: GRADE_D }), TODAY);
    expect(outcomeOf(ledger, ask(), NOON).codes).toEqual(['EVIDENCE']);
    expect(outcomeOf(ledger, ask(onReport), NOON).codes).toEqual(['EVIDENCE']);
  });

  test('V20: who asks on a relationship that is another’s is not decided there at all', () => {
    // Its attempt is `access.refused` with PARTY, in the caller's own stream (test/service).
    expectFailure('entry_invalid', () => outcomeOf(paper, ask({ principal: BUREAU }), NOON));
  });

  test('V21, V22: a judicial access, with and without the document’s number: BASIS, until there is a pack of bases', () => {
    for (const reference of [true, false]) {
      expect(outcomeOf(paper, ask({ ground: { basis: 'judicial', reference } }), NOON).codes).toEqual(['BASIS']);
    }
  });

  test('V25: expired and the wrong reason: both are returned', () => {
    expect(outcomeOf(paper, ask({ purpose: 'reason_19' }), END).codes).toEqual(['EXPIRED', 'PURPOSE']);
  });

  test('V29: the ledger’s time rules: no time that the caller sends is one to decide at', () => {
    const { stated, ...input } = askInput();
    const times = Object.entries(input).filter(([, value]) => typeof value === 'number' && value > 1_000_000);
    expect(times).toEqual([]);
    expect(stated).toEqual(UNSTATED);
    const claimed = { stated: { ...UNSTATED, asked_at: (NOON - 1) as Instant } };
    expect(outcomeOf(withGrant({}, { to: NOON }), ask(claimed), NOON).codes).toEqual(['EXPIRED']);
    expect(outcomeOf(withGrant({}, { to: NOON }), ask(), NOON - 1).decision).toBe('allow');
    expect(outcomeOf(withGrant({}, { to: NOON }), ask(), NOON + 3 * 3_600_000).codes).toEqual(['EXPIRED']);
  });

  test('stand in one relationship, whose handle is not in its entries’ bodies', () => {
    for (const { entry } of paper.lines) expect(JSON.stringify(entry.body)).not.toContain(HANDLE);
  });
});
