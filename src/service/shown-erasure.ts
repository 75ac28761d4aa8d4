/**
 * The certificate of an erasure as a page and a paper show it: what anyone would verify of its file, in words. It never says
 * whose data they were.
 *
 * @module
 */
import { utf8 } from '#core/bytes.ts';
import type { ErasureSummary } from '#core/consent/erasure-summary.ts';
import type { Verdict } from '#core/consent/verdict.ts';
import { verifyReceipt } from '#core/consent/verify-receipt.ts';
import { Failure } from '#core/failure.ts';
import { parseVkey } from '#core/note/key.ts';
import type { Context } from './context.ts';
import { erasureReceiptByCapability } from './receipts-by-capability.ts';

export interface ShownErasure {
  readonly log: string;
  readonly capability: string;
  readonly erasure: ErasureSummary;
  /** The size of the tree that the certificate shows. */
  readonly asOf: number | null;
  /** Names of rules, by their ids. */
  readonly names: Verdict['names'];
}

/**
 * Opens what is recorded of an erasure by the capability of its certificate.
 *
 * @throws {Failure} `erasure_unknown`, also for whatever is no capability; `not_told`, `not_published`, `limit_reached`,
 *   `store_unavailable`; `receipt_invalid`, if what this ledger itself gives would not verify.
 */
export async function showErasure(context: Context, capability: string): Promise<ShownErasure> {
  const { ledger, ed25519, p256 } = context;
  const bytes = utf8(await erasureReceiptByCapability(context, capability));
  // It is the ledger's own file: one that does not hold is shown to nobody.
  const { erasure, asOf, names, problem } = await verifyReceipt(bytes, parseVkey(ledger.vkey), ed25519, p256);
  if (problem !== null || erasure === null) {
    throw new Failure('receipt_invalid', problem?.message ?? 'what was given is no certificate of an erasure');
  }
  return { log: ledger.origin, capability, erasure, asOf, names };
}
