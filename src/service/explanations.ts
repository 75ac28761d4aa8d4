/** Why an access was decided so, for those whose it is. */
import { type Explanation, explainAccess } from '#core/consent/explain.ts';
import { logIn } from '#core/consent/log.ts';
import { commandOf, evolve, touches } from '#core/consent/rules.ts';
import { Failure } from '#core/failure.ts';
import type { AccessId } from '#core/ids.ts';
import { parseEntry } from '#core/tlog/entry.ts';
import type { StreamId } from '#core/tlog/stream.ts';
import { loadSlice } from '#store/entries.ts';
import type { Tx } from '#store/schema.ts';
import type { StreamRow } from '#store/streams.ts';
import { loadAccess } from './accesses.ts';
import type { Caller } from './caller.ts';
import type { Context } from './context.ts';
import { viewOf } from './view.ts';

/** A stream of more entries is not folded again for one question. */
const SLICE_MAX = 10_000;

/**
 * Explains an access, by the state of the ledger before it. A door sees what was decided, not why: that would show it the
 * relationship.
 *
 * @throws {Failure} `access_unknown`, also for another's; `limit_reached`
 */
export async function explain({ ledger }: Context, caller: Caller, access: AccessId): Promise<Explanation> {
  return ledger.store.read(async (tx) => {
    const { entry, index } = await loadAccess(tx, caller, access, 'whole');
    if (entry.type !== 'access.decided') throw new Failure('access_unknown', 'no such access');
    const rows: StreamRow[] = [];
    for (const stream of touches(commandOf(entry))) {
      const row = await foldBefore(tx, stream, index);
      if (row !== undefined) rows.push(row);
    }
    const view = viewOf(rows, ledger.packs.get);
    await ledger.packs.load(tx, logIn(view));
    return explainAccess(view, entry);
  });
}

/** A stream as it stood before an entry; undefined, if it did not exist yet. */
async function foldBefore(tx: Tx, stream: StreamId, index: number): Promise<StreamRow | undefined> {
  const rows = await loadSlice(tx, { stream, indexMax: index - 1, countMax: SLICE_MAX + 1 });
  if (rows.length > SLICE_MAX)
    throw new Failure('limit_reached', `a stream of ${SLICE_MAX} entries at most is explained`);
  let folded: StreamRow | undefined;
  for (const { bytes, seq, leaf } of rows) {
    const entry = parseEntry(bytes);
    folded = { stream, seq, leaf, state: evolve(folded?.state, commandOf(entry).type, entry) };
  }
  return folded;
}
