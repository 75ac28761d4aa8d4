import { describe, expect, test } from 'vitest';
import type { JsonObject } from '#core/canonical.ts';
import type { Check } from '#core/consent/checks/check.ts';
import { CHECKS, ENGINE, failingCodes } from '#core/consent/checks/checks.ts';
import type { Grant, Relationship } from '#core/consent/relationship.ts';
import { commandOf, decideAgain } from '#core/consent/rules.ts';
import type { Terms } from '#core/consent/terms.ts';
import { useSha256 } from '#core/hash.ts';
import type { GrantId, PartyId } from '#core/ids.ts';
import type { Instant } from '#core/instant.ts';
import type { Entry } from '#core/tlog/entry.ts';
import { LOG_STREAM, partyStream } from '#core/tlog/stream.ts';
import { nativeSha256 } from '../../../src/native.ts';
import { expectFailure } from '../../support/failure.ts';
import {
  ask,
  askInput,
  BUREAU,
  changed,
  DAY,
  drafted,
  GRADE_D,
  HANDLE,
  LENDER,
  MINUTE,
  OTHER_BUREAU,
  openedPaper,
  outcomeOf,
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
} from './paper-ledger.ts';

useSha256(nativeSha256);

const paper = signedPaper();
const END = TODAY + 365 * DAY;

/** The standing ledger with one grant changed. */
function withGrant(change: Partial<Grant>, termsChange: Partial<Terms> = {}, grant: GrantId = QUERY_GRANT) {
  const relationship = relationshipOf(paper);
  const before = relationship.grants[grant] as Grant;
  const after = { ...before, ...change, terms: { ...before.terms, ...termsChange } };
  return changed(paper, { [REL]: { ...relationship, grants: { ...relationship.grants, [grant]: after } } });
}

const report = { action: 'REPORT', purpose: 'credit_reporting', items: ['basic'], door: BUREAU } as const;
const onReport = { ...report, ground: { grant: REPORT_GRANT } } as const;
const later = (ms: number) => TODAY + ms;

type Row = readonly [
  code: string,
  what: string,
  deny: readonly [typeof paper | ReturnType<typeof changed>, Parameters<typeof ask>[0], number],
  allow: readonly [typeof paper | ReturnType<typeof changed>, Parameters<typeof ask>[0], number],
];

