/**
 * A rule out of law, as data: to which accesses it applies, what it requires, and what follows where that is not so.
 *
 * Every rule that applies is asked, every failing one is told; deny wins, and what is not known is not met. The rules
 * are data, what a requirement means is code.
 *
 * @module
 */
import type { Json } from '../canonical.ts';
import { GRADES } from '../consent/evidence.ts';
import { ACTIONS, CONSENT_BASES, OTHER_BASES, SUBJECT_KINDS } from '../consent/terms.ts';
import { Failure } from '../failure.ts';
import { code, integer, isObject, nullable, oneOf, record, type Shape, type ShapeOf } from '../shape.ts';
import { ITEM_KINDS, PURPOSE_KINDS } from './catalogue.ts';
import { day } from './day.ts';
import { citations, knownBy, matching, name, some, title } from './word.ts';

export const BASES = [...CONSENT_BASES, ...OTHER_BASES] as const;
export const REGIONS_MAX = 64;
/** A province, a city or a county of GB/T 2260. */
export const REGION_PATTERN: RegExp = /^[0-9]{2}(?:[0-9]{2}){0,2}$/;

/** The parameters of a requirement. */
export const PARAMS = ['days', 'workdays', 'years', 'count', 'grade', 'owed_to'] as const;
export type Param = (typeof PARAMS)[number];

/** What a rule may require, with the parameters that each wants. */
export const REQUIREMENTS = {
  /** The access stands on written consent (条例 14§2, 18, 29). */
  written_consent: [],
  /**
   * The clause was given for itself (PIPL 23, 29): separate consent, or written consent, as every clause of a letter
   * has a tick of its own. Plain consent is neither.
   */
  separate_consent: [],
  /** The letter warned of the adverse consequences that providing the item may have, before it was signed (条例 14§2). */
  adverse_warning: [],
  /** A notice of this report went to the subject before it, and its delivery can be shown (条例 15). */
  notice_before: [],
  /** A facility or line of the subject with the principal is in force at this moment; repaid is not closed. */
  live_facility: [],
  /** Everyone whose trade needs a licence has one at this moment: principal, door, processor (业务管理办法 5). */
  party_licensed: [],
  /** No item asked for is of a kind that nobody may collect (条例 14§1). */
  not_forbidden_kind: [],
  /** Not more than so many years have gone since the behaviour or event ended; while it has not ended, none (条例 16). */
  within_retention: ['years'],
  /** The same, but since it was determined, ended or not (浙江条例 16). */
  within_retention_from_determination: ['years'],
  /** The access names a document and two officers (条例 33; domain/law.md 2.9, judicial). */
  document_reference: [],
  /** The evidence of the letter's signature is of this grade or a better one (domain/words.md). */
  grade_at_least: ['grade'],
  /**
   * The subject was of age at the signature, or a guardian signed (民法典 17–20, PIPL 31). Sixteen and living by one's
   * own work is of age in law; that is only declared to us, so it is not met.
   */
  of_age_or_guardian: [],
  /** Who signed for the firm could do so at the moment of the signature (民法典 165, 171). */
  signer_authorized: [],
  /** The person whose data are asked signed a letter of its own; a firm's letter is none (条例 13). */
  personal_letter: [],
  /** The reason that the source is told is one that the packs map the purpose on; a source without a scheme is told none. */
  purpose_in_reason_map: [],
  /** No objection against an item asked for is open (条例 25). */
  undisputed: [],
  /** Nobody contests the letter as void or voidable (民法典 143–151). */
  uncontested: [],
  /** Fewer than so many queries of the subject's own data came before in this calendar year (条例 17). */
  free_queries_left: ['count'],
  /**
   * What the subject refused is not asked for again within so many days (网数条例 22(5)). It is asked where a letter is
   * drafted, never of an access.
   */
  not_asked_again: ['days'],
  /** Never met: for what follows from an access as such. */
  never: [],
} as const satisfies Readonly<Record<string, readonly Param[]>>;
export type Requirement = keyof typeof REQUIREMENTS;
export const REQUIREMENT_NAMES = Object.keys(REQUIREMENTS) as readonly Requirement[];

/** What an obligation may have besides: within how many days or working days, and owed to whom. */
export const OBLIGATION_PARAMS = ['days', 'workdays', 'owed_to'] as const satisfies readonly Param[];

