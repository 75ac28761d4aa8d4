/**
 * What happens to a party: registered by the keeper, keys added and ended, operators that leave, suspension.
 *
 * A key ends for good, and stays in the list: what it signed before is still to be verified.
 *
 * @module
 */
import { Failure } from '../failure.ts';
import type { OperatorId, PartyId } from '../ids.ts';
import {
  id,
  instant,
  integer,
  line,
  list,
  oneOf,
  record,
  recordWith,
  type Shape,
  type ShapeOf,
  text,
} from '../shape.ts';
import { idOf, LOG_STREAM, type StreamId } from '../tlog/stream.ts';
import { CALL, type Call, opened, PARTY_KEYS_MAX, refuseOpen, SIGNERS_MAX } from './call.ts';
import { asEpoch, EPOCH, type OfEpoch, requireEpoch } from './epoch.ts';
import { type LogState, logIn } from './log.ts';
import {
  DUTIES,
  type Duty,
  keyEnded,
  operatorIn,
  PARTY_NAME_MAX,
  PARTY_ROLES,
  type Party,
  type PartyKey,
  requireActing,
  requireKeeper,
  requireParty,
} from './party.ts';
import type { Rule, View } from './rule.ts';

/** A party is registered with this many keys at most; the others are added by its own administrators. */
export const FIRST_KEYS_MAX = 8;

const newKey: Shape<{ readonly key: string; readonly operator: OperatorId; readonly duty: Duty }> = record({
  key: text(43),
  operator: id<OperatorId>(),
  duty: oneOf(DUTIES),
});
const keyNumberShape = integer(0, PARTY_KEYS_MAX - 1);

const registeredInput = recordWith(
  {
    name: line(PARTY_NAME_MAX),
    roles: list(oneOf(PARTY_ROLES), PARTY_ROLES.length),
    keys: list(newKey, FIRST_KEYS_MAX),
    ...CALL,
  },
  EPOCH,
);
const keyAddedInput = recordWith({ key: text(43), operator: id<OperatorId>(), duty: oneOf(DUTIES), ...CALL }, EPOCH);
const keyRetiredInput = record({ key: keyNumberShape, ...CALL });
const keyCompromisedInput = record({ key: keyNumberShape, since: instant, ...CALL });
const operatorLeftInput = record({ operator: id<OperatorId>(), ...CALL });
const callOnly = record({ ...CALL });

/** What every rule of a party has in common: no payload, no outcome; the keeper's standing is read from the log. */
export const OF_A_PARTY = {
  auth: ['http-sig'],
  outcome: [],
  parts: {},
  needs: () => [],
  reads: () => [LOG_STREAM],
} as const;

export const partyRegistered: Rule<ShapeOf<typeof registeredInput>, Party> = {
  ...OF_A_PARTY,
  // The keeper's own registration is the one that nobody can sign yet.
  auth: ['http-sig', 'none'],
  input: registeredInput,
  decide(input, { view, stream }) {
    const { roles, keys } = input;
    refuseOpen(view, stream);
    requireEpoch(view, input);
    if (input.auth === 'none') requireFounding(view, stream, input);
    else requireKeeper(view, input);
    if (roles.length === 0 || new Set(roles).size !== roles.length) {
      throw new Failure('input_invalid', 'roles: want one or more, each once');
    }
    if (roles.includes('identifier') && roles.includes('grantee')) {
      throw new Failure('party_role', 'who identifies persons is nobody’s grantee: register two parties');
    }
    if (input.auth !== 'none' && roles.includes('keeper')) {
      throw new Failure('party_role', 'a ledger has one keeper, from its beginning');
    }
    if (new Set(keys.map(({ key }) => key)).size !== keys.length) {
      throw new Failure('already_there', 'keys: want each once');
    }
    if (new Set(keys.map(({ operator }) => operator)).size !== keys.length) {
      throw new Failure('input_invalid', 'keys: want an operator for each');
    }
    return {};
  },
  evolve: (_state, { body }) => ({
    name: body.name,
    roles: body.roles,
    operators: Object.fromEntries(body.keys.map(({ operator, duty }) => [operator, { duty, left_at: null }])),
    keys: body.keys.map((key) => keyOf(key, body)),
    suspended_at: null,
    ...asEpoch(body.epoch ?? 0),
  }),
};

/** The keeper's first keys: two administrators, in the stream that entry 0 names. */
function requireFounding(view: View, stream: StreamId, input: ShapeOf<typeof registeredInput>): void {
  const keeper = (view.state(LOG_STREAM) as LogState | undefined)?.keeper;
  const admins = input.keys.filter(({ duty }) => duty === 'admin').length;
  if (idOf(stream) !== keeper || input.roles.join() !== 'keeper' || admins !== SIGNERS_MAX) {
    throw new Failure('entry_invalid', 'without a signature only the keeper is registered, with two administrators');
  }
}

export const partyKeyAdded: Rule<ShapeOf<typeof keyAddedInput>, Party> = {
  ...OF_A_PARTY,
  input: keyAddedInput,
  decide(input, { view, stream }) {
    const party = requireAdministered(view, stream, input);
    const { key, operator, duty } = input;
    requireEpoch(view, input);
    if (party.keys.some((each) => each.key === key)) {
      throw new Failure('already_there', 'the party has this key, or had it: make a new one');
    }
    if (party.keys.length >= PARTY_KEYS_MAX)
      throw new Failure('limit_reached', `a party has ${PARTY_KEYS_MAX} keys at most, ended ones included`);
    const known = operatorIn(party, operator);
    if (known !== undefined && known.duty !== duty) {
      throw new Failure('duty_missing', `this operator has the duty ${known.duty}, and never both`);
    }
    if (known !== undefined && known.left_at !== null) throw new Failure('key_ended', 'the operator has left');
    return {};
  },
  evolve(state, { body }) {
    const party = opened(state);
    const { operator, duty } = body;
    return {
      ...party,
      operators: { ...party.operators, [operator]: { duty, left_at: null } },
      keys: [...party.keys, keyOf(body, body)],
    };
  },
};

