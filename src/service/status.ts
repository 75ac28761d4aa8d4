/** How thousands of grants stand, at one moment of the ledger. */
import { isOwnAccess } from '#core/consent/candidates.ts';
import { epochIn } from '#core/consent/epoch.ts';
import { type GrantStatus, grantIn, statusOf } from '#core/consent/grant.ts';
import { partyIn } from '#core/consent/party.ts';
import { relationshipIn } from '#core/consent/relationship.ts';
import { doorsOf } from '#core/consent/terms.ts';
import type { GrantId } from '#core/ids.ts';
import { LOG_STREAM, partyStream, type StreamId } from '#core/tlog/stream.ts';
import { loadHead, readClock } from '#store/head.ts';
import { loadIds } from '#store/ids.ts';
import { loadStreams } from '#store/streams.ts';
import type { Caller } from './caller.ts';
import type { Context } from './context.ts';
import { viewOf } from './view.ts';

export interface GrantStatuses {
  /** The size of the tree that this is as of. */
  readonly size: number;
  readonly time: number;
  /** In the order asked; `unknown` also for another's. `frozen`: its subject has frozen everything. */
  readonly statuses: readonly { readonly grant: GrantId; readonly status: GrantStatus | 'frozen' | 'unknown' }[];
}

/** For the grantee of each, who succeeded it or is bound to it, and for its doors: who hands over has to know too. */
export async function readStatuses(
  { ledger }: Context,
  caller: Caller,
  grants: readonly GrantId[],
): Promise<GrantStatuses> {
  return ledger.store.read(async (tx) => {
    const streamOf = new Map((await loadIds(tx, grants)).map(({ id, stream }) => [id, stream]));
    const own: readonly StreamId[] = caller.kind === 'party' ? [partyStream(caller.party)] : [];
    const view = viewOf(await loadStreams(tx, [...new Set([...streamOf.values(), ...own, LOG_STREAM])]));
    const now = await readClock(tx);
    const statuses = grants.map((grant) => {
      const stream = streamOf.get(grant);
      const relationship = stream && relationshipIn(view, stream);
      const found = grantIn(relationship, grant);
      if (stream === undefined || found === undefined || relationship === undefined || caller.kind !== 'party') {
        return { grant, status: 'unknown' as const };
      }
      const { party } = caller;
      if (!doorsOf(found.terms).includes(party) && !isOwnAccess(relationship, partyIn(view, party), party, found)) {
        return { grant, status: 'unknown' as const };
      }
      const status = statusOf(found, now, epochIn(view));
      return { grant, status: status === 'active' && relationship.frozen !== null ? ('frozen' as const) : status };
    });
    return { size: (await loadHead(tx))?.size ?? 0, time: now, statuses };
  });
}
