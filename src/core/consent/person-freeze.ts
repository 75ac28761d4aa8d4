/**
 * A person's freeze, as its own stream has it: what is enrolled later starts with it. Each relationship that there is has
 * one by itself, of the same batch (hold.ts).
 *
 * @module
 */
import { Failure } from '../failure.ts';
import type { Instant } from '../instant.ts';
import { instant, oneOf, record, type ShapeOf } from '../shape.ts';
import { CALL, opened } from './call.ts';
import { GRADES } from './evidence.ts';
import { BY_STATEMENT_OR_SESSION, OF_A_STATEMENT, requireUndoing } from './hold.ts';
import { requireSignedAt } from './letter.ts';
import { type Person, personIn } from './person.ts';
import type { Occasion, Rule } from './rule.ts';
import { requireActedAt } from './session.ts';

const personInput = record({ grade: oneOf(GRADES), signed_at: instant, ...CALL });

export const personFrozen: Rule<ShapeOf<typeof personInput>, Person> = {
  ...BY_STATEMENT_OR_SESSION,
  input: personInput,
  decide(input, { view, stream, now }) {
    requireActedAt(view, input, 0 as Instant, now);
    const person = requirePerson(view, stream);
    if (person.frozen !== null) throw new Failure('hold_mismatch', 'already frozen');
    return {};
  },
  evolve: (state, { body, time }) => ({
    ...opened(state),
    frozen: { at: time, grade: body.grade, signed_at: body.signed_at },
  }),
};

export const personReleased: Rule<ShapeOf<typeof personInput>, Person> = {
  ...OF_A_STATEMENT,
  input: personInput,
  decide({ grade, signed_at }, { view, stream, now }) {
    requireSignedAt(signed_at, 0 as Instant, now);
    const { frozen } = requirePerson(view, stream);
    if (frozen === null) throw new Failure('hold_mismatch', 'not frozen');
    requireUndoing({ evidence: { grade }, signed_at }, frozen);
    return {};
  },
  evolve: (state) => ({ ...opened(state), frozen: null }),
};

function requirePerson(view: Occasion['view'], stream: Occasion['stream']): Person {
  const person = personIn(view, stream);
  if (person === undefined) throw new Failure('subject_key_unknown', 'no key is bound to this subject');
  return person;
}
