import { usesWithin } from '../use.ts';
import type { Check } from './check.ts';

/** Denies where the grant was used as often within its period as it may be, permits that are still out included. */
export const frequency: Check = {
  code: 'FREQUENCY',
  since: 1,
  until: null,
  asked: 'at decision',
  denies: ({ relationship, grant, now }) =>
    grant?.terms.frequency != null && usesWithin(relationship, grant, now) >= grant.terms.frequency.count,
};
