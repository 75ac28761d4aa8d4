/**
 * A ledger whose log was continued under a new name (ADR 0028), as its state says then: for what asks how often it was. The
 * entry that says so, and the ceremony, have tests of their own; so such a ledger is not audited.
 */
import type { LogState } from '#core/consent/log.ts';
import { LOG_STREAM } from '#core/tlog/stream.ts';
import { continueParty } from '#service/parties.ts';
import { loadHead } from '#store/head.ts';
import { loadStreams, saveStreams } from '#store/streams.ts';
import { type Party as Actor, calledByKeeper } from './actors.ts';
import type { Fixture } from './ledger-fixture.ts';

export const OLD_ORIGIN = 'test.assent.example/old';

/** Continues the log from here on; its keeper's keys count. */
export async function continueLog({ store, context }: Pick<Fixture, 'store' | 'context'>, epoch = 1) {
  await store.transaction(async (tx) => {
    const [row] = await loadStreams(tx, [LOG_STREAM]);
    if (row === undefined) throw new Error('the fixture opened a log');
    const log = row.state as unknown as LogState;
    const to = (await loadHead(tx))?.size ?? 0;
    const { log_key, recovery_key } = log;
    const former = { origin: OLD_ORIGIN, log_key, recovery_key, to, at: context.clock(), lost: to + 1, ended: [] };
    const state = { ...log, engine: 3, epoch, origins: [...(log.origins ?? []), former] };
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
