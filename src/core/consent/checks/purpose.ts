import type { Check } from './check.ts';

/** Denies a purpose that was not ticked (条例 18, 20). */
export const purpose: Check = {
  code: 'PURPOSE',
  since: 1,
  until: null,
  asked: 'again at hand-over',
  denies: ({ access, grant }) => grant !== undefined && !grant.terms.purposes.includes(access.purpose),
};
