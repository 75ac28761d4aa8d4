/**
 * An access: one attempt to use a ground. It is decided by the ordered table of checks, and is an entry either way.
 *
 * @module
 */
import { Failure } from '../failure.ts';
import { idOf, LOG_STREAM, partyStream } from '../tlog/stream.ts';
import { type AccessDecided, type AccessRefused, decidedInput, refusedInput } from './asked.ts';
import { opened } from './call.ts';
import { failingCodes } from './checks/checks.ts';
import { grantIn } from './grant.ts';
import { requireEngine } from './log.ts';
import { operatorIn, partyIn, requireActing } from './party.ts';
import { type Grant, type OpenAccess, type Relationship, relationshipIn } from './relationship.ts';
import type { Rule } from './rule.ts';
import { openNow, PERMIT_MS, spend } from './use.ts';

export type Outcome = { readonly decision: 'allow' | 'deny'; readonly codes: readonly string[] };
/** Until when the permit counts; null where there is none: denied, or without a door. */
export type Decided = Outcome & {
  readonly until: number | null;
  /** Whether the door may take the permit without asking: the letter says so, with the staleness that it allows. */
  readonly offline: boolean;
};

/** An access on the caller's own relationship. */
export const accessDecided: Rule<AccessDecided, Relationship> = {
  auth: ['http-sig'],
  input: decidedInput,
  outcome: ['decision', 'codes', 'until', 'offline'],
  parts: { reference: 'party', request: 'party' },
  needs: ({ ground }) => ('reference' in ground && ground.reference ? ['reference', 'request'] : []),
  reads: ({ principal }) => [partyStream(principal), LOG_STREAM],
  decide(access, { view, stream, now }): Decided {
    requireEngine(view, access.engine);
    const relationship = relationshipIn(view, stream);
    if (relationship?.grantee !== access.principal) {
      throw new Failure('entry_invalid', 'an access on another’s relationship stands in the caller’s refused stream');
    }
    const grant = 'grant' in access.ground ? grantIn(relationship, access.ground.grant) : undefined;
    requireActing(view, access, access.principal);
    const party = partyIn(view, access.principal);
    const operator = access.by[0] && operatorIn(party, access.by[0].operator);
    const codes = failingCodes({ access, relationship, grant, party, operator, now });
    if (codes.length > 0) return { decision: 'deny', codes, until: null, offline: false };
    const staleness = grant?.terms.staleness_ms ?? null;
    if (access.door === null) return { decision: 'allow', codes, until: null, offline: false };
    // A permit outlives neither its minutes, nor what may be stale at its door, nor its grant.
    const until = Math.min(now + PERMIT_MS, now + (staleness ?? PERMIT_MS), grant?.terms.to ?? Number.MAX_SAFE_INTEGER);
    return { decision: 'allow', codes, until, offline: staleness !== null };
  },
  evolve(state, { body, time }) {
    const relationship = opened(state);
    const { access, ground, decision, until } = body as typeof body & Decided;
    const grant = 'grant' in ground ? grantIn(relationship, ground.grant) : undefined;
    if (decision !== 'allow' || grant === undefined) return relationship;
    return used(relationship, grant, { ...body, access, until }, time);
  },
};

/**
 * What an allowed access does to its grant: without a door it is a use at once; a permit reserves one until the door
 * takes it; a door that does not ask has taken it at once (design §5).
 */
function used(
  relationship: Relationship,
  grant: Grant,
  { access, action, purpose, items, door, until }: AccessDecided & Pick<Decided, 'until'>,
  now: number,
): Relationship {
  const id = grant.terms.grant;
  if (door === null || until === null) {
    return { ...relationship, grants: { ...relationship.grants, [id]: spend(grant, now) } };
  }
  const isTaken = grant.terms.staleness_ms !== null;
  const open: OpenAccess = { grant: id, action, purpose, items, door, until, redeemed_at: isTaken ? now : null };
  return {
    ...relationship,
    grants: isTaken ? { ...relationship.grants, [id]: spend(grant, now) } : relationship.grants,
    open: { ...openNow(relationship, now), [access]: open },
  };
}

/** How many accesses a party was refused on relationships that are not its own. */
export type Refusals = { readonly count: number };

/**
 * An access on an unknown or another's handle: always `PARTY`. The handle stands in the payload only, since a value
 * found in two streams would be a link (design §4).
 */
export const accessRefused: Rule<AccessRefused, Refusals> = {
  auth: ['http-sig'],
  input: refusedInput,
  outcome: ['decision', 'codes'],
  parts: { claimed: 'party', request: 'party' },
  // A batch's request is kept once for all its rows.
  needs: ({ request }) => (request === null ? ['claimed', 'request'] : ['claimed']),
  reads: ({ principal }) => [partyStream(principal), LOG_STREAM],
  decide(access, { view, stream }): Outcome {
    const { principal, engine } = access;
    requireEngine(view, engine);
    if (idOf(stream) !== principal) throw new Failure('entry_invalid', 'a refusal stands in the caller’s own stream');
    if (partyIn(view, principal) === undefined) throw new Failure('party_unknown', 'no such party');
    requireActing(view, access, principal);
    return { decision: 'deny', codes: ['PARTY'] };
  },
  evolve: (state) => ({ count: (state?.count ?? 0) + 1 }),
};
