/**
 * Conditional grantees (domain/seeds.md 0.19). A clause may name candidates: who of them is its grantee shows when the
 * line is granted, and the grantee of the relationship, which drafted the letter, then binds it, once and for ever.
 *
 * Before that nobody acts under the grant; afterwards the bound one alone, and whoever succeeded it. It asks by the
 * relationship's handle, and for nothing but this grant: for anything else of the handle it is a stranger like any other,
 * and so is a candidate that was not bound.
 *
 * @module
 */
import { Failure } from '../failure.ts';
import type { GrantId, Handle, PartyId } from '../ids.ts';
import { id, record, type ShapeOf } from '../shape.ts';
import { idOf, partyStream, relationshipStream } from '../tlog/stream.ts';
import { followersOf, originOf, withFollowers } from './amend.ts';
import { CALL, opened } from './call.ts';
import { endOf } from './end.ts';
import { grantIn } from './grant.ts';
import { type Party, partyId, partyIn, requireActing, requireParty, speaksFor } from './party.ts';
import { type Grant, ownRelationship, type Relationship, relationshipIn } from './relationship.ts';
import type { Rule, View } from './rule.ts';
import { OF_THE_GRANTEE, PRINCIPAL } from './stated.ts';

const boundInput = record({ ...PRINCIPAL, grant: id<GrantId>(), party: partyId, ...CALL });
export type GranteeBound = ShapeOf<typeof boundInput>;

/** By the grantee itself: a mandate is to act, never to approve, and this says who may. */
export const granteeBound: Rule<GranteeBound, Relationship> = {
  ...OF_THE_GRANTEE,
  input: boundInput,
  reads: ({ principal, party }) => [...new Set([principal, party])].map(partyStream),
  decide(input, { view, stream, now }) {
    const { principal, party } = input;
    const relationship = ownRelationship(view, idOf<Handle>(stream), principal);
    // Another's handle is answered like an unknown one.
    if (relationship === undefined) throw new Failure('relationship_unknown', 'no such relationship');
    requireActing(view, input, principal, 'query');
    const grant = grantIn(relationship, input.grant);
    // What a letter of its own gave to a successor is not its predecessor's to bind.
    if (grant === undefined || !speaksFor(requireParty(view, principal), principal, drafterOf(relationship, grant))) {
      throw new Failure('grant_unknown', 'no such grant');
    }
    if (grant.revoked_at !== null) throw new Failure('already_revoked', 'the grant is taken back');
    if (now >= endOf(grant)) throw new Failure('grant_ended', 'the grant has ended by itself');
    if (grant.terms.candidates?.includes(party) !== true) {
      throw new Failure('candidate_unknown', 'the grant names no such candidate');
    }
    if (grant.bound !== undefined) throw new Failure('already_there', 'the grant is bound already, for ever');
    if (requireParty(view, party, 'grantee').suspended_at !== null) {
      throw new Failure('party_role', 'this party is suspended');
    }
    return {};
  },
  evolve(state, { body, time }) {
    const relationship = opened(state);
    const bound = { party: body.party, at: time };
    // One letter, one lender: what it was made of, and what was made of it, is bound with it. What is taken back stays so.
    const grants = withFollowers(relationship, originOf(relationship, body.grant), (each) =>
      each.revoked_at === null ? { ...each, bound } : each,
    );
    return { ...relationship, grants };
  },
};

/** The grants that are bound together with one, and stand. */
export function boundWith(relationship: Pick<Relationship, 'grants'>, grant: GrantId): readonly Grant[] {
  const origin = originOf(relationship, grant);
  const all = [opened(relationship.grants[origin]), ...followersOf(relationship, origin)];
  return all.filter(({ revoked_at }) => revoked_at === null);
}

function drafterOf({ grantee }: Pick<Relationship, 'grantee'>, given: Grant | undefined): PartyId {
  return given?.grantee ?? grantee;
}

/** Who may act under a grant; null: nobody yet, since none of its candidates is bound. */
export function holderOf(relationship: Pick<Relationship, 'grantee'>, grant: Grant | undefined): PartyId | null {
  if (grant?.terms.candidates === undefined) return drafterOf(relationship, grant);
  return grant.bound?.party ?? null;
}

/** Whether a party may act under a grant of a relationship: who holds it, or who succeeded that one. */
export function mayAct(
  party: Party,
  principal: PartyId,
  relationship: Pick<Relationship, 'grantee'>,
  grant: Grant | undefined,
): boolean {
  const holder = holderOf(relationship, grant);
  if (holder === null || !speaksFor(party, principal, holder)) return false;
  // To whom a letter gave it was in the grantee's place; to whom it was bound never is.
  return grant?.bound !== undefined || speaksFor(party, principal, relationship.grantee);
}

/**
 * Whether an access under a grant, or under none, is the principal's own to ask for in a relationship: the grantee's and
 * who succeeded it in any case, the party's that the grant is bound to. Any other is answered like another's.
 */
export function isOwnAccess(
  relationship: Relationship,
  party: Party | undefined,
  principal: PartyId,
  grant: Grant | undefined,
): boolean {
  if (party === undefined) return relationship.grantee === principal;
  if (speaksFor(party, principal, relationship.grantee)) return true;
  return grant?.bound !== undefined && speaksFor(party, principal, grant.bound.party);
}

/** What an access stands on, as far as it says whose it is. */
type Named = { readonly grant: GrantId } | { readonly basis: unknown };

/** The grant that a ground names, if the relationship has it. */
export function grantNamed(relationship: Relationship, ground: Named): Grant | undefined {
  return 'grant' in ground ? grantIn(relationship, ground.grant) : undefined;
}

/** {@link isOwnAccess}, of a handle that may be anybody's or nobody's. */
export function isOwnAsking(
  view: View,
  { handle, principal, ground }: { readonly handle: Handle; readonly principal: PartyId; readonly ground: Named },
): boolean {
  const relationship = relationshipIn(view, relationshipStream(handle));
  if (relationship === undefined) return false;
  return isOwnAccess(relationship, partyIn(view, principal), principal, grantNamed(relationship, ground));
}
