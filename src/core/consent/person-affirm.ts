/**
 * A person's key gives again after the log was continued (ADR 0028). The lost tail may have ended it, since its phone was
 * stolen: so until somebody identifies its holder anew, it takes back, pauses, freezes and objects, and gives nothing.
 *
 * It takes what binding a key takes: the key signs for itself, and so does who identified the person, over the name that the
 * log has now. What it stands on stays what it was bound by: it is of no better grade than before.
 *
 * @module
 */
import { Failure } from '../failure.ts';
import { instant, integer, record, type ShapeOf } from '../shape.ts';
import { LOG_STREAM, partyStream } from '../tlog/stream.ts';
import { CALL, opened } from './call.ts';
import { EPOCH, epochIn, isSuspended, requireEpoch } from './epoch.ts';
import { partyId, requireParty } from './party.ts';
import { boundKeyIn, type Person, personIn, requireBringer } from './person.ts';
import type { Rule } from './rule.ts';

const affirmedInput = record({
  /** The place of the entry that bound it, in the person's stream. */
  key: integer(0, Number.MAX_SAFE_INTEGER),
  identified_by: partyId,
  identified_at: instant,
  /** The party that brought it; where the person did: who identified it. */
  enrolled_by: partyId,
  epoch: EPOCH.epoch,
  ...CALL,
});
export type KeyAffirmed = ShapeOf<typeof affirmedInput>;

/** How its holder was identified: by the signed result of a party, and in no other way. */
export const AFFIRMED_BY = 'identity_provider';

export const personKeyAffirmed: Rule<KeyAffirmed, Person> = {
  auth: ['http-sig', 'statement'],
  input: affirmedInput,
  outcome: [],
  parts: {
    ...{ binding: 'subject', possession: 'subject', identification: 'subject' },
    ...{ identity_salt: 'subject', request: 'subject' },
  },
  needs: ({ auth }) => [
    ...['binding', 'possession', 'identification', 'identity_salt'],
    ...(auth === 'http-sig' ? ['request'] : []),
  ],
  reads: ({ enrolled_by, identified_by }) => [
    ...[...new Set([enrolled_by, identified_by])].map(partyStream),
    LOG_STREAM,
  ],
  decide(input, { view, stream }) {
    requireEpoch(view, input);
    requireBringer({ ...input, method: AFFIRMED_BY }, view);
    requireParty(view, input.identified_by, 'identifier');
    const key = boundKeyIn(personIn(view, stream), input.key);
    if (key === undefined) throw new Failure('subject_key_unknown', 'the person has no such key, or it ended before');
    if (!isSuspended(key, epochIn(view))) {
      throw new Failure('already_there', 'the key counts: it was bound, or affirmed, since the log was continued');
    }
    return {};
  },
  evolve(state, { body: { key, epoch } }) {
    const person = opened(state);
    return { ...person, keys: person.keys.map((each) => (each.seq === key ? { ...each, epoch } : each)) };
  },
};
