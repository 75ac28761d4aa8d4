import { OPEN_MAX, openNow, reservedOf } from '../use.ts';
import type { Check } from './check.ts';

/**
 * Denies where the grant was used as often in all as it may be, permits that are still out included; and where too many
 * releases wait for their settlement.
 */
export const quota: Check = {
  code: 'QUOTA',
  since: 1,
  until: null,
  asked: 'at decision',
  denies: ({ access, relationship, grant, now }) =>
    (grant?.terms.uses_max != null &&
      grant.used + reservedOf(relationship, grant.terms.grant, now) >= grant.terms.uses_max) ||
    (access.door !== null && Object.keys(openNow(relationship, now)).length >= OPEN_MAX),
};
