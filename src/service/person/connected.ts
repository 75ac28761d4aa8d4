/**
 * "Am I connected to the credit database, since when, by which letter?" (domain/seeds.md 0.25). Answered from grants, and
 * from nothing else: a service agreement connects nobody (0.26).
 *
 * @module
 */

import { originOf } from '#core/consent/amend.ts';
import { endOf } from '#core/consent/end.ts';
import { epochIn, type Moment } from '#core/consent/epoch.ts';
import type { Said } from '#core/consent/explain-text.ts';
import type { Grant, Relationship } from '#core/consent/relationship.ts';
import { type Action, doorsOf } from '#core/consent/terms.ts';
import type { GrantId, LetterId, PartyId } from '#core/ids.ts';
import { readClock } from '#store/head.ts';
import type { Context } from '../context.ts';
import { partiesIn } from './authorizations.ts';
import { type StatusInWords, statusIn } from './grant-words.ts';
import { loadNames, type Names, type PartyRow } from './names.ts';
import { loadRelations, type Relation, type SignedIn } from './relations.ts';

/** One grant that stands, by which an institution queries a database or reports to it. */
export interface Connection {
  readonly institution: Said;
  readonly action: Extract<Action, 'QUERY' | 'REPORT'>;
  readonly grant: GrantId;
  readonly letter: LetterId;
  /** Since when, without a gap: what was extended or narrowed began with what it was made of. */
  readonly since: number;
  readonly until: number;
  readonly status: StatusInWords;
}

export interface Connected {
  readonly name: Said;
  readonly kind: 'database' | 'bureau';
  /** Since when there has been one that stands still; null: not connected. */
  readonly since: number | null;
  /** The oldest first. */
  readonly connections: readonly Connection[];
}

/** Tells of every credit database and bureau that the packs know, or a grant names, whether the person is connected to it. */
export async function readConnected(
  context: Context,
  person: SignedIn,
): Promise<{ readonly time: number; readonly databases: readonly Connected[] }> {
  return context.ledger.store.read(async (tx) => {
    const { view, all } = await loadRelations(context, tx, person);
    const names = await loadNames(context, tx, view, all.flatMap(partiesIn));
    const time = await readClock(tx);
    const found = new Map<string, Connected>();
    for (const row of names.rows) {
      const kind = kindOf(row);
      if (kind !== null) found.set(row.name.zh, { name: row.name, kind, since: null, connections: [] });
    }
    const at = { now: time, epoch: epochIn(view) };
    for (const relation of all) {
      for (const [party, connection] of connectionsOf(relation, names, at)) connect(found, names, party, connection);
    }
    return { time, databases: [...found.values()] };
  });
}

function connect(found: Map<string, Connected>, names: Names, party: PartyId, connection: Connection): void {
  const row = names.row(party);
  const kind = (row && kindOf(row)) ?? (names.registered(party)?.roles.includes('bureau') === true ? 'bureau' : null);
  if (kind === null) return;
  const name = row?.name ?? names.party(party);
  const connections = [...(found.get(name.zh)?.connections ?? []), connection].sort((a, b) => a.since - b.since);
  found.set(name.zh, { name, kind, since: connections[0]?.since ?? null, connections });
}

/** A database to which nobody reports, such as a tax office's, is none of credit. */
function kindOf({ kind, cadence }: PartyRow): Connected['kind'] | null {
  if (kind === 'bureau') return 'bureau';
  return kind === 'database' && cadence !== null ? 'database' : null;
}

function connectionsOf(
  { relationship }: Relation,
  names: Names,
  at: Moment,
): readonly (readonly [PartyId, Connection])[] {
  return Object.values(relationship.grants).flatMap((grant) => {
    const { terms } = grant;
    if (terms.action !== 'QUERY' && terms.action !== 'REPORT') return [];
    if (grant.revoked_at !== null || at.now >= endOf(grant) || isUnbound(grant)) return [];
    const connection: Connection = {
      institution: names.party(grant.bound?.party ?? grant.grantee ?? relationship.grantee),
      action: terms.action,
      grant: terms.grant,
      letter: grant.letter as LetterId,
      since: sinceOf(relationship, grant),
      until: endOf(grant),
      status: statusIn(relationship, grant, at),
    };
    return doorsOf(terms).map((door) => [door, connection] as const);
  });
}

/** While it is open which of its candidates grants the line, nobody may use it (0.19). */
function isUnbound({ terms, bound }: Grant): boolean {
  return terms.candidates !== undefined && bound === undefined;
}

function sinceOf(relationship: Relationship, grant: Grant): number {
  const origin = relationship.grants[originOf(relationship, grant.terms.grant)] ?? grant;
  return Math.max(origin.given_at, origin.terms.from ?? 0, grant.bound?.at ?? 0);
}
