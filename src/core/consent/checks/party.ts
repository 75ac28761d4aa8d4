import { speaksFor } from '../party.ts';
import type { Check } from './check.ts';

/** Denies a caller that is not the relationship's grantee, is not registered as one, or is suspended meanwhile. */
export const party: Check = {
  code: 'PARTY',
  since: 1,
  until: 2,
  asked: 'again at hand-over',
  denies: ({ access, relationship, party }) =>
    access.principal !== relationship.grantee ||
    party === undefined ||
    party.suspended_at !== null ||
    !party.roles.includes('grantee'),
};

/**
 * The same, but who succeeded the grantee may ask in its place (PIPL 22; domain/law.md V28). What was given to the
 * successor by a letter of its own is not its predecessor's.
 */
export const partyOrSuccessor: Check = {
  code: 'PARTY',
  since: 2,
  until: null,
  asked: 'again at hand-over',
  denies: ({ access, relationship, grant, party }) =>
    party === undefined ||
    !speaksFor(party, access.principal, relationship.grantee) ||
    !speaksFor(party, access.principal, grant?.grantee ?? relationship.grantee) ||
    party.suspended_at !== null ||
    !party.roles.includes('grantee'),
};
