/**
 * A party goes on after the log was continued (ADR 0028). The lost tail may have suspended it, or ended its keys: so nothing
 * of it is taken until two of the keeper say, by this entry, that it stands, and which of its keys count. All others of it
 * stay where they are: another such entry may name them, or one that ends them.
 *
 * @module
 */
import { Failure } from '../failure.ts';
import { integer, list, record, type ShapeOf } from '../shape.ts';
import { idOf } from '../tlog/stream.ts';
import { CALL, opened, PARTY_KEYS_MAX } from './call.ts';
import { EPOCH, epochIn, isSuspended, requireEpoch } from './epoch.ts';
import { operatorIn, type Party, type PartyKey, requireKeeper, requireParty } from './party.ts';
import { OF_A_PARTY } from './party-life.ts';
import type { Rule } from './rule.ts';

/** So many keys of a party are named at once. */
export const CONTINUED_KEYS_MAX = 64;

const continuedInput = record({
  /** Its keys that count from now on, by their numbers. */
  keys: list(integer(0, PARTY_KEYS_MAX - 1), CONTINUED_KEYS_MAX),
  epoch: EPOCH.epoch,
  ...CALL,
});
export type PartyContinued = ShapeOf<typeof continuedInput>;

export const partyContinued: Rule<PartyContinued, Party> = {
  ...OF_A_PARTY,
  input: continuedInput,
  decide(input, { view, stream }) {
    requireEpoch(view, input);
    requireKeeper(view, input);
    const party = requireParty(view, idOf(stream));
    if (party.roles.includes('keeper')) {
      throw new Failure('party_role', 'which keys of the keeper count, the entry says that continued the log');
    }
    if (input.keys.length === 0 || new Set(input.keys).size !== input.keys.length) {
      throw new Failure('input_invalid', 'keys: want one or more, each once');
    }
    const epoch = epochIn(view);
    const keys = input.keys.map((number) => requireStandingKey(party, number));
    if (!isSuspended(party, epoch) && !keys.some((key) => isSuspended(key, epoch))) {
      throw new Failure('already_there', 'the party is continued already, with these keys');
    }
    return {};
  },
  evolve(state, { body: { keys, epoch } }) {
    const party = opened(state);
    return { ...party, epoch, keys: party.keys.map((key, at) => (keys.includes(at) ? { ...key, epoch } : key)) };
  },
};

/** What ended stays so. */
function requireStandingKey(party: Party, number: number): PartyKey {
  const key = party.keys[number];
  if (key === undefined) throw new Failure('key_ended', 'the party has no such key');
  if (key.ended_at !== null || operatorIn(party, key.operator)?.left_at !== null) {
    throw new Failure('key_ended', 'the key signs no more, and is not brought back');
  }
  return key;
}
