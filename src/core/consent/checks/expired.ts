import type { Check } from './check.ts';

/** Denies from the instant at which the grant ends. To is exclusive (law.md V07). */
export const expired: Check = {
  code: 'EXPIRED',
  since: 1,
  until: null,
  asked: 'again at hand-over',
  denies: ({ grant, now }) => grant !== undefined && now >= grant.terms.to,
};
