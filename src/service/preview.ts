/** A decision without consequence: what an access would be answered now. It is no entry, consumes nothing, permits nothing. */

import { isOwnAsking } from '#core/consent/candidates.ts';
import { logIn } from '#core/consent/log.ts';
import { decide } from '#core/consent/rules.ts';
import type { AccessId } from '#core/ids.ts';
import { LOG_STREAM, partyStream, relationshipStream } from '#core/tlog/stream.ts';
import { readClock } from '#store/head.ts';
import { loadStreams } from '#store/streams.ts';
import { type AskAccess, decidedCommand, doorStream, loadKnownSubjects } from './accesses.ts';
import { nameCall } from './call.ts';
import { type Caller, requireActingCaller } from './caller.ts';
import { type Context, newId } from './context.ts';
import { unknownRelationship } from './scope.ts';
import { viewOf } from './view.ts';

export interface Preview {
  readonly decision: 'allow' | 'deny';
  readonly codes: readonly string[];
  readonly enforceable: false;
}

/**
 * Of own relationships only: of another's it would tell whether there is one.
 *
 * @throws {Failure} `relationship_unknown`, also for another's.
 */
export async function previewAccess(context: Context, caller: Caller, input: AskAccess): Promise<Preview> {
  const own = await requireActingCaller(context, caller, input.principal, 'access');
  const { ledger } = context;
  const names = nameCall(context, own, 'open');
  const parties = [partyStream(input.principal), ...names.touches, ...doorStream(input)];
  const streams = [relationshipStream(input.handle), LOG_STREAM, ...parties];
  const { view, now, known } = await ledger.store.read(async (tx) => {
    const rows = await loadStreams(tx, [...new Set(streams)]);
    const read = viewOf(rows, ledger.packs.get);
    await ledger.packs.load(tx, logIn(read));
    const known = (await loadKnownSubjects(tx, [input.handle]))(input.handle);
    return { view: read, now: await readClock(tx), known };
  });
  if (!isOwnAsking(view, input)) throw unknownRelationship();
  const command = decidedCommand(view, newId<AccessId>(context), input, names.call(0), known);
  const { decision, codes } = decide(view, command, now) as unknown as Omit<Preview, 'enforceable'>;
  return { decision, codes, enforceable: false };
}
