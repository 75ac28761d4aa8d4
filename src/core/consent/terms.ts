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
  isObject,
  list,
  nullable,
  oneOf,
  record,
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

/** A year and a day: what recurs more rarely is no frequency. */
export const PERIOD_MS_MAX = 366 * 86_400_000;
export const USES_MAX = 1_000_000;
/** The state remembers this many uses of a grant at most. */
export const FREQUENCY_COUNT_MAX = 1_000;
/** How old a door's knowledge of revocations may be, where it verifies offline. */
export const STALENESS_MS_MAX = 86_400_000;

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
}> = (value, at) =>
  isObject(value) && Object.hasOwn(value, 'ends_with') ? endingTerms(value, at) : lastingTerms(value, at);

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
const lastingTerms = record(TERMS);
const endingTerms = record({ ...TERMS, ends_with: oneOf(['facility']) });
export type Terms = ShapeOf<typeof termsShape>;
