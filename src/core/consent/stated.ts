/**
 * Facts that a grantee states of its relationship. What all of them share: who may, and that they are signed.
 *
 * @module
 */
import { Failure } from '../failure.ts';
import type { PartyId } from '../ids.ts';
import { partyStream, type StreamId } from '../tlog/stream.ts';
import type { Call } from './call.ts';
import { type Mandated, partyId, partyIn, requireActingFor, requireDuty, speaksFor } from './party.ts';
import { type Relationship, requireRelationship } from './relationship.ts';
import type { Occasion } from './rule.ts';

/** The field that names who states it: the grantee, or who succeeded it. */
export const PRINCIPAL: { readonly principal: typeof partyId } = { principal: partyId };

/** What all rules of such facts have. A number of a contract may say who someone is, so it is a part of the payload. */
export const OF_THE_GRANTEE = {
  auth: ['http-sig'],
  outcome: [],
  parts: {},
  needs: () => [],
  reads: ({ principal }: { readonly principal: PartyId }): readonly StreamId[] => [partyStream(principal)],
} as const;

/**
 * The relationship that a fact is stated of, by an operator of its grantee, or of a processor whose mandate covers such
 * facts.
 *
 * @throws {Failure} `relationship_unknown`, also of another's; `principal_mismatch`, `duty_missing`
 */
export function requireStating(
  { view, stream, now }: Occasion,
  input: Pick<Call, 'by'> & { readonly principal: PartyId },
  act: Exclude<Mandated, 'access'>,
): Relationship {
  const relationship = requireRelationship(view, stream);
  const party = partyIn(view, input.principal);
  if (party === undefined || !speaksFor(party, input.principal, relationship.grantee)) {
    throw new Failure('relationship_unknown', 'no such relationship');
  }
  requireActingFor(view, input, input.principal, { act, now });
  requireDuty(view, input, 'query');
  return relationship;
}

/** @throws {Failure} `limit_reached` */
export function refuseFull(count: number, countMax: number, what: string): void {
  if (count >= countMax) throw new Failure('limit_reached', `a relationship has ${countMax} ${what} at most`);
}
