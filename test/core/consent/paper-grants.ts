/** The standing ledger on paper, and what is asked of its grants. */
import type { Grant } from '#core/consent/relationship.ts';
import type { View } from '#core/consent/rule.ts';
import type { Terms } from '#core/consent/terms.ts';
import { useSha256 } from '#core/hash.ts';
import type { GrantId } from '#core/ids.ts';
import { nativeSha256 } from '../../../src/native.ts';
import {
  BUREAU,
  changed,
  DAY,
  paperId,
  QUERY_GRANT,
  REL,
  REPORT_GRANT,
  relationshipOf,
  signedPaper,
  TODAY,
} from './paper-ledger.ts';

useSha256(nativeSha256);

export const paper = signedPaper();
export const END = TODAY + 365 * DAY;

/** The standing ledger with one grant changed. */
export function withGrant(change: Partial<Grant>, termsChange: Partial<Terms> = {}, grant: GrantId = QUERY_GRANT) {
  const relationship = relationshipOf(paper);
  const before = relationship.grants[grant] as Grant;
  const after = { ...before, ...change, terms: { ...before.terms, ...termsChange } };
  return changed(paper, { [REL]: { ...relationship, grants: { ...relationship.grants, [grant]: after } } });
}

/** A ledger whose relationship has so many grants. */
export function withGrantCount(ledger: View, count: number): View {
  const grants = Object.fromEntries(Array.from({ length: count }, (_, n) => [paperId(0x7000 + n), {} as Grant]));
  return changed(ledger, { [REL]: { ...relationshipOf(ledger), grants } });
}

export const report = { action: 'REPORT', purpose: 'credit_reporting', items: ['basic'], door: BUREAU } as const;
export const onReport = { ...report, ground: { grant: REPORT_GRANT } } as const;
