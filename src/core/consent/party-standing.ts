/**
 * What stands of a party besides its keys: its licences (业务管理办法 5), whom it succeeded (PIPL 22), for whom it acts
 * (PIPL 21). The keeper registers licences and successions, by two; a mandate is the principal's own to give and take.
 *
 * @module
 */
import { Failure } from '../failure.ts';
import { code, instant, list, nullable, oneOf, record, recordWith, type ShapeOf } from '../shape.ts';
import { idOf, LOG_STREAM, partyStream } from '../tlog/stream.ts';
import { CALL, opened } from './call.ts';
import { asEpoch, EPOCH, readsEpoch, requireEpoch } from './epoch.ts';
import {
  type Licence,
  MANDATED,
  type Mandate,
  type Party,
  partyId,
  requireActing,
  requireKeeper,
  requireParty,
} from './party.ts';
import type { Rule } from './rule.ts';

/** Named maxima of a party's state. */
export const LICENCES_MAX = 32;
export const PREDECESSORS_MAX = 32;
export const MANDATES_MAX = 256;

const OF_A_PARTY = { auth: ['http-sig'], outcome: [], parts: {}, needs: () => [], reads: () => [] } as const;

const licensedInput = record({
  /** What kind of licence: bank, consumer_finance, personal_bureau … */
  kind: code,
  from: instant,
  to: nullable(instant),
  ...CALL,
});

export const partyLicensed: Rule<ShapeOf<typeof licensedInput>, Party> = {
  ...OF_A_PARTY,
  input: licensedInput,
  reads: () => [LOG_STREAM],
  decide(input, { view, stream }) {
    requireKeeper(view, input);
    const { licences = [] } = requireParty(view, idOf(stream));
    if (input.to !== null && input.to <= input.from) throw new Failure('input_invalid', 'to: want a time after from');
    if (licencesBut(licences, input).length >= LICENCES_MAX) {
      throw new Failure('limit_reached', `a party has ${LICENCES_MAX} licences at most`);
    }
    return {};
  },
  evolve(state, { body: { kind, from, to } }) {
    const party = opened(state);
    return { ...party, licences: [...licencesBut(party.licences ?? [], { kind }), { kind, from, to }] };
  },
};

/** The same kind again is the same licence, changed. */
function licencesBut(licences: readonly Licence[], { kind }: Pick<Licence, 'kind'>): readonly Licence[] {
  return licences.filter((each) => each.kind !== kind);
}

const succeededInput = record({ predecessor: partyId, ...CALL });

/** Stands in the successor's stream: grants do not move by themselves. */
export const partySucceeded: Rule<ShapeOf<typeof succeededInput>, Party> = {
  ...OF_A_PARTY,
  input: succeededInput,
  reads: ({ predecessor }) => [LOG_STREAM, partyStream(predecessor)],
  decide(input, { view, stream }) {
    requireKeeper(view, input);
    const { succeeds = [] } = requireParty(view, idOf(stream), 'grantee');
    requireParty(view, input.predecessor, 'grantee');
    if (input.predecessor === idOf(stream) || succeeds.includes(input.predecessor)) {
      throw new Failure('already_there', 'the party stands in this place already');
    }
    if (succeeds.length >= PREDECESSORS_MAX) {
      throw new Failure('limit_reached', `a party succeeds ${PREDECESSORS_MAX} others at most`);
    }
    return {};
  },
  evolve(state, { body }) {
    const party = opened(state);
    return { ...party, succeeds: [...(party.succeeds ?? []), body.predecessor] };
  },
};

const mandatedInput = recordWith(
  {
    principal: partyId,
    from: instant,
    to: nullable(instant),
    /** What it is for: purpose and kind are agreed (PIPL 21). */
    covers: list(oneOf(MANDATED), MANDATED.length),
    ...CALL,
  },
  EPOCH,
);

/** Stands in the processor's stream, signed by the principal: who acts for another never says so itself. */
export const processorMandated: Rule<ShapeOf<typeof mandatedInput>, Party> = {
  ...OF_A_PARTY,
  input: mandatedInput,
  reads: ({ principal, epoch }) => [partyStream(principal), ...readsEpoch({ epoch })],
  decide(input, { view, stream, now }) {
    requireEpoch(view, input);
    requireParty(view, input.principal, 'grantee');
    requireActing(view, input, input.principal, 'admin');
    const { mandates = [] } = requireParty(view, idOf(stream), 'processor');
    if (input.principal === idOf(stream)) throw new Failure('input_invalid', 'principal: want another party');
    if (input.to !== null && (input.to <= input.from || input.to < now)) {
      throw new Failure('input_invalid', 'to: want a time after from, and not past');
    }
    if (input.covers.length === 0 || new Set(input.covers).size !== input.covers.length) {
      throw new Failure('input_invalid', 'covers: want one or more, each once');
    }
    if (mandatesBut(mandates, input).length >= MANDATES_MAX) {
      throw new Failure('limit_reached', `a processor has ${MANDATES_MAX} mandates at most`);
    }
    return {};
  },
  evolve(state, { body: { principal, from, to, covers, epoch = 0 } }) {
    const party = opened(state);
    return {
      ...party,
      mandates: [
        ...mandatesBut(party.mandates ?? [], { principal }),
        { principal, from, to, covers, ...asEpoch(epoch) },
      ],
    };
  },
};

/** A principal has one: given again it is changed, and so taken away. */
function mandatesBut(mandates: readonly Mandate[], { principal }: Pick<Mandate, 'principal'>): readonly Mandate[] {
  return mandates.filter((each) => each.principal !== principal);
}
