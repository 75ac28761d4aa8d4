/**
 * A ledger whose log was continued under a new name (ADR 0028), as its state says then: for what asks how often it was. The
 * entry that says so, and the ceremony, have tests of their own; so such a ledger is not audited.
 */
import type { LogState } from '#core/consent/log.ts';
import type { Party } from '#core/consent/party.ts';
import { LOG_STREAM, partyStream } from '#core/tlog/stream.ts';
import { continueParty } from '#service/parties.ts';
import { loadHead } from '#store/head.ts';
import { loadStreams, saveStreams } from '#store/streams.ts';
import { type Party as Actor, calledByKeeper } from './actors.ts';
import type { Fixture } from './ledger-fixture.ts';

export const OLD_ORIGIN = 'test.assent.example/old';

/** Continues the log from here on; its keeper's keys count. */
export async function continueLog(
  { store, context, ledger }: Pick<Fixture, 'store' | 'context' | 'ledger'>,
  epoch = 1,
) {
  await store.transaction(async (tx) => {
    const [row] = await loadStreams(tx, [LOG_STREAM]);
    if (row === undefined) throw new Error('the fixture opened a log');
    const log = row.state as unknown as LogState;
    const [keeper] = await loadStreams(tx, [partyStream(log.keeper)]);
    if (keeper === undefined) throw new Error('the fixture registered its keeper');
    const keeper_keys = (keeper.state as unknown as Party).keys.map(({ key }) => key);
    const from = (await loadHead(tx))?.size ?? 0;
    const origins = [
      { origin: OLD_ORIGIN, from: 0 },
      { origin: ledger.origin, from },
    ];
    const state = { ...log, engine: 3, epoch, continued_at: context.clock(), origins, keeper_keys };
    await saveStreams(tx, [{ ...row, state }]);
  });
}

/** Two of the keeper say that parties go on, with both their keys. */
export async function continueParties({ context }: Pick<Fixture, 'context'>, parties: readonly Actor[]): Promise<void> {
  for (const { party, key, admin } of parties) {
    const keys = [key, admin].map(({ publicKey }) => Buffer.from(publicKey).toString('base64url'));
    const caller = await calledByKeeper(context, `/v1/parties/${party}/continuation`, { keys });
    await continueParty(context, caller, { party, keys });
  }
}
