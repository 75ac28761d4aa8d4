import type { Check } from './check.ts';

/** Denies while the subject has frozen everything, or has paused the grant (PIPL 15; law.md V25). */
export const frozen: Check = {
  code: 'FROZEN',
  since: 1,
  until: null,
  asked: 'again at hand-over',
  denies: ({ relationship, grant }) => relationship.frozen !== null || (grant !== undefined && grant.paused !== null),
};
