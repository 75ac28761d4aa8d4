import type { Check } from './check.ts';

/** Denies another action than the one granted: each is given separately. */
export const action: Check = {
  code: 'ACTION',
  since: 1,
  until: null,
  asked: 'again at hand-over',
  denies: ({ access, grant }) => grant !== undefined && access.action !== grant.terms.action,
};
