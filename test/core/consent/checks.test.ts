import { describe, expect, test } from 'vitest';
import type { JsonObject } from '#core/canonical.ts';
import type { Signer } from '#core/consent/call.ts';
import type { Case, Check } from '#core/consent/checks/check.ts';
import { CHECKS, failingCodes } from '#core/consent/checks/checks.ts';
import { caseAt } from '#core/consent/checks/judge.ts';
import { ENGINE } from '#core/consent/engine.ts';
import { operatorIn } from '#core/consent/party.ts';
import type { Grant, Relationship } from '#core/consent/relationship.ts';
import type { View } from '#core/consent/rule.ts';
import { commandOf, decideAgain } from '#core/consent/rules.ts';
import type { GrantId, PartyId } from '#core/ids.ts';
import type { Instant } from '#core/instant.ts';
import type { Entry } from '#core/tlog/entry.ts';
import { LOG_STREAM, partyStream } from '#core/tlog/stream.ts';
import { expectFailure } from '../../support/failure.ts';
import { AGAIN, ALONE, DAY_LATER, FREEZE, HOURLY, withOpen } from './check-rows.ts';
import { ON_LAW } from './check-rows-on-law.ts';
import { SINCE_2 } from './check-rows-since-2.ts';
import { END, onReport, paper, report, withGrant } from './paper-grants.ts';
import {
  ask,
  askInput,
  BUREAU,
  changed,
  LENDER,
  OTHER_BUREAU,
  operatorOf,
  outcomeOf,
  paperId,
  partyOf,
  QUERY_GRANT,
  REL,
  REPORT_GRANT,
  REPORT_TERMS,
  relationshipOf,
  signedPaper,
  TODAY,
  terms,
  withRoles,
} from './paper-ledger.ts';

/** An access as the table looks at it. */
function caseOf(view: View, change: Parameters<typeof askInput>[0], time: number, engine: number): Case {
  const access = askInput({ ...change, engine });
  const relationship = relationshipOf(view);
  const grant = 'grant' in access.ground ? relationship.grants[access.ground.grant] : undefined;
  const party = partyOf(view, access.principal);
  const operator = operatorIn(party, (access.by[0] as Signer).operator);
  return caseAt(view, { access, relationship, grant, party, operator, now: time as Instant }, time as Instant);
}

const ON_GRANTS = [...ALONE, ...SINCE_2];
const ROWS = [...ON_GRANTS, ...ON_LAW];

