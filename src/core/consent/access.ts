/**
 * An access: one attempt to use a ground. It is decided by the ordered table of checks, and is an entry either way.
 *
 * @module
 */
import { Failure } from '../failure.ts';
import type { Instant } from '../instant.ts';
import { idOf, LOG_STREAM, partyStream } from '../tlog/stream.ts';
import {
  type AccessDecided,
  type AccessRefused,
  type BasisGround,
  decidedInput,
  refusedInput,
  UNSTATED,
} from './asked.ts';
import { opened } from './call.ts';
import { grantNamed, isOwnAccess } from './candidates.ts';
import type { Judged } from './checks/apply-law.ts';
import type { Case } from './checks/check.ts';
import { ENGINE_WITH_LAW, judge } from './checks/judge.ts';
import { endOf } from './end.ts';
import { epochIn } from './epoch.ts';
import type { ErasedClasses } from './erased-classes.ts';
import { factsIn, withFacts } from './facts.ts';
import { requireEngine } from './log.ts';
import { operatorIn, type Party, partyIn, requireActingFor } from './party.ts';
import { type Grant, type OpenAccess, type Relationship, relationshipIn } from './relationship.ts';
import type { Rule, View } from './rule.ts';
import { openNow, PERMIT_MS, withSpent } from './use.ts';

export type Outcome = { readonly decision: 'allow' | 'deny'; readonly codes: readonly string[] };
/** Until when the permit counts; null where there is none: denied, or without a door. */
export type Decided = Outcome & {
  readonly until: number | null;
  /** Whether the door may take the permit without asking: the letter says so, with the staleness that it allows. */
  readonly offline: boolean;
  /** What the law of the packs in force says of it, from engine 2 on; null: no pack is in force. */
  readonly law?: Judged | null;
};

/** An access on the caller's own relationship. */
export const accessDecided: Rule<AccessDecided, Relationship> = {
  auth: ['http-sig'],
  input: decidedInput,
  outcome: ['decision', 'codes', 'until', 'offline', 'law'],
  parts: { reference: 'party', request: 'party' },
  needs: ({ ground }) => ('reference' in ground && ground.reference ? ['reference', 'request'] : []),
  reads: ({ principal, door, engine }) =>
    door === null || engine < ENGINE_WITH_LAW || door === principal
      ? [partyStream(principal), LOG_STREAM]
      : [partyStream(principal), LOG_STREAM, partyStream(door)],
  decide(access, { view, stream, now }): Decided {
    requireEngine(view, access.engine);
    const relationship = relationshipIn(view, stream);
    const party = partyIn(view, access.principal);
    if (relationship === undefined || !isAsked(relationship, access, party)) {
      throw new Failure('entry_invalid', 'an access on another’s relationship stands in the caller’s refused stream');
    }
    requireActingFor(view, access, access.principal, { act: 'access', now });
    const asked = caseOf(view, access, relationship, now);
    const { grant } = asked;
    const { codes, judged } = judge(view, asked);
    const law = access.engine < ENGINE_WITH_LAW ? {} : { law: judged };
    if (codes.length > 0) return { decision: 'deny', codes, until: null, offline: false, ...law };
    // What was used already is recorded; so is what goes through no door.
    const isRecorded = access.door === null || usedAt(access) !== null;
    if (isRecorded) return { decision: 'allow', codes, until: null, offline: false, ...law };
    // On law nobody agreed to anything stale: its door has to ask.
    const staleness = grant?.terms.staleness_ms ?? null;
    // A permit outlives neither its minutes, nor what may be stale at its door, nor its grant.
    const ends = grant === undefined ? [] : [endOf(grant)];
    const until = Math.min(now + PERMIT_MS, now + (staleness ?? PERMIT_MS), ...ends);
    return { decision: 'allow', codes, until, offline: staleness !== null, ...law };
  },
  evolve(state, { body, time }) {
    const relationship = counted(opened(state), body as typeof body & Decided);
    const { access, ground, decision, until } = body as typeof body & Decided;
    if (decision !== 'allow') return relationship;
    if (!('grant' in ground)) return permitted(relationship, ground, { ...body, access, until }, time);
    const grant = grantNamed(relationship, ground);
    return grant === undefined ? relationship : used(relationship, grant, { ...body, access, until }, time);
  },
};

/** The case that an access makes, as its relationship and the streams that it reads stand. */
export function caseOf(view: View, access: AccessDecided, relationship: Relationship, now: Instant): Case {
  const grant = grantNamed(relationship, access.ground);
  const [signer] = access.by;
  const operator = signer && operatorIn(partyIn(view, signer.party), signer.operator);
  return { access, relationship, grant, party: partyIn(view, access.principal), operator, now, epoch: epochIn(view) };
}

function isAsked(relationship: Relationship, access: AccessDecided, party: Party | undefined): boolean {
  if (access.engine < ENGINE_WITH_LAW) return relationship.grantee === access.principal;
  return isOwnAccess(relationship, party, access.principal, grantNamed(relationship, access.ground));
}

function usedAt({ stated }: AccessDecided): number | null {
  return stated?.used_at ?? null;
}

/** A query of one's own data is counted by the calendar year (条例 17). */
function counted(relationship: Relationship, { decision, law }: Decided): Relationship {
  const year = law?.own_query ?? null;
  if (decision !== 'allow' || year === null) return relationship;
  const before = factsIn(relationship).own_queries;
  const count = before?.year === year ? before.count + 1 : 1;
  return withFacts(relationship, { own_queries: { year, count } });
}

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
    return { ...relationship, grants: withSpent(relationship, id, now) };
  }
  const isTaken = grant.terms.staleness_ms !== null;
  const open: OpenAccess = { grant: id, action, purpose, items, door, until, redeemed_at: isTaken ? now : null };
  return {
    ...relationship,
    grants: isTaken ? withSpent(relationship, id, now) : relationship.grants,
    open: { ...openNow(relationship, now), [access]: open },
  };
}

/** What an access that is allowed on law leaves: nothing but its permit, where it has one. There are no uses to count. */
function permitted(
  relationship: Relationship,
  ground: BasisGround,
  { access, action, purpose, items, door, until, stated = UNSTATED }: AccessDecided & Pick<Decided, 'until'>,
  now: number,
): Relationship {
  if (door === null || until === null) return relationship;
  const open: OpenAccess = { grant: null, ground, stated, action, purpose, items, door, until, redeemed_at: null };
  return { ...relationship, open: { ...openNow(relationship, now), [access]: open } };
}

/** How many accesses a party was refused on relationships that are not its own. */
export type Refusals = {
  readonly count: number;
  /** What of their payloads is erased. Absent before the first erasure. */
  readonly erased?: ErasedClasses;
};

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
  decide(access, { view, stream, now }): Outcome {
    const { principal, engine } = access;
    requireEngine(view, engine);
    if (idOf(stream) !== principal) throw new Failure('entry_invalid', 'a refusal stands in the caller’s own stream');
    if (partyIn(view, principal) === undefined) throw new Failure('party_unknown', 'no such party');
    requireActingFor(view, access, principal, { act: 'access', now });
    return { decision: 'deny', codes: ['PARTY'] };
  },
  evolve: (state) => ({ ...state, count: (state?.count ?? 0) + 1 }),
};
