/**
 * The terms of a grant: what one clause of a letter allows. They stand in the draft's entry, in the statement that the
 * person signs, and in the state that decides; the same everywhere.
 *
 * @module
 */
import type { GrantId, PartyId } from '../ids.ts';
import {
  code,
  id,
  instant,
  integer,
  list,
  nullable,
  oneOf,
  record,
  recordWith,
  type Shape,
  type ShapeOf,
} from '../shape.ts';

/** Whom data are about. */
export const SUBJECT_KINDS = ['person', 'firm'] as const;
export type SubjectKind = (typeof SUBJECT_KINDS)[number];

export const ACTIONS = ['QUERY', 'REPORT', 'PROVIDE', 'SCORE', 'STORE'] as const;
export type Action = (typeof ACTIONS)[number];

/** Legal bases (domain/words.md). A letter's clause rests on one of the consent kinds. */
export const CONSENT_BASES = ['consent', 'separate_consent', 'written_consent'] as const;
export const OTHER_BASES = ['contract_necessary', 'statutory_duty', 'public_by_law', 'judicial'] as const;
export type ConsentBasis = (typeof CONSENT_BASES)[number];
export type OtherBasis = (typeof OTHER_BASES)[number];
export type Basis = ConsentBasis | OtherBasis;

export const PURPOSES_MAX = 32;
export const ITEMS_MAX = 128;
export const DOORS_MAX = 32;
export const GRANTS_PER_LETTER_MAX = 16;
/** Conditional grantees (domain/seeds.md 0.19): of one there is nothing to choose. */
export const CANDIDATES_MIN = 2;
export const CANDIDATES_MAX = 32;

/** A year and a day: what recurs more rarely is no frequency. */
export const PERIOD_MS_MAX = 366 * 86_400_000;
export const USES_MAX = 1_000_000;
/** The state remembers this many uses of a grant at most. */
export const FREQUENCY_COUNT_MAX = 1_000;
/** How old a door's knowledge of revocations may be, where it verifies offline. */
export const STALENESS_MS_MAX = 86_400_000;

const TERMS = {
  grant: id<GrantId>(),
  action: oneOf(ACTIONS),
  purposes: list(code, PURPOSES_MAX),
  items: list(code, ITEMS_MAX),
  sources: list(id<PartyId>(), DOORS_MAX),
  recipients: list(id<PartyId>(), DOORS_MAX),
  from: nullable(instant),
  to: instant,
  basis: oneOf(CONSENT_BASES),
  necessity: oneOf(['necessary', 'optional']),
  uses_max: nullable(integer(1, USES_MAX)),
  frequency: nullable(record({ count: integer(1, FREQUENCY_COUNT_MAX), period_ms: integer(1_000, PERIOD_MS_MAX) })),
  staleness_ms: nullable(integer(1_000, STALENESS_MS_MAX)),
};

/** Known from engine 2 on. Where it says nothing it is absent, so that older terms have the bytes that they had. */
const LATER_TERMS = { ends_with: oneOf(['facility']), candidates: list(id<PartyId>(), CANDIDATES_MAX) };

export const termsShape: Shape<{
  readonly grant: GrantId;
  readonly action: Action;
  readonly purposes: readonly string[];
  readonly items: readonly string[];
  /** Whence data may be queried. */
  readonly sources: readonly PartyId[];
  /** Whither data may be reported or provided. */
  readonly recipients: readonly PartyId[];
  /** From inclusive; null: from the signature on. */
  readonly from: number | null;
  /** To exclusive. */
  readonly to: number;
  readonly basis: ConsentBasis;
  /** Whether the service can't be had without it (PIPL 16). */
  readonly necessity: 'necessary' | 'optional';
  /** How often it may be used in all; 1: once. Null: without limit. */
  readonly uses_max: number | null;
  /** How often within any such period. */
  readonly frequency: { readonly count: number; readonly period_ms: number } | null;
  /** That its doors may verify permits without asking, and for how long such a permit counts. Null: they must ask. */
  readonly staleness_ms: number | null;
  /** With what it ends, if that is before its end: the last facility bound after it was given. Absent: with nothing. */
  readonly ends_with?: 'facility';
  /** One of whom is the grantee: which, is bound when the line is granted. Absent: it is given to who drafted it. */
  readonly candidates?: readonly PartyId[];
}> = recordWith(TERMS, LATER_TERMS);
export type Terms = ShapeOf<typeof termsShape>;

/** Whether terms say what no engine before the second one knows. */
export function hasLaterTerms(terms: Terms): boolean {
  return Object.keys(LATER_TERMS).some((name) => Object.hasOwn(terms, name));
}

/** Through whom data leave: sources and recipients, in their order. */
export function doorsOf({ sources, recipients }: Pick<Terms, 'sources' | 'recipients'>): readonly PartyId[] {
  return [...sources, ...recipients];
}

/** Every party that terms name: doors, then candidates. */
export function partiesOf(terms: Pick<Terms, 'sources' | 'recipients' | 'candidates'>): readonly PartyId[] {
  return [...doorsOf(terms), ...(terms.candidates ?? [])];
}
