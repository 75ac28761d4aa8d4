import type { OpenAccess } from '../relationship.ts';
import { isReserved, sameItems } from '../use.ts';
import type { Case, Check } from './check.ts';

/** Denies what is just allowed: the same access, whose permit is out and not taken yet. */
export const dup: Check = {
  code: 'DUP',
  since: 1,
  until: null,
  asked: 'at decision',
  denies: ({ access, relationship, grant, now }) =>
    grant !== undefined &&
    Object.values(relationship.open).some(
      (open) => isReserved(open, now) && open.grant === grant.terms.grant && isSame(open, access),
    ),
};

/**
 * The same of an access that stands on law. Which document it names the ledger does not know here: an order that comes
 * while the permit of another for the very same data is out waits until that one is taken, refused or lapsed.
 */
export const dupOnLaw: Check = {
  code: 'DUP',
  since: 2,
  until: null,
  asked: 'at decision',
  denies: ({ access, relationship, now }) => {
    const { ground } = access;
    if ('grant' in ground) return false;
    return Object.values(relationship.open).some(
      (open) =>
        isReserved(open, now) &&
        open.ground?.basis === ground.basis &&
        open.ground.reference === ground.reference &&
        isSame(open, access),
    );
  },
};

function isSame(open: OpenAccess, access: Case['access']): boolean {
  return (
    open.action === access.action &&
    open.purpose === access.purpose &&
    open.door === access.door &&
    sameItems(open.items, access.items)
  );
}
