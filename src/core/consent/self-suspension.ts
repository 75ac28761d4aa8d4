/**
 * A source suspends itself, besides the keeper (domain/law.md V30; domain/seeds.md 3.20): nothing is queried there from
 * then on, or for a time. Its keys go on signing, so that it lifts itself what it laid upon itself; what the keeper laid
 * upon it, only the keeper lifts.
 *
 * @module
 */
import { Failure } from '../failure.ts';
import { instant, nullable, record, type ShapeOf } from '../shape.ts';
import { idOf, type StreamId } from '../tlog/stream.ts';
import { CALL, type Call, opened } from './call.ts';
import { type Party, requireActing, requireParty } from './party.ts';
import { OF_A_PARTY } from './party-life.ts';
import type { Rule, View } from './rule.ts';

const suspendedInput = record({
  /** From when; it counts from the later of this and the ledger's time. */
  from: instant,
  /** Until when, exclusive; null: until it lifts it. */
  to: nullable(instant),
  /** Since when what it holds or signs may have been in other hands; null: that is not why. */
  compromised_since: nullable(instant),
  ...CALL,
});
const reinstatedInput = record({ ...CALL });

/** Said again, it is changed. */
export const partySelfSuspended: Rule<ShapeOf<typeof suspendedInput>, Party> = {
  ...OF_A_PARTY,
  input: suspendedInput,
  decide(input, { view, stream, now }) {
    requireItself(view, stream, input);
    if (input.to !== null && input.to <= Math.max(input.from, now)) {
      throw new Failure('input_invalid', 'to: want a time after from, and not past');
    }
    if (input.compromised_since !== null && input.compromised_since > now) {
      throw new Failure('input_invalid', 'compromised_since: want a time that has come');
    }
    return {};
  },
  evolve(state, { body: { from, to, compromised_since }, time }) {
    return { ...opened(state), self_suspended: { from: Math.max(from, time), to, compromised_since } };
  },
};

/** The span stays, with its end: a use of that time that is recorded late was of a source that was suspended. */
export const partySelfReinstated: Rule<ShapeOf<typeof reinstatedInput>, Party> = {
  ...OF_A_PARTY,
  input: reinstatedInput,
  decide(input, { view, stream, now }) {
    const { self_suspended } = requireItself(view, stream, input);
    if (self_suspended === undefined || (self_suspended.to !== null && self_suspended.to <= now)) {
      throw new Failure('already_there', 'the party has not suspended itself');
    }
    return {};
  },
  evolve(state, { time }) {
    const party = opened(state);
    return { ...party, self_suspended: { ...opened(party.self_suspended), to: time } };
  },
};

/** An administrator of the party alone: neither the keeper nor anybody else says it for it. */
function requireItself(view: View, stream: StreamId, call: Pick<Call, 'by'>): Party {
  const party = requireParty(view, idOf(stream));
  if (party.roles.includes('keeper')) throw new Failure('party_role', 'the keeper cannot suspend itself');
  requireActing(view, call, idOf(stream), 'admin');
  return party;
}