const DAY_LATER = later(DAY);
/** Each row differs from an allowed access in just what its code looks at. */
const ALONE: readonly Row[] = [
  [
    'NOAUTH',
    'a grant that was never given',
    [paper, { ground: { grant: paperId(0xf9) } }, DAY_LATER],
    [paper, {}, DAY_LATER],
  ],
  [
    'NOT_YET',
    'a millisecond before the grant begins, and from then on not',
    [withGrant({}, { from: DAY_LATER }), {}, DAY_LATER - 1],
    [withGrant({}, { from: DAY_LATER }), {}, DAY_LATER],
  ],
  [
    'NOT_YET',
    'a millisecond before the grant was given',
    [withGrant({ given_at: DAY_LATER }), {}, DAY_LATER - 1],
    [withGrant({ given_at: DAY_LATER }), {}, DAY_LATER],
  ],
  ['EXPIRED', 'the very instant of its end (V07)', [paper, {}, END], [paper, {}, END - 1]],
  ['EXPIRED', 'long after its end', [paper, {}, END + 1000 * DAY], [paper, {}, END - 1]],
  [
    'REVOKED',
    'a grant taken back',
    [withGrant({ revoked_at: DAY_LATER }), {}, DAY_LATER + 1],
    [withGrant({ revoked_at: null }), {}, DAY_LATER + 1],
  ],
  [
    'REVOKED',
    'a grant taken back in the same millisecond: the order of entries decides (V07)',
    [withGrant({ revoked_at: DAY_LATER }), {}, DAY_LATER],
    [paper, {}, DAY_LATER],
  ],
  [
    'PARTY',
    'a principal that is not registered as a grantee (any more)',
    [changed(paper, { [partyStream(LENDER)]: { name: 'x', roles: ['bureau'], keys: [] } }), {}, DAY_LATER],
    [changed(paper, { [partyStream(LENDER)]: { name: 'x', roles: ['bureau', 'grantee'], keys: [] } }), {}, DAY_LATER],
  ],
  [
    'PARTY',
    'a principal that nobody knows',
    [changed(paper, { [partyStream(LENDER)]: undefined }), {}, DAY_LATER],
    [paper, {}, DAY_LATER],
  ],
  [
    'ACTION',
    'another action than the one given',
    [withGrant({}, { action: 'PROVIDE' }), { action: 'STORE', door: null }, DAY_LATER],
    [withGrant({}, { action: 'STORE' }), { action: 'STORE', door: null }, DAY_LATER],
  ],
  [
    'SCOPE',
    'one item too many',
    [paper, { items: ['credit_report', 'tax'] }, DAY_LATER],
    [paper, { items: ['credit_report', 'credit_info'] }, DAY_LATER],
  ],
  ['SCOPE', 'no item at all', [paper, { items: [] }, DAY_LATER], [paper, { items: ['credit_info'] }, DAY_LATER]],
  [
    'SOURCE',
    'a source that the grant does not name',
    [paper, { door: OTHER_BUREAU }, DAY_LATER],
    [withGrant({}, { sources: [BUREAU, OTHER_BUREAU] }), { door: OTHER_BUREAU }, DAY_LATER],
  ],
  ['SOURCE', 'no source', [paper, { door: null }, DAY_LATER], [paper, { door: BUREAU }, DAY_LATER]],
  [
    'RECIPIENT',
    'a recipient that was added elsewhere later (V11)',
    [paper, { ...onReport, door: OTHER_BUREAU }, DAY_LATER],
    [paper, onReport, DAY_LATER],
  ],
  ['RECIPIENT', 'no recipient', [paper, { ...onReport, door: null }, DAY_LATER], [paper, onReport, DAY_LATER]],
  [
    'RECIPIENT',
    'a recipient of a PROVIDE that the grant does not name',
    [
      withGrant({}, { action: 'PROVIDE' }, REPORT_GRANT),
      { ...onReport, action: 'PROVIDE', door: OTHER_BUREAU },
      DAY_LATER,
    ],
    [withGrant({}, { action: 'PROVIDE' }, REPORT_GRANT), { ...onReport, action: 'PROVIDE' }, DAY_LATER],
  ],
  [
    'RECIPIENT',
    'a SCORE that goes anywhere',
    [withGrant({}, { action: 'SCORE', sources: [] }), { action: 'SCORE', door: BUREAU }, DAY_LATER],
    [withGrant({}, { action: 'SCORE', sources: [] }), { action: 'SCORE', door: null }, DAY_LATER],
  ],
  [
    'RECIPIENT',
    'a STORE that goes anywhere, even where the grant names the place',
    [withGrant({}, { action: 'STORE' }, REPORT_GRANT), { ...onReport, action: 'STORE' }, DAY_LATER],
    [withGrant({}, { action: 'STORE' }, REPORT_GRANT), { ...onReport, action: 'STORE', door: null }, DAY_LATER],
  ],
  [
    'PURPOSE',
    'a purpose that was not ticked (V03, V04)',
    [paper, { purpose: 'guarantor' }, DAY_LATER],
    [paper, { purpose: 'post_loan' }, DAY_LATER],
  ],
  [
    'EVIDENCE',
    'a query on a bare claim',
    [withGrant({ grade: 'D' }), {}, DAY_LATER],
    [withGrant({ grade: 'C' }), {}, DAY_LATER],
  ],
  [
    'EVIDENCE',
    'a report on a bare claim',
    [withGrant({ grade: 'D' }, {}, REPORT_GRANT), onReport, DAY_LATER],
    [withGrant({ grade: 'A' }, {}, REPORT_GRANT), onReport, DAY_LATER],
  ],
  [
    'EVIDENCE',
    'a grade that nobody knows',
    [withGrant({ grade: 'S' as never }), {}, DAY_LATER],
    [withGrant({ grade: 'B' }), {}, DAY_LATER],
  ],
  ...(['PROVIDE', 'SCORE', 'STORE'] as const).map((action): Row => {
    const asked = { ...onReport, action, door: action === 'PROVIDE' ? BUREAU : null };
    return [
      'EVIDENCE',
      `a ${action} on a grade that nobody knows; on a bare claim it stands`,
      [withGrant({ grade: 'S' as never }, { action }, REPORT_GRANT), asked, DAY_LATER],
      [withGrant({ grade: 'D' }, { action }, REPORT_GRANT), asked, DAY_LATER],
    ];
  }),
  [
    'BASIS',
    'a legal basis without a pack of bases (V22)',
    [paper, { ground: { basis: 'judicial', reference: false } }, DAY_LATER],
    [paper, {}, DAY_LATER],
  ],
];

