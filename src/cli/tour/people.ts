/**
 * The people of the tour. Nobody is real: nobody living was born in 18xx, and the area 990001 is nowhere. Their names show what
 * a page has to be able to show: characters beyond the basic plane, and the middle dot of names in several parts.
 *
 * @module
 */
import { SUBJECT } from '../story-letter.ts';

export interface TourPerson {
  readonly id_type: 'resident_id';
  readonly id_number: string;
  readonly name: string;
}

const PLAYED: TourPerson = { id_type: 'resident_id', id_number: SUBJECT.id_number, name: SUBJECT.name };

/** Who can be played; the person of the story is known already, by another key. */
export const PEOPLE: readonly TourPerson[] = [
  { id_type: 'resident_id', id_number: '990001187909230034', name: '王示例' },
  { id_type: 'resident_id', id_number: '990001189105120015', name: '𠮷示例' },
  { id_type: 'resident_id', id_number: '990001188501012054', name: '阿依·示例' },
  PLAYED,
];
