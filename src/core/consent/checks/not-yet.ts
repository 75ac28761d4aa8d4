import type { Check } from './check.ts';

/** Denies before the grant begins. From is inclusive. */
export const notYet: Check = {
  code: 'NOT_YET',
  since: 1,
  until: null,
  asked: 'again at hand-over',
  denies: ({ grant, now }) => grant !== undefined && (now < (grant.terms.from ?? 0) || now < grant.given_at),
};
