/**
 * The stream `rel/<handle>`: one subject with one grantee. Its state is all that an access is decided by.
 *
 * @module
 */
import { Failure } from '../failure.ts';
import type { Handle, PartyId } from '../ids.ts';
import { oneOf, record, type ShapeOf } from '../shape.ts';
import { partyStream, relationshipStream, type StreamId } from '../tlog/stream.ts';
import { CALL, refuseOpen } from './call.ts';
import type { Grade } from './evidence.ts';
import { partyId, requireParty } from './party.ts';
import type { Rule, View } from './rule.ts';
import type { Terms } from './terms.ts';

/** Named maxima of a relationship's state: letters signed, letters waiting for a signature, grants ever given. */
export const LETTERS_MAX = 256;
export const DRAFTS_MAX = 16;
export const GRANTS_MAX = 256;

export const SUBJECT_KINDS = ['person', 'firm'] as const;

/** A letter that was drafted: what the statement to sign is built from. */
export type Draft = {
  readonly text: string;
  readonly template: string | null;
  readonly warnings: readonly string[];
  readonly nonce: string;
  readonly drafted_at: number;
  readonly expires_at: number;
  readonly grants: readonly Terms[];
};

/** A standing authorization, or what is left of one. */
export type Grant = {
  readonly terms: Terms;
  readonly letter: string;
  readonly signed_at: number;
  /** From when it counts: the later of the signature's time and the ledger's. */
  readonly given_at: number;
  readonly grade: Grade;
  readonly revoked_at: number | null;
};

export type Relationship = {
  readonly grantee: PartyId;
  readonly subject: (typeof SUBJECT_KINDS)[number];
  /** Letters not signed yet. */
  readonly drafts: { readonly [letter: string]: Draft };
  /** Letters signed: once, for ever. */
  readonly signed: readonly string[];
  readonly grants: { readonly [grant: string]: Grant };
};

const openedInput = record({ grantee: partyId, subject: oneOf(SUBJECT_KINDS), ...CALL });

export const relationshipOpened: Rule<ShapeOf<typeof openedInput>, Relationship> = {
  input: openedInput,
  outcome: [],
  parts: { identity: 'party', person: 'subject' },
  needs: () => ['identity', 'person'],
  reads: ({ grantee }) => [partyStream(grantee)],
  decide({ grantee }, { view, stream }) {
    refuseOpen(view, stream);
    requireParty(view, grantee, 'grantee');
    return {};
  },
  evolve(state, { body }) {
    // Checked by the fold too, for who folds a stream without deciding all of it again: it would forget revocations.
    if (state !== undefined) throw new Failure('already_there', 'this stream is already open');
    return { grantee: body.grantee, subject: body.subject, drafts: {}, signed: [], grants: {} };
  },
};

export function relationshipIn(view: View, stream: StreamId): Relationship | undefined {
  return view.state(stream) as Relationship | undefined;
}

/** A handle is the caller's if the principal is its grantee. Unknown and foreign are the same answer. */
export function ownRelationship(view: View, handle: Handle, principal: PartyId): Relationship | undefined {
  const relationship = relationshipIn(view, relationshipStream(handle));
  return relationship?.grantee === principal ? relationship : undefined;
}

/** @throws {Failure} `relationship_unknown` */
export function requireRelationship(view: View, stream: StreamId): Relationship {
  const found = relationshipIn(view, stream);
  if (found === undefined) throw new Failure('relationship_unknown', 'no such relationship');
  return found;
}
