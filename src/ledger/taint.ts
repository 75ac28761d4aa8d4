/**
 * The second pass of the audit: what a key signed after the time since which it was later declared compromised. Such
 * entries were right when they were made; they are listed, so that someone looks.
 *
 * @module
 */
import type { Signer } from '#core/consent/call.ts';
import { isCompromised, issuingKeysOf } from '#core/consent/issuing-key.ts';
import { logIn } from '#core/consent/log.ts';
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

/**
 * The entries that a compromised issuing key signed since then, which stand together: the tree has them, but whether it was
 * the ledger that promised them, and signed their permits, their signature alone does not show.
 */
export interface TaintedRun {
  readonly key: string;
  readonly since: number;
  /** Indices, from inclusive, to exclusive. */
  readonly from: number;
  readonly to: number;
  /** How many of them allowed an access, and so have a permit that the key signed. */
  readonly permits: number;
}

export interface TaintCheck {
  note(entry: Entry, index: number): void;
  /** What is tainted by what the ledger says of parties' keys at its end. */
  list(view: View): readonly Tainted[];
  /** And of its own issuing keys. */
  runs(view: View): readonly TaintedRun[];
}

interface Place {
  readonly index: number;
  readonly time: number;
}

export function checkTaint(): TaintCheck {
  const signed: (Tainted & Place)[] = [];
  const permits: number[] = [];
  /** The first entry of each moment. */
  const moments: Place[] = [];
  /** From which index on each issuing key signed. The entry by which one takes over is the last of the one before. */
  const spans: { readonly key: string; readonly from: number }[] = [];
  let size = 0;
  /** Keys that were declared compromised, by the view of the whole ledger. */
  const sinceOf = (view: View, { party, key }: Tainted) => partyIn(view, party)?.keys[key]?.compromised_since ?? null;

  function noteSpan({ type, body }: Entry, index: number): void {
    if (type === 'log.opened') spans.push({ key: String(body['issuing_key']), from: index });
    if (type === 'log.continued') spans.push({ key: String(body['issuing_key']), from: index });
    if (type === 'log.issuing_key_switched') spans.push({ key: String(body['key']), from: index + 1 });
  }

  function runOf(key: string, since: number): TaintedRun | undefined {
    const place = spans.findIndex((span) => span.key === key);
    const first = moments.find(({ time }) => time >= since);
    if (place < 0 || first === undefined) return undefined;
    const from = Math.max(spans[place]?.from ?? 0, first.index);
    const to = spans[place + 1]?.from ?? size;
    const within = permits.filter((index) => from <= index && index < to);
    return from < to ? { key, since, from, to, permits: within.length } : undefined;
  }

  return {
    note(entry, index) {
      const { time, type, body } = entry;
      size = index + 1;
      for (const { party, key } of (body['by'] ?? []) as unknown as readonly Signer[]) {
        signed.push({ index, party, key, time });
      }
      if (time > (moments.at(-1)?.time ?? -1)) moments.push({ index, time });
      if (type === 'access.decided' && body['decision'] === 'allow' && typeof body['until'] === 'number')
        permits.push(index);
      noteSpan(entry, index);
    },
    list: (view) =>
      signed
        .filter((each) => {
          const since = sinceOf(view, each);
          return since !== null && each.time >= since;
        })
        .map(({ index, party, key }) => ({ index, party, key })),
    runs(view) {
      const log = logIn(view);
      const compromised = log === undefined ? [] : issuingKeysOf(log).filter(isCompromised);
      return compromised.flatMap(({ key, compromised_since }) => runOf(key, compromised_since) ?? []);
    },
  };
}
