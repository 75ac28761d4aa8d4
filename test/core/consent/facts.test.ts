/** Facts of a relationship and ties of parties: who may state them, what they fold to, and their maxima. */
import { describe, expect, test } from 'vitest';
import {
  FACILITIES_MAX,
  factsIn,
  ITEM_FACTS_MAX,
  NOTICES_MAX,
  OBJECTIONS_MAX,
  SIGNERS_MAX,
  type SignerFact,
} from '#core/consent/facts.ts';
import type { Grant, Relationship } from '#core/consent/relationship.ts';
import type { View } from '#core/consent/rule.ts';
import { type Command, decide, evolve } from '#core/consent/rules.ts';
import type { FactId, PartyId } from '#core/ids.ts';
import type { Instant } from '#core/instant.ts';
import type { Day } from '#core/pack/day.ts';
import { dayAt, startOf } from '#core/pack/reckon.ts';
import { partyStream } from '#core/tlog/stream.ts';
import { expectFailure } from '../../support/failure.ts';
import {
  ask,
  BUREAU,
  calledBy,
  calledByKeeper,
  changed,
  DAY,
  hashOf,
  LENDER,
  MINUTE,
  OTHER_LENDER,
  openedPaper,
  outcomeOf,
  type Paper,
  paperId,
  partyOf,
  REL,
  relationshipOf,
  signedPaper,
  TODAY,
} from './paper-ledger.ts';

const FACT = paperId<FactId>(0x77);
const SPAN = { from: '2020-07-09' as Day, last: null, years: 3 };
const NO_SPAN = { from: '2020-07-09' as Day, last: null, years: null };
const at = (time: number) => time as Instant;

type Said = { readonly type: Command['type']; readonly said: object };
const SAID: Readonly<Record<string, Said>> = {
  facility: { type: 'facility.bound', said: { facility: FACT, ...SPAN } },
  notice: {
    type: 'notice.sent',
    said: {
      notice: FACT,
      kind: 'adverse_report',
      channel: 'sms',
      items: ['adverse'],
      content: hashOf(1),
      delivery: hashOf(2),
      sent_at: TODAY,
    },
  },
  subject: { type: 'subject.attested', said: { band: 'adult', own_income: true, guardian: false } },
  item: {
    type: 'item.attested',
    said: { item: 'adverse', ended_on: '2019-06-01', determined_on: null, region: '33' },
  },
  objection: { type: 'objection.opened', said: { objection: FACT, items: ['credit_report'] } },
};

function state({ type, said }: Said, change: object = {}, call = calledBy(LENDER)): Command {
  return { type, stream: REL, input: { principal: LENDER, ...said, ...call, ...change } } as unknown as Command;
}
const facts = (paper: Paper) => factsIn(relationshipOf(paper));

describe('a fact of a relationship', () => {
  test.each(Object.entries(SAID))('of a %s is stated by its grantee’s operator, and by nobody else', (_name, said) => {
    const paper = openedPaper();
    const other = { principal: OTHER_LENDER };
    expectFailure('relationship_unknown', () => paper.write(state(said, other, calledBy(OTHER_LENDER)), TODAY));
    expectFailure('principal_mismatch', () => paper.write(state(said, {}, calledBy(OTHER_LENDER)), TODAY));
    expectFailure('duty_missing', () => paper.write(state(said, {}, calledBy(LENDER, 'admin')), TODAY));
    paper.write(state(said), TODAY);
  });

  test.each(Object.entries(SAID))('of a %s touches no grant, and nothing but the facts', (_name, said) => {
    const paper = signedPaper();
    const { facts: _none, ...before } = relationshipOf(paper);
    paper.write(state(said), TODAY + 1);
    const { facts: stated, ...after } = relationshipOf(paper);
    expect(after).toEqual(before);
    expect(stated).toBeDefined();
  });

  test('is stated by a successor, once it is registered', () => {
    const paper = openedPaper();
    const bySuccessor = () => state(SAID['subject'] as Said, { principal: OTHER_LENDER }, calledBy(OTHER_LENDER));
    expectFailure('relationship_unknown', () => paper.write(bySuccessor(), TODAY));
    paper.write(succession(LENDER), TODAY);
    paper.write(bySuccessor(), TODAY);
  });
});

