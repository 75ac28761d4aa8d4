/**
 * What each requirement of a pack's rule means (core/pack/rule.ts names them): one small question each, about an access
 * and the items that the rule looks at. What is not known is not met.
 *
 * @module
 */
import type { ITEM_KINDS } from '../../pack/catalogue.ts';
import type { Day } from '../../pack/day.ts';
import { periodEnd } from '../../pack/period.ts';
import type { PackRule, Requirement } from '../../pack/rule.ts';
import { GRADES } from '../evidence.ts';
import { factsIn } from '../facts.ts';
import { facilityStatus, noticeStatus, spanStatus } from '../facts-standing.ts';
import type { Law } from '../law.ts';
import type { Basis } from '../terms.ts';
import type { Case } from './check.ts';

/** An access as the law looks at it. */
export interface LawCase extends Case {
  readonly law: Law;
  /** The basis that it stands on: the grant's, or the one it names; null: it names a grant that there is none of. */
  readonly basis: Basis | null;
}

/** Whether an access meets a requirement. `items` are those asked for that the rule is about. */
export type Meets = (access: LawCase, items: readonly string[], rule: PackRule) => boolean;

export const MEETS: Readonly<Record<Requirement, Meets>> = {
  written_consent: ({ basis }) => basis === 'written_consent',
  separate_consent: ({ basis }) => basis === 'separate_consent' || basis === 'written_consent',
  adverse_warning: ({ grant }) => grant?.warnings?.includes(ADVERSE_WARNING) === true,
  notice_before: ({ relationship, now }, items, { applies }) => {
    // Of adverse items: that they will be reported (条例 15); of any: that reporting goes on after withdrawal (R-15c).
    const kind = applies.item_kinds?.includes('adverse') === true ? 'adverse_report' : 'reporting_continues';
    const before = factsIn(relationship).notices.filter(
      (notice) => notice.kind === kind && noticeStatus(notice, now) === 'counts',
    );
    return items.every((item) => before.some((notice) => notice.items.includes(item)));
  },
  live_facility: ({ relationship, now }) =>
    Object.values(factsIn(relationship).facilities).some((facility) => facilityStatus(facility, now) === 'live'),
  party_licensed: ({ party, door, now }) => [party, door].every((each) => each == null || isLicensed(each, now)),
  not_forbidden_kind: (_access, items) => items.length === 0,
  within_retention: ({ relationship, law }, items, { params: { years } }) =>
    items.every((item) => isWithin(factsIn(relationship).items[item]?.ended_on ?? null, years, law.day)),
  within_retention_from_determination: ({ relationship, law }, items, { params: { years } }) =>
    items.every((item) => isWithin(factsIn(relationship).items[item]?.determined_on ?? null, years, law.day)),
  document_reference: ({ access }) =>
    'basis' in access.ground && access.ground.reference && (access.stated?.officers ?? 0) >= OFFICERS_MIN,
  grade_at_least: ({ grant }, _items, { params: { grade } }) =>
    grant !== undefined && GRADES.includes(grant.grade) && grant.grade <= String(grade),
  of_age_or_guardian: ({ relationship }) => {
    const subject = factsIn(relationship).subject;
    return subject !== null && (subject.band === 'adult' || subject.guardian);
  },
  signer_authorized: ({ relationship, grant }) =>
    grant !== undefined &&
    factsIn(relationship).signers.some(
      ({ from, to }) => from <= grant.signed_at && (to === null || grant.signed_at < to),
    ),
  personal_letter: ({ relationship, grant }) => relationship.subject === 'person' && grant !== undefined,
  purpose_in_reason_map: ({ access, law }) => {
    const reason = access.stated?.reason ?? null;
    const mapped = law.purposes.get(access.purpose)?.reasons ?? [];
    return reason === null || mapped.some(({ code }) => code === reason);
  },
  undisputed: ({ relationship }, items) =>
    !Object.values(factsIn(relationship).objections).some(
      (objection) => objection.answered_at === null && items.some((item) => objection.items.includes(item)),
    ),
  uncontested: ({ grant }) => grant?.contested_at == null,
  free_queries_left: ({ relationship, law, isCounted }, _items, { params: { count } }) => {
    const asked = factsIn(relationship).own_queries;
    return (
      asked === null ||
      asked.year !== Number(law.day.slice(0, 4)) ||
      asked.count < Number(count) + (isCounted === true ? 1 : 0)
    );
  },
  // Of letters: the law never asks it of an access.
  not_asked_again: () => true,
  never: () => false,
};

/** The warning of 条例 14§2, as letters name it. */
const ADVERSE_WARNING = 'adverse_consequence';
/** Officers that ask for a person's information by a document (domain/law.md R-33, V21). */
const OFFICERS_MIN = 2;

function isLicensed(party: NonNullable<Case['party']>, now: number): boolean {
  return (party.licences ?? []).some((licence) => spanStatus(licence, now) === 'live');
}

/** Without an end there is no expiry (条例 16). The last day counts whole, and is not moved by a holiday (V14). */
function isWithin(since: Day | null, years: number | null, today: Day): boolean {
  return since === null || today <= periodEnd('retention', since, { years: Number(years) }).last;
}

/** The items of an access that a rule is about; null: it is about none of them, so not about this access. */
export function itemsOf(
  asked: readonly string[],
  items: Law['items'],
  kinds: readonly (typeof ITEM_KINDS)[number][] | null,
) {
  const found =
    kinds === null ? asked : asked.filter((item) => items.get(item)?.kinds.some((kind) => kinds.includes(kind)));
  return kinds !== null && found.length === 0 ? null : found;
}
