/**
 * Who may read what: the parties of a thing and nobody else. Another's is answered like what does not exist.
 *
 * @module
 */
import { partyIn, speaksFor } from '#core/consent/party.ts';
import { type Grant, type Relationship, relationshipIn } from '#core/consent/relationship.ts';
import { Failure } from '#core/failure.ts';
import type { Handle, PartyId } from '#core/ids.ts';
import { idOf, partyStream, type StreamId } from '#core/tlog/stream.ts';
import type { Tx } from '#store/schema.ts';
import { loadStreams } from '#store/streams.ts';
import { loadPersonOf } from '#store/subjects.ts';
import type { Caller } from './caller.ts';
import { viewOf } from './view.ts';

/** A letter's text says who someone is; what proves a decision does not, and a supervisor may see it too. */
export type Matter = 'letter' | 'proof';

/**
 * Tells whether the caller is the grantee of a relationship or who succeeded it, its subject, or one who supervises: who
 * administers does not look.
 */
export async function mayRead(
  tx: Tx,
  caller: Caller,
  stream: StreamId,
  relationship: Relationship,
  matter: Matter,
): Promise<boolean> {
  if (caller.kind === 'subject') return (await loadPersonOf(tx, idOf<Handle>(stream))) === caller.person;
  if (caller.duty === 'admin') return false;
  if (matter === 'proof' && caller.roles.includes('supervisor')) return true;
  return standsFor(tx, caller.party, relationship.grantee);
}

/** Whether the caller is the party that a grant is bound to, or succeeded it: that grant alone it may read. */
export async function mayReadBound(tx: Tx, caller: Caller, { bound }: Grant): Promise<boolean> {
  if (caller.kind === 'subject' || caller.duty === 'admin' || bound === undefined) return false;
  return standsFor(tx, caller.party, bound.party);
}

/** Whether a party is this grantee, or succeeded it. */
async function standsFor(tx: Tx, id: PartyId, grantee: PartyId): Promise<boolean> {
  if (id === grantee) return true;
  const party = partyIn(viewOf(await loadStreams(tx, [partyStream(id)])), id);
  return party !== undefined && speaksFor(party, id, grantee);
}

/** @throws {Failure} `relationship_unknown`, also for another's. */
export async function requireReadable(tx: Tx, caller: Caller, stream: StreamId, matter: Matter): Promise<Relationship> {
  const relationship = relationshipIn(viewOf(await loadStreams(tx, [stream])), stream);
  if (relationship === undefined || !(await mayRead(tx, caller, stream, relationship, matter))) {
    throw unknownRelationship();
  }
  return relationship;
}

export function unknownRelationship(): Failure {
  return new Failure('relationship_unknown', 'no such relationship');
}
