/** What came of an access, whether anything covered it, and what kind of look it was: from its entries alone. */
import type { Reason } from '#core/consent/release.ts';
import type { PURPOSE_KINDS } from '#core/pack/catalogue.ts';
import type { Scanned } from './look-scan.ts';

export type LookResult =
  /** Denied by the ledger. */
  | { readonly kind: 'denied'; readonly codes: readonly string[] }
  /** Allowed, and nothing leaves through a door; or it was used before it was recorded. */
  | { readonly kind: 'used' }
  /** Allowed, and its door has not taken the permit; it may, until then. */
  | { readonly kind: 'waiting'; readonly until: number }
  /** Allowed, and the permit lapsed: nothing was handed over. */
  | { readonly kind: 'lapsed' }
  /** Its door turned the permit away, and took none after. */
  | { readonly kind: 'turned_away'; readonly codes: readonly string[] }
  /** Its door took the permit, or may hand over without asking, and has not said what came of it. */
  | { readonly kind: 'unsettled' }
  | { readonly kind: 'released'; readonly count: number; readonly items: readonly string[]; readonly at: number }
  | { readonly kind: 'nothing_found' | 'failed'; readonly at: number }
  | { readonly kind: 'refused'; readonly reason: Reason | null; readonly at: number };

export function lookResult({ body, redemptions, settlement }: Scanned, now: number): LookResult {
  const { decision, codes, until, offline } = body;
  if (decision === 'deny') return { kind: 'denied', codes };
  if (settlement !== null) return settled(settlement);
  if (until === null) return { kind: 'used' };
  if (redemptions.some((each) => each.body.decision === 'allow') || offline) return { kind: 'unsettled' };
  const [last] = redemptions;
  if (last !== undefined) return { kind: 'turned_away', codes: last.body.codes };
  return now < until ? { kind: 'waiting', until } : { kind: 'lapsed' };
}

function settled({ time, body }: NonNullable<Scanned['settlement']>): LookResult {
  switch (body.result) {
    case 'released':
      return { kind: 'released', count: body.count, items: body.items, at: time };
    case 'refused':
      return { kind: 'refused', reason: body.reason, at: time };
    default:
      return { kind: body.result, at: time };
  }
}

/** Codes that say that what was asked for is in no letter, or in none any more. */
const UNCOVERED: readonly string[] = [
  ...['NOAUTH', 'NOT_YET', 'EXPIRED', 'REVOKED', 'PARTY', 'ACTION', 'SCOPE', 'SOURCE', 'RECIPIENT', 'PURPOSE'],
  ...['BASIS', 'NEED_WRITTEN', 'NEED_SEPARATE', 'FORBIDDEN_KIND'],
];

/** @param isUnknown - whether it names a grant that this person never gave. */
export function isCovered({ codes }: Pick<Scanned['body'], 'codes'>, isUnknown: boolean): boolean {
  return !isUnknown && !codes.some((code) => UNCOVERED.includes(code));
}

/** As a credit report tells them apart (domain/seeds.md 0.32): 审批类, 贷后管理类, and all others. */
export type LookClass = 'approval' | 'post_loan' | 'other';

const APPROVAL: readonly string[] = ['application', 'guarantor', 'representative', 'merchant', 'onboarding', 'review'];

export function lookClass(kind: (typeof PURPOSE_KINDS)[number] | null): LookClass {
  if (kind === 'post_loan') return 'post_loan';
  return kind !== null && APPROVAL.includes(kind) ? 'approval' : 'other';
}
