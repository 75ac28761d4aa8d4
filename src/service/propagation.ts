/** How a revocation spread: from its entry to the first acknowledgement of everybody who had to hear of it. */
import { followersOf } from '#core/consent/amend.ts';
import { hearersOf } from '#core/consent/hearers.ts';
import type { Grant, Relationship } from '#core/consent/relationship.ts';
import type { GrantId, PartyId } from '#core/ids.ts';
import { loadFirstHeard } from '#store/acknowledgements.ts';
import { loadId } from '#store/ids.ts';
import type { Tx } from '#store/schema.ts';

export interface Heard {
  readonly party: PartyId;
  /** Ledger time of its acknowledgement; null: it said nothing yet. */
  readonly acknowledged_at: number | null;
  /** How long that took, from the revocation's entry on. */
  readonly after_ms: number | null;
}

/** The id under which a grant's revocation is found again: a grant has one. */
function revocationId(grant: GrantId): string {
  return `${grant}/revocation`;
}

/** The same of a grant and of what follows it: all are taken back by one entry. */
export function revocationIds(relationship: Relationship | undefined, grant: GrantId): readonly string[] {
  const followers = relationship === undefined ? [] : followersOf(relationship, grant);
  const standing = followers.filter(({ revoked_at }) => revoked_at === null).map(({ terms }) => terms.grant);
  return [grant, ...standing].map(revocationId);
}

/** Null where the grant is not taken back. */
export async function loadPropagation(
  tx: Tx,
  relationship: Relationship,
  id: GrantId,
  grant: Grant,
): Promise<readonly Heard[] | null> {
  const { revoked_at } = grant;
  const revocation = revoked_at === null ? undefined : await loadId(tx, revocationId(id));
  if (revoked_at === null || revocation === undefined) return null;
  const parties = hearersOf(relationship, grant);
  const heard = await loadFirstHeard(tx, parties, revocation.index);
  return parties.map((party) => {
    const time = heard.get(party) ?? null;
    return { party, acknowledged_at: time, after_ms: time === null ? null : time - revoked_at };
  });
}
