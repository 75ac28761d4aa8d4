/**
 * Views of a subject's personal data: each is an entry, so that the subject learns who looked, at what and why (PIPL 44, 51).
 * What was seen stands nowhere; the entry is committed before anything is shown.
 *
 * @module
 */
import { Failure } from '../failure.ts';
import { list, oneOf, record, type ShapeOf } from '../shape.ts';
import { CALL, opened } from './call.ts';
import { partyIn, requireActing, speaksFor } from './party.ts';
import { type Relationship, requireRelationship } from './relationship.ts';
import type { Rule } from './rule.ts';
import { OF_THE_GRANTEE, PRINCIPAL } from './stated.ts';

/** What can be looked at, in the order in which an entry lists it. */
export const IDENTITY_FIELDS = ['id_number', 'name', 'phone'] as const;
export type IdentityField = (typeof IDENTITY_FIELDS)[number];

/** Why: the subject is being served, a paper is compared with its person, an objection is answered, or law asks for it. */
export const VIEW_REASONS = ['serve_subject', 'verify_paper', 'answer_objection', 'law'] as const;
export type ViewReason = (typeof VIEW_REASONS)[number];

const viewedInput = record({
  ...PRINCIPAL,
  fields: list(oneOf(IDENTITY_FIELDS), IDENTITY_FIELDS.length),
  why: oneOf(VIEW_REASONS),
  ...CALL,
});

/** By an operator of the grantee itself, or of who succeeded it: no mandate covers it. It changes nothing. */
export const identityViewed: Rule<ShapeOf<typeof viewedInput>, Relationship> = {
  ...OF_THE_GRANTEE,
  input: viewedInput,
  decide(input, { view, stream }) {
    const { principal, fields } = input;
    const relationship = requireRelationship(view, stream);
    const party = partyIn(view, principal);
    if (party === undefined || !speaksFor(party, principal, relationship.grantee)) {
      throw new Failure('relationship_unknown', 'no such relationship');
    }
    requireActing(view, input, principal, 'query');
    const inOrder = IDENTITY_FIELDS.filter((field) => fields.includes(field));
    if (fields.length === 0 || inOrder.join() !== fields.join()) {
      throw new Failure('input_invalid', `fields: want one or more of ${IDENTITY_FIELDS.join(', ')}, in this order`);
    }
    return {};
  },
  evolve: (state) => opened(state),
};
