import type { Check } from './check.ts';

/** Denies where the grant that the access names was never given in this relationship (条例 18). */
export const noAuthorization: Check = {
  code: 'NOAUTH',
  since: 1,
  until: null,
  asked: 'again at hand-over',
  denies: ({ access, grant }) => 'grant' in access.ground && grant === undefined,
};
