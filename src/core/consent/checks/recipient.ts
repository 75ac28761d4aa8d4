import { isDoorInStanding } from '../party.ts';
import type { Check } from './check.ts';

/** Denies sending to a recipient that the grant does not name (PIPL 23). SCORE and STORE send nowhere. */
export const recipient: Check = {
  code: 'RECIPIENT',
  since: 1,
  until: null,
  asked: 'again at hand-over',
  denies: ({ access, grant }) =>
    grant !== undefined &&
    (access.action === 'REPORT' || access.action === 'PROVIDE'
      ? access.door === null || !grant.terms.recipients.includes(access.door)
      : access.action !== 'QUERY' && access.door !== null),
};

/**
 * Denies sending to a recipient that is unknown, or suspended: nothing is handed over at a door that nobody answers for.
 * On law as on a grant, SCORE and STORE send nowhere.
 */
export const recipientSuspended: Check = {
  code: 'RECIPIENT',
  since: 2,
  until: null,
  asked: 'again at hand-over',
  denies: ({ access: { action, ...access }, door, now }) =>
    action !== 'QUERY' &&
    access.door !== null &&
    ((action !== 'REPORT' && action !== 'PROVIDE') || !isDoorInStanding(door, now)),
};
