/** Findings of a grant's grantee and doors: that it is to be contested, and that it is no more. */
import { hearersOf } from '#core/consent/hearers.ts';
import { Failure } from '#core/failure.ts';
import type { GrantId, PartyId } from '#core/ids.ts';
import { partyStream } from '#core/tlog/stream.ts';
import { nameCall, submit } from './call.ts';
import { type Caller, requirePartyCaller } from './caller.ts';
import type { Context } from './context.ts';
import { loadGrant } from './grants.ts';
import { entryOf, type Placed, placed } from './placed.ts';

export interface StateFinding {
  readonly grant: GrantId;
  readonly kind: 'recorded' | 'lifted';
  readonly principal: PartyId;
}

/**
 * Records a party's finding on a grant, or lifts it.
 *
 * @throws {Failure} `grant_unknown`, also where the party has nothing to do with it; `principal_mismatch`, `duty_missing`,
 *   `already_there`, `already_revoked`, `grant_ended`, `hold_mismatch`
 */
export async function stateFinding(
  context: Context,
  caller: Caller,
  { grant, kind, principal }: StateFinding,
): Promise<{ readonly grant: GrantId; readonly entry: Placed }> {
  const names = nameCall(context, requirePartyCaller(caller, principal), 'open');
  const type = `finding.${kind}` as const;
  const entries = await submit(context, async () => {
    const found = await context.ledger.store.read((tx) => loadGrant(tx, grant));
    if (!hearersOf(found.relationship, found.grant).includes(principal)) {
      throw new Failure('grant_unknown', 'no such grant');
    }
    const { stream } = found;
    return {
      claims: [names.claim],
      touches: [stream, partyStream(principal), ...names.touches],
      plan: () => [{ command: { type, stream, input: { grant, principal, ...names.call(0) } }, ...names.evidence }],
    };
  });
  return { grant, entry: placed(entryOf(entries, type)) };
}
