import { mayAct } from '../candidates.ts';
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
 * successor by a letter of its own is not its predecessor's; what names candidates is nobody's until one of them is bound,
 * and then that one's (domain/seeds.md 0.19).
 */
export const partyOrSuccessor: Check = {
  code: 'PARTY',
  since: 2,
  until: null,
  asked: 'again at hand-over',
  denies: ({ access, relationship, grant, party }) =>
    party === undefined ||
    !mayAct(party, access.principal, relationship, grant) ||
    party.suspended_at !== null ||
    !party.roles.includes('grantee'),
};
