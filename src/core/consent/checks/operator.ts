import type { Check } from './check.ts';

/** Denies an operator whose duty is not to query: who administers does not look (law.md V19). */
export const operator: Check = {
  code: 'OPERATOR',
  since: 1,
  until: null,
  asked: 'at decision',
  denies: ({ operator }) => operator?.duty !== 'query',
};
