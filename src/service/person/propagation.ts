/** How a withdrawal spread, as its person reads it: who had to hear of it, by name, and who said that it has. */
import type { Said } from '#core/consent/explain-text.ts';
import type { GrantId, PartyId } from '#core/ids.ts';
import type { Context } from '../context.ts';
import { loadPropagation } from '../propagation.ts';
import { partiesIn } from './authorizations.ts';
import { loadNames } from './names.ts';
import { loadRelations, relationOf, type SignedIn } from './relations.ts';

export interface Propagation {
  readonly grant: GrantId;
  /** Null: it stands. */
  readonly revoked_at: number | null;
  readonly heard: readonly {
    readonly party: PartyId;
    readonly name: Said;
    /** When it said that it has heard; null: it has said nothing yet. */
    readonly acknowledged_at: number | null;
    readonly after_ms: number | null;
  }[];
}

/** @throws {Failure} `grant_unknown`, also for another's. */
export async function readPropagation(context: Context, person: SignedIn, grant: GrantId): Promise<Propagation> {
  return context.ledger.store.read(async (tx) => {
    const relations = await loadRelations(context, tx, person);
    const relation = relationOf(relations, grant);
    const { relationship } = relation;
    const found = relationship.grants[grant] as (typeof relationship.grants)[string];
    const heard = (await loadPropagation(tx, relationship, grant, found)) ?? [];
    const names = await loadNames(context, tx, relations.view, partiesIn(relation));
    return {
      grant,
      revoked_at: found.revoked_at,
      heard: heard.map(({ party, acknowledged_at, after_ms }) => ({
        party,
        name: names.party(party),
        acknowledged_at,
        after_ms,
      })),
    };
  });
}
