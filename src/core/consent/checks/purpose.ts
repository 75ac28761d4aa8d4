import type { Check } from './check.ts';

/** Denies a purpose that was not ticked (条例 18, 20). */
export const purpose: Check = {
  code: 'PURPOSE',
  since: 1,
  until: null,
  asked: 'again at hand-over',
  denies: ({ access, grant }) => grant !== undefined && !grant.terms.purposes.includes(access.purpose),
};

/** Denies a purpose that no pack in force knows, or knows for another kind of subject: unknown denies (V03). */
export const purposeUnknown: Check = {
  code: 'PURPOSE',
  since: 2,
  until: null,
  asked: 'again at hand-over',
  denies: ({ access, law, relationship }) =>
    law != null && law.purposes.get(access.purpose)?.subjects.includes(relationship.subject) !== true,
};
