/**
 * A grant's life after it was given. Now: it is taken back by its subject, for good (PIPL 15).
 *
 * @module
 */
import { Failure } from '../failure.ts';
import type { GrantId } from '../ids.ts';
import type { Instant } from '../instant.ts';
import { id, instant, record, type ShapeOf } from '../shape.ts';
import { withFollowers } from './amend.ts';
import { CALL, opened } from './call.ts';
import { endOf } from './end.ts';
import { isSuspended } from './epoch.ts';
import { evidenceShape, requireGrade } from './evidence.ts';
import { type Grant, type Relationship, requireRelationship } from './relationship.ts';
import type { Rule } from './rule.ts';
import { byStatementOrSession, requireActedAt } from './session.ts';

const revokedInput = record({ grant: id<GrantId>(), signed_at: instant, evidence: evidenceShape, ...CALL });
export type GrantRevoked = ShapeOf<typeof revokedInput>;

export const grantRevoked: Rule<GrantRevoked, Relationship> = {
  ...byStatementOrSession(['signature', 'binding']),
  input: revokedInput,
  decide(input, { view, stream, now }) {
    const { grant, evidence } = input;
    const relationship = requireRelationship(view, stream);
    const found = grantIn(relationship, grant);
    if (found === undefined) throw new Failure('grant_unknown', 'no such grant');
    if (found.revoked_at !== null) throw new Failure('already_revoked', 'the grant is already taken back');
    if (now >= endOf(found)) throw new Failure('grant_ended', 'the grant has ended by itself');
    requireActedAt(view, input, found.signed_at as Instant, now);
    requireGrade(evidence, relationship.grantee);
    return {};
  },
  evolve(state, { body, time }) {
    const relationship = opened(state);
    // Who takes a grant back takes back what was to follow it.
    const grants = withFollowers(relationship, body.grant, (each) => ({ ...each, revoked_at: time }));
    return { ...relationship, grants };
  },
};

export type GrantStatus = 'pending' | 'active' | 'paused' | 'contested' | 'suspended' | 'expired' | 'revoked';

/**
 * How a grant stands at a moment, in the log's epoch. From is inclusive, to exclusive. What waits to be confirmed says so,
 * whatever else holds it: that its subject ends first.
 */
export function statusOf(grant: Grant, now: Instant, epoch: number): GrantStatus {
  if (grant.revoked_at !== null) return 'revoked';
  if (now >= endOf(grant)) return 'expired';
  if (isSuspended(grant, epoch)) return 'suspended';
  if (grant.contested_at != null) return 'contested';
  if (grant.paused !== null) return 'paused';
  return now < Math.max(grant.terms.from ?? 0, grant.given_at) ? 'pending' : 'active';
}

export function grantIn(relationship: Relationship | undefined, grant: string): Grant | undefined {
  return relationship !== undefined && Object.hasOwn(relationship.grants, grant)
    ? relationship.grants[grant]
    : undefined;
}
