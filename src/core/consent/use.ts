/**
 * How often a grant was used: spent uses, and those that a permit reserves until it lapses (design §5).
 *
 * @module
 */
import { withFollowers } from './amend.ts';
import type { Grant, OpenAccess, Relationship } from './relationship.ts';

/** How long a permit counts, where the door has to ask before it hands anything over. */
export const PERMIT_MS = 5 * 60_000;
/** A door settles within this time after it took a permit; later is late. */
export const SETTLE_WITHIN_MS = 60_000;
/** Then an access that was never settled leaves the state: it stays missing for ever. */
export const SETTLE_ACCEPTED_MS = 86_400_000;
/** So many accesses of one relationship may wait for their settlement. */
export const OPEN_MAX = 256;

/** Whether an access reserves a use: its permit is out, and not taken yet. */
export function isReserved(open: OpenAccess, now: number): boolean {
  return open.redeemed_at === null && now < open.until;
}

/** The accesses that still wait for something: those whose permit lapsed, or that were never settled, are dropped. */
export function openNow({ open }: Relationship, now: number): Relationship['open'] {
  const all = Object.entries(open);
  const waiting = all.filter(([, each]) =>
    each.redeemed_at === null ? now < each.until : now < each.redeemed_at + SETTLE_ACCEPTED_MS,
  );
  // Mostly all of them still wait: whoever adds one copies them anyway.
  return waiting.length === all.length ? open : Object.fromEntries(waiting);
}

/** Uses of a grant that permits reserve. */
export function reservedOf({ open }: Relationship, grant: string, now: number): number {
  return Object.values(open).filter((each) => each.grant === grant && isReserved(each, now)).length;
}

/** Uses of a grant within its frequency's period, the reserved ones among them. */
export function usesWithin(relationship: Relationship, grant: Grant, now: number): number {
  const { frequency } = grant.terms;
  if (frequency === null) return 0;
  const recent = grant.recent.filter((at) => at > now - frequency.period_ms).length;
  return recent + reservedOf(relationship, grant.terms.grant, now);
}

/** The grant with one more use spent. */
function spend(grant: Grant, now: number): Grant {
  const { frequency } = grant.terms;
  if (frequency === null) return { ...grant, used: grant.used + 1 };
  const recent = [...grant.recent.filter((at) => at > now - frequency.period_ms), now];
  return { ...grant, used: grant.used + 1, recent: recent.slice(-frequency.count) };
}

/** The grant with a use given back that was spent at this time: nothing came of it. */
function giveBack(grant: Grant, spentAt: number): Grant {
  const at = grant.recent.indexOf(spentAt);
  const recent = at < 0 ? grant.recent : grant.recent.toSpliced(at, 1);
  return { ...grant, used: grant.used - 1, recent };
}

/** The grants with one more use of this one spent; it counts in those that follow it. Null: law has no uses to count. */
export function withSpent(relationship: Relationship, grant: string | null, now: number): Relationship['grants'] {
  return grant === null ? relationship.grants : withFollowers(relationship, grant, (each) => spend(each, now));
}

/** The grants with a use of this one given back. Null: there is none to give back. */
export function withGivenBack(
  relationship: Relationship,
  grant: string | null,
  spentAt: number,
): Relationship['grants'] {
  return grant === null ? relationship.grants : withFollowers(relationship, grant, (each) => giveBack(each, spentAt));
}

/** The same codes, in whatever order and however often each is named. */
export function sameItems(a: readonly string[], b: readonly string[]): boolean {
  return [...new Set(a)].sort().join() === [...new Set(b)].sort().join();
}
