/** What two of the keeper write into the log's own stream about its keys. */
import type { Call } from '#core/consent/call.ts';
import type { Command } from '#core/consent/rules.ts';
import { LOG_STREAM } from '#core/tlog/stream.ts';
import type { Sequenced } from '#ledger/write.ts';
import { nameCall, submit } from './call.ts';
import { type Caller, requirePartyCaller } from './caller.ts';
import type { Context } from './context.ts';
import { entryOf } from './placed.ts';

/** @throws {Failure} as the rule of the command. */
export async function writeToLog(context: Context, caller: Caller, plan: (call: Call) => Command): Promise<Sequenced> {
  const names = nameCall(context, requirePartyCaller(caller), 'open');
  const command = plan(names.call(0));
  const entries = await submit(context, async () => ({
    claims: [names.claim],
    touches: [LOG_STREAM, ...names.touches],
    plan: () => [{ command, ...names.evidence }],
  }));
  return entryOf(entries, command.type);
}
