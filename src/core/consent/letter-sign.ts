/**
 * A letter is signed by a key of its subject, clause by clause; or declined as a whole.
 *
 * @module
 */
import { Failure } from '../failure.ts';
import { isObject, record, recordWith, type Shape, type ShapeOf } from '../shape.ts';
import { LOG_STREAM } from '../tlog/stream.ts';
import { requireClear, requireSignedAfter } from './before-signing.ts';
import { CALL, opened } from './call.ts';
import { EPOCH, type OfEpoch, readsEpoch, requireEpoch } from './epoch.ts';
import { evidenceShape, gradeFor, requireGrade } from './evidence.ts';
import {
  ANSWERED,
  declinedItems,
  openDraft,
  quietAfter,
  quietIn,
  requireAnswer,
  requireInTime,
  withAnswer,
} from './letter-answer.ts';
import { type Quiet, withRefusals } from './quiet.ts';
import { type Draft, type Relationship, requireRelationship } from './relationship.ts';
import type { Rule } from './rule.ts';
import { hasLaterTerms } from './terms.ts';

const SIGNED = { ...ANSWERED, evidence: evidenceShape };
const signedWhole = recordWith({ ...SIGNED, ...CALL }, EPOCH);
const signedByItem = recordWith({ ...SIGNED, declined_items: declinedItems, ...CALL }, EPOCH);
export type LetterSigned = ShapeOf<typeof signedWhole> &
  OfEpoch & {
    /** From engine 2 on: before it a clause was given as a whole, or not. */
    readonly declined_items?: readonly (readonly string[])[];
  };
const signedInput: Shape<LetterSigned> = (value, at) =>
  isObject(value) && Object.hasOwn(value, 'declined_items') ? signedByItem(value, at) : signedWhole(value, at);

const { letter, signed_at } = ANSWERED;
const declinedInput = record({ letter, signed_at, evidence: evidenceShape, ...CALL });
type LetterDeclined = ShapeOf<typeof declinedInput>;

const OF_A_LETTER = {
  auth: ['statement'],
  // Until when what was refused is not asked for again, by the packs in force.
  outcome: ['quiet'],
  parts: { signature: 'subject', binding: 'subject' },
  needs: () => ['signature', 'binding'],
} as const;

export const letterSigned: Rule<LetterSigned, Relationship> = {
  ...OF_A_LETTER,
  input: signedInput,
  reads: ({ declined_items, epoch }) => (declined_items === undefined ? readsEpoch({ epoch }) : [LOG_STREAM]),
  decide(input, { view, stream, now }): { readonly quiet?: Quiet } {
    const relationship = requireRelationship(view, stream);
    const draft = openDraft(relationship, input.letter);
    requireEpoch(view, input);
    requireInTime(view, draft, input.signed_at, now);
    requireClear(draft, now);
    requireSignedAfter(draft, input.signed_at);
    requireGrade(input.evidence, relationship.grantee);
    if (input.declined_items === undefined) requireWhole(draft);
    requireAnswer(relationship, draft, input);
    return input.declined_items === undefined ? {} : { quiet: quietAfter(view, now, relationship, draft, input) };
  },
  evolve: (state, { body, time }) =>
    withAnswer(opened(state), body, { gradeOf: (terms) => gradeFor(terms, body.evidence), time }),
};

/** @throws {Failure} `entry_invalid`, `engine_old`, of a letter that is signed item by item. */
function requireWhole({ template, grants }: Draft): void {
  // Else a keeper could leave out the refusal, and with it until when nothing is asked for again.
  if (isObject(template)) {
    throw new Failure('entry_invalid', 'what was drafted from a template is signed item by item');
  }
  if (grants.some(hasLaterTerms)) {
    throw new Failure('engine_old', 'what a grant ends with, and candidates, are known from engine 2 on');
  }
}

/** The subject declines a letter as a whole. Refusing takes no grade of evidence, and grants nothing. */
export const letterDeclined: Rule<LetterDeclined, Relationship> = {
  ...OF_A_LETTER,
  input: declinedInput,
  reads: () => [LOG_STREAM],
  decide(input, { view, stream, now }): { readonly quiet: Quiet } {
    const relationship = requireRelationship(view, stream);
    const draft = openDraft(relationship, input.letter);
    requireInTime(view, draft, input.signed_at, now);
    requireGrade(input.evidence, relationship.grantee);
    return { quiet: quietAfter(view, now, relationship, draft, { given: [] }) };
  },
  evolve(state, { body, time }) {
    const relationship = opened(state);
    const { [body.letter]: draft, ...drafts } = relationship.drafts;
    const declined = [...(relationship.declined ?? []), body.letter];
    return withRefusals({ ...relationship, drafts, declined }, opened(draft).grants, quietIn(body), time);
  },
};
