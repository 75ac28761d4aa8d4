import { isReserved, sameItems } from '../use.ts';
import type { Check } from './check.ts';

/** Denies what is just allowed: the same access, whose permit is out and not taken yet. */
export const dup: Check = {
  code: 'DUP',
  since: 1,
  until: null,
  asked: 'at decision',
  denies: ({ access, relationship, grant, now }) =>
    grant !== undefined &&
    Object.values(relationship.open).some(
      (open) =>
        isReserved(open, now) &&
        open.grant === grant.terms.grant &&
        open.action === access.action &&
        open.purpose === access.purpose &&
        open.door === access.door &&
        sameItems(open.items, access.items),
    ),
};