describe('a facility', () => {
  const open = (paper: Paper) => facts(paper).facilities[FACT];
  const bound = (change: object) => state(SAID['facility'] as Said, change);

  test.each([
    [SPAN, '2023-07-10'],
    [{ ...NO_SPAN, last: '2023-07-09' }, '2023-07-10'],
    [{ ...SPAN, from: '2020-02-29', years: 1 }, '2021-03-01'],
    [NO_SPAN, null],
  ])('of %j ends with its last day, whole', (span, end) => {
    const paper = openedPaper();
    paper.write(bound(span), TODAY);
    const to = open(paper)?.to ?? null;
    expect(to === null ? null : dayAt(to)).toBe(end);
    expect(to === null || to === startOf(dayAt(to))).toBe(true);
  });

  test.each([[{ ...SPAN, last: '2023-07-09' }], [{ ...NO_SPAN, last: '2020-07-08' }]])(
    'of %j contradicts itself',
    (span) => {
      expectFailure('input_invalid', () => openedPaper().write(bound(span), TODAY));
    },
  );

  test('is bound once, changed while it is open, and closed once', () => {
    const paper = openedPaper();
    const changedTo = (span: object) => state({ type: 'facility.changed', said: { facility: FACT, ...span } });
    const closed = () => state({ type: 'facility.closed', said: { facility: FACT } });
    expectFailure('fact_unknown', () => paper.write(changedTo(SPAN), TODAY));
    expectFailure('fact_unknown', () => paper.write(closed(), TODAY));
    paper.write(bound({}), TODAY);
    expectFailure('already_there', () => paper.write(bound({}), TODAY));
    paper.write(changedTo(NO_SPAN), TODAY);
    expect(open(paper)).toMatchObject({ to: null, closed_at: null });
    paper.write(closed(), TODAY + 1);
    expect(open(paper)?.closed_at).toBe(TODAY + 1);
    expectFailure('fact_ended', () => paper.write(closed(), TODAY + 2));
    expectFailure('fact_ended', () => paper.write(changedTo(SPAN), TODAY + 2));
  });
});

describe('a notice', () => {
  test('counts from the later of its own time and the ledger’s, and is not sent far ahead', () => {
    const sent = (sent_at: number) => state(SAID['notice'] as Said, { sent_at });
    const paper = openedPaper();
    paper.write(sent(TODAY - DAY), TODAY);
    paper.write(sent(TODAY + MINUTE), TODAY);
    expect(facts(paper).notices.map((notice) => notice.at)).toEqual([TODAY, TODAY + MINUTE]);
    paper.write(sent(TODAY + 5 * MINUTE), TODAY);
    expectFailure('signed_ahead', () => paper.write(sent(TODAY + 5 * MINUTE + 1), TODAY));
  });
});

describe('an attestation', () => {
  test('of an age is of a person, of a signer of a firm', () => {
    const paper = openedPaper();
    const firm = changed(paper, { [REL]: { ...relationshipOf(paper), subject: 'firm' } });
    const signer = state({ type: 'signer.attested', said: { kind: 'attorney', from: TODAY, to: TODAY + DAY } });
    expectFailure('input_invalid', () => outcomeOf(paper, signer, TODAY));
    expectFailure('input_invalid', () => outcomeOf(firm, state(SAID['subject'] as Said), TODAY));
    outcomeOf(firm, signer, TODAY);
    const backwards = state({ type: 'signer.attested', said: { kind: 'attorney', from: TODAY, to: TODAY } });
    expectFailure('input_invalid', () => outcomeOf(firm, backwards, TODAY));
  });
});

