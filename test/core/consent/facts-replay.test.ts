/** Facts and time: what is stated later changes no decision before it, whatever the facts, and none touches a grant. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { JsonObject } from '#core/canonical.ts';
import type { View } from '#core/consent/rule.ts';
import { type Command, decideAgain, type EntryType, evolve } from '#core/consent/rules.ts';
import { isFailure } from '#core/failure.ts';
import type { FactId } from '#core/ids.ts';
import { dayAt } from '#core/pack/reckon.ts';
import type { StreamHead } from '#core/tlog/chain.ts';
import type { StreamId } from '#core/tlog/stream.ts';
import { expectFailure } from '../../support/failure.ts';
import { withRules } from '../pack/paper-pack.ts';
import { CATALOGUE } from './paper-catalogue.ts';
import {
  ask,
  calledBy,
  calledByKeeper,
  DAY,
  hashOf,
  LENDER,
  type Line,
  type Paper,
  paperId,
  published,
  REL,
  relationshipOf,
  signedPaper,
  TODAY,
} from './paper-ledger.ts';

const ANY = { actions: null, subjects: null, item_kinds: null, purpose_kinds: null, bases: null, regions: null };
/** A rule for each fact: what it says decides. */
const LAW = {
  ...CATALOGUE,
  rules: withRules(
    { id: 'F-1', applies: ANY, require: 'live_facility', otherwise: { deny: 'NOFACILITY' } },
    { id: 'F-2', applies: ANY, require: 'of_age_or_guardian', otherwise: { deny: 'CAPACITY' } },
    { id: 'F-3', applies: ANY, require: 'notice_before', otherwise: { deny: 'NOTICE_MISSING' } },
    {
      id: 'F-4',
      applies: ANY,
      require: 'within_retention',
      params: { days: null, workdays: null, years: 5, count: null, grade: null, owed_to: null },
      otherwise: { deny: 'EXPIRED' },
    },
    { id: 'F-5', applies: ANY, require: 'undisputed', otherwise: { flag: 'DISPUTED' }, severity: 'warning' },
  ).rules,
};

const today = dayAt(TODAY);
const span = { from: today, last: null, years: null };
const fact = (n: number) => paperId<FactId>(0x700 + n);
const notice = { kind: 'reporting_continues', channel: 'sms', items: ['credit_report'], sent_at: TODAY } as const;
const stating = (type: EntryType, said: object): Command =>
  ({ type, stream: REL, input: { principal: LENDER, ...said, ...calledBy(LENDER) } }) as unknown as Command;

const numbers = fc.nat(2);
const steps = fc.array(
  fc.oneof(
    numbers.map((n) => () => stating('facility.bound', { facility: fact(n), ...span })),
    numbers.map((n) => () => stating('facility.closed', { facility: fact(n) })),
    fc
      .constantFrom('under_14', '16_17', 'adult')
      .map((band) => () => stating('subject.attested', { band, own_income: false, guardian: false })),
    numbers.map(
      (n) => () => stating('notice.sent', { notice: fact(n), ...notice, content: hashOf(1), delivery: hashOf(2) }),
    ),
    fc
      .constantFrom('2018-01-01', '2023-01-01', null)
      .map(
        (ended_on) => () =>
          stating('item.attested', { item: 'credit_report', ended_on, determined_on: null, region: null }),
      ),
    numbers.map((n) => () => stating('objection.opened', { objection: fact(n), items: ['credit_report'] })),
    numbers.map((n) => () => stating('objection.answered', { objection: fact(n), answer: 'corrected' })),
    fc.constantFrom('loan_apply', 'post_loan').map((purpose) => () => ask({ purpose })),
  ),
  { minLength: 5, maxLength: 30 },
);

function ruled(): Paper {
  const paper = signedPaper();
  paper.write(published(LAW, calledByKeeper()), TODAY);
  return paper;
}

/** Decides every line again, each on what came before it. */
function replay(lines: readonly Line[], pack: NonNullable<View['pack']>): void {
  const streams = new Map<StreamId, StreamHead & { readonly state: JsonObject }>();
  const view: View = { head: (stream) => streams.get(stream), state: (stream) => streams.get(stream)?.state, pack };
  for (const { entry, leaf } of lines) {
    decideAgain(view, entry);
    const state = evolve(view.state(entry.stream), entry.type as EntryType, entry);
    streams.set(entry.stream, { seq: entry.seq, leaf, state });
  }
}

test('whatever is stated, each decision replays as it was, and no fact touches anything but the facts', () => {
  const outcomes = new Set<string>();
  fc.assert(
    fc.property(steps, (history) => {
      const paper = ruled();
      let now = TODAY;
      for (const make of history) {
        now += DAY / 8;
        const { facts: _before, ...before } = relationshipOf(paper);
        let line: Line;
        try {
          line = paper.write(make(), now);
        } catch (thrown) {
          if (!isFailure(thrown)) throw thrown;
          continue;
        }
        if (line.entry.type === 'access.decided') {
          outcomes.add(JSON.stringify([line.entry.body['codes'], (line.entry.body['law'] as JsonObject)['marks']]));
          continue;
        }
        const { facts: _after, ...after } = relationshipOf(paper);
        expect(after).toEqual(before);
      }
      replay(paper.lines, paper.pack as NonNullable<View['pack']>);
    }),
    { numRuns: 60 },
  );
  expect(outcomes.size).toBeGreaterThan(5);
});

test('a decision that rests on a fact stated only afterwards is no entry of this ledger', () => {
  const paper = ruled();
  const pack = paper.pack as NonNullable<View['pack']>;
  const early = paper.write(ask(), TODAY + 1);
  expect(early.entry.body['codes']).toEqual(['CAPACITY', 'NOFACILITY', 'NOTICE_MISSING']);
  paper.write(stating('subject.attested', { band: 'adult', own_income: false, guardian: false }), TODAY + 2);
  const late = paper.write(ask(), TODAY + 3);
  expect(late.entry.body['codes']).toEqual(['NOFACILITY', 'NOTICE_MISSING']);
  replay(paper.lines, pack);
  const { codes } = late.entry.body;
  const { law } = late.entry.body;
  const body = { ...early.entry.body, codes, law } as JsonObject;
  const lines = paper.lines.map((line) => (line === early ? { ...line, entry: { ...line.entry, body } } : line));
  expectFailure('entry_invalid', () => replay(lines, pack));
});
