/** What a receipt's verdict says of a letter: asked what by whom, answered how, and where that stands. Never who answered. */
import { toHex } from '../bytes.ts';
import { Failure } from '../failure.ts';
import type { Hash } from '../hash.ts';
import type { GrantId, LetterId, PartyId } from '../ids.ts';
import type { Entry } from '../tlog/entry.ts';
import { checkCode } from './check-code.ts';
import type { Evidence, PaperEvidence } from './evidence.ts';
import { type Answer, answeredClauses } from './letter-answer.ts';
import type { Draft, Relationship } from './relationship.ts';
import { type Action, doorsOf } from './terms.ts';

export interface LetterSummary {
  readonly letter: LetterId;
  readonly stream: string;
  readonly index: number;
  /** {@link checkCode} of the entry of its signature, or refusal. */
  readonly check_code: string;
  /** Of the same entry, in hexadecimal. */
  readonly leaf: string;
  readonly answer: LetterAnswer;
  /** Ledger time. */
  readonly time: number;
  /** The subject's own; null: it signed nothing, since who holds a letter's link may decline it. */
  readonly signed_at: number | null;
  /** Who drafted it: the grantee, or who succeeded it. */
  readonly grantee: PartyId;
  readonly template: Draft['template'];
  readonly clauses: readonly LetterClause[];
  readonly evidence: Evidence | PaperEvidence;
}

export interface LetterClause {
  readonly grant: GrantId;
  readonly action: Action;
  readonly purposes: readonly string[];
  /** All that was asked for. */
  readonly items: readonly string[];
  /** Sources, or recipients. */
  readonly doors: readonly PartyId[];
  readonly candidates: readonly PartyId[];
  /** From inclusive, null: from the signature on; to exclusive. */
  readonly from: number | null;
  readonly to: number;
  readonly given: boolean;
  readonly declined_items: readonly string[];
}

/** How a subject answers a letter, by the type of the entry. */
export const LETTER_ANSWERS = {
  'letter.signed': 'signed',
  'letter.signed_on_paper': 'signed_on_paper',
  'letter.declined': 'declined',
} as const;
export type LetterAnswer = (typeof LETTER_ANSWERS)[keyof typeof LETTER_ANSWERS];

/**
 * @param relationship As it was before the entry.
 * @throws {Failure} `receipt_invalid`, if there was no such draft to answer.
 */
export function letterSummary(
  entry: Entry,
  relationship: Relationship | undefined,
  { index, leaf }: { readonly index: number; readonly leaf: Hash },
): LetterSummary {
  const { letter, signed_at = null, evidence, ...body } = entry.body as unknown as Answered;
  const draft = relationship?.drafts[letter];
  if (relationship === undefined || draft === undefined) {
    throw new Failure('receipt_invalid', 'there was no such letter to answer');
  }
  return {
    letter,
    stream: entry.stream,
    index,
    check_code: checkCode(leaf),
    leaf: toHex(leaf),
    answer: LETTER_ANSWERS[entry.type as keyof typeof LETTER_ANSWERS],
    time: entry.time,
    signed_at,
    grantee: draft.principal ?? relationship.grantee,
    template: draft.template,
    clauses: clausesOf(draft, { ...body, given: body.given ?? [] }),
    evidence,
  };
}

/** A refusal of the whole ticks nothing, and may be unsigned. */
type Answered = Partial<Answer & { signed_at: number }> & Pick<LetterSummary, 'letter' | 'evidence'>;

function clausesOf(draft: Draft, answer: Answer): readonly LetterClause[] {
  return answeredClauses(draft, answer).map(({ standing }, at) => {
    const terms = draft.grants[at] as Draft['grants'][number];
    const { grant, action, purposes, items, candidates = [], from, to } = terms;
    return {
      ...{ grant, action, purposes, items, doors: doorsOf(terms), candidates, from, to },
      given: standing,
      declined_items: answer.declined_items?.[at] ?? [],
    };
  });
}
