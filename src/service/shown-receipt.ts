/** A receipt as a page shows it: what anyone would verify of its file, in words, with the names of who is in it. */
import { utf8 } from '#core/bytes.ts';
import type { AccessSummary } from '#core/consent/access-summary.ts';
import type { Explanation } from '#core/consent/explain.ts';
import type { Said } from '#core/consent/explain-text.ts';
import type { RecordedAccess } from '#core/consent/verdict.ts';
import { readReceipt } from '#core/consent/verify-receipt.ts';
import { parseVkey } from '#core/note/key.ts';
import { receiptByCapability } from './capabilities.ts';
import type { Context } from './context.ts';
import { loadNames } from './registered-names.ts';

export interface ShownReceipt {
  readonly verdict: RecordedAccess;
  /** Null of an access on another's handle: there is nothing to explain of it. */
  readonly explanation: Explanation | null;
  /** By their registered names; null: nobody, or nobody known. */
  readonly principal: string | null;
  readonly door: string | null;
  readonly purpose: Said;
  readonly items: readonly Said[];
}

/**
 * Opens a receipt by its capability.
 *
 * @throws {Failure} `access_unknown`, also for whatever is no capability; `not_published`, `limit_reached`,
 *   `store_unavailable`; `receipt_invalid`, if what this ledger itself gives would not verify.
 */
export async function showReceipt(context: Context, capability: string): Promise<ShownReceipt> {
  const { ledger, ed25519 } = context;
  const bytes = utf8(await receiptByCapability(context, capability));
  // It is the ledger's own file: one that does not hold is shown to nobody.
  const read = await readReceipt(bytes, parseVkey(ledger.vkey), ed25519);
  return { ...read, ...(await namesOf(context, read.verdict.access)) };
}

async function namesOf(context: Context, { principal, door, purpose, items, time }: AccessSummary) {
  const parties = [principal, ...(door === null ? [] : [door])];
  const names = await context.ledger.store.read((tx) => loadNames(context, tx, parties, time));
  return {
    principal: names.party(principal),
    door: names.party(door),
    purpose: names.purpose(purpose),
    items: items.map(names.item),
  };
}
