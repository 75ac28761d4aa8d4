/**
 * Epochs (ADR 0028): once the log was continued nothing is allowed but by what was confirmed since, what ended stays ended,
 * and what takes away always works.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { JsonObject } from '#core/canonical.ts';
import { runningChecks } from '#core/consent/checks/checks.ts';
import { denialText } from '#core/consent/denial-text.ts';
import { ENGINE, ENGINE_AT_OPENING } from '#core/consent/engine.ts';
import { explainAccess } from '#core/consent/explain.ts';
import { statusOf } from '#core/consent/grant.ts';
import type { FormerOrigin, LogState } from '#core/consent/log.ts';
import { entriesOfBefore, keyEnded, type Party, type PartyKey, partyIn } from '#core/consent/party.ts';
import type { Person } from '#core/consent/person.ts';
import type { Grant } from '#core/consent/relationship.ts';
import type { View } from '#core/consent/rule.ts';
import { type Command, commandOf, decide, type EntryType, evolve, inEpoch, touches } from '#core/consent/rules.ts';
import type { Terms } from '#core/consent/terms.ts';
import { type FailureCode, isFailure } from '#core/failure.ts';
import { useSha256 } from '#core/hash.ts';
import type { GrantId, LetterId, PartyId, StatementRef } from '#core/ids.ts';
import type { Instant } from '#core/instant.ts';
import type { Entry } from '#core/tlog/entry.ts';
import { LOG_STREAM, partyStream, type StreamId } from '#core/tlog/stream.ts';
import { nativeSha256 } from '../../../src/native.ts';
import { expectFailure } from '../../support/failure.ts';
import { CONTINUED, continuedView, goOn, logAt, withContinued } from './paper-epoch.ts';
import {
  amendDrafted,
  ask,
  BUREAU,
  calledBy,
  calledByKeeper,
  changed,
  DAY,
  drafted,
  frozen,
  GRADE_B,
  GRADE_D,
  held,
  holdDrafted,
  IDENTIFIER,
  KEEPER,
  keyOf,
  keysOfParty,
  LENDER,
  longer,
  MADE_GRANT,
  MINUTE,
  OTHER_LENDER,
  openedPaper,
  operatorOf,
  PERSON,
  paperId,
  partyOf,
  QUERY_GRANT,
  REL,
  REPORT_GRANT,
  relationshipOf,
  revoked,
  sealedBy,
  signed,
  signedPaper,
  stated,
  TODAY,
  terms,
} from './paper-ledger.ts';

useSha256(nativeSha256);

const at = (ms: number) => ms as Instant;
const LATER = CONTINUED + DAY;
const OTHER = paperId<StatementRef>(0xac);
const REF = paperId<StatementRef>(0xab);
const PROCESSOR = paperId<PartyId>(0xa3);
const EVERYBODY = [LENDER, OTHER_LENDER, BUREAU, IDENTIFIER];

/** A ledger that goes on from a view: what is permitted is folded in, with the epoch that the log is at. */
function ledgerOn(start: View) {
  const states = new Map<StreamId, JsonObject>();
  const seqs = new Map<StreamId, number>();
  const view: View = {
    head: (stream) => start.head(stream),
    state: (stream) => states.get(stream) ?? start.state(stream),
    ...(start.pack === undefined ? {} : { pack: start.pack }),
  };
  return {
    view,
    set: (stream: StreamId, state: JsonObject) => states.set(stream, state),
    /** Writes it as the batch does; answers the entry. */
    write(asked: Command, time: number): Entry {
      const command = inEpoch(view, asked);
      const { stream, type } = command;
      const body = decide(view, command, at(time));
      const seq = seqs.get(stream) ?? 100;
      seqs.set(stream, seq + 1);
      const entry = { log: 'l', stream, seq, prev: null, time: at(time), type, body, commit: null } as unknown as Entry;
      states.set(stream, evolve(view.state(stream), type, entry));
      return entry;
    },
  };
}

/** A signed letter, and then the log was continued: its parties go on, and nothing else was confirmed. */
function continued(change: (view: View) => View = (view) => view, epoch = 1) {
  return ledgerOn(withContinued(continuedView(change(signedPaper()), epoch), EVERYBODY, epoch));
}

function withGrant(change: Partial<Grant>, termsChange: Partial<Terms> = {}): (view: View) => View {
  return (view) => {
    const { grants, ...rest } = relationshipOf(view);
    const grant = grants[QUERY_GRANT] as Grant;
    const made = { ...grant, ...change, terms: { ...grant.terms, ...termsChange } };
    return changed(view, { [REL]: { ...rest, grants: { ...grants, [QUERY_GRANT]: made } } });
  };
}

