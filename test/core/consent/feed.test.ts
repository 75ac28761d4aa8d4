import { describe, expect, test } from 'vitest';
import { partyAcknowledged } from '#core/consent/feed.ts';
import { hearingsOf } from '#core/consent/notices.ts';
import type { Grant, Relationship } from '#core/consent/relationship.ts';
import type { View } from '#core/consent/rule.ts';
import { commandOf, decide, evolve } from '#core/consent/rules.ts';
import type { GrantId, OperatorId, PartyId } from '#core/ids.ts';
import type { Instant } from '#core/instant.ts';
import { feedStream, kindOf, parseStream, partyStream, relationshipStream, type StreamId } from '#core/tlog/stream.ts';
import { expectFailure } from '../../support/failure.ts';

const id = <Id extends string>(n: number) => n.toString(16).padStart(32, '0') as Id;
const HASH = 'A'.repeat(43);
const DOOR = id<PartyId>(1);
const LENDER = id<PartyId>(2);
const OTHER_DOOR = id<PartyId>(3);
const NOW = 1_717_171_200_000 as Instant;

const party = {
  name: '示例',
  roles: ['bureau'],
  operators: { [id(10)]: { duty: 'query', left_at: null }, [id(11)]: { duty: 'admin', left_at: null } },
  keys: [
    { key: HASH, operator: id(10), ended_at: null, compromised_since: null },
    { key: 'B'.repeat(43), operator: id(11), ended_at: null, compromised_since: null },
  ],
  suspended_at: null,
} as const;

function viewOf(acknowledged?: number): View {
  const states = new Map<StreamId, object>([[partyStream(DOOR), party]]);
  if (acknowledged !== undefined) states.set(feedStream(DOOR), { acknowledged });
  return { head: () => undefined, state: (stream) => states.get(stream) as never };
}

const command = (upto: number, key = 0) =>
  ({
    type: 'party.acknowledged',
    stream: feedStream(DOOR),
    input: {
      upto,
      idem: HASH,
      auth: 'http-sig',
      by: [{ party: DOOR, operator: id<OperatorId>(10 + key), key }],
      request: HASH,
    },
  }) as const;

describe('an acknowledgement', () => {
  test('goes forward only', () => {
    for (const [before, upto] of [
      [undefined, 0],
      [0, 1],
      [41, 1_000],
    ] as const) {
      const body = decide(viewOf(before), command(upto), NOW);
      expect(body).toMatchObject({ upto });
      const event = { stream: feedStream(DOOR), seq: 0, time: NOW, body };
      expect(evolve(undefined, 'party.acknowledged', event)).toEqual({ acknowledged: upto });
    }
    for (const [before, upto] of [
      [0, 0],
      [41, 41],
      [41, 40],
    ] as const) {
      expectFailure('already_there', () => decide(viewOf(before), command(upto), NOW));
    }
  });

  test('is signed by one operator of the very party, with the duty for its business', () => {
    expectFailure('duty_missing', () => decide(viewOf(), command(1, 1), NOW));
    expectFailure('principal_mismatch', () => decide(viewOf(), { ...command(1), stream: feedStream(OTHER_DOOR) }, NOW));
    expectFailure('entry_invalid', () => decide(viewOf(), { ...command(1), stream: partyStream(DOOR) }, NOW));
    expect(partyAcknowledged.auth).toEqual(['http-sig']);
  });

  test('stands in a stream of its own, not in the one that receipts carry whole', () => {
    const stream = feedStream(DOOR);
    expect(parseStream(stream)).toBe(`feed/${DOOR}`);
    expect(kindOf(stream)).toBe('feed');
  });

  test.each([-1, 1.5, '1', null, Number.MAX_SAFE_INTEGER + 1])('has no other body: upto %s', (upto) => {
    const { type, stream, input } = command(0);
    const entry = { log: 'x', stream, seq: 0, prev: null, time: NOW, type, body: { ...input, upto }, commit: null };
    expectFailure('entry_invalid', () => commandOf(entry as never));
  });
});

function grant(
  letter: string,
  doors: readonly PartyId[],
  change: Partial<Grant> & { readonly to?: number } = {},
): Grant {
  const { to = NOW + 1, ...rest } = change;
  const terms = { sources: doors.slice(0, 1), recipients: doors.slice(1), to } as unknown as Grant['terms'];
  return { letter, terms, revoked_at: null, ...rest } as Grant;
}

