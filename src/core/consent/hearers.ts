/** Whom a grant concerns. */
import type { PartyId } from '../ids.ts';
import type { Grant, Relationship } from './relationship.ts';

/** Who may use a grant, and through whom: its grantee, and every door that its terms name. */
export function hearersOf({ grantee }: Pick<Relationship, 'grantee'>, given: Grant): readonly PartyId[] {
  const { terms } = given;
  return [...new Set([grantee, given.grantee ?? grantee, ...terms.sources, ...terms.recipients])];
}
