import type { Check } from './check.ts';

/**
 * Denies what would leave by a door while the ledger does not know any more whom it is about: a permit names the person. That it
 * does not know is its own word, which the audit of its database compares with what is there.
 */
export const subjectUnknown: Check = {
  code: 'SUBJECT',
  since: 2,
  until: null,
  asked: 'at decision',
  denies: ({ access }) => access.door !== null && access.subject === 'unknown',
};