/** Grants by their ids, which stand in their terms, too. */
const named = (grants: Readonly<Record<string, Grant>>) =>
  Object.fromEntries(
    Object.entries(grants).map(([id, each]) => [id, { ...each, terms: { ...each.terms, grant: id as GrantId } }]),
  );

const relationship = {
  grantee: LENDER,
  grants: named({
    [id(0xf3)]: grant(id(0xe2), [DOOR], { revoked_at: NOW - 1 }),
    [id(0xf2)]: grant(id(0xe1), [DOOR, OTHER_DOOR, DOOR]),
    [id(0xf1)]: grant(id(0xe1), [DOOR]),
    [id(0xf4)]: grant(id(0xe2), [OTHER_DOOR], { to: NOW }),
  }),
} as unknown as Relationship;

const stream = relationshipStream(id(0xd1));
const hear = (type: string, body: object = {}) =>
  hearingsOf({ type, stream, time: NOW, body: body as never }, relationship);
const sorted = (hearings: ReturnType<typeof hear>) => [...hearings].sort((a, b) => (a.party < b.party ? -1 : 1));

describe('who has to hear', () => {
  test.each(['grant.revoked', 'grant.paused', 'grant.resumed'])('of %s: the grantee and each door, once', (type) => {
    const found = hear(type, { grant: id(0xf2) });
    expect(sorted(found)).toEqual([DOOR, LENDER, OTHER_DOOR].map((each) => ({ party: each, grants: [id(0xf2)] })));
  });

  test.each(['relationship.frozen', 'relationship.released'])(
    'of %s: the grantee of all that has not ended, each door of its own',
    (type) => {
      expect(sorted(hear(type))).toEqual([
        { party: DOOR, grants: [id(0xf1), id(0xf2)] },
        { party: LENDER, grants: [id(0xf1), id(0xf2)] },
        { party: OTHER_DOOR, grants: [id(0xf2)] },
      ]);
    },
  );

  test('of what becomes of a grant that is bound to one of its candidates: that one, too', () => {
    const [bank, heard] = [id<PartyId>(4), id(0xf1)];
    const bound = { ...relationship.grants[heard], bound: { party: bank, at: NOW } };
    const state = { ...relationship, grants: { ...relationship.grants, [heard]: bound } };
    for (const type of ['grantee.bound', 'grant.revoked', 'grant.paused', 'grant.contested', 'relationship.frozen']) {
      const body = { grant: heard, party: bank } as never;
      const found = hearingsOf({ type, stream, time: NOW, body }, state as never);
      expect(found, type).toContainEqual({ party: bank, grants: [heard] });
    }
    // Of the rest of the relationship it hears nothing.
    const other = { type: 'grant.revoked', stream, time: NOW, body: { grant: id(0xf2) } as never };
    expect(hearingsOf(other, state as never).map(({ party: each }) => each)).not.toContain(bank);
  });

  test('of a freeze where nothing stands: the grantee all the same', () => {
    const state = { grantee: LENDER, grants: {} } as never;
    const entry = { type: 'relationship.frozen', stream, time: NOW, body: {} };
    expect(hearingsOf(entry, state)).toEqual([{ party: LENDER, grants: [] }]);
  });

  test('of a letter and of what doors did: the grantee', () => {
    for (const type of ['letter.signed', 'letter.signed_on_paper'])
      expect(hear(type, { letter: id(0xe1) })).toEqual([{ party: LENDER, grants: [id(0xf1), id(0xf2)] }]);
    for (const type of ['access.redeemed', 'access.settled'])
      expect(hear(type)).toEqual([{ party: LENDER, grants: [] }]);
  });

  test('of its own standing and keys: the party', () => {
    const about = ['suspended', 'reinstated', 'key_added', 'key_retired', 'key_compromised', 'operator_left'];
    for (const each of about) {
      const entry = { type: `party.${each}`, stream: partyStream(DOOR), time: NOW, body: {} };
      expect(hearingsOf(entry, party as never)).toEqual([{ party: DOOR, grants: [] }]);
    }
  });

  test('of anything else: nobody', () => {
    for (const type of [
      'access.decided',
      'letter.drafted',
      'party.acknowledged',
      'person.frozen',
      'toString',
      '__proto__',
    ])
      expect(hear(type)).toEqual([]);
    expect(hear('grant.revoked', { grant: id<GrantId>(0xf1) })).toHaveLength(2);
  });
});
