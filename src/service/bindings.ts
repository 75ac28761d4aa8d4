/** Conditional grantees: which of a grant's candidates it is, and how its subject reads that. */
import { boundText, type Said } from '#core/consent/explain-text.ts';
import { requireParty } from '#core/consent/party.ts';
import type { GrantId, Handle, PartyId } from '#core/ids.ts';
import { partyStream, relationshipStream } from '#core/tlog/stream.ts';
import type { Tx } from '#store/schema.ts';
import { loadStreams } from '#store/streams.ts';
import { nameCall, submit } from './call.ts';
import { type Caller, requirePartyCaller } from './caller.ts';
import type { Context } from './context.ts';
import { entryOf, type Placed, placed } from './placed.ts';
import { viewOf } from './view.ts';

export interface BindGrantee {
  readonly principal: PartyId;
  readonly handle: Handle;
  readonly grant: GrantId;
  /** The candidate that grants the line. */
  readonly party: PartyId;
}

export interface GranteeBound {
  readonly handle: Handle;
  readonly grant: GrantId;
  readonly party: PartyId;
  readonly entry: Placed;
}

/**
 * Binds a grant to one of its candidates, for ever, together with what it was made of and what was made of it.
 *
 * @throws {Failure} `relationship_unknown`, also of another's; `principal_mismatch`, `duty_missing`, `grant_unknown`,
 *   `candidate_unknown`, `already_there`, `already_revoked`, `grant_ended`, `party_role`
 */
export async function bindGrantee(
  context: Context,
  caller: Caller,
  { handle, ...said }: BindGrantee,
): Promise<GranteeBound> {
  const names = nameCall(context, requirePartyCaller(caller, said.principal), 'open');
  const stream = relationshipStream(handle);
  const entries = await submit(context, async () => ({
    claims: [names.claim],
    touches: [stream, partyStream(said.party), ...names.touches],
    plan: () => [
      { command: { type: 'grantee.bound', stream, input: { ...said, ...names.call(0) } }, ...names.evidence },
    ],
  }));
  const { grant, party } = said;
  return { handle, grant, party, entry: placed(entryOf(entries, 'grantee.bound')) };
}

/** What a binding says to the subject, by the registered name of the party. */
export async function sayBound(tx: Tx, party: PartyId): Promise<Said> {
  return boundText(requireParty(viewOf(await loadStreams(tx, [partyStream(party)])), party).name);
}
