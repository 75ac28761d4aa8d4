import type { Check } from './check.ts';

/** Denies after the grant was taken back. The order of entries decides, not the clock (law.md V07). */
export const revoked: Check = {
  code: 'REVOKED',
  since: 1,
  until: null,
  asked: 'again at hand-over',
  denies: ({ grant }) => grant !== undefined && grant.revoked_at !== null,
};
