/** The made-up people that the synthetic identity provider knows: whoever asks it is one of them. */
import type { Json } from '#core/canonical.ts';
import type { Identifier } from '#core/consent/statement.ts';
import { Failure, isFailure } from '#core/failure.ts';
import { ID_TYPES, requireIdentifier } from '#core/identifier/identifier.ts';
import type { Instant } from '#core/instant.ts';
import { dayAt } from '#core/pack/reckon.ts';
import { line, list, oneOf, record } from '#core/shape.ts';

export interface MadeUpPerson extends Identifier {
  readonly name: string;
}

const PEOPLE_MAX = 50;
const NAME_MAX = 60;
const NUMBER_MAX = 40;

const people = list<MadeUpPerson>(
  record({ name: line(NAME_MAX), id_type: oneOf(ID_TYPES), id_number: line(NUMBER_MAX) }),
  PEOPLE_MAX,
);

/**
 * Reads a list of people as JSON: `[{"name": "…", "id_type": "resident_id", "id_number": "…"}]`.
 *
 * @throws {Failure} `input_invalid`, which says where, and repeats nothing of it.
 */
export function readPeople(text: string, now: Instant): readonly MadeUpPerson[] {
  const listed = parse(text);
  if (listed.length === 0) throw new Failure('input_invalid', 'the list of people is empty');
  for (const [at, person] of listed.entries()) {
    requireIdentifier(person, `people[${at}]`, { today: dayAt(now), legacy: false });
  }
  return listed;
}

function parse(text: string): readonly MadeUpPerson[] {
  try {
    return people(JSON.parse(text) as Json, 'people');
  } catch (cause) {
    const where = isFailure(cause) ? cause.message : 'not JSON';
    throw new Failure('input_invalid', `the list of people: ${where}`, { cause });
  }
}

/** A number as it may stand on a page: its ends, and how long it is. */
export function maskNumber(number: string): string {
  const kept = Math.min(4, Math.floor(number.length / 4));
  return `${number.slice(0, kept)}${'*'.repeat(number.length - 2 * kept)}${number.slice(number.length - kept)}`;
}
