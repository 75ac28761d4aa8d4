/** The paper after its log was continued (ADR 0028): as its state says then, and what two of the keeper have continued. */
import type { LogState } from '#core/consent/log.ts';
import type { View } from '#core/consent/rule.ts';
import type { PartyId } from '#core/ids.ts';
import { LOG_STREAM, partyStream } from '#core/tlog/stream.ts';
import { changed, partyOf, TODAY } from './paper-ledger.ts';

/** When the log was continued. */
export const CONTINUED = TODAY + 60 * 60_000;

/** What the log says once it was continued so often. */
export function logAt(view: View, epoch: number): LogState {
  const log = view.state(LOG_STREAM) as LogState;
  const former = { log_key: 'none', lost: 12, recovery_key: 'A'.repeat(43), ended: [] };
  const origins = [{ origin: 'paper.assent.example/old', ...former, to: 9, at: CONTINUED }];
  return { ...log, epoch, origins } as unknown as LogState;
}

/** The view after the log was continued: nobody and nothing has been confirmed. */
export function continuedView(view: View, epoch = 1): View {
  return changed(view, { [LOG_STREAM]: logAt(view, epoch) });
}

/** The same, with parties that go on, and all their keys. */
export function withContinued(view: View, parties: readonly PartyId[], epoch = 1): View {
  const states = parties.map((party) => {
    const { keys, ...rest } = partyOf(view, party);
    return [partyStream(party), { ...rest, epoch, keys: keys.map((key) => ({ ...key, epoch })) }] as const;
  });
  return changed(view, Object.fromEntries(states));
}
