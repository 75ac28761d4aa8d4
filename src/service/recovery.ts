/** The keeper gets two other administrators, by the recovery key. */

import { opened } from '#core/consent/call.ts';
import { logIn } from '#core/consent/log.ts';
import { type RecoveryStatement, verifyRecovery } from '#core/consent/recovery.ts';
import type { OperatorId, PartyId } from '#core/ids.ts';
import { idOf, LOG_STREAM, partyStream } from '#core/tlog/stream.ts';
import { loadStreams } from '#store/streams.ts';
import { nameRecovery, submit } from './call.ts';
import type { Request } from './caller.ts';
import { type Context, newId } from './context.ts';
import { entryOf, type Placed, placed } from './placed.ts';
import { viewOf } from './view.ts';

export interface Recovered {
  readonly party: PartyId;
  readonly administrators: readonly { readonly key: string; readonly operator: OperatorId }[];
  readonly entry: Placed;
}

/**
 * Replaces the keeper's administrators, and the recovery key by the next one. Nobody else signs: who could is gone. All
 * other keys of the keeper end.
 *
 * @throws {Failure} `signature_invalid`, if one of the four keys did not sign; `signature_refused`, if the recovery key is
 *   not this ledger's; `key_ended`, if it is spent; `key_invalid`, `already_there`, `input_invalid`, `limit_reached`
 */
export async function recoverKeeper(
  context: Context,
  request: Request,
  { signatures, ...said }: Omit<RecoveryStatement, 'log'> & { readonly signatures: readonly string[] },
): Promise<Recovered> {
  const { ledger, ed25519 } = context;
  await verifyRecovery(ed25519, { log: ledger.origin, ...said }, signatures);
  const names = nameRecovery(context, request, said.recovery);
  const rows = await ledger.store.readOnce((tx) => loadStreams(tx, [LOG_STREAM]));
  const stream = partyStream(opened(logIn(viewOf(rows))).keeper);
  const entries = await submit(context, async () => {
    const administrators = said.administrators.map((key) => ({ key, operator: newId<OperatorId>(context) }));
    const input = { ...said, administrators, signatures, ...names.call(0) };
    return {
      claims: [names.claim],
      touches: [stream, LOG_STREAM],
      plan: () => [{ command: { type: 'party.recovered', stream, input } }],
    };
  });
  const made = entryOf(entries, 'party.recovered');
  const administrators = made.entry.body['administrators'] as unknown as Recovered['administrators'];
  return { party: idOf<PartyId>(stream), administrators, entry: placed(made) };
}
