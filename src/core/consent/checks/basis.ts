import type { Check } from './check.ts';

/** Denies an access that stands on law instead of a grant: no pack of legal bases is known yet, and unknown denies. */
export const basis: Check = {
  code: 'BASIS',
  since: 1,
  until: null,
  asked: 'again at hand-over',
  denies: ({ access }) => !('grant' in access.ground),
};
