/**
 * The second pass of the audit: what a key signed after the time since which it was later declared compromised. Such
 * entries were right when they were made; they are listed, so that someone looks.
 *
 * @module
 */
import type { Signer } from '#core/consent/call.ts';
import { partyIn } from '#core/consent/party.ts';
import type { View } from '#core/consent/rule.ts';
import type { PartyId } from '#core/ids.ts';
import type { Entry } from '#core/tlog/entry.ts';

export interface Tainted {
  readonly index: number;
  readonly party: PartyId;
  /** The key's number among the party's. */
  readonly key: number;
}

export interface TaintCheck {
  note(entry: Entry, index: number): void;
  /** What is tainted by what the ledger says of keys at its end. */
  list(view: View): readonly Tainted[];
}

export function checkTaint(): TaintCheck {
  const signed: (Tainted & { readonly time: number })[] = [];
  /** Keys that were declared compromised, by the view of the whole ledger. */
  const sinceOf = (view: View, { party, key }: Tainted) => partyIn(view, party)?.keys[key]?.compromised_since ?? null;

  return {
    note(entry, index) {
      for (const { party, key } of (entry.body['by'] ?? []) as unknown as readonly Signer[]) {
        signed.push({ index, party, key, time: entry.time });
      }
    },
    list: (view) =>
      signed
        .filter((each) => {
          const since = sinceOf(view, each);
          return since !== null && each.time >= since;
        })
        .map(({ index, party, key }) => ({ index, party, key })),
  };
}
