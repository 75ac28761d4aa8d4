/**
 * Attested facts: what a law needs to know of a subject, a signer or an item, and no more of it than that (design §4).
 *
 * @module
 */
import { Failure } from '../failure.ts';
import { SIGNED_AHEAD_MAX_MS } from '../instant.ts';
import { day } from '../pack/day.ts';
import { REGION_PATTERN } from '../pack/rule.ts';
import { matching } from '../pack/word.ts';
import { code, flag, instant, nullable, oneOf, record, type ShapeOf } from '../shape.ts';
import { CALL, opened } from './call.ts';
import { AGE_BANDS, factsIn, ITEM_FACTS_MAX, SIGNER_KINDS, SIGNERS_MAX, type SignerFact, withFacts } from './facts.ts';
import type { Relationship } from './relationship.ts';
import type { Rule } from './rule.ts';
import { OF_THE_GRANTEE, PRINCIPAL, refuseFull, requireStating } from './stated.ts';

const subjectInput = record({
  ...PRINCIPAL,
  band: oneOf(AGE_BANDS),
  /** Whether it lives by its own work, as it declared itself (民法典 18). */
  own_income: flag,
  /** Whether a guardian signed for it. */
  guardian: flag,
  ...CALL,
});

export const subjectAttested: Rule<ShapeOf<typeof subjectInput>, Relationship> = {
  ...OF_THE_GRANTEE,
  input: subjectInput,
  decide(input, occasion) {
    const { subject } = requireStating(occasion, input, 'attestation');
    if (subject !== 'person') throw new Failure('input_invalid', 'a firm has no age');
    return {};
  },
  evolve(state, { body: { band, own_income, guardian } }) {
    return withFacts(opened(state), { subject: { band, own_income, guardian } });
  },
};

const signerInput = record({
  ...PRINCIPAL,
  kind: oneOf(SIGNER_KINDS),
  /** Within which span it may sign: from inclusive, to exclusive; null: until it is told otherwise. */
  from: instant,
  to: nullable(instant),
  ...CALL,
});

export const signerAttested: Rule<ShapeOf<typeof signerInput>, Relationship> = {
  ...OF_THE_GRANTEE,
  input: signerInput,
  decide(input, occasion) {
    const relationship = requireStating(occasion, input, 'attestation');
    if (relationship.subject !== 'firm') throw new Failure('input_invalid', 'a person signs for itself');
    if (input.to !== null && input.to <= input.from) throw new Failure('input_invalid', 'to: want a time after from');
    refuseFull(countingSigners(relationship, occasion.now).length, SIGNERS_MAX, 'signers whose word counts');
    return {};
  },
  evolve(state, { body: { kind, from, to }, time }) {
    const relationship = opened(state);
    const { signers } = factsIn(relationship);
    const kept = signers.length < SIGNERS_MAX ? signers : countingSigners(relationship, time);
    return withFacts(relationship, { signers: [...kept, { kind, from, to }] });
  },
};

/**
 * The signers whose word still counts: who may sign now or later, and who could when a letter was signed whose grants
 * stand, or since one was drafted, of a letter or of a longer grant, that can still be signed.
 */
function countingSigners(relationship: Relationship, now: number): readonly SignerFact[] {
  const standing = Object.values(relationship.grants).filter(
    ({ revoked_at, terms }) => revoked_at === null && now < terms.to,
  );
  const drafts = [...Object.values(relationship.drafts), ...Object.values(relationship.holds)];
  const waiting = drafts.filter(({ expires_at }) => now < expires_at);
  return factsIn(relationship).signers.filter(
    ({ from, to }) =>
      to === null ||
      now < to ||
      standing.some(({ signed_at }) => from <= signed_at && signed_at < to) ||
      waiting.some(({ drafted_at }) => drafted_at - SIGNED_AHEAD_MAX_MS < to),
  );
}

const itemInput = record({
  ...PRINCIPAL,
  item: code,
  /** The day on which the behaviour or event ended (条例 16); null: it has not. */
  ended_on: nullable(day),
  /** The day on which it was determined (浙江条例 16); null: not known. */
  determined_on: nullable(day),
  /** Area code of the source that it belongs to, of 2, 4 or 6 digits; null: a nation-wide one. */
  region: nullable(matching(REGION_PATTERN, 'an area code of 2, 4 or 6 digits')),
  ...CALL,
});

export const itemAttested: Rule<ShapeOf<typeof itemInput>, Relationship> = {
  ...OF_THE_GRANTEE,
  input: itemInput,
  decide(input, occasion) {
    const { items } = factsIn(requireStating(occasion, input, 'attestation'));
    if (!Object.hasOwn(items, input.item)) refuseFull(Object.keys(items).length, ITEM_FACTS_MAX, 'items with dates');
    return {};
  },
  evolve(state, { body: { item, ended_on, determined_on, region } }) {
    const relationship = opened(state);
    const items = { ...factsIn(relationship).items, [item]: { ended_on, determined_on, region } };
    return withFacts(relationship, { items });
  },
};
