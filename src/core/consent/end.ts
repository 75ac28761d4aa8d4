/**
 * When a grant ends: at the instant that its terms say, or before, with what it was given for. A letter says "from its
 * signature until the business is settled" (自签署之日起至业务结清之日止): such a grant follows the facilities that are bound
 * after it was given, and ends with the last of them, for good; a facility bound later revives nothing.
 *
 * @module
 */
import type { FactId } from '../ids.ts';
import type { Grant, Relationship } from './relationship.ts';

/** The instant at which a grant ends, as far as is known: exclusive. */
export function endOf({ terms, ends }: Pick<Grant, 'terms' | 'ends'>): number {
  const last = ends === undefined ? [null] : Object.values(ends);
  return Math.min(terms.to, ...(last.includes(null) ? [] : [Math.max(...(last as readonly number[]))]));
}

/**
 * The grants once a facility is bound, or its end is another. `end` is exclusive; null: it runs until it is closed. A
 * facility that was bound before a grant was given is none of that grant's.
 */
export function withFacilityEnd(
  { grants }: Pick<Relationship, 'grants'>,
  facility: FactId,
  end: number | null,
  { isNew, now }: { readonly isNew: boolean; readonly now: number },
): Relationship['grants'] {
  const changed = Object.entries(grants).map(([id, grant]): [string, Grant] => {
    const { ends = {} } = grant;
    const isIts = isNew || Object.hasOwn(ends, facility);
    if (grant.terms.ends_with === undefined || !isIts || grant.revoked_at !== null || now >= endOf(grant)) {
      return [id, grant];
    }
    // Those that ended say nothing any more, as long as another runs: and one does, or the grant had ended.
    const running = Object.entries(ends).filter(([, each]) => each === null || now < each);
    return [id, { ...grant, ends: { ...Object.fromEntries(running), [facility]: end } }];
  });
  return Object.fromEntries(changed);
}