const confirmDrafted = (grant: GrantId | null = QUERY_GRANT, time = LATER): Command =>
  holdDrafted({ kind: 'confirm', grant, expires_at: at(time + DAY) });

type Confirming = Partial<Extract<Command, { type: 'grant.confirmed' }>['input']>;
const confirmed = (change: Confirming = {}): Command => ({
  type: 'grant.confirmed',
  stream: REL,
  input: {
    ...{ ref: REF, grant: QUERY_GRANT, epoch: 1, signed_at: at(LATER), evidence: GRADE_B },
    ...stated(),
    ...change,
  },
});

const grantOf = (view: View, id: string = QUERY_GRANT) => relationshipOf(view).grants[id] as Grant;
const codesOf = (view: View, time: number, change: Parameters<typeof ask>[0] = {}) =>
  decide(view, ask(change), at(time))['codes'];
const refuses = (code: FailureCode, view: View, command: Command, time: number = LATER) =>
  expectFailure(code, () => decide(view, inEpoch(view, command), at(time)));
const permits = (view: View, command: Command, time: number = LATER) =>
  expect(() => decide(view, inEpoch(view, command), at(time))).not.toThrow();

describe('a grant of before the log was continued', () => {
  test('is suspended by the log’s one entry, whatever else it is, and its terms say nothing of it', () => {
    const { view } = continued();
    expect(codesOf(view, LATER)).toEqual(['SUSPENDED']);
    expect(statusOf(grantOf(view), at(LATER), 1)).toBe('suspended');
    expect(statusOf(grantOf(view), at(LATER), 0)).toBe('active');
    expect(statusOf({ ...grantOf(view), revoked_at: TODAY }, at(LATER), 1)).toBe('revoked');
    expect(statusOf(grantOf(view), at(grantOf(view).terms.to), 1)).toBe('expired');
    expect(grantOf(view)).not.toHaveProperty('epoch');
  });

  test('is explained: what is asked, when it was confirmed last, and what would have made it allow', () => {
    const { view } = continued();
    const entry = { log: 'l', stream: REL, seq: 9, prev: null, time: at(LATER), commit: null } as const;
    const body = decide(view, ask(), at(LATER));
    const told = explainAccess(view, { ...entry, type: 'access.decided', body } as unknown as Entry);
    expect(told.checks.filter(({ failed }) => failed)).toMatchObject([
      { code: 'SUSPENDED', looked_at: { epoch: 1, confirmed_in: 0 } },
    ]);
    expect(told.would_allow.map(({ zh }) => zh).join()).toContain('确认该授权');
    expect(denialText('SUSPENDED').zh).toContain('重新确认');
    const before = explainAccess(signedPaper(), { ...entry, type: 'access.decided', body } as unknown as Entry);
    expect(before.checks.find(({ code }) => code === 'SUSPENDED')).toMatchObject({ failed: false, looked_at: {} });
  });

  test('is denied at hand-over, where its permit was out when the log was continued', () => {
    const paper = signedPaper();
    const access = paper.write(ask(), CONTINUED - 1).entry.body['access'] as never;
    const until = CONTINUED - 1 + 5 * MINUTE;
    const redeem: Command = {
      type: 'access.redeemed',
      stream: REL,
      input: {
        access,
        principal: LENDER,
        door: BUREAU,
        permit: 'A'.repeat(43),
        until: at(until),
        engine: ENGINE,
        ...calledBy(BUREAU),
      },
    };
    expect(decide(paper, redeem, at(CONTINUED))['codes']).toEqual([]);
    const view = withContinued(continuedView(paper), EVERYBODY);
    expect(decide(view, redeem, at(CONTINUED))).toMatchObject({ decision: 'deny', codes: ['SUSPENDED'] });
  });

  test('is allowed once its subject confirmed it, and the other grant of its letter is not', () => {
    const ledger = continued();
    ledger.write(confirmDrafted(), LATER);
    const entry = ledger.write(confirmed(), LATER);
    expect(entry.body).toMatchObject({ epoch: 1, used_at: null });
    expect(grantOf(ledger.view).epoch).toBe(1);
    expect(grantOf(ledger.view, REPORT_GRANT).epoch).toBeUndefined();
    expect(relationshipOf(ledger.view)).toMatchObject({ epoch: 1, holds: {} });
    expect(codesOf(ledger.view, LATER + 1)).toEqual([]);
    refuses('hold_mismatch', ledger.view, confirmDrafted());
    refuses('statement_unknown', ledger.view, confirmed());
  });

  test('is suspended anew when the log is continued once more', () => {
    const ledger = continued();
    ledger.write(confirmDrafted(), LATER);
    ledger.write(confirmed(), LATER);
    const again = withContinued(changed(ledger.view, { [LOG_STREAM]: logAt(ledger.view, 2) }), EVERYBODY, 2);
    expect(codesOf(again, LATER + 1)).toEqual(['SUSPENDED']);
    permits(again, confirmDrafted());
  });

  test('is taken back, paused and contested as before', () => {
    const ledger = continued();
    permits(ledger.view, revoked({ signed_at: at(LATER), evidence: GRADE_D }));
    ledger.write(holdDrafted({ kind: 'pause', expires_at: at(LATER + DAY) }), LATER);
    permits(ledger.view, held('grant.paused', { signed_at: at(LATER), evidence: GRADE_D }));
    const other = paperId<StatementRef>(0xac);
    ledger.write(holdDrafted({ kind: 'object', ref: other, expires_at: at(LATER + DAY) }), LATER);
    permits(ledger.view, held('grant.contested', { ref: other, signed_at: at(LATER), evidence: GRADE_D }));
    const everything = paperId<StatementRef>(0xad);
    ledger.write(holdDrafted({ kind: 'freeze', ref: everything, expires_at: at(LATER + DAY) }), LATER);
    permits(ledger.view, frozen('relationship.frozen', { ref: everything, signed_at: at(LATER), evidence: GRADE_D }));
  });

  test.each(['extend', 'narrow'] as const)(
    'is not changed before that: what is made of it (%s) would stand',
    (kind) => {
      const ledger = continued();
      const made = kind === 'extend' ? longer(terms(), MADE_GRANT) : { ...terms(), grant: MADE_GRANT };
      ledger.write(amendDrafted({ kind, terms: made, expires_at: at(LATER + DAY) }), LATER);
      const type = kind === 'extend' ? 'grant.extended' : 'grant.narrowed';
      refuses('grant_suspended', ledger.view, held(type, { signed_at: at(LATER) }));
      const other = paperId<StatementRef>(0xac);
      ledger.write({ ...confirmDrafted(), input: { ...confirmDrafted().input, ref: other } } as Command, LATER);
      ledger.write(confirmed({ ref: other }), LATER);
      ledger.write(held(type, { signed_at: at(LATER) }), LATER);
      expect(grantOf(ledger.view, MADE_GRANT).epoch).toBe(1);
    },
  );
});

