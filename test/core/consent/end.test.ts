/** Grants that end with what they were given for: the last facility bound after them, for good. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { endOf } from '#core/consent/end.ts';
import { statusOf } from '#core/consent/grant.ts';
import type { Grant } from '#core/consent/relationship.ts';
import { type Command, commandOf, decide } from '#core/consent/rules.ts';
import type { Terms } from '#core/consent/terms.ts';
import type { AccessId, FactId, GrantId } from '#core/ids.ts';
import type { Instant } from '#core/instant.ts';
import type { Day } from '#core/pack/day.ts';
import { addDays } from '#core/pack/reckon.ts';
import { expectFailure } from '../../support/failure.ts';
import {
  amendDrafted,
  ask,
  calledBy,
  DAY,
  drafted,
  held,
  LENDER,
  longer,
  MADE_GRANT,
  MINUTE,
  openedPaper,
  type Paper,
  paperId,
  QUERY_GRANT,
  REL,
  REPORT_GRANT,
  redeemed,
  relationshipOf,
  revoked,
  signed,
  TODAY,
  terms,
} from './paper-ledger.ts';
import { permits, refuses } from './paper-rules.ts';

const ENDING = { ends_with: 'facility' } as const;
const FIRST = '2024-06-01' as Day;
const facilityOf = (n: number) => paperId<FactId>(0x900 + n);
const END = TODAY + 365 * DAY;

function stating(
  type: 'facility.bound' | 'facility.changed' | 'facility.closed',
  n: number,
  span: object = {},
): Command {
  const input = { facility: facilityOf(n), principal: LENDER, ...span, ...calledBy(LENDER) };
  return { type, stream: REL, input } as unknown as Command;
}
/** A facility that runs for so many days; 0: until it is closed. */
const span = (days: number) => ({ from: FIRST, last: days === 0 ? null : addDays(FIRST, days - 1), years: null });
const bind = (n: number, days = 0) => stating('facility.bound', n, span(days));
const change = (n: number, days: number) => stating('facility.changed', n, span(days));
const close = (n: number) => stating('facility.closed', n);

/** A query clause that ends with its facility, and a second one that does not; given now. */
function given(made: Partial<Terms> = ENDING, before: readonly Command[] = []): Paper {
  const paper = openedPaper();
  for (const command of before) paper.write(command, TODAY - MINUTE);
  const other = terms({ grant: REPORT_GRANT });
  paper.write(drafted({ grants: [terms(made), other] }), TODAY - MINUTE);
  paper.write(signed({ given: [true, true], declined_items: [[], []] }), TODAY);
  return paper;
}
const grantOf = (paper: Paper, grant: GrantId = QUERY_GRANT) => relationshipOf(paper).grants[grant] as Grant;
/** Asked without a trace: what is asked again is not the same access twice. */
const codes = (paper: Paper, time: number, change: Parameters<typeof ask>[0] = {}) =>
  decide(paper, ask(change), time as Instant)['codes'];

