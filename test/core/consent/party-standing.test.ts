/** Parties: whether they are in good standing, and whether who signs for them counts. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { JsonObject } from '#core/canonical.ts';
import type { Call, Signer } from '#core/consent/call.ts';
import {
  activeKeys,
  type Duty,
  keyEnded,
  operatorIn,
  type Party,
  type PartyKey,
  requireActing,
  requireKeeper,
  requireSigners,
} from '#core/consent/party.ts';
import type { View } from '#core/consent/rule.ts';
import { decide, decideAgain, touches } from '#core/consent/rules.ts';
import { isFailure } from '#core/failure.ts';
import type { OperatorId, PartyId } from '#core/ids.ts';
import { idOf, LOG_STREAM, partyStream, type StreamId } from '#core/tlog/stream.ts';
import { expectFailure } from '../../support/failure.ts';
import {
  ask,
  BUREAU,
  calledBy,
  calledByKeeper,
  changed,
  DAY,
  IDENTIFIER,
  KEEPER,
  keyOf,
  LENDER,
  OTHER_LENDER,
  openedPaper,
  operatorOf,
  paperId,
  partyOf,
  sealedBy,
  signedPaper,
  signerOf,
  TODAY,
} from './paper-ledger.ts';
import {
  ADDED,
  at,
  byAdmin,
  COMPROMISED,
  KEEPER_A,
  KEEPER_B,
  LEFT,
  NEW,
  NEW_OPERATOR,
  notTheKeeper,
  permits,
  RETIRED,
  refuses,
  registered,
  reinstated,
  signedBy,
  suspended,
  THIRD,
  THIRD_ADMIN,
  withKeepersClerk,
} from './paper-party.ts';

describe('the keeper keeps two administrators', () => {
  const admins = [operatorOf(KEEPER, 'query'), operatorOf(KEEPER, 'admin')] as const;
  const retiring = (key: number) => RETIRED(KEEPER, calledByKeeper(), { key });
  const leaving = (operator: OperatorId) => LEFT(KEEPER, calledByKeeper(), { operator });

  test('or it could do nothing any more: neither key nor operator of the last two goes', () => {
    const { paper } = withKeepersClerk();
    for (const key of [0, 1]) refuses('limit_reached', paper, retiring(key));
    for (const operator of admins) refuses('limit_reached', paper, leaving(operator));
    // Its clerk is none of them.
    permits(paper, retiring(2));
    permits(paper, leaving(NEW_OPERATOR));
  });

  test('whoever they are: with a third, one goes, and then no other', () => {
    for (const end of [retiring(0), leaving(admins[0])]) {
      const { paper } = withKeepersClerk();
      paper.write(THIRD_ADMIN, TODAY);
      paper.write(end, TODAY);
      const left = [{ party: KEEPER, operator: THIRD, key: 3 }, KEEPER_B];
      refuses('key_ended', paper, retiring(3));
      const by = { ...calledByKeeper(), by: left };
      for (const key of [1, 3]) refuses('limit_reached', paper, RETIRED(KEEPER, by, { key }));
      for (const operator of [admins[1], THIRD]) refuses('limit_reached', paper, LEFT(KEEPER, by, { operator }));
    }
  });

  test('by keys that still sign: a further key of one is no second administrator', () => {
    const paper = openedPaper();
    paper.write(ADDED(KEEPER, calledByKeeper(), { operator: admins[0], duty: 'admin' }), TODAY);
    permits(paper, retiring(0));
    permits(paper, retiring(2));
    refuses('limit_reached', paper, retiring(1));
    for (const operator of admins) refuses('limit_reached', paper, leaving(operator));
    paper.write(retiring(0), TODAY);
    refuses('limit_reached', paper, RETIRED(KEEPER, signedBy({ ...KEEPER_A, key: 2 }, KEEPER_B), { key: 2 }));
  });

  test('unless a key is compromised: that one ends all the same', () => {
    const paper = openedPaper();
    for (const key of [0, 1]) permits(paper, COMPROMISED(KEEPER, calledByKeeper(), { key }));
    paper.write(THIRD_ADMIN, TODAY);
    paper.write(COMPROMISED(KEEPER, calledByKeeper(), { key: 0 }), TODAY);
    const by = signedBy({ party: KEEPER, operator: THIRD, key: 2 }, KEEPER_B);
    for (const key of [1, 2]) refuses('limit_reached', paper, RETIRED(KEEPER, by, { key }));
    permits(paper, LEFT(KEEPER, by, { operator: admins[0] }));
  });

  test('and no other party has to: its keeper helps it out', () => {
    const paper = openedPaper();
    permits(paper, RETIRED(LENDER, byAdmin(), { key: 1 }));
    permits(paper, LEFT(LENDER, byAdmin(), { operator: operatorOf(LENDER, 'admin') }));
  });
});

describe('a suspended party', () => {
  test('is so by two administrators of the keeper, and in good standing again by two', () => {
    const { paper, clerk } = withKeepersClerk();
    for (const [, call, code] of notTheKeeper(clerk)) refuses(code, paper, suspended(LENDER, call));
    refuses('principal_mismatch', paper, suspended(LENDER, byAdmin()));
    refuses('already_there', paper, reinstated(LENDER));
    paper.write(suspended(LENDER), TODAY);
    expect(partyOf(paper, LENDER).suspended_at).toBe(TODAY);
    refuses('already_there', paper, suspended(LENDER));
    for (const [who, call, code] of notTheKeeper(clerk)) {
      const isSuspended = call.by.some(({ party }) => party === LENDER);
      refuses(isSuspended ? 'key_ended' : code, paper, reinstated(LENDER, call));
      expect(who).not.toBe('');
    }
    refuses('key_ended', paper, reinstated(LENDER, byAdmin()));
    paper.write(reinstated(LENDER), TODAY + 1);
    expect(partyOf(paper, LENDER).suspended_at).toBeNull();
  });

  test('does nothing at all meanwhile, and everything afterwards', () => {
    const paper = signedPaper();
    paper.write(suspended(LENDER), TODAY);
    const acts = [ask(), ...[ADDED, RETIRED, COMPROMISED, LEFT].map((make) => make(LENDER, byAdmin()))];
    for (const act of acts) refuses('key_ended', paper, act);
    expect(activeKeys(partyOf(paper, LENDER), undefined)).toEqual([]);
    // The keeper still changes its keys.
    for (const make of [ADDED, RETIRED, COMPROMISED, LEFT]) permits(paper, make(LENDER, calledByKeeper()));
    paper.write(reinstated(LENDER), TODAY);
    for (const act of acts) permits(paper, act);
  });

  test('is there, and is not the keeper', () => {
    const paper = openedPaper();
    refuses('party_role', paper, suspended(KEEPER));
    refuses('party_unknown', paper, suspended(paperId(5)));
    refuses('party_unknown', paper, reinstated(paperId(5)));
  });
});

describe('a party acts for itself', () => {
  test('by one signature of its own, with the duty that it takes', () => {
    const paper = openedPaper();
    const acting = (by: readonly Signer[], duty?: Duty) => () => requireActing(paper, { by }, LENDER, duty);
    const [business, admin] = [signerOf(LENDER, 'query'), signerOf(LENDER, 'admin')];
    expect(acting([business])).not.toThrow();
    expect(acting([business], 'query')).not.toThrow();
    expect(acting([admin], 'admin')).not.toThrow();
    expectFailure('duty_missing', acting([business], 'admin'));
    expectFailure('duty_missing', acting([admin], 'query'));
    for (const by of [[], [signerOf(OTHER_LENDER, 'query')], [business, admin], [business, business]]) {
      expectFailure('principal_mismatch', acting(by));
    }
  });

  test('never for another: every entry of a party’s business names its own signer', () => {
    const paper = signedPaper();
    for (const other of [OTHER_LENDER, BUREAU, IDENTIFIER]) {
      refuses('principal_mismatch', paper, ask(calledBy(other)));
      const opening = { grantee: LENDER, subject: 'person', frozen: null, ...sealedBy(other) } as const;
      const stream = `rel/${paperId(0xd9)}` as StreamId;
      refuses('principal_mismatch', paper, { type: 'relationship.opened', stream, input: opening });
    }
    refuses('principal_mismatch', paper, ask(calledByKeeper()));
  });

  test('is not the keeper where the log names none', () => {
    const logless = changed(openedPaper(), { [LOG_STREAM]: undefined });
    expectFailure('principal_mismatch', () => requireKeeper(logless, calledByKeeper()));
    expect(() => requireKeeper(openedPaper(), calledByKeeper())).not.toThrow();
  });
});

describe('a signer', () => {
  const paper = openedPaper();
  const party = partyOf(paper, LENDER);
  const withParty = (change: Partial<Party>) =>
    changed(paper, { [partyStream(LENDER)]: { ...party, ...change } as unknown as JsonObject });
  const withKey = (change: Partial<PartyKey>) =>
    withParty({ keys: party.keys.with(0, { ...party.keys[0], ...change } as PartyKey) });
  const operator = operatorOf(LENDER, 'query');
  const business = signerOf(LENDER, 'query');

  test.each<[string, View]>([
    ['of a retired key', withKey({ ended_at: TODAY })],
    ['of a key retired at the beginning of time', withKey({ ended_at: 0 })],
    ['of a compromised key', withKey({ compromised_since: TODAY })],
    ['of another operator’s key', withKey({ operator: operatorOf(LENDER, 'admin') })],
    ['who has left', withParty({ operators: { ...party.operators, [operator]: { duty: 'query', left_at: TODAY } } })],
    ['who is no operator', withParty({ operators: {} })],
    ['of a suspended party', withParty({ suspended_at: TODAY })],
    ['of a party without keys', withParty({ keys: [] })],
  ])('%s counts no more', (_who, view) => {
    expectFailure('key_ended', () => requireSigners(view, [business]));
    expectFailure('key_ended', () => requireSigners(view, [signerOf(KEEPER, 'admin'), business]));
    refuses('key_ended', view, ask());
  });

  test('counts while nothing of that is so', () => {
    expect(() => requireSigners(paper, [business])).not.toThrow();
    expect(() => requireSigners(paper, [])).not.toThrow();
    expectFailure('party_unknown', () => requireSigners(paper, [{ ...business, party: NEW }]));
    expect(keyEnded(party, party.keys[0] as PartyKey, undefined)).toBeUndefined();
    expect(operatorIn(undefined, operator)).toBeUndefined();
  });

  test('is one of two: both signatures of one operator are refused, also by two keys', () => {
    expect(() => requireSigners(paper, [KEEPER_A, KEEPER_B])).not.toThrow();
    expectFailure('second_signature', () => requireSigners(paper, [KEEPER_A, KEEPER_A]));
    const ledger = openedPaper();
    ledger.write(ADDED(KEEPER, calledByKeeper(), { operator: KEEPER_A.operator, duty: 'admin' }), TODAY);
    const other = { ...KEEPER_A, key: 2 };
    expect(() => requireSigners(ledger, [other, KEEPER_B])).not.toThrow();
    expectFailure('second_signature', () => requireSigners(ledger, [KEEPER_A, other]));
    refuses('second_signature', ledger, registered(signedBy(KEEPER_A, other)));
  });
});

describe('any history of parties', () => {
  const parties = fc.constantFrom(LENDER, BUREAU, KEEPER);
  const numbers = fc.nat(4);
  const calls = fc.oneof(
    fc.tuple(parties, fc.constantFrom<Duty>('query', 'admin')).map(
      ([party, duty]) =>
        () =>
          calledBy(party, duty),
    ),
    fc.constant(() => calledByKeeper()),
  );
  const steps = fc.array(
    fc.oneof(
      fc.record({ party: parties, call: calls, n: numbers, duty: fc.constantFrom<Duty>('query', 'admin') }).map(
        ({ party, call, n, duty }) =>
          () =>
            ADDED(party, call(), { key: keyOf(paperId(n)), operator: paperId(0x600 + n), duty }),
      ),
      fc.record({ party: parties, call: calls, key: numbers }).map(
        ({ party, call, key }) =>
          () =>
            RETIRED(party, call(), { key }),
      ),
      fc.record({ party: parties, call: calls, key: numbers, days: fc.nat(3) }).map(
        ({ party, call, key, days }) =>
          () =>
            COMPROMISED(party, call(), { key, since: TODAY - days * DAY }),
      ),
      fc.record({ party: parties, call: calls, n: numbers }).map(
        ({ party, call, n }) =>
          () =>
            LEFT(party, call(), { operator: paperId(0x600 + n) }),
      ),
      fc.tuple(parties, calls).map(
        ([party, call]) =>
          () =>
            suspended(party, call()),
      ),
      fc.tuple(parties, calls).map(
        ([party, call]) =>
          () =>
            reinstated(party, call()),
      ),
      fc.constant(() => ask()),
    ),
    { minLength: 10, maxLength: 40 },
  );

  test('never loses a key, never revives one, and takes nothing that an ended key signed', () => {
    let written = 0;
    fc.assert(
      fc.property(steps, (history) => {
        const paper = signedPaper();
        let now = TODAY;
        for (const make of history) {
          now += 1;
          const command = make();
          const before = partyOf(paper, idOf<PartyId>(command.stream));
          const signers = (command.input as unknown as Call).by.map(
            (signer) => partyOf(paper, signer.party).keys[signer.key],
          );
          const saw: View = { head: paper.head, state: paper.state };
          expect(touches(command)).toEqual(expect.arrayContaining([command.stream]));
          try {
            const body = decide(saw, command, at(now));
            expect(signers.every((key) => key?.ended_at === null && key.compromised_since === null)).toBe(true);
            const { entry } = paper.write(command, now);
            expect(entry.body).toEqual(body);
            written++;
          } catch (thrown) {
            if (!isFailure(thrown)) throw thrown;
            continue;
          }
          if (!command.stream.startsWith('party/')) continue;
          const after = partyOf(paper, idOf<PartyId>(command.stream));
          expect(after.keys.length).toBeGreaterThanOrEqual(before.keys.length);
          for (const [n, key] of before.keys.entries()) {
            expect(after.keys[n]).toMatchObject({ key: key.key, operator: key.operator });
            if (key.ended_at !== null) expect(after.keys[n]?.ended_at).toBe(key.ended_at);
            if (key.compromised_since !== null) {
              expect(after.keys[n]?.compromised_since).toBeLessThanOrEqual(key.compromised_since);
            }
          }
          for (const [operator, { duty, left_at }] of Object.entries(before.operators)) {
            expect(after.operators[operator]?.duty).toBe(duty);
            if (left_at !== null) expect(after.operators[operator]?.left_at).toBe(left_at);
          }
          expect(new Set(after.keys.map(({ key }) => key)).size).toBe(after.keys.length);
          const isKeepers = after.roles.includes('keeper') && command.type !== 'party.key_compromised';
          const admins = (party: Party) =>
            new Set(
              party.keys
                .filter((key) => keyEnded(party, key, undefined) === undefined)
                .map(({ operator }) => operator)
                .filter((operator) => operatorIn(party, operator)?.duty === 'admin'),
            ).size;
          if (isKeepers) expect(admins(after)).toBeGreaterThanOrEqual(Math.min(admins(before), 2));
        }
      }),
      { numRuns: 100 },
    );
    expect(written).toBeGreaterThan(200);
  });
});

test('a registration is decided again byte for byte, and by other signers otherwise', () => {
  const paper = openedPaper();
  const { entry } = paper.write(registered(), TODAY);
  const { stream } = entry;
  const blank: View = {
    head: (each) => (each === stream ? undefined : paper.head(each)),
    state: (each) => (each === stream ? undefined : paper.state(each)),
  };
  expect(() => decideAgain(blank, entry)).not.toThrow();
  for (const by of [[KEEPER_A], [], [KEEPER_A, KEEPER_A], [signerOf(LENDER, 'admin'), KEEPER_A]]) {
    expectFailure('entry_invalid', () => decideAgain(blank, { ...entry, body: { ...entry.body, by } }));
  }
  expectFailure('entry_invalid', () => decideAgain(blank, { ...entry, body: { ...entry.body, auth: 'none' } }));
  expectFailure('entry_invalid', () => decideAgain(paper, entry));
});