describe('an objection', () => {
  const opened = (change = {}) => state(SAID['objection'] as Said, change);
  const marked = () => state({ type: 'objection.marked', said: { objection: FACT } });
  const answered = () => state({ type: 'objection.answered', said: { objection: FACT, answer: 'corrected' } });

  test('is opened, marked and answered once each, of one item or more', () => {
    const paper = openedPaper();
    expectFailure('input_invalid', () => paper.write(opened({ items: [] }), TODAY));
    for (const command of [marked(), answered()]) expectFailure('fact_unknown', () => paper.write(command, TODAY));
    paper.write(opened(), TODAY);
    expectFailure('already_there', () => paper.write(opened(), TODAY));
    paper.write(marked(), TODAY + 1);
    expectFailure('already_there', () => paper.write(marked(), TODAY + 2));
    paper.write(answered(), TODAY + 3);
    for (const command of [marked(), answered()]) expectFailure('fact_ended', () => paper.write(command, TODAY + 4));
    // No calendar is in force: no day is guessed.
    expect(facts(paper).objections[FACT]).toEqual({
      items: ['credit_report'],
      opened_at: TODAY,
      due: null,
      marked_at: TODAY + 1,
      answered_at: TODAY + 3,
    });
  });
});

const id = (n: number) => paperId<FactId>(0x1000 + n);

