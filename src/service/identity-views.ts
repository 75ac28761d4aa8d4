/** Views of a subject's personal data by its grantee: masked without further ado, in full only after an entry of it. */
import type { Signer } from '#core/consent/call.ts';
import type { IdentityField, ViewReason } from '#core/consent/identity-view.ts';
import { ownRelationship } from '#core/consent/relationship.ts';
import { normaliseIdentifier } from '#core/consent/statement.ts';
import { Failure } from '#core/failure.ts';
import { maskName, maskNumber, maskPhone } from '#core/identifier/mask.ts';
import type { Handle, PartyId } from '#core/ids.ts';
import { SIGNATURE_AGE_MAX_MS } from '#core/request/signed-request.ts';
import { partyStream, relationshipStream, type StreamId } from '#core/tlog/stream.ts';
import type { Sequenced } from '#ledger/write.ts';
import { nameCall, submit } from './call.ts';
import { type Caller, type PartyCaller, requirePartyCaller } from './caller.ts';
import type { Context } from './context.ts';
import type { Identity } from './identity.ts';
import { loadIdentityOf } from './identity.ts';
import { entryOf, type Placed, placed } from './placed.ts';
import { requireReadable, unknownRelationship } from './scope.ts';

export interface ViewIdentity {
  readonly principal: PartyId;
  readonly handle: Handle;
  readonly fields: readonly IdentityField[];
  readonly why: ViewReason;
}

export interface IdentityViewed {
  readonly handle: Handle;
  /** The fields that were asked for, and no other; null: it was erased. */
  readonly identity: Partial<Pick<Identity, IdentityField>> | null;
  readonly entry: Placed;
}

/**
 * Shows personal data of a subject in full, once the entry of it is committed.
 *
 * @throws {Failure} `relationship_unknown`, also of another's; `principal_mismatch`, `duty_missing`; `view_over`, if the
 *   call was answered long ago, or was another operator's: what is seen again is another view.
 */
export async function viewIdentity(context: Context, caller: Caller, input: ViewIdentity): Promise<IdentityViewed> {
  const own = requirePartyCaller(caller, input.principal);
  const { principal, handle, fields, why } = input;
  const names = nameCall(context, own, 'open');
  const stream = relationshipStream(handle);
  const said = { principal, fields, why, ...names.call(0) };
  const entries = await submit(context, async () => ({
    claims: [names.claim],
    touches: [stream, partyStream(principal), ...names.touches],
    plan(view) {
      // Another's handle is answered like an unknown one.
      if (ownRelationship(view, handle, principal) === undefined) throw unknownRelationship();
      return [{ command: { type: 'identity.viewed', stream, input: said }, ...names.evidence }];
    },
  }));
  const made = entryOf(entries, 'identity.viewed');
  refuseOver(made, own, context.clock());
  const identity = await readStored(context, stream);
  return { handle, identity: identity && pickFields(identity, fields), entry: placed(made) };
}

/** A call that is repeated makes no entry. So it shows nothing to anybody else, nor to anybody for long. */
function refuseOver({ entry }: Sequenced, { signers }: PartyCaller, now: number): void {
  const [viewer] = entry.body['by'] as unknown as readonly Signer[];
  if (now - entry.time <= SIGNATURE_AGE_MAX_MS && viewer?.operator === signers[0]?.operator) return;
  throw new Failure('view_over', 'this view was another operator’s, or is more than 5 minutes old');
}

/** Whom the relationship was opened for; null: it was erased. */
function readStored({ ledger, vault }: Context, stream: StreamId): Promise<Identity | null> {
  return ledger.store.read((tx) => loadIdentityOf(vault, tx, stream));
}

function pickFields(identity: Identity, fields: readonly IdentityField[]): Partial<Pick<Identity, IdentityField>> {
  return Object.fromEntries(fields.map((field) => [field, identity[field]]));
}

export interface MaskedIdentity {
  readonly handle: Handle;
  /** null: it was erased. */
  readonly identity: Identity | null;
}

/**
 * Whom a relationship is of, masked: for its grantee, who succeeded it, and its subject. It makes no entry.
 *
 * @throws {Failure} `relationship_unknown`, also of another's.
 */
export async function readMaskedIdentity(context: Context, caller: Caller, handle: Handle): Promise<MaskedIdentity> {
  const stream = relationshipStream(handle);
  await context.ledger.store.read((tx) => requireReadable(tx, caller, stream, 'letter'));
  const identity = await readStored(context, stream);
  return { handle, identity: identity && masked(identity) };
}

function masked(identity: Identity): Identity {
  const { id_type, name, phone } = identity;
  const [, number] = normaliseIdentifier(identity) as readonly [string, string];
  return { id_type, id_number: maskNumber(number), name: maskName(name), phone: phone && maskPhone(phone) };
}
