/** Until when what a stream holds is kept, and what is due: by rules of packs, worked out by hand, and in general. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { JsonObject } from '#core/canonical.ts';
import type { Facts } from '#core/consent/facts.ts';
import { factsIn } from '#core/consent/facts.ts';
import type { Relationship } from '#core/consent/relationship.ts';
import { type Noted, type Retention, retentionOf } from '#core/consent/retention.ts';
import type { Instant } from '#core/instant.ts';
import { RETENTION_CLASSES, type RetentionRule, STARTS_OF } from '#core/pack/law.ts';
import { readShipped } from '../../../src/cli/packs/publish.ts';

const at = (text: string) => Date.parse(`${text.length > 10 ? text : `${text}T00:00:00`}+08:00`) as Instant;
const shipped = readShipped().flatMap(({ retention }) => retention);
/** Those that count without any profile. */
const PLAIN = shipped.filter(({ profile }) => profile === null);
const TO = at('2025-06-01');

const noted = (type: string, day: string, body: JsonObject = {}): Noted => ({ type, time: at(day), body });
const OPENED = noted('relationship.opened', '2024-06-01');

interface Case {
  readonly entries?: readonly Noted[];
  readonly grants?: object;
  readonly facts?: Partial<Facts>;
  readonly drafts?: object;
}

function relationship({ grants = {}, facts = {}, drafts = {} }: Case): Relationship {
  return { grants, drafts, facts: { ...factsIn({}), ...facts } } as unknown as Relationship;
}

function standing(asked: Case, day: string, rules: readonly RetentionRule[] = PLAIN): Retention {
  return retentionOf(relationship(asked), asked.entries ?? [OPENED], rules, at(day));
}

const classOf = (found: Retention, name: string) => found.classes.find((each) => each.class === name);
const grant = (change: object = {}) => ({ g: { terms: { to: TO }, revoked_at: null, ...change } });

describe('a relationship', () => {
  test.each<[how: string, asked: Case, ended: string | null]>([
    ['with nothing in it ended with its last entry', {}, '2024-06-01'],
    ['under a grant ends with it', { grants: grant() }, '2025-06-01'],
    ['under a grant that was taken back ended then', { grants: grant({ revoked_at: at('2024-09-01') }) }, '2024-09-01'],
    [
      'with an open line has not ended',
      { grants: grant(), facts: { facilities: { f: { from: 0, to: null, closed_at: null } } } },
      null,
    ],
    [
      'with a line that was closed ends with the later of both',
      { grants: grant(), facts: { facilities: { f: { from: 0, to: null, closed_at: at('2025-09-01') } } } },
      '2025-09-01',
    ],
    [
      'with a line that ended before it was closed ends with it',
      { facts: { facilities: { f: { from: 0, to: at('2025-01-01'), closed_at: at('2025-09-01') } } } },
      '2025-01-01',
    ],
    ['with a draft ends with that at the soonest', { drafts: { d: { expires_at: at('2024-07-01') } } }, '2024-07-01'],
    [
      'with an open objection has not ended',
      { facts: { objections: { o: { items: [], opened_at: 0, due: null, marked_at: null, answered_at: null } } } },
      null,
    ],
  ])('%s', (_how, asked, ended) => {
    expect(standing(asked, '2030-01-01').ended_at).toBe(ended === null ? null : at(ended));
  });

  test('has not ended before its end, and has at that very moment', () => {
    expect(standing({ grants: grant() }, '2025-05-31').ended_at).toBeNull();
    expect(standing({ grants: grant() }, '2025-06-01').ended_at).toBe(TO);
  });
});

describe('letters and their evidence', () => {
  test('are kept while the relationship goes on, without an end that is known', () => {
    const letters = classOf(standing({ grants: grant() }, '2025-05-31'), 'letters');
    expect(letters).toEqual({ class: 'letters', count: 1, due: 0, next_due: null, kept_until: null, by: ['letters'] });
  });

  test('are kept for five years from its end, and due from the sixth on', () => {
    const kept = classOf(standing({ grants: grant() }, '2030-06-01T23:59:59'), 'letters');
    expect(kept).toMatchObject({ due: 0, kept_until: at('2030-06-02'), next_due: at('2030-06-02'), by: ['letters'] });
    expect(classOf(standing({ grants: grant() }, '2030-06-02'), 'letters')).toMatchObject({ due: 1, next_due: null });
  });

  test('of an application that came to nothing are kept for five years from each', () => {
    const entries = [OPENED, noted('letter.drafted', '2024-06-03')];
    const letters = classOf(standing({ entries }, '2029-06-02'), 'letters');
    // The relationship ended with the second: so both are kept from then on, and by both rules.
    expect(letters).toMatchObject({
      count: 2,
      due: 0,
      kept_until: at('2029-06-04'),
      by: ['letters', 'refused-letters'],
    });
  });

  test('are all that is nothing else, whatever entries there will be', () => {
    const entries = [OPENED, noted('letter.signed', '2024-06-02'), noted('something.new', '2024-06-03')];
    expect(classOf(standing({ entries, grants: grant() }, '2024-07-01'), 'letters')?.count).toBe(3);
  });
});

