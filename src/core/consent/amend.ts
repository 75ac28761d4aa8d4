/**
 * A grant that is changed by its subject becomes another one, linked to the first: it never allows more than was given.
 *
 *     narrow  the new grant stands in place of the old one, which ends at once with all that follows it
 *     extend  the new grant follows the old one: the same terms from its end on, until later
 *
 * What was used counts on in what follows, so that no limit begins anew; and what is done to a grant is done to those
 * that follow it: who takes it back or pauses it means them, too.
 *
 * @module
 */
import { equalJson } from '../canonical.ts';
import { Failure } from '../failure.ts';
import type { GrantId } from '../ids.ts';
import type { Instant } from '../instant.ts';
import { endOf } from './end.ts';
import type { Grant, Relationship } from './relationship.ts';
import type { Terms } from './terms.ts';

/** The kinds of statements that make a grant out of another. */
export const AMEND_KINDS = ['extend', 'narrow'] as const;
export type AmendKind = (typeof AMEND_KINDS)[number];

/** The grants that came out of this one, and out of those. */
export function followersOf({ grants }: Pick<Relationship, 'grants'>, id: string): readonly Grant[] {
  // Most grants are never changed, and each use of one asks this.
  if (grants[id]?.followed_by === undefined) return [];
  const found = new Map<string, Grant>();
  const all = Object.values(grants);
  for (let parents: readonly string[] = [id]; parents.length > 0; ) {
    const next = all.filter(({ of, terms }) => of !== undefined && parents.includes(of) && !found.has(terms.grant));
    for (const each of next) found.set(each.terms.grant, each);
    parents = next.map(({ terms }) => terms.grant);
  }
  return [...found.values()];
}

/** The first one of those that a grant came out of: itself, where its letter gave it. */
export function originOf({ grants }: Pick<Relationship, 'grants'>, id: string): string {
  let origin = id;
  for (let of = grants[id]?.of; of !== undefined; of = grants[of]?.of) origin = of;
  return origin;
}

/** The grants with this one changed, and those that follow it and are not taken back: those stay as they ended. */
export function withFollowers(
  relationship: Pick<Relationship, 'grants'>,
  id: string,
  change: (grant: Grant) => Grant,
): Relationship['grants'] {
  const { grants } = relationship;
  const grant = grants[id];
  if (grant === undefined) return grants;
  const standing = followersOf(relationship, id).filter(({ revoked_at }) => revoked_at === null);
  const changed = [grant, ...standing].map((each): [string, Grant] => [each.terms.grant, change(each)]);
  return { ...grants, ...Object.fromEntries(changed) };
}

/**
 * Requires that a grant may become another with these terms, now.
 *
 * @throws {Failure} `already_revoked`, `grant_ended`, `already_there`, `terms_wider`
 */
export function requireAmendable(
  { grants }: Pick<Relationship, 'grants'>,
  kind: AmendKind,
  grant: Grant,
  terms: Terms,
  now: Instant,
): void {
  if (grant.revoked_at !== null) throw new Failure('already_revoked', 'the grant is taken back');
  if (now >= endOf(grant)) throw new Failure('grant_ended', 'the grant has ended by itself');
  if (kind === 'extend') {
    if (!isLonger(grant.terms, terms)) {
      throw new Failure('terms_wider', 'what extends a grant begins at its end and ends later; all else is the same');
    }
    if (followingNow(grants, grant) !== undefined) {
      throw new Failure('already_there', 'the grant is extended already: extend the one that follows it');
    }
    return;
  }
  if (!isWithin(grant.terms, terms, now)) {
    throw new Failure('terms_wider', 'what narrows a grant allows nothing that it does not');
  }
}

/** What follows a grant and is not taken back. */
function followingNow(grants: Relationship['grants'], { followed_by }: Grant): Grant | undefined {
  const next = followed_by === undefined ? undefined : grants[followed_by];
  return next?.revoked_at === null ? next : undefined;
}

/** The same terms, from the end of the old ones on, for longer. */
function isLonger(old: Terms, terms: Terms): boolean {
  const { grant: _old, from: _from, to, ...same } = old;
  const { grant: _new, from, to: longer, ...rest } = terms;
  return from === to && longer > to && equalJson(same, rest);
}

/** Whether whatever these terms allow from now on the old ones allow. */
function isWithin(old: Terms, terms: Terms, now: Instant): boolean {
  return (
    terms.action === old.action &&
    terms.basis === old.basis &&
    terms.necessity === old.necessity &&
    terms.ends_with === old.ends_with &&
    equalJson(terms.candidates ?? [], old.candidates ?? []) &&
    areAmong(terms.purposes, old.purposes) &&
    areAmong(terms.items, old.items) &&
    areAmong(terms.sources, old.sources) &&
    areAmong(terms.recipients, old.recipients) &&
    Math.max(terms.from ?? 0, now) >= (old.from ?? 0) &&
    terms.to <= old.to &&
    isAtMost(terms.uses_max, old.uses_max) &&
    isAsRare(terms.frequency, old.frequency) &&
    // Null is the stricter one here: the door has to ask.
    (terms.staleness_ms === null || (old.staleness_ms !== null && terms.staleness_ms <= old.staleness_ms))
  );
}

function areAmong(own: readonly string[], wider: readonly string[]): boolean {
  return own.every((each) => wider.includes(each));
}

function isAtMost(own: number | null, limit: number | null): boolean {
  return limit === null || (own !== null && own <= limit);
}

function isAsRare(own: Terms['frequency'], limit: Terms['frequency']): boolean {
  return limit === null || (own !== null && own.count <= limit.count && own.period_ms >= limit.period_ms);
}

/** The relationship after a grant became another one. */
export function amended<R extends Pick<Relationship, 'grants'>>(
  relationship: R,
  kind: AmendKind,
  old: Grant,
  made: Grant,
  now: number,
): R {
  const id = old.terms.grant;
  // Narrowing takes back what is wider, and what would follow it.
  const ended =
    kind === 'extend' ? relationship.grants : withFollowers(relationship, id, (each) => ({ ...each, revoked_at: now }));
  const before = { ...(ended[id] as Grant), followed_by: made.terms.grant as GrantId };
  return { ...relationship, grants: { ...ended, [id]: before, [made.terms.grant]: made } };
}
