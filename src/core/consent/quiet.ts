/**
 * Quiet after a refusal: who was refused does not ask for the same again at once (网数条例 22(5): no frequent asking after
 * a refusal). The law gives no number of days: a pack does, and without one nothing is quiet.
 *
 * @module
 */
import { Failure } from '../failure.ts';
import type { Instant } from '../instant.ts';
import { periodEnd } from '../pack/period.ts';
import { dayAt } from '../pack/reckon.ts';
import { has, type Law } from './law.ts';
import type { Refusal, Relationship } from './relationship.ts';
import type { Action, SubjectKind, Terms } from './terms.ts';

/** So many refusals are remembered at once: the latest. */
export const REFUSALS_MAX = 256;

/** Until when each refused clause is not asked for again, in the draft's order; null: it was given, or no pack says. */
export type Quiet = readonly (number | null)[];

/** Until when, for each clause that was refused. The day of the refusal is not counted (民法典 201). */
export function quietOf(
  law: Law | null,
  subject: SubjectKind,
  grants: readonly Terms[],
  given: readonly boolean[],
): Quiet {
  return grants.map((terms, at) => (given[at] === true || law === null ? null : quietUntil(law, subject, terms)));
}

/** By the longest rule that is about such a clause. */
function quietUntil(law: Law, subject: SubjectKind, { action, purposes, items, basis }: Terms): number | null {
  const kindsOf = (known: ReadonlyMap<string, { readonly kinds: readonly string[] }>) =>
    items.flatMap((item) => known.get(item)?.kinds ?? []);
  const days = law.quiet
    .filter(
      ({ applies }) =>
        has(applies.actions, action) &&
        has(applies.subjects, subject) &&
        has(applies.bases, basis) &&
        hasAny(
          applies.purpose_kinds,
          purposes.map((purpose) => law.purposes.get(purpose)?.kind ?? ''),
        ) &&
        hasAny(applies.item_kinds, kindsOf(law.items)),
    )
    .map(({ params }) => Number(params.days));
  return days.length === 0 ? null : periodEnd('term', law.day, { days: Math.max(...days) }).end;
}

function hasAny(list: readonly string[] | null, own: readonly string[]): boolean {
  return list === null || own.some((each) => list.includes(each));
}

/** The relationship with what was just refused; what is quiet no more is forgotten. */
export function withRefusals(
  relationship: Relationship,
  grants: readonly Terms[],
  quiet: Quiet,
  now: number,
): Relationship {
  const refused = grants.flatMap(({ action, purposes }, at): readonly Refusal[] => {
    const until = quiet[at] ?? null;
    return until === null ? [] : [{ action, purposes, until }];
  });
  if (refused.length === 0) return relationship;
  const before = (relationship.refusals ?? []).filter(({ until }) => now < until);
  return { ...relationship, refusals: [...before, ...refused].slice(-REFUSALS_MAX) };
}

/** @throws {Failure} `quiet_period`, if an action was refused lately for a purpose that is asked for again. */
export function refuseQuiet(
  { refusals = [] }: Relationship,
  grants: readonly { readonly action: Action; readonly purposes: readonly string[] }[],
  now: Instant,
): void {
  const until = refusals
    .filter((each) => now < each.until)
    .filter(({ action, purposes }) =>
      grants.some((asked) => asked.action === action && asked.purposes.some((purpose) => purposes.includes(purpose))),
    )
    .reduce((latest, each) => Math.max(latest, each.until), 0);
  if (until === 0) return;
  throw new Failure('quiet_period', `the subject refused this: it is not asked again before ${dayAt(until)}`);
}
