/** What waits to be confirmed since the log was continued, and can be (ADR 0028). */
import { Failure } from '../failure.ts';
import type { Instant } from '../instant.ts';
import { endOf } from './end.ts';
import { epochIn, isSuspended } from './epoch.ts';
import type { Grant, Relationship } from './relationship.ts';
import type { View } from './rule.ts';

/**
 * Requires that there is something to confirm. How often a grant was used meanwhile, nobody can tell: so one that is limited
 * in number is given anew.
 *
 * @param grant - Undefined: the relationship itself.
 * @throws {Failure} `already_revoked`, `grant_ended`, `hold_mismatch`, `quota_unknown`
 */
export function requireConfirmable(
  view: View,
  relationship: Relationship,
  grant: Grant | undefined,
  now: Instant,
): void {
  if (grant !== undefined && grant.revoked_at !== null) {
    throw new Failure('already_revoked', 'the grant is taken back');
  }
  if (grant !== undefined && now >= endOf(grant)) throw new Failure('grant_ended', 'the grant has ended by itself');
  if (!isSuspended(grant ?? relationship, epochIn(view))) {
    throw new Failure(
      'hold_mismatch',
      `the ${grant === undefined ? 'relationship' : 'grant'} waits for no confirmation`,
    );
  }
  if (grant !== undefined && grant.terms.uses_max !== null) {
    throw new Failure('quota_unknown', 'how often the grant was used is lost: ask its subject for a new letter');
  }
}