describe('a confirmation', () => {
  test('is refused of what was taken back, and of what has ended', () => {
    const back = continued();
    back.write(confirmDrafted(), LATER);
    back.write(revoked({ signed_at: at(LATER) }), LATER);
    refuses('already_revoked', back.view, {
      ...confirmDrafted(),
      input: { ...confirmDrafted().input, ref: OTHER },
    } as Command);
    refuses('already_revoked', back.view, confirmed());
    const ended = continued(withGrant({}, { to: LATER + 1 }));
    ended.write(confirmDrafted(), LATER);
    refuses('grant_ended', ended.view, confirmed(), LATER + 1);
    refuses('grant_ended', ended.view, confirmDrafted(QUERY_GRANT, LATER + 1), LATER + 1);
  });

  test('is refused of a grant that is limited in number: how often it was used is lost', () => {
    const { view } = continued(withGrant({ used: 1 }, { uses_max: 9 }));
    refuses('quota_unknown', view, confirmDrafted());
    // Drafted while it was not limited, as no honest ledger could.
    const ledger = continued();
    ledger.write(confirmDrafted(), LATER);
    refuses('quota_unknown', withGrant({}, { uses_max: 9 })(ledger.view), confirmed());
  });

  test('comes with the window full of a grant that is limited in frequency, as of when the log was continued', () => {
    const frequency = { count: 2, period_ms: 30 * DAY };
    const ledger = continued(withGrant({}, { frequency }));
    ledger.write(confirmDrafted(), LATER);
    expect(ledger.write(confirmed(), LATER).body['used_at']).toBe(CONTINUED);
    expect(grantOf(ledger.view)).toMatchObject({ recent: [CONTINUED, CONTINUED], used: 0 });
    expect(codesOf(ledger.view, LATER)).toEqual(['FREQUENCY']);
    expect(codesOf(ledger.view, CONTINUED + 30 * DAY - 1)).toEqual(['FREQUENCY']);
    expect(codesOf(ledger.view, CONTINUED + 30 * DAY)).toEqual([]);
  });

  test('takes evidence as good as the letter’s, never grade D', () => {
    const low = { grade: 'D', kind: 'ed25519', method: 'link', identified_by: null } as const;
    const ledger = continued();
    ledger.write(confirmDrafted(), LATER);
    refuses('grade_low', ledger.view, confirmed({ evidence: low }));
    refuses('entry_invalid', ledger.view, confirmed({ evidence: { ...low, grade: 'B' } }));
    refuses('grade_low', withGrant({ grade: 'A' })(ledger.view), confirmed());
    permits(withGrant({ grade: 'C' })(ledger.view), confirmed());
    refuses('grade_low', withGrant({ grade: 'D' })(ledger.view), confirmed({ evidence: low }));
    // Whom one of its candidates vouches for is of grade D to it.
    refuses('grade_low', withGrant({}, { candidates: [IDENTIFIER, LENDER] })(ledger.view), confirmed());
  });

  test('lifts no pause, no freeze and no finding', () => {
    const hold = { at: TODAY, grade: 'B', signed_at: TODAY } as const;
    for (const change of [{ paused: hold }, { contested_at: TODAY, findings: [{ party: BUREAU, at: TODAY }] }]) {
      const ledger = continued(withGrant(change));
      ledger.write(confirmDrafted(), LATER);
      ledger.write(confirmed(), LATER);
      expect(grantOf(ledger.view)).toMatchObject(change);
      expect(codesOf(ledger.view, LATER + 1)).toEqual(['FROZEN']);
    }
    const ledger = continued((view) => changed(view, { [REL]: { ...relationshipOf(view), frozen: hold } }));
    ledger.write(confirmDrafted(), LATER);
    ledger.write(confirmed(), LATER);
    expect(codesOf(ledger.view, LATER + 1)).toEqual(['FROZEN']);
  });

  test('is signed after the log was continued, within the draft’s time, for just this grant', () => {
    const ledger = continued();
    ledger.write(confirmDrafted(), LATER);
    refuses('signed_before', ledger.view, confirmed({ signed_at: at(CONTINUED - 1) }));
    refuses('signed_ahead', ledger.view, confirmed({ signed_at: at(LATER + 5 * MINUTE + 1) }));
    refuses('letter_expired', ledger.view, confirmed({ signed_at: at(LATER + DAY) }), LATER + DAY);
    refuses('grant_unknown', ledger.view, confirmed({ grant: REPORT_GRANT }));
    refuses('grant_unknown', ledger.view, confirmed({ grant: null }));
    refuses('statement_unknown', ledger.view, confirmed({ ref: paperId<StatementRef>(0xdd) }));
  });

  test('of no grant confirms the relationship for what stands on law, and no grant', () => {
    const ledger = continued();
    ledger.write(confirmDrafted(null), LATER);
    refuses('grade_low', ledger.view, confirmed({ grant: null, evidence: GRADE_D }));
    ledger.write(confirmed({ grant: null }), LATER);
    expect(relationshipOf(ledger.view).epoch).toBe(1);
    expect(codesOf(ledger.view, LATER)).toEqual(['SUSPENDED']);
    refuses('hold_mismatch', ledger.view, confirmDrafted(null));
  });

  test('is none where the log was never continued', () => {
    const paper = signedPaper();
    refuses('hold_mismatch', paper, confirmDrafted(QUERY_GRANT, TODAY), TODAY);
    refuses('hold_mismatch', paper, confirmDrafted(null, TODAY), TODAY);
  });
});