describe('the table of checks', () => {
  test.each(ROWS)('%s alone denies %s', (code, _what, deny, allow) => {
    const denied = outcomeOf(deny[0], ask(deny[1]), deny[2]);
    expect(denied).toEqual({ decision: 'deny', codes: [code] });
    expect(outcomeOf(allow[0], ask(allow[1]), allow[2])).toEqual({ decision: 'allow', codes: [] });
  });

  test('has a case above for each of its codes', () => {
    expect(new Set(ON_GRANTS.map(([code]) => code))).toEqual(new Set(CHECKS.map((check) => check.code)));
  });

  test.each([1, 2])('has a case above for each of its rows of engine %i, which no other row denies', (engine) => {
    const rows = CHECKS.filter(({ since, until }) => engine >= since && (until === null || engine < until));
    const denying = ROWS.map(([, , deny]) => rows.filter((row) => row.denies(caseOf(...deny, engine))));
    const alone = denying.filter((by) => by.length === 1).flat();
    expect(rows.filter((row) => !alone.includes(row)).map(({ code }) => code)).toEqual([]);
    expect(new Set(CHECKS).size).toBe(CHECKS.length);
  });

  test('asks again at hand-over what may have ended since, and not what was used up to get there', () => {
    const once = CHECKS.filter(({ asked }) => asked === 'at decision').map(({ code }) => code);
    // DUP has a row for grants, and one for accesses on law.
    expect(once.toSorted()).toEqual(['DUP', 'DUP', 'FREQUENCY', 'OPERATOR', 'QUOTA', 'SUBJECT']);
    const door = partyOf(paper, BUREAU);
    const used = withOpen([{}], { used: 9, recent: [DAY_LATER, DAY_LATER] }, { uses_max: 1, frequency: HOURLY });
    const relationship = relationshipOf(used);
    const grant = relationship.grants[QUERY_GRANT];
    const party = partyOf(paper, LENDER);
    const now = DAY_LATER as Instant;
    const asking = { access: askInput(AGAIN), relationship, grant, party, door, operator: undefined, now };
    expect(failingCodes(asking)).toEqual(['DUP', 'FREQUENCY', 'OPERATOR', 'QUOTA']);
    expect(failingCodes(asking, 'at hand-over')).toEqual([]);
    const ended = { ...relationship, frozen: FREEZE, grantee: OTHER_BUREAU };
    const gone = { ...(grant as Grant), revoked_at: TODAY };
    expect(failingCodes({ ...asking, relationship: ended, grant: gone }, 'at hand-over')).toEqual([
      'FROZEN',
      'PARTY',
      'REVOKED',
    ]);
    expect(failingCodes({ ...asking, grant: undefined }, 'at hand-over')).toEqual(['NOAUTH']);
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
    const stranger = withRoles(withGrant({ revoked_at: TODAY }), LENDER, []);
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

describe('a caller that nobody knows', () => {
  const relationship = relationshipOf(paper);
  const grant = relationship.grants[QUERY_GRANT];
  const now = DAY_LATER as Instant;

  test('is refused before any check', () => {
    expectFailure('party_unknown', () =>
      outcomeOf(changed(paper, { [partyStream(LENDER)]: undefined }), ask(), DAY_LATER),
    );
  });

  test('is denied by the checks alone as well', () => {
    const standing = { access: askInput(), relationship, grant, now, door: partyOf(paper, BUREAU) };
    const party = partyOf(paper, LENDER);
    const operator = operatorIn(party, operatorOf(LENDER, 'query'));
    expect(failingCodes({ ...standing, party, operator })).toEqual([]);
    expect(failingCodes({ ...standing, party: undefined, operator })).toEqual(['PARTY']);
    expect(failingCodes({ ...standing, party, operator: undefined })).toEqual(['OPERATOR']);
    expect(failingCodes({ ...standing, party, operator: operatorIn(party, operatorOf(LENDER, 'admin')) })).toEqual([
      'OPERATOR',
    ]);
    const elsewhere = { ...relationship, grantee: OTHER_BUREAU };
    expect(failingCodes({ ...standing, relationship: elsewhere, party, operator })).toEqual(['PARTY']);
  });
});

describe('the engine', () => {
  const row = (since: number, until: number | null): Check => ({
    code: 'BASIS',
    since,
    until,
    asked: 'at decision',
    denies: () => true,
  });
  const relationship = relationshipOf(paper) as Relationship;
  const grant = relationship.grants[QUERY_GRANT];
  const party = partyOf(paper, LENDER);
  const operator = operatorIn(party, operatorOf(LENDER, 'query'));
  const codesOf = (engine: number) =>
    failingCodes({
      access: askInput({ engine }),
      relationship,
      grant,
      party,
      door: partyOf(paper, BUREAU),
      operator,
      now: DAY_LATER as Instant,
    });

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

  test('is the newest that the rows know, and no row of a released engine was edited', () => {
    expect(ENGINE).toBe(3);
    const rowsOf = (engine: number) =>
      CHECKS.filter(({ since, until }) => engine >= since && (until === null || engine < until)).map(
        ({ code }) => code,
      );
    const first = rowsOf(1);
    expect(first).toHaveLength(17);
    expect(new Set(first).size).toBe(17);
    // What engine 2 asks differently: who may speak for a grantee, and on what other bases; and eight things more.
    const more = ['DUP', 'EXPIRED', 'FROZEN', 'PURPOSE', 'RECIPIENT', 'SCOPE', 'SOURCE', 'SUBJECT'];
    expect(rowsOf(2).toSorted()).toEqual([...first, ...more].toSorted());
    expect(rowsOf(3)).toEqual(expect.arrayContaining([...rowsOf(2)]));
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

  /** An access, and the ledger as it stood before it. */
  function written(): { readonly before: View; readonly entry: Entry } {
    const ledger = signedPaper();
    const before = changed(ledger, { [REL]: relationshipOf(ledger) });
    return { before, entry: ledger.write(ask(), DAY_LATER).entry };
  }

  test('refuses on replay what another than the one in force decided', () => {
    const { before, entry } = written();
    const log = before.state(LOG_STREAM) as JsonObject;
    const newer = changed(before, { [LOG_STREAM]: { ...log, engine: ENGINE + 1 } });
    expect(() => decideAgain(newer, entry)).toThrow('not the one in force');
    expectFailure('entry_invalid', () => decideAgain(newer, entry));
  });

  test('refuses on replay what a newer engine decided', () => {
    const { before, entry } = written();
    expect(() => decideAgain(before, entry)).not.toThrow();
    const newer = { ...entry, body: { ...entry.body, engine: ENGINE + 1 } };
    expect(() => decideAgain(before, newer)).toThrow(`engine ${ENGINE + 1} is newer`);
    expectFailure('entry_invalid', () => decideAgain(before, newer));
  });
});

test('the terms of the paper letter are those that the rules accept', () => {
  expect(relationshipOf(paper).grants).toMatchObject({
    [QUERY_GRANT]: { terms: terms(), revoked_at: null, given_at: TODAY, grade: 'B' },
    [REPORT_GRANT]: { terms: REPORT_TERMS },
  });
});
