/**
 * The stream `feed/<party>`: how far a party says to have heard. Signed by its operator, so that whoever took something
 * back can be shown when each door knew.
 *
 * @module
 */
import { Failure } from '../failure.ts';
import type { PartyId } from '../ids.ts';
import { hash, instant, integer, record, type ShapeOf } from '../shape.ts';
import { idOf } from '../tlog/stream.ts';
import { CALL } from './call.ts';
import { requireActing } from './party.ts';
import type { Rule } from './rule.ts';

/** A page of the feed has this many notices at most. */
export const FEED_LIMIT_MAX = 500;

const acknowledgedInput = record({
  /** The entry of a notice to this party: it has heard of that one, and of all before. */
  upto: integer(0, Number.MAX_SAFE_INTEGER),
  ...CALL,
});
export type PartyAcknowledged = ShapeOf<typeof acknowledgedInput>;

export type Feed = { readonly acknowledged: number };

/** That the entry is one the party was to hear of is in no stream's state: the service looks, and the audit looks again. */
export const partyAcknowledged: Rule<PartyAcknowledged, Feed> = {
  auth: ['http-sig'],
  input: acknowledgedInput,
  outcome: [],
  parts: {},
  needs: () => [],
  reads: () => [],
  decide(input, { view, stream }) {
    requireActing(view, input, idOf<PartyId>(stream), 'query');
    const feed = view.state(stream) as Feed | undefined;
    if (feed !== undefined && input.upto <= feed.acknowledged) {
      throw new Failure('already_there', 'this is already acknowledged');
    }
    return {};
  },
  evolve: (_state, { body }) => ({ acknowledged: body.upto }),
};

const listedInput = record({
  /** The tree that the list is as of, and the times that it covers. */
  size: integer(1, Number.MAX_SAFE_INTEGER),
  since: instant,
  as_of: instant,
  /** How many grants it names. */
  count: integer(0, Number.MAX_SAFE_INTEGER),
  /** SHA-256 of its text. */
  digest: hash,
  ...CALL,
});
export type RevocationsListed = ShapeOf<typeof listedInput>;

/** That a list of revocations was given to this door. What is on it follows from the entries before it. */
export const revocationsListed: Rule<RevocationsListed, Feed> = {
  auth: ['http-sig'],
  input: listedInput,
  outcome: [],
  parts: {},
  needs: () => [],
  reads: () => [],
  decide(input, { view, stream, now }) {
    requireActing(view, input, idOf<PartyId>(stream), 'query');
    if (input.as_of > now) throw new Failure('entry_invalid', 'a list is not as of a time to come');
    return {};
  },
  evolve: (state) => state ?? { acknowledged: -1 },
};
