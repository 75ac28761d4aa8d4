/** A receipt as a page shows it: what anyone would verify of its file, in words, with the names of who is in it. */
import { utf8 } from '#core/bytes.ts';
import type { AccessSummary } from '#core/consent/access-summary.ts';
import type { Explanation } from '#core/consent/explain.ts';
import type { Said } from '#core/consent/explain-text.ts';
import { lawAt } from '#core/consent/law.ts';
import { logIn } from '#core/consent/log.ts';
import { partyIn } from '#core/consent/party.ts';
import type { RecordedAccess } from '#core/consent/verdict.ts';
import { readReceipt } from '#core/consent/verify-receipt.ts';
import type { PartyId } from '#core/ids.ts';
import type { Instant } from '#core/instant.ts';
import { parseVkey } from '#core/note/key.ts';
import { LOG_STREAM, partyStream } from '#core/tlog/stream.ts';
import { loadStreams } from '#store/streams.ts';
import { receiptByCapability } from './capabilities.ts';
import type { Context } from './context.ts';
import { viewOf } from './view.ts';

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

async function namesOf({ ledger }: Context, { principal, door, purpose, items, time }: AccessSummary) {
  const parties = [principal, ...(door === null ? [] : [door])] as PartyId[];
  return ledger.store.read(async (tx) => {
    const view = viewOf(await loadStreams(tx, [LOG_STREAM, ...parties.map(partyStream)]), ledger.packs.get);
    await ledger.packs.load(tx, logIn(view));
    const law = lawAt(view, time as Instant);
    const coded = (code: string): Said => ({ zh: code, en: code });
    const nameOf = (party: string | null) => (party === null ? null : (partyIn(view, party as PartyId)?.name ?? null));
    return {
      principal: nameOf(principal),
      door: nameOf(door),
      purpose: law?.purposes.get(purpose)?.name ?? coded(purpose),
      items: items.map((item) => law?.items.get(item)?.name ?? coded(item)),
    };
  });
}