describe('the table of checks', () => {
  test.each(ALONE)('%s alone denies %s', (code, _what, deny, allow) => {
    const denied = outcomeOf(deny[0], ask(deny[1]), deny[2]);
    expect(denied).toEqual({ decision: 'deny', codes: [code] });
    expect(outcomeOf(allow[0], ask(allow[1]), allow[2])).toEqual({ decision: 'allow', codes: [] });
  });

  test('has a case above for each of its rows', () => {
    expect(new Set(ALONE.map(([code]) => code))).toEqual(new Set(CHECKS.map((check) => check.code)));
    expect(new Set(CHECKS.map((check) => check.code)).size).toBe(CHECKS.length);
  });

  test('returns every code that fails, sorted, and one of them is enough (V25)', () => {
    const crooked = withGrant({ revoked_at: TODAY, grade: 'D' }, { from: END + 1 });
    const everything = ask({ action: 'REPORT', purpose: 'none', items: ['none'], door: OTHER_BUREAU });
    expect(outcomeOf(crooked, everything, END).codes).toEqual([
      'ACTION',
      'EVIDENCE',
      'EXPIRED',
      'NOT_YET',
      'PURPOSE',
      'RECIPIENT',
      'REVOKED',
      'SCOPE',
    ]);
    expect(outcomeOf(paper, ask({ purpose: 'none' }), END).codes).toEqual(['EXPIRED', 'PURPOSE']);
    const stranger = changed(withGrant({ revoked_at: TODAY }), { [partyStream(LENDER)]: undefined });
    expect(outcomeOf(stranger, ask({ door: null }), TODAY).codes).toEqual(['PARTY', 'REVOKED', 'SOURCE']);
  });

  test.each([
    ['ground', { ground: { basis: 'consent', reference: false } as never }],
    ['grant', { ground: { grant: '__proto__' as GrantId } }],
    ['grant', { ground: { grant: 'constructor' as GrantId } }],
    ['grant', { ground: { grant: '' as GrantId } }],
    ['purpose', { purpose: 'toString' }],
    ['item', { items: ['length'] }],
    ['action', { action: 'DELETE' as never }],
    ['door', { door: paperId<PartyId>(0x99) }],
  ])('denies an unknown %s', (_what, change) => {
    expect(outcomeOf(paper, ask(change), DAY_LATER).decision).toBe('deny');
  });

  test('never looks at the other grants of the relationship: each is given separately', () => {
    expect(outcomeOf(paper, ask({ ...report }), DAY_LATER).codes).toEqual(['ACTION', 'PURPOSE', 'RECIPIENT', 'SCOPE']);
    expect(outcomeOf(withGrant({ revoked_at: TODAY }), ask(onReport), DAY_LATER).decision).toBe('allow');
  });
});

