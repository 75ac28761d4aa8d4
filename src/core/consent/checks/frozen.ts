import type { Check } from './check.ts';

/** Denies while the subject has frozen everything, or has paused the grant (PIPL 15; law.md V25). */
export const frozen: Check = {
  code: 'FROZEN',
  since: 1,
  until: null,
  asked: 'again at hand-over',
  denies: ({ relationship, grant }) => relationship.frozen !== null || (grant !== undefined && grant.paused !== null),
};

/** Denies while the grant is contested, by its subject or by a finding (民法典 143–151; domain/law.md 2.6). */
export const contested: Check = {
  code: 'FROZEN',
  since: 2,
  until: null,
  asked: 'again at hand-over',
  denies: ({ grant }) => grant?.contested_at != null,
};
