/**
 * The end of a person's key: lost, given away, or not trusted any more. From its entry on it signs nothing; what it signed
 * before stands.
 *
 * The person ends it by a key that still counts, itself or another; or, where none is at hand, at a counter, by a party that
 * identifies persons. So whoever holds a device that was lost can be locked out of it, and nobody can be locked out by who
 * merely has a link.
 *
 * @module
 */
import { Failure } from '../failure.ts';
import type { Instant } from '../instant.ts';
import { instant, integer, nullable, record, type ShapeOf } from '../shape.ts';
import { LOG_STREAM, partyStream } from '../tlog/stream.ts';
import { CALL, opened } from './call.ts';
import { epochIn } from './epoch.ts';
import { requireSignedAt } from './letter.ts';
import { requireEngineWithPacks } from './log.ts';
import { partyId, requireActing, requireParty } from './party.ts';
import { boundKeyIn, type Person, personIn, requireGivingKey } from './person.ts';
import type { Rule } from './rule.ts';

const place = integer(0, Number.MAX_SAFE_INTEGER);

const keyEndedInput = record({
  /** The place of the entry that bound it, in the person's stream. */
  key: place,
  /** The place of the key that signed; null: a party did. */
  signed_by: nullable(place),
  /** The party that identified the person, and signed; null: a key of the person did. */
  identified_by: nullable(partyId),
  /** The party that brought what the identifying party signed: itself, or the grantee of a relationship. */
  brought_by: nullable(partyId),
  signed_at: instant,
  ...CALL,
});
export type KeyEnded = ShapeOf<typeof keyEndedInput>;

export const personKeyEnded: Rule<KeyEnded, Person> = {
  auth: ['statement', 'http-sig'],
  input: keyEndedInput,
  outcome: [],
  parts: { statement: 'subject', signature: 'subject', identity_salt: 'subject', request: 'subject' },
  needs: ({ identified_by }) =>
    identified_by === null ? ['statement', 'signature'] : ['statement', 'signature', 'identity_salt', 'request'],
  reads: ({ identified_by, brought_by }) => [
    ...[...new Set([identified_by, brought_by])].flatMap((party) => (party === null ? [] : [partyStream(party)])),
    LOG_STREAM,
  ],
  decide(input, { view, stream, now }) {
    requireEngineWithPacks(view, 'ends of persons’ keys');
    const { key, signed_by, identified_by, brought_by } = input;
    const isOwn = input.auth === 'statement';
    if ((signed_by !== null) !== isOwn || (identified_by === null) !== isOwn || (brought_by === null) !== isOwn) {
      throw new Failure('entry_invalid', 'a key of the person ends it, or a party that is named and brings it');
    }
    if (brought_by !== null) {
      requireParty(view, brought_by);
      requireActing(view, input, brought_by, 'query');
    }
    if (identified_by !== null) requireParty(view, identified_by, 'identifier');
    requireSignedAt(input.signed_at, 0 as Instant, now);
    requireEnding(personIn(view, stream), { key, signedBy: signed_by, epoch: epochIn(view) });
    return {};
  },
  evolve(state, { body }) {
    const person = opened(state);
    return { ...person, keys: person.keys.filter(({ seq }) => seq !== body.key) };
  },
};

/**
 * What nobody was identified for ends nothing but itself: else a grantee could bring such a key, and take from the person
 * the keys by which consent is withdrawn.
 *
 * Nor does one that may have been ended in a tail that was lost: it takes consent back, and no key.
 *
 * @throws {Failure} `subject_key_unknown`, `key_ended`, `key_suspended`, `grade_low`
 */
function requireEnding(
  person: Person | undefined,
  { key, signedBy, epoch }: { readonly key: number; readonly signedBy: number | null; readonly epoch: number },
): void {
  const ending = boundKeyIn(person, key);
  if (ending === undefined) throw new Failure('subject_key_unknown', 'the person has no such key, or it ended before');
  if (signedBy === null) return;
  const signer = boundKeyIn(person, signedBy);
  if (signer === undefined) throw new Failure('key_ended', 'this key is not bound to the subject any more');
  if (signedBy !== key) requireGivingKey(signer, epoch);
  if (signedBy !== key && signer.identified_by === null && ending.identified_by !== null) {
    throw new Failure('grade_low', 'a key that nobody was identified for ends no key that somebody was');
  }
}
