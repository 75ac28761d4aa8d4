/**
 * The rules of law that apply to an access: all of them are asked, every one that is not met is told, deny wins.
 *
 * @module
 */
import type { Json } from '../../canonical.ts';
import { type Length, type PeriodEnd, periodEnd } from '../../pack/period.ts';
import type { PackRule } from '../../pack/rule.ts';
import { factsIn } from '../facts.ts';
import { has } from '../law.ts';
import type { Basis } from '../terms.ts';
import type { DecisionCode } from './check.ts';
import { itemsOf, type LawCase, MEETS } from './requirements.ts';

/** What someone has to do afterwards, and by when: the moment after which it is late; null: no period is said, or known. */
export type Obligation = { readonly name: string; readonly due: number | null };

/** What the law says of an access. */
export type Judged = {
  /** The version of each pack that was in force. */
  readonly packs: { readonly [pack: string]: number };
  readonly basis: Basis | null;
  /** The code of the source's own scheme to give as the reason; null: it has none for this purpose. */
  readonly reason: string | null;
  /** The rules that were not met, by their ids, sorted; with what follows from each. */
  readonly rules: readonly string[];
  readonly marks: readonly string[];
  readonly obligations: readonly Obligation[];
  /** Items that are too old to be asked for. */
  readonly expired: readonly string[];
  /** The calendar year, where the subject's own data are asked for it (条例 17). */
  readonly own_query: number | null;
};

export interface AppliedRule {
  readonly rule: PackRule;
  /** The items that it looked at. */
  readonly items: readonly string[];
  readonly met: boolean;
}

/** Every rule that applies, in the order of their ids, and whether it is met. */
export function applyRules(access: LawCase): readonly AppliedRule[] {
  const { law, relationship, access: asked } = access;
  return law.rulesFor(asked.action, relationship.subject).flatMap((rule): readonly AppliedRule[] => {
    const items = appliesTo(rule, access);
    if (items === null) return [];
    return [{ rule, items, met: MEETS[rule.require](access, items, rule) }];
  });
}

function appliesTo({ applies }: PackRule, { law, access, basis, relationship }: LawCase): readonly string[] | null {
  const purpose = law.purposes.get(access.purpose);
  if (applies.purpose_kinds !== null && (purpose === undefined || !applies.purpose_kinds.includes(purpose.kind))) {
    return null;
  }
  if (!has(applies.bases as readonly (string | null)[] | null, basis)) return null;
  const items = itemsOf(access.items, law.items, applies.item_kinds);
  if (items === null || applies.regions === null) return items;
  const { regions } = applies;
  const within = items.filter((item) => {
    const region = factsIn(relationship).items[item]?.region ?? null;
    return region !== null && regions.some((each) => region.startsWith(each));
  });
  return within.length === 0 ? null : within;
}

/**
 * The codes that the law denies with, and all else that it says.
 *
 * @param isDenied - whether it is denied already, by whatever else: of what is refused little is owed.
 */
export function applyLaw(
  access: LawCase,
  isDenied: boolean,
): { readonly codes: readonly DecisionCode[]; readonly judged: Judged } {
  const broken = applyRules(access).filter(({ met }) => !met);
  const codes = broken.flatMap(({ rule }) => ('deny' in rule.otherwise ? [rule.otherwise.deny] : []));
  const owing = isDenied || codes.length > 0 ? broken.filter(isOwedAnyway) : broken;
  const { obligations, isUnknown } = obligationsOf(access, owing);
  const marks = broken.flatMap(({ rule }) => ('flag' in rule.otherwise ? [rule.otherwise.flag] : []));
  const expired = broken
    .filter(({ rule }) => RETENTION.includes(rule.require))
    .flatMap((each) => expiredOf(access, each));
  return {
    codes: [...new Set(codes)],
    judged: {
      packs: access.law.packs,
      basis: access.basis,
      reason: reasonOf(access),
      rules: broken.map(({ rule }) => rule.id),
      marks: [...new Set<string>(isUnknown ? [...marks, DUE_UNKNOWN] : marks)].sort(),
      obligations,
      expired: [...new Set(expired)].sort(),
      own_query:
        access.law.purposes.get(access.access.purpose)?.kind === 'self' ? Number(access.law.day.slice(0, 4)) : null,
    } satisfies Json,
  };
}

/** What is too old is to be deleted (条例 16), whoever asks for it and in vain; the rest follows from what is handed over. */
const OWED_ANYWAY: readonly string[] = ['deletion_due'];

function isOwedAnyway({ rule: { otherwise } }: AppliedRule): boolean {
  return 'oblige' in otherwise && OWED_ANYWAY.includes(otherwise.oblige);
}

const RETENTION: readonly string[] = ['within_retention', 'within_retention_from_determination'];

function expiredOf(access: LawCase, { rule, items }: AppliedRule): readonly string[] {
  return items.filter((item) => !MEETS[rule.require](access, [item], rule));
}

/** The reason that the caller named, or else the first that the packs map the purpose on. */
function reasonOf({ access, law }: LawCase): string | null {
  return access.stated?.reason ?? law.purposes.get(access.purpose)?.reasons[0]?.code ?? null;
}

/** The mark of an access whose obligation has an end that no calendar in force reaches: it is not guessed. */
const DUE_UNKNOWN = 'due_unknown';

interface Owed {
  readonly obligations: readonly Obligation[];
  readonly isUnknown: boolean;
}

function obligationsOf(access: LawCase, broken: readonly AppliedRule[]): Owed {
  const made = broken.flatMap(({ rule }) =>
    'oblige' in rule.otherwise ? [owed(access, rule, rule.otherwise.oblige)] : [],
  );
  const byName = new Map(made.map((each) => [each.name, each]));
  const inOrder = [...byName.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  return {
    obligations: inOrder.map(({ name, period }) => ({
      name,
      due: period !== null && 'end' in period ? period.end : null,
    })),
    isUnknown: inOrder.some(({ period }) => period !== null && 'missing' in period),
  };
}

/** An obligation, and its period; null: none is said. */
function owed(
  access: LawCase,
  rule: PackRule,
  name: string,
): { readonly name: string; readonly period: PeriodEnd | null } {
  const length = lengthOf(access, rule, name);
  if (length === null) return { name, period: null };
  const { law } = access;
  const closes = rule.params.owed_to === null ? null : (law.closing.get(rule.params.owed_to) ?? null);
  return { name, period: periodEnd('act', law.day, length, law.calendar, closes) };
}

function lengthOf({ access, law }: LawCase, { params }: PackRule, name: string): Length | null {
  if (params.workdays !== null) return { workdays: params.workdays };
  const days =
    params.days ?? (name === 'feedback_due' ? (law.purposes.get(access.purpose)?.feedback_days ?? null) : null);
  return days === null ? null : { days };
}
