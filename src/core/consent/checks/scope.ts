import type { Check } from './check.ts';

/** Denies where any item asked for is not in the grant, or none is named. */
export const scope: Check = {
  code: 'SCOPE',
  since: 1,
  until: null,
  asked: 'again at hand-over',
  denies: ({ access, grant }) =>
    grant !== undefined &&
    (access.items.length === 0 || access.items.some((item) => !grant.terms.items.includes(item))),
};

/** Denies an item that no pack in force knows, and an access that names none: unknown denies. */
export const scopeUnknown: Check = {
  code: 'SCOPE',
  since: 2,
  until: null,
  asked: 'again at hand-over',
  denies: ({ access, law }) =>
    law != null && (access.items.length === 0 || access.items.some((item) => !law.items.has(item))),
};
