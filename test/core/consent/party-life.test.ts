/** Parties: who may register them, who their operators are, and until when a key signs for them. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { activeKeys, type Duty, keyNumber, PARTY_ROLES } from '#core/consent/party.ts';
import { FIRST_KEYS_MAX } from '#core/consent/party-life.ts';
import { type Command, commandOf, evolve } from '#core/consent/rules.ts';
import type { OperatorId, PartyId } from '#core/ids.ts';
import { LOG_STREAM, partyStream } from '#core/tlog/stream.ts';
import { expectFailure } from '../../support/failure.ts';
import {
  ask,
  calledBy,
  calledByKeeper,
  DAY,
  KEEPER,
  keyOf,
  keysOfParty,
  LENDER,
  MINUTE,
  OTHER_LENDER,
  openedPaper,
  openPaper,
  operatorOf,
  type Paper,
  paperId,
  partyOf,
  signedPaper,
  signerOf,
  stated,
  TODAY,
  unsigned,
} from './paper-ledger.ts';
import {
  ADDED,
  ADMINISTERED,
  at,
  byAdmin,
  COMPROMISED,
  KEEPER_A,
  KEEPER_B,
  LEFT,
  NEW,
  NEW_OPERATOR,
  notTheKeeper,
  type Of,
  permits,
  RETIRED,
  refuses,
  registered,
  reinstated,
  signedBy,
  suspended,
  THIRD_ADMIN,
  withKeepersClerk,
} from './paper-party.ts';

describe('a registration', () => {
  const { paper, clerk } = withKeepersClerk();

  test('is signed by two administrators of the keeper', () => {
    permits(paper, registered());
    permits(paper, registered(signedBy(KEEPER_B, KEEPER_A)));
  });

  test.each(notTheKeeper(clerk))('by %s is refused', (_who, call, code) => {
    refuses(code, paper, registered(call));
  });

  test('is kept with its request, in one place', () => {
    refuses('entry_invalid', paper, registered({ request: null }));
    expect(permits(paper, registered())).toHaveProperty('request');
  });

  test('enters each key once, an operator for each, and both duties', () => {
    const [business, admin] = keysOfParty(NEW);
    permits(paper, registered({ keys: [business] }));
    refuses('already_there', paper, registered({ keys: [business, { ...admin, key: business.key }] }));
    refuses('input_invalid', paper, registered({ keys: [business, { ...admin, operator: business.operator }] }));
    const ledger = openedPaper();
    ledger.write(registered(), TODAY);
    expect(partyOf(ledger, NEW)).toEqual({
      name: '示例',
      roles: ['grantee'],
      operators: {
        [business.operator]: { duty: 'query', left_at: null },
        [admin.operator]: { duty: 'admin', left_at: null },
      },
      keys: [business, admin].map(({ key, operator }) => ({ key, operator, ended_at: null, compromised_since: null })),
      suspended_at: null,
    });
  });

  test(`has ${FIRST_KEYS_MAX} keys at most`, () => {
    const { entry } = openedPaper().write(registered(), TODAY);
    const keys = (count: number) =>
      Array.from({ length: count }, (_, n) => ({ key: keyOf(paperId(n)), operator: paperId(n), duty: 'query' }));
    const accepts = (count: number) => commandOf({ ...entry, body: { ...entry.body, keys: keys(count) } });
    expect(() => accepts(FIRST_KEYS_MAX)).not.toThrow();
    expectFailure('entry_invalid', () => accepts(FIRST_KEYS_MAX + 1));
  });

  test('never makes a second keeper', () => {
    for (const roles of [['keeper'], ['grantee', 'keeper'], ['keeper', 'supervisor']] as const) {
      refuses('party_role', paper, registered({ roles }));
    }
    for (const role of PARTY_ROLES.filter((each) => each !== 'keeper')) permits(paper, registered({ roles: [role] }));
  });
});

describe('the keeper’s own registration', () => {
  const founding = (change: Partial<Of<'party.registered'>> = {}, party: PartyId = KEEPER): Command => ({
    type: 'party.registered',
    stream: partyStream(party),
    input: { name: '示例', roles: ['keeper'], keys: keysOfParty(KEEPER, 'admin'), ...unsigned(), ...change },
  });
  function blank(keeper: PartyId = KEEPER): Paper {
    const paper = openPaper();
    const input = { log_key: 'x', issuing_key: 'x', recovery_key: 'x', keeper, engine: 1 };
    paper.write({ type: 'log.opened', stream: LOG_STREAM, input }, TODAY - DAY);
    return paper;
  }

  test('is the only one without a signature, in the stream that entry 0 names', () => {
    permits(blank(), founding());
    refuses('entry_invalid', blank(), founding({}, LENDER));
    refuses('entry_invalid', blank(LENDER), founding());
    refuses('entry_invalid', openPaper(), founding());
    for (const role of PARTY_ROLES.filter((each) => each !== 'keeper')) {
      refuses('entry_invalid', blank(), founding({ roles: [role] }));
      refuses('entry_invalid', blank(), founding({ roles: ['keeper', role] }));
      refuses('entry_invalid', openedPaper(), registered({ roles: [role], ...unsigned() }));
    }
  });

  test('has two administrators', () => {
    const [first, second] = keysOfParty(KEEPER, 'admin');
    const third = { key: 'N'.repeat(43), operator: NEW_OPERATOR, duty: 'admin' } as const;
    permits(blank(), founding({ keys: [first, second, { ...third, duty: 'query' }] }));
    for (const keys of [[], [first], [first, { ...second, duty: 'query' }], [first, second, third]] as const) {
      refuses('entry_invalid', blank(), founding({ keys }));
    }
    refuses('input_invalid', blank(), founding({ keys: [first, { ...second, operator: first.operator }] }));
    refuses('already_there', blank(), founding({ keys: [first, { ...second, key: first.key }] }));
  });

  test('comes once, and nobody is registered before it', () => {
    refuses('already_there', openedPaper(), founding());
    refuses('party_unknown', blank(), registered());
  });

  test('claims no signer and no request', () => {
    refuses('entry_invalid', blank(), founding({ by: [KEEPER_A] }));
    refuses('entry_invalid', blank(), founding({ by: [KEEPER_A, KEEPER_B] }));
    refuses('entry_invalid', blank(), founding({ request: calledByKeeper().request }));
    refuses('entry_invalid', blank(), founding({ ...stated() }));
  });
});

describe('the keys and operators of a party', () => {
  test.each(ADMINISTERED)('%s: by its own administrator, or by two of the keeper', (_type, make) => {
    const { paper, clerk } = withKeepersClerk();
    permits(paper, make(LENDER, byAdmin()));
    permits(paper, make(LENDER, calledByKeeper()));
    refuses('duty_missing', paper, make(LENDER, calledBy(LENDER, 'query')));
    refuses('principal_mismatch', paper, make(LENDER, byAdmin(OTHER_LENDER)));
    for (const [, call, code] of notTheKeeper(clerk)) {
      // Two of its own are one too many: a party acts by one signature.
      refuses(call.by[0]?.party === LENDER ? 'principal_mismatch' : code, paper, make(LENDER, call));
    }
    const unknown = paperId<PartyId>(5);
    refuses('party_unknown', paper, make(unknown, calledByKeeper()));
    refuses('party_unknown', paper, make(unknown, byAdmin(unknown)));
  });

  test.each(ADMINISTERED)('%s: of the keeper’s own only by two', (_type, make) => {
    const { paper, clerk } = withKeepersClerk();
    paper.write(THIRD_ADMIN, TODAY - MINUTE);
    permits(paper, make(KEEPER, calledByKeeper()));
    for (const [, call, code] of notTheKeeper(clerk)) refuses(code, paper, make(KEEPER, call));
  });

  test.each(ADMINISTERED)('%s: is refused with a field too many, too few, or of another type', (_type, make) => {
    const { entry } = openedPaper().write(make(LENDER, byAdmin()), TODAY);
    expect(() => commandOf(entry)).not.toThrow();
    expectFailure('entry_invalid', () => commandOf({ ...entry, body: { ...entry.body, remark: 'x' } }));
    for (const name of Object.keys(entry.body).filter((field) => field !== 'saw')) {
      const { [name]: _gone, ...body } = entry.body;
      expectFailure('entry_invalid', () => commandOf({ ...entry, body }));
      expectFailure('entry_invalid', () => commandOf({ ...entry, body: { ...entry.body, [name]: { x: 1 } } }));
    }
    for (const key of [-1, 256, 0.5, '0', null]) {
      if (!('key' in entry.body) || typeof entry.body['key'] !== 'number') continue;
      expectFailure('entry_invalid', () => commandOf({ ...entry, body: { ...entry.body, key } }));
    }
  });

  test.each(ADMINISTERED)('%s: names its signers by keys that are there', (_type, make) => {
    const paper = openedPaper();
    const signer = signerOf(LENDER, 'admin');
    for (const wrong of [
      { ...signer, key: 2 },
      { ...signer, key: 0 },
      { ...signer, operator: operatorOf(LENDER, 'query') },
      { ...signer, operator: operatorOf(OTHER_LENDER, 'admin') },
      { ...signer, operator: '__proto__' as OperatorId },
    ]) {
      refuses('key_ended', paper, make(LENDER, { ...byAdmin(), by: [wrong] }));
    }
  });

  test('comes first, the registration: nothing else opens the stream, in a fold neither', () => {
    for (const make of [ADDED, RETIRED, COMPROMISED, LEFT]) {
      const { type, stream, input } = make(NEW, calledByKeeper());
      expectFailure('entry_invalid', () =>
        evolve(undefined, type, { stream, seq: 0, time: at(TODAY), body: input as never }),
      );
    }
  });
});

describe('a new key', () => {
  test('signs from its entry on, beside the old one', () => {
    const paper = openedPaper();
    const operator = operatorOf(LENDER, 'query');
    const second = { ...calledBy(LENDER), by: [{ party: LENDER, operator, key: 2 }] };
    refuses('key_ended', paper, ask(second));
    paper.write(ADDED(LENDER, byAdmin(), { operator }), TODAY);
    permits(paper, ask(second));
    permits(paper, ask());
    const party = partyOf(paper, LENDER);
    expect(party.keys.map(({ operator: of }) => of)).toEqual([operator, operatorOf(LENDER, 'admin'), operator]);
    expect(keyNumber(party, 'N'.repeat(43))).toBe(2);
    expect(keyNumber(party, 'M'.repeat(43))).toBeUndefined();
    expect(activeKeys(party, undefined)).toHaveLength(3);
  });

  test('is new, even where the old one has ended', () => {
    const paper = openedPaper();
    const again = ADDED(LENDER, byAdmin(), { key: keyOf(operatorOf(LENDER, 'query')) });
    refuses('already_there', paper, again);
    paper.write(RETIRED(LENDER, byAdmin()), TODAY);
    refuses('already_there', paper, again);
  });

  test('leaves its operator with one duty, and is of nobody who left', () => {
    const paper = openedPaper();
    for (const duty of ['query', 'admin'] as const) {
      const operator = operatorOf(LENDER, duty);
      permits(paper, ADDED(LENDER, byAdmin(), { operator, duty }));
      const other: Duty = duty === 'query' ? 'admin' : 'query';
      refuses('duty_missing', paper, ADDED(LENDER, byAdmin(), { operator, duty: other }));
      permits(paper, ADDED(LENDER, byAdmin(), { operator: NEW_OPERATOR, duty }));
    }
    paper.write(LEFT(LENDER, byAdmin()), TODAY);
    refuses('key_ended', paper, ADDED(LENDER, byAdmin(), { operator: operatorOf(LENDER, 'query') }));
  });
});

describe('the end of a key', () => {
  test('is from its entry on and for good: nothing takes it back', () => {
    const paper = signedPaper();
    permits(paper, ask());
    paper.write(RETIRED(LENDER, byAdmin()), TODAY);
    refuses('key_ended', paper, ask());
    refuses('key_ended', paper, RETIRED(LENDER, byAdmin()));
    expect(partyOf(paper, LENDER).keys[0]).toMatchObject({ ended_at: TODAY, compromised_since: null });
    expect(activeKeys(partyOf(paper, LENDER), undefined)).toEqual([keyOf(operatorOf(LENDER, 'admin'))]);
    paper.write(suspended(LENDER), TODAY);
    paper.write(reinstated(LENDER), TODAY);
    refuses('key_ended', paper, ask());
  });

  test('is of a key that is there', () => {
    const paper = openedPaper();
    for (const make of [RETIRED, COMPROMISED]) {
      refuses('key_ended', paper, make(LENDER, byAdmin(), { key: 2 }));
      permits(paper, make(LENDER, byAdmin(), { key: 1 }));
    }
  });

  test('may be by the key itself, once', () => {
    const paper = openedPaper();
    paper.write(RETIRED(LENDER, byAdmin(), { key: 1 }), TODAY);
    refuses('key_ended', paper, ADDED(LENDER, byAdmin()));
    // The keeper helps out.
    paper.write(ADDED(LENDER, calledByKeeper(), { duty: 'admin' }), TODAY);
    const third = { party: LENDER, operator: NEW_OPERATOR, key: 2 };
    permits(paper, RETIRED(LENDER, { ...byAdmin(), by: [third] }));
  });
});

describe('a compromised key', () => {
  const declared = (since: number, call = byAdmin()) => COMPROMISED(LENDER, call, { since });

  test('signs no more, from the entry on, whatever its date', () => {
    const paper = signedPaper();
    paper.write(declared(TODAY), TODAY);
    refuses('key_ended', paper, ask());
    refuses('key_ended', paper, ask(), TODAY - 1);
    expect(partyOf(paper, LENDER).keys[0]).toMatchObject({ ended_at: TODAY, compromised_since: TODAY });
    // It has ended: there is nothing to retire.
    refuses('key_ended', paper, RETIRED(LENDER, byAdmin()));
  });

  test('is so since a time that has come', () => {
    const paper = openedPaper();
    permits(paper, declared(TODAY));
    refuses('input_invalid', paper, declared(TODAY + 1));
    permits(paper, declared(TODAY + 1), TODAY + 1);
    permits(paper, declared(0));
  });

  test('has a date that only moves back', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(20), { minLength: 1, maxLength: 12 }), (dates) => {
        const paper = openedPaper();
        let since: number | null = null;
        for (const days of dates) {
          const date = TODAY - days * DAY;
          const goes: boolean = since === null || date < since;
          if (goes) paper.write(declared(date, calledByKeeper()), TODAY);
          else refuses('already_there', paper, declared(date));
          since = Math.min(since ?? date, date);
          expect(partyOf(paper, LENDER).keys[0]).toMatchObject({ compromised_since: since, ended_at: TODAY });
        }
      }),
    );
  });

  test('may have been retired before: its end stays when it was', () => {
    const paper = openedPaper();
    paper.write(RETIRED(LENDER, byAdmin()), TODAY);
    paper.write(declared(TODAY - DAY), TODAY + DAY);
    expect(partyOf(paper, LENDER).keys[0]).toMatchObject({ ended_at: TODAY, compromised_since: TODAY - DAY });
  });
});

describe('an operator who left', () => {
  test('signs no more with any key, and does not come back', () => {
    const paper = signedPaper();
    const operator = operatorOf(LENDER, 'query');
    paper.write(ADDED(LENDER, byAdmin(), { operator }), TODAY);
    paper.write(LEFT(LENDER, byAdmin()), TODAY + 1);
    for (const key of [0, 2]) {
      refuses('key_ended', paper, ask({ ...calledBy(LENDER), by: [{ party: LENDER, operator, key }] }));
    }
    expect(partyOf(paper, LENDER).operators[operator]).toEqual({ duty: 'query', left_at: TODAY + 1 });
    refuses('key_ended', paper, LEFT(LENDER, byAdmin()));
    refuses('key_ended', paper, ADDED(LENDER, byAdmin(), { operator, key: 'M'.repeat(43) }));
  });

  test('was one of the party', () => {
    const paper = openedPaper();
    for (const operator of [NEW_OPERATOR, operatorOf(OTHER_LENDER, 'query'), '__proto__', 'constructor']) {
      refuses('operator_unknown', paper, LEFT(LENDER, byAdmin(), { operator }));
    }
  });
});