describe('decisions', () => {
  const entries = [
    OPENED,
    noted('access.decided', '2024-06-02'),
    noted('access.settled', '2024-06-02'),
    noted('notice.sent', '2025-06-02'),
  ];

  test('are kept for three years each, whether the relationship goes on or not', () => {
    const decisions = (day: string) =>
      classOf(standing({ entries, grants: grant({ terms: { to: at('2040-01-01') } }) }, day), 'decisions');
    expect(decisions('2027-06-02')).toMatchObject({ count: 3, due: 0, next_due: at('2027-06-03') });
    expect(decisions('2027-06-03')).toMatchObject({ due: 2, next_due: at('2028-06-03'), kept_until: at('2028-06-03') });
    expect(decisions('2028-06-03')).toMatchObject({ due: 3, next_due: null, by: ['decisions'] });
  });

  test('are kept for ten by Zhejiang’s Regulation, as the longest that applies wins', () => {
    const decisions = classOf(standing({ entries }, '2028-06-03', shipped), 'decisions');
    expect(decisions).toMatchObject({ due: 0, kept_until: at('2035-06-03'), by: ['decisions-zhejiang'] });
  });

  test('are not due while an objection is open', () => {
    const objection = { items: [], opened_at: 0, due: null, marked_at: null, answered_at: null };
    const found = standing({ entries, facts: { objections: { o: objection } } }, '2030-01-01');
    expect(found.disputed).toBe(true);
    expect(classOf(found, 'decisions')).toMatchObject({ due: 0, next_due: null, kept_until: null });
  });

  test('that refused a party others’ handles are kept as all', () => {
    const found = retentionOf(undefined, [noted('access.refused', '2024-06-02')], PLAIN, at('2027-06-03'));
    expect(found).toMatchObject({ ended_at: null, disputed: false, classes: [{ class: 'decisions', due: 1 }] });
  });
});

describe('objections', () => {
  const entries = [
    OPENED,
    noted('objection.opened', '2024-06-02', { objection: 'a' }),
    noted('objection.marked', '2024-06-03', { objection: 'a' }),
    noted('objection.opened', '2024-06-04', { objection: 'b' }),
    noted('objection.answered', '2024-06-20', { objection: 'a' }),
  ];

  test('are kept for three years from the answer, and those without one are kept', () => {
    const found = classOf(standing({ entries }, '2027-06-21'), 'objections');
    expect(found).toMatchObject({ count: 4, due: 3, kept_until: null, by: ['objections'] });
    expect(classOf(standing({ entries }, '2027-06-20'), 'objections')?.due).toBe(0);
  });
});

describe('adverse items', () => {
  const items = (ended_on: string | null, determined_on: string | null = null) =>
    ({ facts: { items: { adverse: { ended_on, determined_on, region: '33' } } } }) as unknown as Case;

  test('are kept for five years at most from the end of what they tell of (V14)', () => {
    expect(classOf(standing(items('2019-06-01'), '2024-06-01'), 'adverse_items')).toMatchObject({ due: 0 });
    expect(classOf(standing(items('2019-06-01'), '2024-06-02'), 'adverse_items')).toMatchObject({
      due: 1,
      kept_until: at('2024-06-02'),
      by: ['adverse-items'],
    });
  });

  test('that have not ended have no end, but by Zhejiang’s Regulation they do (V15)', () => {
    const unsettled = items(null, '2019-05-31');
    expect(classOf(standing(unsettled, '2024-06-01'), 'adverse_items')).toMatchObject({
      due: 0,
      kept_until: null,
      by: [],
    });
    expect(classOf(standing(unsettled, '2024-06-01', shipped), 'adverse_items')).toMatchObject({
      due: 1,
      by: ['adverse-items-zhejiang'],
    });
  });

  test('are kept as long as whichever ends first says', () => {
    const found = classOf(standing(items('2019-06-01', '2018-01-01'), '2024-06-01', shipped), 'adverse_items');
    expect(found).toMatchObject({ due: 1, kept_until: at('2023-01-02'), by: ['adverse-items-zhejiang'] });
  });

  test('are due also while an objection is open: nothing allows to keep them longer', () => {
    const objection = { items: [], opened_at: 0, due: null, marked_at: null, answered_at: null };
    const asked = { facts: { ...items('2019-06-01').facts, objections: { o: objection } } } as Case;
    expect(classOf(standing(asked, '2024-06-02'), 'adverse_items')?.due).toBe(1);
  });
});