/** The codes that an access may be denied with (domain/words.md). */
export const DENIALS = [
  'NOAUTH',
  'NOT_YET',
  'EXPIRED',
  'REVOKED',
  'FROZEN',
  'PARTY',
  'OPERATOR',
  'ACTION',
  'SCOPE',
  'SOURCE',
  'RECIPIENT',
  'PURPOSE',
  'NOFACILITY',
  'FORBIDDEN_KIND',
  'NEED_WRITTEN',
  'NEED_SEPARATE',
  'NEED_ADVERSE_WARNING',
  'NOTICE_MISSING',
  'EVIDENCE',
  'CAPACITY',
  'FREQUENCY',
  'QUOTA',
  'BASIS',
  'TEMPLATE',
  'DUP',
] as const;
/** Marks that are no denial (domain/words.md); `fee`: it may be charged (条例 17). */
export const MARKS = ['DISPUTED', 'STALE', 'review', 'store_only', 'contested', 'fee'] as const;
/** What somebody must do afterwards. */
export const OBLIGATIONS = ['feedback_due', 'notice_due', 'deletion_due', 'reply_due', 'quiet'] as const;

/** What follows where the requirement is not met. */
export type Otherwise =
  | { readonly deny: (typeof DENIALS)[number] }
  | { readonly flag: (typeof MARKS)[number] }
  | { readonly oblige: (typeof OBLIGATIONS)[number] };

const OUTCOMES = {
  deny: record({ deny: oneOf(DENIALS) }),
  flag: record({ flag: oneOf(MARKS) }),
  oblige: record({ oblige: oneOf(OBLIGATIONS) }),
};

const otherwise: Shape<Otherwise> = (value: Json | undefined, at) => {
  if (isObject(value)) {
    for (const kind of ['deny', 'flag', 'oblige'] as const) {
      if (Object.hasOwn(value, kind)) return OUTCOMES[kind](value, at);
    }
  }
  throw new Failure('entry_invalid', `${at}: want deny, flag or oblige`);
};

export const DAYS_MAX = 3_660;
/** Each is looked up by itself. */
export const WORKDAYS_MAX = 366;
export const YEARS_MAX = 100;
export const COUNT_MAX = 1_000;

const anyOf = <const T extends string>(words: readonly T[]) => nullable(some(oneOf(words), words.length));

/** Which accesses a rule is about: each list that is there holds the access's own; null: any. */
const applies = record({
  actions: anyOf(ACTIONS),
  subjects: anyOf(SUBJECT_KINDS),
  /** One item of these kinds is enough; the rule then looks at the items of these kinds. */
  item_kinds: anyOf(ITEM_KINDS),
  purpose_kinds: anyOf(PURPOSE_KINDS),
  bases: anyOf(BASES),
  /** Where the source belongs to; a longer area code is within a shorter one. A nation-wide source is in none. */
  regions: nullable(some(matching(REGION_PATTERN, 'an area code of 2, 4 or 6 digits'), REGIONS_MAX)),
});

export const SEVERITIES = ['error', 'warning'] as const;

export const ruleShape = record({
  id: name,
  title,
  law: citations,
  applies,
  require: oneOf(REQUIREMENT_NAMES),
  /**
   * Null: not given. An obligation's `days` or `workdays` (工作日): within how many; neither: the purpose says, or the law
   * does not. `owed_to`: a party of the packs, whose hours then count (民法典 203 §2).
   */
  params: record({
    days: nullable(integer(1, DAYS_MAX)),
    workdays: nullable(integer(1, WORKDAYS_MAX)),
    years: nullable(integer(1, YEARS_MAX)),
    count: nullable(integer(1, COUNT_MAX)),
    grade: nullable(oneOf(GRADES)),
    owed_to: nullable(code),
  }),
  otherwise,
  from: day,
  to: nullable(day),
  /** How a breach weighs in an audit. What is denied is an error. */
  severity: oneOf(SEVERITIES),
  evidence: knownBy,
  /** Counts only while this profile is on. */
  profile: nullable(name),
  /** The rule whose place it takes while its profile is on. */
  replaces: nullable(name),
});
export type PackRule = ShapeOf<typeof ruleShape>;
