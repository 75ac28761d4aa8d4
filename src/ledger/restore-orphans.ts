/**
 * Relationships that were opened in a tail that was lost: their payload said whose they are, and no mirror has payloads. What
 * was given in them stands, and nobody can take it back by a signature; whom it concerns can stop it by a finding
 * (docs/keeper.md).
 *
 * @module
 */
import { endOf } from '#core/consent/end.ts';
import { hearersOf } from '#core/consent/hearers.ts';
import { type Relationship, requireRelationship } from '#core/consent/relationship.ts';
import type { View } from '#core/consent/rule.ts';
import { type GrantId, type Handle, type PartyId, parseId } from '#core/ids.ts';
import { relationshipStream } from '#core/tlog/stream.ts';

export interface Orphan {
  readonly handle: Handle;
  readonly grantee: PartyId;
  /** Those that nobody took back. */
  readonly grants: readonly OrphanGrant[];
}

export interface OrphanGrant {
  readonly grant: GrantId;
  /** When it ends, as far as is known: ms UTC, exclusive. */
  readonly until: number;
  /** Who may record a finding, each for itself: then nothing is allowed under it. */
  readonly concerned: readonly PartyId[];
}

/** @param view of the tree that holds them. */
export function orphansIn(view: View, handles: readonly Handle[]): readonly Orphan[] {
  return handles.map((handle) => {
    const relationship = requireRelationship(view, relationshipStream(handle));
    return { handle, grantee: relationship.grantee, grants: standing(relationship) };
  });
}

function standing(relationship: Relationship): readonly OrphanGrant[] {
  return Object.entries(relationship.grants)
    .filter(([, { revoked_at }]) => revoked_at === null)
    .map(([grant, given]) => {
      return { grant: parseId<GrantId>(grant), until: endOf(given), concerned: hearersOf(relationship, given) };
    });
}