describe('a relationship', () => {
  test.each([
    ['facilities', FACILITIES_MAX, 'facility', (n: number) => ({ facility: paperId<FactId>(0x1000 + n) })],
    ['objections', OBJECTIONS_MAX, 'objection', (n: number) => ({ objection: paperId<FactId>(0x1000 + n) })],
    ['items with dates', ITEM_FACTS_MAX, 'item', (n: number) => ({ item: `item_${n}` })],
  ] as const)('has so many %s: %i', (_what, countMax, name, change) => {
    const paper = openedPaper();
    for (let n = 0; n < countMax; n++) paper.write(state(SAID[name] as Said, change(n)), TODAY);
    expectFailure('limit_reached', () => paper.write(state(SAID[name] as Said, change(countMax)), TODAY));
  });

  test('makes room for a facility by what was closed first, and for no other', () => {
    const paper = openedPaper();
    const bind = (n: number) => paper.write(state(SAID['facility'] as Said, { facility: id(n) }), TODAY);
    for (let n = 0; n < FACILITIES_MAX; n++) bind(n);
    const close = (n: number, time: number) =>
      paper.write(state({ type: 'facility.closed', said: { facility: id(n) } }), time);
    close(7, TODAY + 1);
    close(3, TODAY + 2);
    for (const n of [100, 101]) paper.write(state(SAID['facility'] as Said, { facility: id(n) }), TODAY + 3);
    const { facilities } = facts(paper);
    expect(Object.keys(facilities)).toHaveLength(FACILITIES_MAX);
    for (const n of [3, 7]) expect(facilities).not.toHaveProperty(id(n));
    for (const n of [0, 100, 101]) expect(facilities).toHaveProperty(id(n));
    expectFailure('limit_reached', () =>
      paper.write(state(SAID['facility'] as Said, { facility: id(102) }), TODAY + 3),
    );
    // What was forgotten is not there any more; what is there is still taken.
    expectFailure('fact_unknown', () => close(7, TODAY + 4));
    expectFailure('already_there', () => bind(100));
  });

  test('makes room for an objection by what was answered first', () => {
    const paper = openedPaper();
    const open = (n: number, time = TODAY) => paper.write(state(SAID['objection'] as Said, { objection: id(n) }), time);
    for (let n = 0; n < OBJECTIONS_MAX; n++) open(n);
    paper.write(state({ type: 'objection.answered', said: { objection: id(9), answer: 'confirmed' } }), TODAY + 1);
    open(100, TODAY + 2);
    const { objections } = facts(paper);
    expect(Object.keys(objections)).toHaveLength(OBJECTIONS_MAX);
    expect(objections).not.toHaveProperty(id(9));
    expectFailure('limit_reached', () => open(101, TODAY + 3));
  });

  test('makes room for a signer by those whose word counts no more, and keeps who signed what stands', () => {
    const paper = signedPaper();
    const over = (n: number) => ({ kind: 'attorney' as const, from: TODAY - 2 * DAY, to: TODAY - DAY + n });
    const { signed_at } = Object.values(relationshipOf(paper).grants)[0] as Grant;
    const signer = { kind: 'legal_representative' as const, from: signed_at, to: signed_at + 1 };
    const withSigners = (signers: readonly SignerFact[]) => {
      const relationship = relationshipOf(paper);
      return changed(paper, {
        [REL]: { ...relationship, drafts: {}, subject: 'firm', facts: { ...factsIn(relationship), signers } },
      });
    };
    const attest = (to: number | null = null) =>
      state({ type: 'signer.attested', said: { kind: 'attorney', from: TODAY, to } });
    const body = (view: View) => ({ ...decide(view, attest(), (TODAY + DAY) as Instant) });
    const stateAfter = (view: View) =>
      factsIn(
        evolve(view.state(REL), 'signer.attested', {
          stream: REL,
          seq: 9,
          time: (TODAY + DAY) as Instant,
          body: body(view),
        }) as Relationship,
      ).signers;
    const many = Array.from({ length: SIGNERS_MAX - 1 }, (_, n) => over(n));
    expect(stateAfter(withSigners([signer, ...many]))).toEqual([signer, { kind: 'attorney', from: TODAY, to: null }]);
    // Who could sign since a draft was made is not forgotten while that can be signed.
    const waiting = withSigners([signer, ...many]);
    const draft = { drafted_at: TODAY - DAY + 1, expires_at: TODAY + 2 * DAY };
    for (const name of ['drafts', 'holds']) {
      const view = changed(waiting, { [REL]: { ...relationshipOf(waiting), [name]: { d: draft } } as never });
      expectFailure('limit_reached', () => body(view));
    }
    // As long as there is room, nobody is forgotten.
    expect(stateAfter(withSigners([signer, ...many.slice(1)]))).toHaveLength(SIGNERS_MAX);
    const standing = Array.from({ length: SIGNERS_MAX }, () => signer);
    expectFailure('limit_reached', () => body(withSigners(standing)));
  });

  test('forgets its oldest notices', () => {
    const paper = openedPaper();
    for (let n = 0; n <= NOTICES_MAX; n++) {
      paper.write(state(SAID['notice'] as Said, { notice: paperId<FactId>(n), sent_at: TODAY - DAY + n }), TODAY);
    }
    expect(facts(paper).notices).toHaveLength(NOTICES_MAX);
  });
});

function succession(predecessor: PartyId, call = calledByKeeper()): Command {
  return { type: 'party.succeeded', stream: partyStream(OTHER_LENDER), input: { predecessor, ...call } };
}