describe('a draft of before the log was continued', () => {
  test('is expired: neither letter nor statement of it is signed', () => {
    const paper = openedPaper();
    paper.write(drafted({ expires_at: at(LATER + DAY) }), TODAY);
    paper.write(holdDrafted({ kind: 'freeze', expires_at: at(LATER + DAY) }), TODAY);
    const view = withContinued(continuedView(paper), EVERYBODY);
    permits(paper, signed({ signed_at: at(LATER) }));
    refuses('letter_expired', view, signed({ signed_at: at(LATER) }));
    const freeze = frozen('relationship.frozen', { signed_at: at(LATER) });
    permits(paper, freeze);
    refuses('letter_expired', view, freeze);
  });

  test('makes room for another, whose letter stands in the new epoch', () => {
    const ledger = ledgerOn(withContinued(continuedView(openedPaper()), EVERYBODY));
    ledger.write(drafted({ expires_at: at(LATER + DAY) }), LATER);
    const entry = ledger.write(signed({ signed_at: at(LATER) }), LATER);
    expect(entry.body['epoch']).toBe(1);
    expect(grantOf(ledger.view).epoch).toBe(1);
    expect(codesOf(ledger.view, LATER)).toEqual([]);
  });
});

describe('what gives a right', () => {
  const [key] = [keyOf(operatorOf(OTHER_LENDER, 'query'))];
  const newcomer = paperId<PartyId>(0xa9);
  const registered = { name: '示例 newcomer', roles: ['grantee'], keys: [], ...calledByKeeper() } as const;
  const GIVES: readonly (readonly [EntryType, (view: View) => Command])[] = [
    ['party.registered', () => ({ type: 'party.registered', stream: partyStream(newcomer), input: registered })],
    [
      'party.key_added',
      () => ({
        type: 'party.key_added',
        stream: partyStream(LENDER),
        input: { key: key as string, operator: operatorOf(LENDER, 'query'), duty: 'query', ...calledByKeeper() },
      }),
    ],
    ['hold.drafted', () => holdDrafted({ expires_at: at(LATER + DAY) })],
    [
      'letter.drafted',
      () =>
        drafted({
          letter: paperId<LetterId>(0xe9),
          grants: [terms({ grant: MADE_GRANT })],
          expires_at: at(LATER + DAY),
        }),
    ],
  ];

  test.each(GIVES)(
    '(%s) says the log’s epoch, neither an older nor a newer one, and pins that it read it',
    (_type, of) => {
      const { view } = continued();
      const command = inEpoch(view, of(view));
      const body = decide(view, command, at(LATER));
      expect(body['epoch']).toBe(1);
      expect(touches(command)).toContain(LOG_STREAM);
      for (const epoch of [undefined, 2]) {
        const { epoch: _own, ...rest } = command.input as JsonObject & { epoch?: number };
        const input = epoch === undefined ? rest : { ...rest, epoch };
        expectFailure('entry_invalid', () => decide(view, { ...command, input } as Command, at(LATER)));
      }
    },
  );

  test.each(GIVES)('(%s) says none in a log that was never continued', (_type, of) => {
    const paper = signedPaper();
    const command = of(paper);
    expect(inEpoch(paper, command)).toBe(command);
    expectFailure('entry_invalid', () =>
      decide(paper, { ...command, input: { ...command.input, epoch: 1 } } as Command, at(LATER)),
    );
  });

  test('never says 0', () => {
    const { view } = continued();
    const command = inEpoch(view, holdDrafted({ expires_at: at(LATER + DAY) }));
    const entry = { log: 'l', stream: REL, seq: 9, prev: null, time: at(LATER), commit: null } as const;
    const body = { ...decide(view, command, at(LATER)), epoch: 0 };
    expectFailure('entry_invalid', () => commandOf({ ...entry, type: 'hold.drafted', body } as unknown as Entry));
  });
});

