import { isSuspended } from '../epoch.ts';
import type { Check } from './check.ts';

/**
 * Denies what stood before the log was continued, until its subject confirms it (ADR 0028): a grant; and where an access
 * stands on law, what a freeze of the subject's would deny.
 */
export const suspended: Check = {
  code: 'SUSPENDED',
  since: 3,
  until: null,
  asked: 'again at hand-over',
  denies: ({ access, relationship, grant, epoch }) =>
    'grant' in access.ground ? grant !== undefined && isSuspended(grant, epoch) : isSuspended(relationship, epoch),
};

/** Denies a caller that nobody vouched for since the log was continued: it may have been suspended. */
export const partyLeft: Check = {
  code: 'PARTY',
  since: 3,
  until: null,
  asked: 'again at hand-over',
  denies: ({ party, epoch }) => party !== undefined && isSuspended(party, epoch),
};

/** The same of the source that would be queried. */
export const sourceLeft: Check = {
  code: 'SOURCE',
  since: 3,
  until: null,
  asked: 'again at hand-over',
  denies: ({ access, door, epoch }) => access.action === 'QUERY' && door !== undefined && isSuspended(door, epoch),
};

/** The same of the recipient that would be sent to. */
export const recipientLeft: Check = {
  code: 'RECIPIENT',
  since: 3,
  until: null,
  asked: 'again at hand-over',
  denies: ({ access, door, epoch }) => access.action !== 'QUERY' && door !== undefined && isSuspended(door, epoch),
};