describe('the engine', () => {
  const row = (since: number, until: number | null): Check => ({
    code: 'BASIS',
    since,
    until,
    denies: () => true,
  });
  const relationship = relationshipOf(paper) as Relationship;
  const grant = relationship.grants[QUERY_GRANT];
  const party = { name: 'x', roles: ['grantee'], keys: [] } as const;
  const codesOf = (engine: number) =>
    failingCodes({ access: askInput({ engine }), relationship, grant, party, now: DAY_LATER as Instant });

  /** Released rows are never edited; a test may stand a row beside them for a moment. */
  function withRow<T>(added: Check, run: () => T): T {
    (CHECKS as Check[]).push(added);
    try {
      return run();
    } finally {
      (CHECKS as Check[]).pop();
    }
  }

  test.each([
    [row(1, null), 1, true],
    [row(1, null), 9, true],
    [row(2, null), 1, false],
    [row(2, null), 2, true],
    [row(1, 2), 1, true],
    [row(1, 2), 2, false],
    [row(2, 4), 3, true],
    [row(2, 4), 4, false],
  ])('runs the row %j for an access of engine %i: %s', (added, engine, runs) => {
    expect(withRow(added, () => codesOf(engine))).toEqual(runs ? ['BASIS'] : []);
  });

  test('is the one that the rows of today know, every one of them since engine 1', () => {
    expect(ENGINE).toBe(1);
    for (const { since, until } of CHECKS) expect([since, until]).toEqual([1, null]);
  });

  test.each([0, -1, 1.5, '1', null])('is never %j in an entry', (engine) => {
    const line = paper.lines.at(-1)?.entry as Entry;
    const body = { ...askInput(), engine } as never;
    expectFailure('entry_invalid', () => commandOf({ ...line, type: 'access.decided', stream: REL, body }));
  });

  test('is the one in force, whose number the log’s own stream says', () => {
    const log = paper.state(LOG_STREAM) as JsonObject;
    expect(log['engine']).toBe(ENGINE);
    const newer = changed(paper, { [LOG_STREAM]: { ...log, engine: ENGINE + 1 } });
    expectFailure('entry_invalid', () => outcomeOf(newer, ask(), DAY_LATER));
    expectFailure('entry_invalid', () => outcomeOf(paper, ask({ engine: ENGINE + 1 }), DAY_LATER));
    expectFailure('entry_invalid', () => outcomeOf(changed(paper, { [LOG_STREAM]: undefined }), ask(), DAY_LATER));
    expect(outcomeOf(newer, ask({ engine: ENGINE + 1 }), DAY_LATER).decision).toBe('allow');
  });

  test('refuses on replay what another than the one in force decided', () => {
    const ledger = signedPaper();
    const { entry } = ledger.write(ask(), DAY_LATER);
    const log = ledger.state(LOG_STREAM) as JsonObject;
    const newer = changed(ledger, { [LOG_STREAM]: { ...log, engine: ENGINE + 1 } });
    expect(() => decideAgain(newer, entry)).toThrow('not the one in force');
    expectFailure('entry_invalid', () => decideAgain(newer, entry));
  });

  test('refuses on replay what a newer engine decided', () => {
    const ledger = signedPaper();
    const { entry } = ledger.write(ask(), DAY_LATER);
    expect(() => decideAgain(ledger, entry)).not.toThrow();
    const newer = { ...entry, body: { ...entry.body, engine: ENGINE + 1 } };
    expect(() => decideAgain(ledger, newer)).toThrow('engine 2 is newer');
    expectFailure('entry_invalid', () => decideAgain(ledger, newer));
  });
});

/** law.md 2.13, as far as engine 1 can say them. Reason 01 = post_loan, 02 = loan_apply; today is 2024-06-01. */
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
    expect(second.write(ask(), NOON).entry.body['codes']).toEqual(['REVOKED']);
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

  test('V25 as far as engine 1 goes: expired and the wrong reason: both are returned', () => {
    expect(outcomeOf(paper, ask({ purpose: 'reason_19' }), END).codes).toEqual(['EXPIRED', 'PURPOSE']);
  });

  test('V29: the ledger’s time rules: nothing that the caller sends is a time', () => {
    const input = askInput();
    const times = Object.entries(input).filter(([, value]) => typeof value === 'number' && value > 1_000_000);
    expect(times).toEqual([]);
    expect(outcomeOf(withGrant({}, { to: NOON }), ask(), NOON - 1).decision).toBe('allow');
    expect(outcomeOf(withGrant({}, { to: NOON }), ask(), NOON + 3 * 3_600_000).codes).toEqual(['EXPIRED']);
  });

  test('stand in one relationship, whose handle is not in its entries’ bodies', () => {
    for (const { entry } of paper.lines) expect(JSON.stringify(entry.body)).not.toContain(HANDLE);
  });
});

test('the terms of the paper letter are those that the rules accept', () => {
  expect(relationshipOf(paper).grants).toMatchObject({
    [QUERY_GRANT]: { terms: terms(), revoked_at: null, given_at: TODAY, grade: 'B' },
    [REPORT_GRANT]: { terms: REPORT_TERMS },
  });
});
