/**
 * Facilities: lines and loans of a subject with its grantee. While one is in force, what a letter gave for after the loan
 * may be used; repaid is not closed (domain/law.md 2.11, V05, V06).
 *
 * @module
 */
import { Failure } from '../failure.ts';
import type { FactId } from '../ids.ts';
import { type Day, day } from '../pack/day.ts';
import { periodEnd } from '../pack/period.ts';
import { addDays, startOf } from '../pack/reckon.ts';
import { id, integer, nullable, record, type ShapeOf } from '../shape.ts';
import { CALL, opened } from './call.ts';
import { withFacilityEnd } from './end.ts';
import { FACILITIES_MAX, type Facility, factsIn, withFacts, withRoom } from './facts.ts';
import type { Relationship } from './relationship.ts';
import type { Rule } from './rule.ts';
import { OF_THE_GRANTEE, PRINCIPAL, refuseFull, requireStating } from './stated.ts';

const FACILITY_YEARS_MAX = 50;

/** How long it runs: to a last day, or so many years after its first; neither: until it is closed. */
const SPAN = { from: day, last: nullable(day), years: nullable(integer(1, FACILITY_YEARS_MAX)) };

const boundInput = record({ facility: id<FactId>(), ...PRINCIPAL, ...SPAN, ...CALL });
const closedInput = record({ facility: id<FactId>(), ...PRINCIPAL, ...CALL });

export const facilityBound: Rule<ShapeOf<typeof boundInput>, Relationship> = {
  ...OF_THE_GRANTEE,
  input: boundInput,
  decide(input, occasion) {
    const { facilities } = factsIn(requireStating(occasion, input, 'facility'));
    requireSpan(input);
    if (Object.hasOwn(facilities, input.facility)) throw new Failure('already_there', 'this facility is already bound');
    const open = Object.values(facilities).filter(({ closed_at }) => closed_at === null);
    refuseFull(open.length, FACILITIES_MAX, 'facilities that are not closed');
    return {};
  },
  evolve(state, { body, time }) {
    const relationship = opened(state);
    const facilities = withRoom(factsIn(relationship).facilities, FACILITIES_MAX, ({ closed_at }) => closed_at);
    return withFacility(withFacts(relationship, { facilities }), body.facility, spanOf(body), {
      isNew: true,
      now: time,
    });
  },
};

/** Its span is another from now on. What was decided before stays as it was. */
export const facilityChanged: Rule<ShapeOf<typeof boundInput>, Relationship> = {
  ...OF_THE_GRANTEE,
  input: boundInput,
  decide(input, occasion) {
    requireOpen(requireStating(occasion, input, 'facility'), input.facility);
    requireSpan(input);
    return {};
  },
  evolve: (state, { body, time }) =>
    withFacility(opened(state), body.facility, spanOf(body), { isNew: false, now: time }),
};

export const facilityClosed: Rule<ShapeOf<typeof closedInput>, Relationship> = {
  ...OF_THE_GRANTEE,
  input: closedInput,
  decide(input, occasion) {
    requireOpen(requireStating(occasion, input, 'facility'), input.facility);
    return {};
  },
  evolve(state, { body, time }) {
    const relationship = opened(state);
    const facility = opened(factsIn(relationship).facilities[body.facility]);
    return withFacility(relationship, body.facility, { ...facility, closed_at: time }, { isNew: false, now: time });
  },
};

function requireSpan({
  from,
  last,
  years,
}: {
  readonly from: Day;
  readonly last: Day | null;
  readonly years: number | null;
}): void {
  if (last !== null && years !== null)
    throw new Failure('input_invalid', 'want a last day or a number of years, not both');
  if (last !== null && last < from) throw new Failure('input_invalid', 'last: want no day before from');
}

function requireOpen(relationship: Relationship, facility: FactId): void {
  const { facilities } = factsIn(relationship);
  if (!Object.hasOwn(facilities, facility)) throw new Failure('fact_unknown', 'no such facility');
  if (facilities[facility]?.closed_at !== null) throw new Failure('fact_ended', 'the facility is already closed');
}

/** It ends with its last day, whether a holiday or not: the shift of 民法典 203 is for acts (domain/law.md after V31). */
function spanOf({ from, last, years }: ShapeOf<typeof boundInput>): Facility {
  const end = last === null ? null : startOf(addDays(last, 1));
  const to = years === null ? end : periodEnd('term', from, { years }).end;
  return { from: startOf(from), to, closed_at: null };
}

function withFacility(
  before: Relationship,
  facility: FactId,
  found: Facility,
  when: { readonly isNew: boolean; readonly now: number },
): Relationship {
  const end = found.closed_at ?? found.to;
  const relationship = { ...before, grants: withFacilityEnd(before, facility, end, when) };
  return withFacts(relationship, { facilities: { ...factsIn(relationship).facilities, [facility]: found } });
}