describe('without a rule', () => {
  test('everything is kept', () => {
    const found = standing({ entries: [OPENED, noted('access.decided', '2000-01-01')] }, '2100-01-01', []);
    for (const each of found.classes) expect(each).toMatchObject({ due: 0, kept_until: null, next_due: null, by: [] });
  });
});

describe('whatever the rules', () => {
  const rules = fc.array(
    fc
      .record({
        covers: fc.constantFrom(...RETENTION_CLASSES),
        years: fc.integer({ min: 1, max: 20 }),
        limit: fc.constantFrom('at_least' as const, 'at_most' as const),
        start: fc.nat(),
      })
      .map(({ covers, years, limit, start }, at = 0): RetentionRule => {
        const from = STARTS_OF[covers][start % STARTS_OF[covers].length] as RetentionRule['from'];
        const [first] = shipped as [RetentionRule];
        return { ...first, id: `K-${covers}-${years}-${at}`, covers, keep: { years }, limit, from, profile: null };
      }),
    { maxLength: 8 },
  );
  const asked = fc.record({
    entries: fc
      .array(
        fc.tuple(
          fc.constantFrom('access.decided', 'letter.signed', 'notice.sent'),
          fc.integer({ min: 2015, max: 2024 }),
        ),
        {
          maxLength: 6,
        },
      )
      .map((some) => [OPENED, ...some.map(([type, year]) => noted(type, `${year}-03-01`))]),
    ended: fc.option(fc.constantFrom('2012-05-01', '2019-06-01', '2022-06-01'), { nil: null }),
  });
  const caseOf = ({ entries, ended }: { entries: readonly Noted[]; ended: string | null }): Case => ({
    entries,
    facts: { items: { adverse: { ended_on: ended, determined_on: null, region: null } } } as unknown as Partial<Facts>,
  });
  const dueOf = (found: Retention) => found.classes.reduce((sum, each) => sum + each.due, 0);

  test('no longer rule makes evidence due earlier, and none is due before every rule lets go of it', () => {
    fc.assert(
      fc.property(rules, asked, fc.integer({ min: 2024, max: 2050 }), (given, some, year) => {
        const evidence = given.filter(({ limit }) => limit === 'at_least');
        const before = dueOf(standing(caseOf(some), `${year}-06-01`, evidence));
        const [first] = shipped as [RetentionRule];
        const longer = RETENTION_CLASSES.map((covers): RetentionRule => {
          const [from] = STARTS_OF[covers] as readonly [RetentionRule['from']];
          return { ...first, id: `Z-${covers}`, covers, keep: { years: 100 }, limit: 'at_least', from, profile: null };
        });
        expect(dueOf(standing(caseOf(some), `${year}-06-01`, [...evidence, ...longer]))).toBe(0);
        expect(before).toBeGreaterThanOrEqual(dueOf(standing(caseOf(some), `${year - 1}-06-01`, evidence)));
      }),
    );
  });

  test('what is due stays due, and what is counted stays counted', () => {
    fc.assert(
      fc.property(rules, asked, fc.integer({ min: 2024, max: 2050 }), (given, some, year) => {
        const [now, later] = [year, year + 1].map((each) => standing(caseOf(some), `${each}-06-01`, given));
        for (const each of now?.classes ?? []) {
          const then = later?.classes.find((other) => other.class === each.class);
          expect(then?.count).toBe(each.count);
          expect(then?.due).toBeGreaterThanOrEqual(each.due);
          if (each.kept_until !== null) expect(each.due === each.count).toBe(each.kept_until <= at(`${year}-06-01`));
        }
      }),
    );
  });
});
