import type { Check } from './check.ts';

/** Denies a caller that is not the relationship's grantee, is not registered as one, or is suspended meanwhile. */
export const party: Check = {
  code: 'PARTY',
  since: 1,
  until: null,
  asked: 'again at hand-over',
  denies: ({ access, relationship, party }) =>
    access.principal !== relationship.grantee ||
    party === undefined ||
    party.suspended_at !== null ||
    !party.roles.includes('grantee'),
};
