import { isDoorInStanding } from '../party.ts';
import type { Check } from './check.ts';

/** Denies a query at a source that the grant does not name. */
export const source: Check = {
  code: 'SOURCE',
  since: 1,
  until: null,
  asked: 'again at hand-over',
  denies: ({ access, grant }) =>
    grant !== undefined &&
    access.action === 'QUERY' &&
    (access.door === null || !grant.terms.sources.includes(access.door)),
};

/** Denies a query at a source that is unknown, or suspended, be it by itself or by the keeper (domain/law.md V30). */
export const sourceSuspended: Check = {
  code: 'SOURCE',
  since: 2,
  until: null,
  asked: 'again at hand-over',
  denies: ({ access, door, now }) => access.action === 'QUERY' && access.door !== null && !isDoorInStanding(door, now),
};
