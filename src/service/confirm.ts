/** What stood before the log was continued is confirmed by its subject's own statement (ADR 0028): a grant, or a relationship. */
import { epochIn } from '#core/consent/epoch.ts';
import { logIn } from '#core/consent/log.ts';
import { lastLossOf } from '#core/consent/origins.ts';
import type { GrantId, Handle } from '#core/ids.ts';
import type { Instant } from '#core/instant.ts';
import { parseEntry } from '#core/tlog/entry.ts';
import { idOf, LOG_STREAM } from '#core/tlog/stream.ts';
import { loadEntriesAt } from '#store/entries.ts';
import type { Tx } from '#store/schema.ts';
import { loadStreams } from '#store/streams.ts';
import { claimRef, nameStatement, submit } from './call.ts';
import type { Request } from './caller.ts';
import type { Context } from './context.ts';
import { loadHold, type SignHold, takeHold, unknownStatement } from './holds.ts';
import { entryOf, type Placed, placed } from './placed.ts';
import { viewOf } from './view.ts';

export interface Confirmed {
  /** Null: the relationship alone, for what stands on law. */
  readonly grant: GrantId | null;
  readonly handle: Handle;
  readonly entry: Placed;
}

/**
 * Takes the signature under what confirms a grant, or a relationship.
 *
 * @throws {Failure} `grant_unknown`, `statement_unknown`, `hold_mismatch`, `quota_unknown`, `grade_low`, `already_revoked`,
 *   `grant_ended`, `key_suspended`, `letter_expired`, `signed_ahead`, `signed_before`, `subject_key_unknown`,
 *   `signature_invalid`
 */
export async function confirmStanding(
  context: Context,
  request: Request,
  input: SignHold & ({ readonly grant: GrantId } | { readonly grant: null; readonly handle: Handle }),
): Promise<Confirmed> {
  const found = await loadHold(context, input.ref);
  const { stream, draft } = found;
  const handle = idOf<Handle>(stream);
  const isOther = input.grant === null && input.handle !== handle;
  if (draft.kind !== 'confirm' || draft.grant !== input.grant || isOther) throw unknownStatement();
  const names = nameStatement(context, request, stream);
  const entries = await submit(context, async () => {
    const taken = await takeHold(context, 'grant.confirmed', stream, found, input);
    const { ref, grant, signed_at } = input;
    return {
      claims: [names.claim, claimRef(context, ref, [signed_at, input.key, input.signature])],
      touches: [stream, taken.owner],
      plan(view) {
        const evidence = taken.evidence(view);
        const said = { ref, grant, epoch: epochIn(view), signed_at: signed_at as Instant, evidence, ...names.call(0) };
        return [{ command: { type: 'grant.confirmed', stream, input: said }, payload: taken.payload }];
      },
    };
  });
  return { grant: input.grant, handle, entry: placed(entryOf(entries, 'grant.confirmed')) };
}

/** Up to when the ledger remembers all: the time of the last entry before the log was continued; null: it never was. */
export async function loadRememberedUntil(tx: Tx): Promise<Instant | null> {
  const log = logIn(viewOf(await loadStreams(tx, [LOG_STREAM])));
  const to = (log && lastLossOf(log)?.to) ?? 0;
  const [last] = to === 0 ? [] : await loadEntriesAt(tx, [to - 1]);
  return last === undefined ? null : parseEntry(last.bytes).time;
}
