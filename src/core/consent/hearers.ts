/** Whom a grant concerns. */
import type { PartyId } from '../ids.ts';
import type { Grant, Relationship } from './relationship.ts';
import { doorsOf } from './terms.ts';

/** Who may use a grant, and through whom: its grantee, which of its candidates it is bound to, and its doors. */
export function hearersOf({ grantee }: Pick<Relationship, 'grantee'>, given: Grant): readonly PartyId[] {
  const bound = given.bound === undefined ? [] : [given.bound.party];
  return [...new Set([grantee, given.grantee ?? grantee, ...bound, ...doorsOf(given.terms)])];
}
