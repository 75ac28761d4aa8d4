/**
 * What a subject answers to a letter: which clauses it gives, and which items it leaves out of one. The same by a key and
 * in ink, and the same grants come of it.
 *
 * @module
 */
import { Failure } from '../failure.ts';
import type { LetterId } from '../ids.ts';
import type { Instant } from '../instant.ts';
import { code, flag, id, instant, list, type Shape } from '../shape.ts';
import { opened } from './call.ts';
import { asEpoch, epochIn, isSignable, type OfEpoch } from './epoch.ts';
import type { Grade } from './evidence.ts';
import { lawAt } from './law.ts';
import { requireSignedAt } from './letter.ts';
import { type Quiet, quietOf, withRefusals } from './quiet.ts';
import { type Draft, GRANTS_MAX, type Grant, type Relationship } from './relationship.ts';
import type { View } from './rule.ts';
import { GRANTS_PER_LETTER_MAX, ITEMS_MAX, type Terms } from './terms.ts';

/** The fields of an answer, to spread into a record's. */
export const ANSWERED: {
  readonly letter: Shape<LetterId>;
  readonly given: Shape<readonly boolean[]>;
  readonly signed_at: Shape<Instant>;
} = {
  letter: id<LetterId>(),
  /** For each clause, in the draft's order, whether it was ticked. */
  given: list(flag, GRANTS_PER_LETTER_MAX),
  signed_at: instant,
};

/** For each clause, in the draft's order, the items that the subject left out of it. */
export const declinedItems: Shape<readonly (readonly string[])[]> = list(list(code, ITEMS_MAX), GRANTS_PER_LETTER_MAX);

export interface Answer {
  readonly given: readonly boolean[];
  /** From engine 2 on: before it a clause was given as a whole, or not. */
  readonly declined_items?: readonly (readonly string[])[];
}

/** @throws {Failure} `letter_unknown`; `already_signed`, `letter_declined`: a letter is signed or declined once, for ever. */
export function openDraft(relationship: Relationship, letter: LetterId): Draft {
  if (relationship.signed.includes(letter)) throw new Failure('already_signed', 'the letter is already signed');
  if (relationship.declined?.includes(letter) === true) {
    throw new Failure('letter_declined', 'the subject declined this letter');
  }
  const draft = Object.hasOwn(relationship.drafts, letter) ? relationship.drafts[letter] : undefined;
  if (draft === undefined) throw new Failure('letter_unknown', 'no such letter');
  return draft;
}

/** @throws {Failure} `signed_ahead`, `signed_before`, `letter_expired` */
export function requireInTime(view: View, draft: Draft, signedAt: Instant, now: Instant): void {
  requireSignedAt(signedAt, draft.drafted_at as Instant, now);
  if (signedAt >= draft.expires_at || !isSignable(draft, now, epochIn(view))) {
    throw new Failure('letter_expired', 'the letter was to be signed before');
  }
}

/** @throws {Failure} `input_invalid`, if it is no answer to this letter; `limit_reached` */
export function requireAnswer({ grants }: Relationship, draft: Draft, answer: Answer): void {
  const { given, declined_items } = answer;
  if (given.length !== draft.grants.length) {
    throw new Failure('input_invalid', `${given.length} ticks for a letter of ${draft.grants.length} grants`);
  }
  if (declined_items !== undefined) requireDeclinable(draft, given, declined_items);
  const standing = answeredClauses(draft, answer).filter((clause) => clause.standing);
  if (Object.keys(grants).length + standing.length > GRANTS_MAX) {
    throw new Failure('limit_reached', `a relationship has ${GRANTS_MAX} grants at most`);
  }
}

/** What is declined of a clause is of it, each item once; a clause that is not given has nothing left to decline. */
function requireDeclinable(
  { grants }: Draft,
  given: readonly boolean[],
  declined: readonly (readonly string[])[],
): void {
  const isOf = (at: number, items: readonly string[]) =>
    new Set(items).size === items.length &&
    items.every((item) => given[at] === true && grants[at]?.items.includes(item) === true);
  if (declined.length !== grants.length || !declined.every((items, at) => isOf(at, items))) {
    throw new Failure('input_invalid', 'declined_items: want items of a clause that is given, each once');
  }
}

/** Until when the clauses that were refused are not asked for again. */
export function quietAfter(
  view: View,
  now: Instant,
  { subject }: Relationship,
  draft: Pick<Draft, 'grants'>,
  answer: Answer,
): Quiet {
  const standing = answeredClauses(draft, answer).map((clause) => clause.standing);
  return quietOf(lawAt(view, now), subject, draft.grants, standing);
}

/** The relationship after the signature: a grant for each clause that was given, and what was refused. */
export function withAnswer(
  relationship: Relationship,
  body: Answer & OfEpoch & { readonly letter: LetterId; readonly signed_at: number },
  { gradeOf, time }: { readonly gradeOf: (terms: Terms) => Grade; readonly time: number },
): Relationship {
  const { [body.letter]: draft, ...drafts } = relationship.drafts;
  const { warnings, principal, grants } = opened(draft);
  const given = answeredClauses(opened(draft), body).filter(({ standing }) => standing);
  const standing = given.map(({ terms }): [string, Grant] => [
    terms.grant,
    {
      terms,
      letter: body.letter,
      signed_at: body.signed_at,
      given_at: Math.max(time, body.signed_at),
      grade: gradeOf(terms),
      revoked_at: null,
      paused: null,
      ...(warnings.length === 0 ? {} : { warnings }),
      ...(principal === undefined ? {} : { grantee: principal }),
      used: 0,
      recent: [],
      ...asEpoch(body.epoch ?? 0),
    },
  ]);
  const signed = {
    ...relationship,
    drafts,
    signed: [...relationship.signed, body.letter],
    grants: { ...relationship.grants, ...Object.fromEntries(standing) },
  };
  return withRefusals(signed, grants, quietIn(body), time);
}

/** What the decision added to a body. */
export function quietIn(body: object): Quiet {
  return (body as { readonly quiet?: Quiet }).quiet ?? [];
}

/** Each clause as it stands after the signature: less what was declined of it. Of no item left it is not given. */
export function answeredClauses(
  { grants }: Pick<Draft, 'grants'>,
  { given, declined_items = [] }: Answer,
): readonly { readonly terms: Terms; readonly standing: boolean }[] {
  return grants.map((terms, at) => {
    const declined = declined_items[at] ?? [];
    const items = declined.length === 0 ? terms.items : terms.items.filter((item) => !declined.includes(item));
    return { terms: { ...terms, items }, standing: given[at] === true && items.length > 0 };
  });
}
