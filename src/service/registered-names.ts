/** What parties, purposes and items are called, as pages and papers say it. */
import type { Said } from '#core/consent/explain-text.ts';
import { lawAt } from '#core/consent/law.ts';
import { logIn } from '#core/consent/log.ts';
import { partyIn } from '#core/consent/party.ts';
import type { PartyId } from '#core/ids.ts';
import type { Instant } from '#core/instant.ts';
import { LOG_STREAM, partyStream } from '#core/tlog/stream.ts';
import type { Tx } from '#store/schema.ts';
import { loadStreams } from '#store/streams.ts';
import type { Context } from './context.ts';
import { viewOf } from './view.ts';

export interface RegisteredNames {
  /** Null: nobody, or nobody known. */
  party(id: string | null): string | null;
  /** By the packs in force at the moment; a code that none has is said as it is. */
  purpose(code: string): Said;
  item(code: string): Said;
}

/** @param at The moment whose packs say what codes mean. */
export async function loadNames(
  { ledger }: Pick<Context, 'ledger'>,
  tx: Tx,
  parties: readonly string[],
  at: number,
): Promise<RegisteredNames> {
  const streams = [...new Set(parties)].map((id) => partyStream(id as PartyId));
  const view = viewOf(await loadStreams(tx, [LOG_STREAM, ...streams]), ledger.packs.get);
  await ledger.packs.load(tx, logIn(view));
  const law = lawAt(view, at as Instant);
  const coded = (code: string): Said => ({ zh: code, en: code });
  return {
    party: (id) => (id === null ? null : (partyIn(view, id as PartyId)?.name ?? null)),
    purpose: (code) => law?.purposes.get(code)?.name ?? coded(code),
    item: (code) => law?.items.get(code)?.name ?? coded(code),
  };
}
