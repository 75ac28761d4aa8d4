import { endOf } from '../end.ts';
import type { Check } from './check.ts';

/** Denies from the instant at which the grant ends. To is exclusive (law.md V07). */
export const expired: Check = {
  code: 'EXPIRED',
  since: 1,
  until: null,
  asked: 'again at hand-over',
  denies: ({ grant, now }) => grant !== undefined && now >= grant.terms.to,
};

/** Denies from the instant at which the facility has ended that the grant ends with (domain/law.md 2.10, term). */
export const endedByEvent: Check = {
  code: 'EXPIRED',
  since: 2,
  until: null,
  asked: 'again at hand-over',
  denies: ({ grant, now }) => grant !== undefined && endOf(grant) < grant.terms.to && now >= endOf(grant),
};