describe('a party of before the log was continued', () => {
  test('signs nothing, until two of the keeper say that it goes on, and with which of its keys', () => {
    const ledger = ledgerOn(continuedView(signedPaper()));
    refuses('key_waiting', ledger.view, ask());
    refuses('key_waiting', ledger.view, holdDrafted({ expires_at: at(LATER + DAY) }));
    ledger.write(goOn(LENDER, [0]), LATER);
    permits(ledger.view, holdDrafted({ expires_at: at(LATER + DAY) }));
    const admin: Command = {
      type: 'party.operator_left',
      stream: partyStream(LENDER),
      input: { operator: operatorOf(LENDER, 'query'), ...calledBy(LENDER, 'admin') },
    };
    refuses('key_waiting', ledger.view, admin);
    ledger.write(goOn(LENDER, [1]), LATER);
    permits(ledger.view, admin);
    refuses('already_there', ledger.view, goOn(LENDER, [0, 1]));
  });

  test('is no source and no recipient either, and asks through no processor', () => {
    const view = withContinued(continuedView(signedPaper()), [LENDER]);
    expect(codesOf(view, LATER)).toEqual(['SOURCE', 'SUSPENDED']);
    const report = {
      ground: { grant: REPORT_GRANT },
      action: 'REPORT',
      purpose: 'credit_reporting',
      items: ['basic'],
    } as const;
    expect(codesOf(view, LATER, report)).toEqual(['RECIPIENT', 'SUSPENDED']);
  });

  test('goes on by two administrators of the keeper alone, with keys that it has and that did not end', () => {
    const { view } = ledgerOn(continuedView(signedPaper()));
    refuses('second_signature', view, goOn(LENDER, [0], calledBy(KEEPER, 'admin')));
    const others = withContinued(view, [OTHER_LENDER]);
    refuses('principal_mismatch', others, goOn(LENDER, [0], calledBy(OTHER_LENDER, 'admin')));
    refuses('key_ended', view, goOn(LENDER, [7]));
    refuses('input_invalid', view, goOn(LENDER, []));
    refuses('input_invalid', view, goOn(LENDER, [0, 0]));
    refuses('party_role', view, goOn(KEEPER, [0]));
    refuses('party_unknown', view, goOn(paperId<PartyId>(0xa9), [0]));
    const party = partyOf(view, LENDER);
    const [first, ...rest] = party.keys as [PartyKey, ...PartyKey[]];
    const retired = changed(view, {
      [partyStream(LENDER)]: { ...party, keys: [{ ...first, ended_at: TODAY }, ...rest] },
    });
    refuses('key_ended', retired, goOn(LENDER, [0]));
    const left = { ...party.operators, [first.operator]: { duty: 'query', left_at: TODAY } };
    refuses('key_ended', changed(view, { [partyStream(LENDER)]: { ...party, operators: left } }), goOn(LENDER, [0]));
    expectFailure('entry_invalid', () => decide(view, goOn(LENDER, [0], calledByKeeper(), 2), at(LATER)));
    refuses('already_there', signedPaper(), goOn(LENDER, [0], calledByKeeper(), 0));
  });

  test('acts for another by a mandate that was given since: one of before may have been taken away', () => {
    const mandated: Command = {
      type: 'party.mandated',
      stream: partyStream(PROCESSOR),
      input: { principal: LENDER, from: at(TODAY), to: null, covers: ['access'], ...calledBy(LENDER, 'admin') },
    };
    const paper = signedPaper();
    paper.write(
      {
        type: 'party.registered',
        stream: partyStream(PROCESSOR),
        input: { name: '示例 processor', roles: ['processor'], keys: keysOfParty(PROCESSOR), ...calledByKeeper() },
      },
      TODAY,
    );
    paper.write(mandated, TODAY);
    expect(codesOf(paper, LATER, calledBy(PROCESSOR))).toEqual([]);
    const ledger = ledgerOn(withContinued(continuedView(paper), [...EVERYBODY, PROCESSOR]));
    refuses('principal_mismatch', ledger.view, ask(calledBy(PROCESSOR)));
    expect(ledger.write(mandated, LATER).body['epoch']).toBe(1);
    expect(codesOf(ledger.view, LATER, calledBy(PROCESSOR))).toEqual(['SUSPENDED']);
  });

  test('that was suspended stays so', () => {
    const suspended = (view: View) =>
      changed(view, { [partyStream(LENDER)]: { ...partyOf(view, LENDER), suspended_at: TODAY } });
    const ledger = ledgerOn(continuedView(suspended(signedPaper())));
    ledger.write(goOn(LENDER), LATER);
    refuses('key_ended', ledger.view, ask());
  });

  test('may be shown what there was when it counted last, and how the log went on then; nothing of later names', () => {
    const { view } = ledgerOn(continuedView(signedPaper()));
    const [former] = logAt(view, 1).origins as readonly [FormerOrigin];
    // Lost, moved with nothing lost, and lost again.
    const ends = [[9, 12] as const, [15, 15] as const, [20, 22] as const];
    const log = { ...logAt(view, 2), origins: ends.map(([to, lost]) => ({ ...former, to, lost })) };
    const party = partyOf(view, LENDER);
    const [key] = party.keys as [PartyKey];
    const shown = (its: Partial<Party>, own: Partial<PartyKey> = its, at: LogState = log) =>
      entriesOfBefore({ ...party, ...its }, { ...key, ...own }, at);
    expect(shown({})).toBe(10);
    expect(shown({ epoch: 1 })).toBe(21);
    expect(shown({}, {}, logAt(view, 1))).toBe(10);
    // Its party went on without it, then or now.
    expect(shown({ epoch: 1 }, {})).toBeUndefined();
    expect(shown({ epoch: 2 }, {})).toBeUndefined();
    // It ended before, or nothing is in its way.
    for (const own of [{ ended_at: TODAY }, { compromised_since: TODAY }]) expect(shown({}, own)).toBeUndefined();
    expect(shown({ suspended_at: TODAY }, {})).toBeUndefined();
    expect(shown({ operators: { [key.operator]: { duty: 'query', left_at: TODAY } } }, {})).toBeUndefined();
    expect(shown({ epoch: 2 })).toBeUndefined();
    expect(shown({}, {}, signedPaper().state(LOG_STREAM) as LogState)).toBeUndefined();
  });

  test('the keeper is asked of its keys by the log’s own entry', () => {
    const { view } = ledgerOn(continuedView(signedPaper()));
    const log = logAt(view, 1);
    const keeper = partyOf(view, KEEPER);
    const [one] = keeper.keys as [PartyKey];
    expect(keyEnded(keeper, one, log)).toBeUndefined();
    expect(keyEnded(keeper, { ...one, ended_at: TODAY }, log)).toBe('the key was retired');
    const [former] = log.origins as readonly [FormerOrigin];
    const ended = changed(view, { [LOG_STREAM]: { ...log, origins: [{ ...former, ended: [1] }] } });
    expect(partyIn(ended, KEEPER)?.keys.map(({ ended_at }) => ended_at)).toEqual([null, CONTINUED]);
    refuses('key_ended', ended, goOn(LENDER));
  });
});

