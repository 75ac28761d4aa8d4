/**
 * The stream `party/<id>`: an organisation with its roles and keys.
 *
 * @module
 */
import { Failure } from '../failure.ts';
import type { PartyId } from '../ids.ts';
import { id, line, list, oneOf, record, type Shape, type ShapeOf, text } from '../shape.ts';
import { partyStream } from '../tlog/stream.ts';
import { CALL, opened, refuseOpen } from './call.ts';
import type { Rule, View } from './rule.ts';

/** What a party may be. An `identifier` says who a person is, and so is nobody's grantee (design §8). */
export const PARTY_ROLES = [
  'grantee',
  'provider',
  'bureau',
  'processor',
  'platform',
  'supervisor',
  'identifier',
  'keeper',
] as const;
export type PartyRole = (typeof PARTY_ROLES)[number];

export const PARTY_KEYS_MAX = 32;
export const PARTY_NAME_MAX = 200;

export const partyId: Shape<PartyId> = id<PartyId>();
const publicKeyText = text(43);

const registeredInput = record({
  name: line(PARTY_NAME_MAX),
  roles: list(oneOf(PARTY_ROLES), PARTY_ROLES.length),
  ...CALL,
});
const keyAddedInput = record({ key: publicKeyText, ...CALL });

export type Party = {
  readonly name: string;
  readonly roles: readonly PartyRole[];
  /** Ed25519 public keys, base64url. */
  readonly keys: readonly string[];
};

export const partyRegistered: Rule<ShapeOf<typeof registeredInput>, Party> = {
  input: registeredInput,
  outcome: [],
  parts: {},
  needs: () => [],
  reads: () => [],
  decide({ roles }, { view, stream }) {
    refuseOpen(view, stream);
    if (roles.length === 0 || new Set(roles).size !== roles.length) {
      throw new Failure('input_invalid', 'roles: want one or more, each once');
    }
    if (roles.includes('identifier') && roles.includes('grantee')) {
      throw new Failure('party_role', 'who identifies persons is nobody’s grantee: register two parties');
    }
    return {};
  },
  evolve: (_state, { body }) => ({ name: body.name, roles: body.roles, keys: [] }),
};

export const partyKeyAdded: Rule<ShapeOf<typeof keyAddedInput>, Party> = {
  input: keyAddedInput,
  outcome: [],
  parts: {},
  needs: () => [],
  reads: () => [],
  decide({ key }, { view, stream }) {
    const party = view.state(stream) as Party | undefined;
    if (party === undefined) throw new Failure('party_unknown', 'no such party');
    if (party.keys.includes(key)) throw new Failure('already_there', 'the party already has this key');
    if (party.keys.length >= PARTY_KEYS_MAX)
      throw new Failure('limit_reached', `a party has ${PARTY_KEYS_MAX} keys at most`);
    return {};
  },
  evolve(state, { body }) {
    const party = opened(state);
    return { ...party, keys: [...party.keys, body.key] };
  },
};

export function partyIn(view: View, party: PartyId): Party | undefined {
  return view.state(partyStream(party)) as Party | undefined;
}

/** @throws {Failure} `party_unknown`, if there is no such party; `party_role`, if it may not act in this role. */
export function requireParty(view: View, party: PartyId, role?: PartyRole): Party {
  const found = partyIn(view, party);
  if (found === undefined) throw new Failure('party_unknown', 'no such party');
  if (role !== undefined && !found.roles.includes(role)) {
    throw new Failure('party_role', `this party is registered without the role ${role}`);
  }
  return found;
}
