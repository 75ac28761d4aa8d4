/**
 * What who holds a letter's link may do besides answering its questions: decline the letter, and say that it is of somebody
 * else, which freezes this one relationship (domain/seeds.md 1.19). Nobody's key signs it, so it is of grade D, and gives
 * nothing: a link proves little, and so only what protects is done by it. Who ends the freeze signs by a key of a better
 * grade. Who reads by the link whom the letter is about does so by an entry: its lender has the link, too.
 *
 * @module
 */
import type { JsonObject } from '../canonical.ts';
import { Failure } from '../failure.ts';
import type { LetterId, PartyId } from '../ids.ts';
import { id, isObject, nullable, oneOf, record, type ShapeOf } from '../shape.ts';
import type { Entry } from '../tlog/entry.ts';
import { LOG_STREAM } from '../tlog/stream.ts';
import { CALL, type Call, opened } from './call.ts';
import { epochIn, isSignable } from './epoch.ts';
import { linkEvidenceShape } from './evidence.ts';
import { openDraft, quietAfter, quietIn } from './letter-answer.ts';
import { requireEngineWithPacks } from './log.ts';
import { type Quiet, withRefusals } from './quiet.ts';
import { type Draft, type Relationship, requireRelationship } from './relationship.ts';
import type { Occasion, Rule } from './rule.ts';
import { doorsOf } from './terms.ts';

const OF_A_LINK = { letter: id<LetterId>(), evidence: linkEvidenceShape };

const declinedInput = record({
  ...OF_A_LINK,
  /** `not_me`: the letter is of somebody else. Null: no reason is given. */
  reason: nullable(oneOf(['not_me'])),
  ...CALL,
});
export type DeclinedByLink = ShapeOf<typeof declinedInput>;

const frozenInput = record({ ...OF_A_LINK, ...CALL });
export type FrozenByLink = ShapeOf<typeof frozenInput>;

const viewedInput = record({ ...OF_A_LINK, ...CALL });
export type ViewedByLink = ShapeOf<typeof viewedInput>;

/** How often the letters of one relationship are looked at in full by their links, at most. */
export const LINK_VIEWS_MAX = 1_000;

const BY_LINK = {
  auth: ['session'],
  parts: {},
  needs: () => [],
  reads: () => [LOG_STREAM],
} as const;

/** As by the subject's signature, but that nobody signs: the ledger's time counts. */
export const letterDeclinedByLink: Rule<DeclinedByLink, Relationship> = {
  ...BY_LINK,
  input: declinedInput,
  // `alerted`: whom the letter names that has to hear, where it is said to be of somebody else. Absent elsewhere.
  outcome: ['quiet', 'alerted'],
  decide(input, occasion): { readonly quiet: Quiet; readonly alerted?: readonly PartyId[] } {
    const { relationship, draft } = requireOpen(input, occasion);
    const quiet = quietAfter(occasion.view, occasion.now, relationship, draft, { given: [] });
    return input.reason === null ? { quiet } : { quiet, alerted: alertedBy(draft) };
  },
  evolve(state, { body, time }) {
    const relationship = opened(state);
    const { [body.letter]: draft, ...drafts } = relationship.drafts;
    const declined = [...(relationship.declined ?? []), body.letter];
    return withRefusals({ ...relationship, drafts, declined }, opened(draft).grants, quietIn(body), time);
  },
};

/** This relationship alone, by the link of a letter that waits: it is declined right after. */
export const relationshipFrozenByLink: Rule<FrozenByLink, Relationship> = {
  ...BY_LINK,
  input: frozenInput,
  outcome: [],
  decide(input, occasion) {
    const { relationship } = requireOpen(input, occasion);
    if (relationship.frozen !== null) throw new Failure('hold_mismatch', 'already frozen');
    return {};
  },
  evolve(state, { body, time }) {
    const frozen = { at: time, grade: body.evidence.grade, signed_at: time, by: 'link' } as const;
    return { ...opened(state), frozen };
  },
};

/** Name, number and text of a letter, waiting or answered, in full by its link. It changes nothing but their count. */
export const identityViewedByLink: Rule<ViewedByLink, Relationship> = {
  ...BY_LINK,
  input: viewedInput,
  outcome: [],
  decide({ letter }, { view, stream }) {
    requireEngineWithPacks(view, 'acts by the link of a letter');
    const { drafts, signed, declined = [], link_views = 0 } = requireRelationship(view, stream);
    if (!Object.hasOwn(drafts, letter) && ![...signed, ...declined].includes(letter)) {
      throw new Failure('letter_unknown', 'no such letter');
    }
    if (link_views >= LINK_VIEWS_MAX) {
      throw new Failure(
        'limit_reached',
        `letters of a relationship are looked at ${LINK_VIEWS_MAX} times by their links`,
      );
    }
    return {};
  },
  evolve(state) {
    const relationship = opened(state);
    return { ...relationship, link_views: (relationship.link_views ?? 0) + 1 };
  },
};

function requireOpen(
  { letter }: { readonly letter: LetterId },
  { view, stream, now }: Occasion,
): { readonly relationship: Relationship; readonly draft: Draft } {
  requireEngineWithPacks(view, 'acts by the link of a letter');
  const relationship = requireRelationship(view, stream);
  const draft = openDraft(relationship, letter);
  if (!isSignable(draft, now, epochIn(view))) {
    throw new Failure('letter_expired', 'the letter was to be signed before');
  }
  return { relationship, draft };
}

/** Who is named by a letter besides the grantee of the relationship: who drafted it, and the doors of its clauses. */
export function alertedBy({ principal, grants }: Pick<Draft, 'principal' | 'grants'>): readonly PartyId[] {
  return [...new Set([...(principal === undefined ? [] : [principal]), ...grants.flatMap(doorsOf)])];
}

/** Whether who did it held a letter's link, and nothing else. */
export function isByLink({ body }: Pick<Entry, 'body'>): boolean {
  return says(body);
}

function says(body: JsonObject): boolean {
  const { evidence } = body;
  return isObject(evidence) && evidence['kind'] === 'link';
}

/** A rule with a second way to the same entry: by a letter's link. Each keeps to its own. */
export function orByLink<Own extends JsonObject, State extends JsonObject, Link extends JsonObject & Call>(
  own: Rule<Own, State>,
  link: Rule<Link, State>,
): Rule<Own | Link, State> {
  const ruleOf = (input: Own | Link) => (says(input) ? link : own) as unknown as Rule<Own | Link, State>;
  return {
    auth: [...new Set([...own.auth, ...link.auth])],
    outcome: [...new Set([...own.outcome, ...link.outcome])],
    parts: { ...own.parts, ...link.parts },
    input: (value, at) => (isObject(value) && says(value) ? link.input(value, at) : own.input(value, at)),
    needs: (input) => ruleOf(input).needs(input),
    reads: (input) => ruleOf(input).reads(input),
    decide(input, occasion) {
      const rule = ruleOf(input);
      const { auth } = input as unknown as Call;
      if (!rule.auth.includes(auth)) {
        throw new Failure(
          'entry_invalid',
          `what ${says(input) ? 'a link' : 'no link'} does is not authenticated by ${auth}`,
        );
      }
      return rule.decide(input, occasion);
    },
    evolve: (state, event) => ruleOf(event.body).evolve(state, event),
  };
}