describe('a person’s key of before the log was continued', () => {
  const bound = {
    seq: 0,
    kind: 'ed25519',
    method: 'identity_provider',
    identified_by: IDENTIFIER,
    enrolled_by: LENDER,
  } as const;
  const person: Person = { keys: [bound, { ...bound, seq: 1 }], frozen: null };
  const start = (epoch = 1) =>
    ledgerOn(changed(withContinued(continuedView(signedPaper(), epoch), EVERYBODY, epoch), { [PERSON]: person }));
  type Affirming = Partial<Extract<Command, { type: 'person.key_affirmed' }>['input']>;
  const affirmed = (change: Affirming = {}): Command => ({
    type: 'person.key_affirmed',
    stream: PERSON,
    input: {
      ...{ key: 0, identified_by: IDENTIFIER, identified_at: at(LATER), enrolled_by: LENDER, epoch: 1 },
      ...sealedBy(LENDER),
      ...change,
    },
  });
  const adding: Command = {
    type: 'person.key_bound',
    stream: PERSON,
    input: {
      ...{ kind: 'ed25519', method: 'existing_key', identified_by: null, identified_at: null, enrolled_by: null },
      ...{ signed_by: 0, signed_at: at(LATER) },
      ...stated(),
    },
  };
  const ending = (key: number): Command => ({
    type: 'person.key_ended',
    stream: PERSON,
    input: { key, signed_by: 0, identified_by: null, brought_by: null, signed_at: at(LATER), ...stated() },
  });

  test('adds no key and ends none but itself, until its holder is identified anew for it', () => {
    const ledger = start();
    refuses('key_suspended', ledger.view, adding);
    refuses('key_suspended', ledger.view, ending(1));
    permits(ledger.view, ending(0));
    ledger.write(affirmed(), LATER);
    expect((ledger.view.state(PERSON) as Person).keys).toEqual([
      { ...bound, epoch: 1 },
      { ...bound, seq: 1 },
    ]);
    permits(ledger.view, ending(1));
    const entry = ledger.write(adding, LATER);
    expect(entry.body['epoch']).toBe(1);
    expect((ledger.view.state(PERSON) as Person).keys.at(-1)).toMatchObject({ signed_by: 0, epoch: 1 });
    refuses('already_there', ledger.view, affirmed());
  });

  test('is affirmed by an identifier, brought by itself or a party, and while it counts', () => {
    const { view } = start();
    refuses('party_role', view, affirmed({ identified_by: BUREAU }));
    refuses('subject_key_unknown', view, affirmed({ key: 7 }));
    refuses('principal_mismatch', view, affirmed({ enrolled_by: OTHER_LENDER }));
    refuses('entry_invalid', view, affirmed({ ...stated() }));
    permits(view, affirmed({ ...stated(), enrolled_by: IDENTIFIER }));
    expectFailure('entry_invalid', () => decide(view, affirmed({ epoch: 2 }), at(LATER)));
    const unvouched = withContinued(continuedView(signedPaper()), [IDENTIFIER]);
    refuses('key_waiting', changed(unvouched, { [PERSON]: person }), affirmed());
  });

  test('is affirmed anew in each epoch', () => {
    const ledger = start(2);
    ledger.set(PERSON, { ...person, keys: [{ ...bound, epoch: 1 }] });
    refuses('key_suspended', ledger.view, adding);
    permits(ledger.view, affirmed());
  });
});