describe('a grant that ends with its facility', () => {
  test('runs while none is bound, and while one runs; it ends when that is closed', () => {
    const paper = given();
    expect(codes(paper, TODAY + DAY)).toEqual([]);
    paper.write(bind(1), TODAY + DAY);
    expect(codes(paper, TODAY + 2 * DAY)).toEqual([]);
    paper.write(close(1), TODAY + 2 * DAY);
    expect(codes(paper, TODAY + 2 * DAY)).toEqual(['EXPIRED']);
    expect(statusOf(grantOf(paper), (TODAY + 2 * DAY) as Instant, 0)).toBe('expired');
    refuses('grant_ended', paper, revoked({ signed_at: (TODAY + 2 * DAY) as Instant }), TODAY + 2 * DAY);
  });

  test('ends with the last day of its facility, and no permit outlives that', () => {
    const paper = given();
    paper.write(bind(1, 2), TODAY);
    const end = TODAY + 2 * DAY;
    expect(endOf(grantOf(paper))).toBe(end);
    const { entry } = paper.write(ask(), end - 1_000);
    expect(entry.body).toMatchObject({ decision: 'allow', until: end });
    expect(codes(paper, end)).toEqual(['EXPIRED']);
  });

  test('ends with the last of several, and is not revived by one that is bound or lengthened later', () => {
    const paper = given();
    for (const command of [bind(1), bind(2, 3)]) paper.write(command, TODAY);
    paper.write(close(1), TODAY + DAY);
    expect(codes(paper, TODAY + 2 * DAY)).toEqual([]);
    expect(codes(paper, TODAY + 3 * DAY)).toEqual(['EXPIRED']);
    paper.write(change(2, 100), TODAY + 3 * DAY);
    paper.write(bind(3), TODAY + 3 * DAY);
    expect(codes(paper, TODAY + 3 * DAY)).toEqual(['EXPIRED']);
    expect(endOf(grantOf(paper))).toBe(TODAY + 3 * DAY);
  });

  test('runs on where its facility is lengthened in time, and never beyond its own end', () => {
    const paper = given();
    paper.write(bind(1, 2), TODAY);
    paper.write(change(1, 0), TODAY + DAY);
    expect(codes(paper, TODAY + 2 * DAY)).toEqual([]);
    expect(endOf(grantOf(paper))).toBe(END);
    expect(codes(paper, END)).toEqual(['EXPIRED']);
  });

  test('is none of a facility that was there before it was given', () => {
    const paper = given(ENDING, [bind(1)]);
    paper.write(close(1), TODAY + DAY);
    expect(codes(paper, TODAY + DAY)).toEqual([]);
    expect(grantOf(paper).ends).toBeUndefined();
  });

  test('hands nothing over on a permit that is out when it ends', () => {
    const paper = given();
    const access = paperId<AccessId>(0x51);
    paper.write(bind(1), TODAY);
    paper.write(ask({ access }), TODAY);
    paper.write(close(1), TODAY);
    expect(paper.write(redeemed({ access }), TODAY).entry.body['codes']).toEqual(['EXPIRED']);
  });

  test('is extended and narrowed as such, with what it ends with', () => {
    const paper = given();
    paper.write(bind(1), TODAY);
    refuses('terms_wider', paper, amendDrafted());
    refuses('terms_wider', paper, amendDrafted({ kind: 'narrow', terms: terms({ grant: MADE_GRANT }) }));
    paper.write(amendDrafted({ terms: longer(terms(ENDING), MADE_GRANT) }), TODAY);
    paper.write(held('grant.extended'), TODAY);
    paper.write(close(1), TODAY + DAY);
    expect(codes(paper, END, { ground: { grant: MADE_GRANT } })).toEqual(['EXPIRED']);
  });

  test('is signed from engine 2 on, which knows what it ends with', () => {
    const paper = openedPaper();
    paper.write(drafted({ grants: [terms(ENDING)] }), TODAY);
    refuses('engine_old', paper, signed({ given: [true] }));
    permits(paper, signed({ given: [true], declined_items: [[]] }));
  });

  test('ends with nothing else than we know', () => {
    const { entry } = openedPaper().write(drafted({ grants: [terms(ENDING)] }), TODAY);
    const spoiled = (ends_with: unknown) => () =>
      commandOf({ ...entry, body: { ...entry.body, grants: [{ ...terms(), ends_with }] } as never });
    for (const other of ['settlement', null, true, {}]) expectFailure('entry_invalid', spoiled(other));
  });
});

test('any history of facilities: a grant ends once, and one that ends with nothing is never touched', () => {
  const step = fc.record({
    what: fc.constantFrom(bind, bind, change, close),
    n: fc.integer({ min: 1, max: 3 }),
    days: fc.constantFrom(0, 1, 2, 5),
    later: fc.constantFrom(0, 1, DAY),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
      const paper = given();
      const other = grantOf(paper, REPORT_GRANT);
      let now = TODAY;
      let ended = false;
      for (const { what, n, days, later } of steps) {
        now += later;
        ended ||= now >= endOf(grantOf(paper));
        const before = grantOf(paper);
        try {
          paper.write(what(n, days), now);
        } catch {
          // A facility that is not there, or is closed already.
        }
        if (ended) expect(grantOf(paper)).toEqual(before);
        expect(codes(paper, now)).toEqual(
          now >= endOf(grantOf(paper)) ? ['EXPIRED'] : expect.not.arrayContaining(['EXPIRED']),
        );
      }
      expect(grantOf(paper, REPORT_GRANT)).toEqual(other);
    }),
    { numRuns: 200 },
  );
});
