import type { Check } from './check.ts';

/** Denies a caller that is not the relationship's grantee, or is not registered as one. */
export const party: Check = {
  code: 'PARTY',
  since: 1,
  until: null,
  denies: ({ access, relationship, party }) =>
    access.principal !== relationship.grantee || party === undefined || !party.roles.includes('grantee'),
};
