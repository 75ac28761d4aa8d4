/**
 * Facts of a relationship that decisions rest on: entries of its stream, stated by its grantee, and folded into its state.
 * An attested fact says who stated it; what is not stated is not known, and what a law needs to know and does not denies.
 *
 * @module
 */
import type { AccessId } from '../ids.ts';
import type { Day } from '../pack/day.ts';

/**
 * Named maxima of a relationship's facts. Where they are full, what ended first makes room; so it is facilities that are
 * not closed, and objections that are not answered, that are so many at most.
 */
export const FACILITIES_MAX = 64;
export const NOTICES_MAX = 128;
export const ITEM_FACTS_MAX = 128;
export const OBJECTIONS_MAX = 64;
/** Signers of a firm whose word still counts: for now, or for a letter that stands or may still be signed. */
export const SIGNERS_MAX = 32;

/** A facility or line: from inclusive, to exclusive; null: until it is closed. Repaid is not closed (domain/law.md 2.11). */
export type Facility = { readonly from: number; readonly to: number | null; readonly closed_at: number | null };

/**
 * What a notice to the subject may be of. `reporting_continues`: of reporting after withdrawal (R-15c); `deferred_access`: of
 * earlier accesses to these items that law let the subject be told of only later (domain/law.md V21).
 */
export const NOTICE_KINDS = [
  'adverse_report',
  'reporting_continues',
  'succession',
  'binding',
  'deferred_access',
  'other',
] as const;
export type NoticeKind = (typeof NOTICE_KINDS)[number];
export type Notice = {
  readonly kind: NoticeKind;
  readonly items: readonly string[];
  /** From when it counts: the later of the claimed time and the ledger's (design §4). */
  readonly at: number;
};

/** When what an item tells of ended (条例 16), or was determined (浙江条例 16), and where; null: it has not, or not known. */
export type ItemFact = {
  readonly ended_on: Day | null;
  readonly determined_on: Day | null;
  readonly region: string | null;
};

/** Coarse, so that nobody's birthday can be read out of it (民法典 17–20, PIPL 31). */
export const AGE_BANDS = ['under_14', '14_15', '16_17', 'adult'] as const;
export type AgeBand = (typeof AGE_BANDS)[number];
export type SubjectFact = { readonly band: AgeBand; readonly own_income: boolean; readonly guardian: boolean };

/** Why someone may sign for a firm, and within which span (民法典 165, 171). */
export const SIGNER_KINDS = ['legal_representative', 'attorney'] as const;
export type SignerFact = {
  readonly kind: (typeof SIGNER_KINDS)[number];
  readonly from: number;
  readonly to: number | null;
};

export type Objection = {
  readonly items: readonly string[];
  readonly opened_at: number;
  /** The moment after which it is late (条例 25: twenty days); null: the calendar does not reach that far. */
  readonly due: number | null;
  readonly marked_at: number | null;
  readonly answered_at: number | null;
  /** That the person opened it itself, and the access that it is about; null: none. Absent: the grantee stated it. */
  readonly own?: { readonly access: AccessId | null };
};

export type Facts = {
  readonly facilities: { readonly [facility: string]: Facility };
  readonly notices: readonly Notice[];
  readonly items: { readonly [item: string]: ItemFact };
  readonly subject: SubjectFact | null;
  readonly signers: readonly SignerFact[];
  readonly objections: { readonly [objection: string]: Objection };
  /** Queries of the subject's own data, in the last calendar year that had any. */
  readonly own_queries: { readonly year: number; readonly count: number } | null;
};

const NONE: Facts = {
  facilities: {},
  notices: [],
  items: {},
  subject: null,
  signers: [],
  objections: {},
  own_queries: null,
};

/** What keeps facts: a relationship's state. */
interface Stating {
  readonly facts?: Facts;
}

export function factsIn({ facts }: Stating): Facts {
  return facts ?? NONE;
}

/** The relationship with some of its facts replaced. */
export function withFacts<R extends Stating>(relationship: R, change: Partial<Facts>): R {
  return { ...relationship, facts: { ...factsIn(relationship), ...change } };
}

/** Facts by their ids, with room for one more: where they are full, what ended first is forgotten. Ids are never minted again. */
export function withRoom<Fact>(
  facts: { readonly [id: string]: Fact },
  countMax: number,
  endedAt: (fact: Fact) => number | null,
): { readonly [id: string]: Fact } {
  const all = Object.entries(facts);
  if (all.length < countMax) return facts;
  const [first] = all
    .flatMap(([id, fact]) => {
      const at = endedAt(fact);
      return at === null ? [] : [{ id, at }];
    })
    .sort((a, b) => a.at - b.at || (a.id < b.id ? -1 : 1));
  return first === undefined ? facts : Object.fromEntries(all.filter(([id]) => id !== first.id));
}