describe('any history after the log was continued', () => {
  const GRANTS = [QUERY_GRANT, REPORT_GRANT];
  const grade = fc.constantFrom(GRADE_B, GRADE_B, GRADE_B, GRADE_D);
  const step = fc.oneof(
    {
      weight: 4,
      arbitrary: fc.record({
        do: fc.constant('confirm' as const),
        grant: fc.constantFrom(...GRANTS, null),
        evidence: grade,
      }),
    },
    fc.record({
      do: fc.constantFrom('revoke' as const, 'pause' as const, 'object' as const),
      grant: fc.constantFrom(...GRANTS),
      evidence: grade,
    }),
    fc.record({ do: fc.constant('resume' as const), grant: fc.constantFrom(...GRANTS), evidence: grade }),
    {
      weight: 4,
      arbitrary: fc.record({ do: fc.constant('ask' as const), grant: fc.constantFrom(...GRANTS), evidence: grade }),
    },
    fc.record({ do: fc.constant('continue' as const), grant: fc.constant(null), evidence: grade }),
  );

  test('allows nothing but by what was confirmed in the last epoch, revives nothing that ended, and takes away always', () => {
    const met = { allowed: 0, confirmed: 0, revoked: 0 };
    fc.assert(
      fc.property(fc.array(step, { minLength: 6, maxLength: 30, size: 'max' }), (steps) => {
        const ledger = continued();
        let [epoch, now, refs] = [1, LATER, 0x5000];
        const isConfirmed = new Set<string>();
        const ended = new Set<string>();
        for (const { do: what, grant, evidence } of steps) {
          now += 1;
          const ref = paperId<StatementRef>(refs++);
          const tries = (write: () => void) => {
            try {
              write();
              return true;
            } catch (failure) {
              if (!isFailure(failure)) throw failure;
              return false;
            }
          };
          const drafting = (kind: 'confirm' | 'pause' | 'object' | 'resume') =>
            ledger.write(holdDrafted({ kind, grant, ref, expires_at: at(now + MINUTE) }), now);
          if (what === 'continue') {
            epoch += 1;
            isConfirmed.clear();
            ledger.set(LOG_STREAM, logAt(ledger.view, epoch));
            for (const party of EVERYBODY) {
              ledger.set(
                partyStream(party),
                withContinued(ledger.view, [party], epoch).state(partyStream(party)) as JsonObject,
              );
            }
          } else if (what === 'confirm') {
            const done = tries(() => {
              drafting('confirm');
              ledger.write(confirmed({ ref, grant, epoch, signed_at: at(now), evidence }), now);
            });
            if (done && grant !== null) {
              met.confirmed += 1;
              expect([evidence.grade, ended.has(grant), isConfirmed.has(grant)]).toEqual(['B', false, false]);
              isConfirmed.add(grant);
            }
          } else if (what === 'revoke') {
            const done = tries(() =>
              ledger.write(revoked({ grant: grant as GrantId, signed_at: at(now), evidence }), now),
            );
            // What takes away always works, whatever was confirmed: it fails only where it is done already.
            expect(done).toBe(!ended.has(grant as string));
            met.revoked += done ? 1 : 0;
            ended.add(grant as string);
          } else if (what === 'ask') {
            const report = { action: 'REPORT', purpose: 'credit_reporting', items: ['basic'] } as const;
            const asked = ask({ ground: { grant: grant as GrantId }, ...(grant === REPORT_GRANT ? report : {}) });
            const { decision, codes } = ledger.write(asked, now).body as { decision: string; codes: string[] };
            met.allowed += decision === 'allow' ? 1 : 0;
            if (decision === 'allow')
              expect([isConfirmed.has(grant as string), ended.has(grant as string)]).toEqual([true, false]);
            expect(codes.includes('SUSPENDED')).toBe(!isConfirmed.has(grant as string));
            expect(codes.includes('REVOKED')).toBe(ended.has(grant as string));
          } else {
            const type = { pause: 'grant.paused', object: 'grant.contested', resume: 'grant.resumed' } as const;
            const before = grantOf(ledger.view, grant as string);
            const done = tries(() => {
              drafting(what);
              ledger.write(held(type[what], { ref, grant: grant as GrantId, signed_at: at(now), evidence }), now);
            });
            const isHeld = what === 'pause' ? before.paused !== null : before.contested !== undefined;
            if (what !== 'resume') expect(done).toBe(!isHeld && !ended.has(grant as string));
          }
        }
      }),
      { numRuns: 150 },
    );
    for (const count of Object.values(met)) expect(count).toBeGreaterThan(20);
  });
});

describe('engine 3', () => {
  test('asks nothing before the log is continued, and is not what a ledger begins with', () => {
    expect(ENGINE_AT_OPENING).toBe(2);
    const since = runningChecks(ENGINE).filter((check) => check.since === 3);
    expect(since.map(({ asked }) => asked)).toEqual(Array(4).fill('again at hand-over'));
    const paper = signedPaper();
    expect(codesOf(paper, LATER)).toEqual([]);
  });
});