export const partyKeyRetired: Rule<ShapeOf<typeof keyRetiredInput>, Party> = {
  ...OF_A_PARTY,
  input: keyRetiredInput,
  decide(input, { view, stream }) {
    const party = requireAdministered(view, stream, input);
    if (requireKey(party, input.key).ended_at !== null) throw new Failure('key_ended', 'the key signs no more already');
    requireTwoLeft(view, party, withKey(party, input.key, { ended_at: 0 }));
    return {};
  },
  evolve: (state, { body, time }) => withKey(opened(state), body.key, { ended_at: time }),
};

/** From when on what the key signed is tainted: the audit lists it. A date may be moved back, never forward. */
export const partyKeyCompromised: Rule<ShapeOf<typeof keyCompromisedInput>, Party> = {
  ...OF_A_PARTY,
  input: keyCompromisedInput,
  decide(input, { view, stream, now }) {
    const key = requireKey(requireAdministered(view, stream, input), input.key);
    if (input.since > now) throw new Failure('input_invalid', 'since: want a time that has come');
    if (key.compromised_since !== null && key.compromised_since <= input.since) {
      throw new Failure('already_there', 'the key is already declared compromised since then');
    }
    return {};
  },
  evolve(state, { body, time }) {
    const party = opened(state);
    const ended_at = party.keys[body.key]?.ended_at ?? time;
    return withKey(party, body.key, { ended_at, compromised_since: body.since });
  },
};

export const partyOperatorLeft: Rule<ShapeOf<typeof operatorLeftInput>, Party> = {
  ...OF_A_PARTY,
  input: operatorLeftInput,
  decide(input, { view, stream }) {
    const party = requireAdministered(view, stream, input);
    const found = operatorIn(party, input.operator);
    if (found === undefined) throw new Failure('operator_unknown', 'no such operator');
    if (found.left_at !== null) throw new Failure('key_ended', 'the operator has left already');
    requireTwoLeft(view, party, withoutOperator(party, input.operator, 0));
    return {};
  },
  evolve: (state, { body, time }) => withoutOperator(opened(state), body.operator, time),
};

export const partySuspended: Rule<ShapeOf<typeof callOnly>, Party> = {
  ...OF_A_PARTY,
  input: callOnly,
  decide(input, { view, stream }) {
    requireKeeper(view, input);
    const party = requireParty(view, idOf<PartyId>(stream));
    if (party.roles.includes('keeper')) throw new Failure('party_role', 'the keeper cannot suspend itself');
    if (party.suspended_at !== null) throw new Failure('already_there', 'the party is already suspended');
    return {};
  },
  evolve: (state, { time }) => ({ ...opened(state), suspended_at: time }),
};

export const partyReinstated: Rule<ShapeOf<typeof callOnly>, Party> = {
  ...OF_A_PARTY,
  input: callOnly,
  decide(input, { view, stream }) {
    requireKeeper(view, input);
    if (requireParty(view, idOf<PartyId>(stream)).suspended_at === null) {
      throw new Failure('already_there', 'the party is in good standing');
    }
    return {};
  },
  evolve: (state) => ({ ...opened(state), suspended_at: null }),
};

/** A party's own administrator, or two of the keeper. The keeper's own keys are changed by two only. */
function requireAdministered(view: View, stream: StreamId, call: Call): Party {
  const party = requireParty(view, idOf<PartyId>(stream));
  const isOwn = call.by[0]?.party === idOf<PartyId>(stream) && !party.roles.includes('keeper');
  if (isOwn) requireActing(view, call, idOf<PartyId>(stream), 'admin');
  else requireKeeper(view, call);
  return party;
}

/** The keeper can't lock itself out: what it does takes two. A key that is compromised ends all the same. */
function requireTwoLeft(view: View, { roles }: Party, after: Party): void {
  if (!roles.includes('keeper')) return;
  const standing = after.keys.filter((key) => keyEnded(after, key, logIn(view)) === undefined);
  const admins = new Set(
    standing.map(({ operator }) => operator).filter((id) => operatorIn(after, id)?.duty === 'admin'),
  );
  if (admins.size < SIGNERS_MAX) {
    throw new Failure('limit_reached', 'the keeper keeps two administrators: add another key first');
  }
}

function requireKey(party: Party, number: number): PartyKey {
  const key = party.keys[number];
  if (key === undefined) throw new Failure('key_ended', 'the party has no such key');
  return key;
}

function keyOf(
  { key, operator }: { readonly key: string; readonly operator: OperatorId },
  { epoch = 0 }: OfEpoch,
): PartyKey {
  return { key, operator, ended_at: null, compromised_since: null, ...asEpoch(epoch) };
}

function withoutOperator(party: Party, id: OperatorId, at: number): Party {
  const operator = opened(party.operators[id]);
  return { ...party, operators: { ...party.operators, [id]: { ...operator, left_at: at } } };
}

function withKey(party: Party, number: number, change: Partial<PartyKey>): Party {
  return { ...party, keys: party.keys.map((key, at) => (at === number ? { ...key, ...change } : key)) };
}
