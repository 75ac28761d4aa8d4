import type { Check } from './check.ts';

/** Denies an access that stands on law instead of a grant: no pack of legal bases is known yet, and unknown denies. */
export const basis: Check = {
  code: 'BASIS',
  since: 1,
  until: 2,
  asked: 'again at hand-over',
  denies: ({ access }) => !('grant' in access.ground),
};

/**
 * Denies an access that stands on law instead of a grant, unless the law of a pack knows it: what is public by law has
 * only items that are public; anyone's own data are its own to ask for (条例 17); all else names the document, contract or
 * duty that it rests on (条例 13, 18; domain/law.md V10, V22, V24).
 */
export const basisUngrounded: Check = {
  code: 'BASIS',
  since: 2,
  until: null,
  asked: 'again at hand-over',
  denies({ access: { ground, items, purpose }, law }) {
    if ('grant' in ground) return false;
    if (law == null) return true;
    if (ground.basis === 'public_by_law') return !items.every((item) => law.items.get(item)?.kinds.includes('public'));
    return !ground.reference && law.purposes.get(purpose)?.kind !== 'self';
  },
};