describe('a tie of a party', () => {
  test('of succession is registered by the keeper, once, between lenders', () => {
    const paper = openedPaper();
    expectFailure('principal_mismatch', () => paper.write(succession(LENDER, calledBy(OTHER_LENDER, 'admin')), TODAY));
    expectFailure('party_role', () => paper.write(succession(BUREAU), TODAY));
    expectFailure('already_there', () => paper.write(succession(OTHER_LENDER), TODAY));
    expectFailure('party_unknown', () => paper.write(succession(paperId(0x55)), TODAY));
    paper.write(succession(LENDER), TODAY);
    expectFailure('already_there', () => paper.write(succession(LENDER), TODAY));
    expect(partyOf(paper, OTHER_LENDER).succeeds).toEqual([LENDER]);
  });

  test('of a licence is registered by the keeper; the same kind again changes it', () => {
    const licensed = (change: object, call = calledByKeeper()): Command => ({
      type: 'party.licensed',
      stream: partyStream(LENDER),
      input: { kind: 'bank', from: at(TODAY), to: null, ...call, ...change },
    });
    const paper = openedPaper();
    expectFailure('principal_mismatch', () => paper.write(licensed({}, calledBy(LENDER, 'admin')), TODAY));
    expectFailure('input_invalid', () => paper.write(licensed({ to: TODAY }), TODAY));
    paper.write(licensed({}), TODAY);
    paper.write(licensed({ to: TODAY + DAY }), TODAY);
    paper.write(licensed({ kind: 'guarantee' }), TODAY);
    expect(partyOf(paper, LENDER).licences?.map(({ kind, to }) => [kind, to])).toEqual([
      ['bank', TODAY + DAY],
      ['guarantee', null],
    ]);
  });

  test('of a mandate lets a processor ask for its principal, within its span, and for nobody else', () => {
    const paper = signedPaper();
    const processor = BUREAU;
    const mandate = (change: object, call = calledBy(LENDER, 'admin')): Command => ({
      type: 'party.mandated',
      stream: partyStream(processor),
      input: { principal: LENDER, from: at(TODAY), to: at(TODAY + DAY), covers: ['access'], ...call, ...change },
    });
    const asProcessor = () => ask({ ...calledBy(processor) });
    expectFailure('party_role', () => paper.write(mandate({}), TODAY));
    const roled = { ...partyOf(paper, processor), roles: ['bureau', 'processor'] };
    const seen = changed(paper, { [partyStream(processor)]: roled });
    for (const call of [calledBy(processor, 'admin'), calledBy(LENDER)]) {
      expect(() => outcomeOf(seen, mandate({}, call), TODAY)).toThrow();
    }
    outcomeOf(seen, mandate({}), TODAY);
    expectFailure('principal_mismatch', () => outcomeOf(seen, asProcessor(), TODAY));
    const mandates = [{ principal: LENDER, from: TODAY, to: TODAY + DAY, covers: ['access'] }];
    const mandated = changed(paper, { [partyStream(processor)]: { ...roled, mandates } });
    expect(outcomeOf(mandated, asProcessor(), TODAY + DAY - 1).codes).toEqual([]);
    expectFailure('principal_mismatch', () => outcomeOf(mandated, asProcessor(), TODAY + DAY));
    const foreign = ask({ ...calledBy(processor), principal: OTHER_LENDER });
    expect(() => outcomeOf(mandated, foreign, TODAY)).toThrow();
  });

  test('is one of so many, of which each is still changed or taken away', () => {
    const paper = openedPaper();
    const [licencesMax, mandatesMax] = [32, 256];
    const licences = Array.from({ length: licencesMax }, (_, n) => ({ kind: `kind_${n}`, from: 0, to: null }));
    const mandates = Array.from({ length: mandatesMax }, (_, n) => ({
      principal: n === 0 ? LENDER : paperId<PartyId>(0x5000 + n),
      from: 0,
      to: null,
      covers: ['access'],
    }));
    const full = { ...partyOf(paper, BUREAU), roles: ['processor'], licences, mandates };
    const view = changed(paper, { [partyStream(BUREAU)]: full });
    const licensed = (kind: string): Command => ({
      type: 'party.licensed',
      stream: partyStream(BUREAU),
      input: { kind, from: at(0), to: at(TODAY), ...calledByKeeper() },
    });
    outcomeOf(view, licensed('kind_3'), TODAY);
    expectFailure('limit_reached', () => outcomeOf(view, licensed('another'), TODAY));
    const mandated = (principal: PartyId): Command => ({
      type: 'party.mandated',
      stream: partyStream(BUREAU),
      input: { principal, from: at(0), to: at(TODAY), covers: ['access'], ...calledBy(principal, 'admin') },
    });
    outcomeOf(view, mandated(LENDER), TODAY);
    expectFailure('limit_reached', () => outcomeOf(view, mandated(OTHER_LENDER), TODAY));
  });
});
