/**
 * What becomes of a permit: its door redeems it, once, and its ground is checked again at that moment; then the door
 * settles what it really released, or why nothing (design §9).
 *
 * A refused redemption is an entry, like a denied access. What was presented is named by its digest only.
 *
 * @module
 */
import { Failure } from '../failure.ts';
import type { AccessId, GrantId } from '../ids.ts';
import { code, hash, id, instant, integer, list, nullable, oneOf, record, type ShapeOf } from '../shape.ts';
import { LOG_STREAM, partyStream } from '../tlog/stream.ts';
import type { Ground } from './asked.ts';
import { CALL, opened } from './call.ts';
import { isOwnAccess } from './candidates.ts';
import { judge } from './checks/judge.ts';
import { epochIn } from './epoch.ts';
import { grantIn } from './grant.ts';
import { requireEngine } from './log.ts';
import { partyId, partyIn, requireActing } from './party.ts';
import { type Grant, type OpenAccess, type Relationship, requireRelationship } from './relationship.ts';
import type { Rule, View } from './rule.ts';
import { ITEMS_MAX } from './terms.ts';
import { openNow, SETTLE_WITHIN_MS, withGivenBack, withSpent } from './use.ts';

/** What a door did: it sent the data; it has none; it could not; it would not. */
export const RESULTS = ['released', 'nothing_found', 'failed', 'refused'] as const;
export type Result = (typeof RESULTS)[number];

/** Why a door refused what was asked of it under a permit. */
export const REASONS = ['PERMIT', 'SUBJECT', 'SCOPE', 'REQUEST', 'LAPSED', 'OTHER'] as const;
export type Reason = (typeof REASONS)[number];

/** Reasons that lie in the asking. */
const ASKED_WRONGLY: readonly (Reason | null)[] = ['SUBJECT', 'SCOPE', 'REQUEST'];

const COUNT_MAX = 1_000_000_000;

const redeemedInput = record({
  access: id<AccessId>(),
  /** Whom the access was decided for: how that party stands is looked at again. */
  principal: partyId,
  /** Who presents it: the party that would hand over. */
  door: partyId,
  /** SHA-256 of the permit. */
  permit: hash,
  /** Until when the permit counts, as it says itself. */
  until: instant,
  engine: integer(1, 1_000_000),
  ...CALL,
});
export type AccessRedeemed = ShapeOf<typeof redeemedInput>;

const settledInput = record({
  access: id<AccessId>(),
  door: partyId,
  result: oneOf(RESULTS),
  /** Only where it was refused. */
  reason: nullable(oneOf(REASONS)),
  items: list(code, ITEMS_MAX),
  /** How many records were sent. */
  count: integer(0, COUNT_MAX),
  /** Salted digest of the response that was sent; null where none was. */
  response: nullable(hash),
  /** When the door was asked, and when it was done, by its own clock. */
  began_at: instant,
  ended_at: instant,
  ...CALL,
});
export type AccessSettled = ShapeOf<typeof settledInput>;

export type Redemption = { readonly decision: 'allow' | 'deny'; readonly codes: readonly string[] };

export const accessRedeemed: Rule<AccessRedeemed, Relationship> = {
  auth: ['http-sig'],
  input: redeemedInput,
  outcome: ['decision', 'codes'],
  parts: {},
  needs: () => [],
  reads: ({ principal, door }) => [partyStream(principal), partyStream(door), LOG_STREAM],
  decide(input, { view, stream, now }): Redemption {
    requireActing(view, input, input.door, 'query');
    requireEngine(view, input.engine);
    const relationship = requireRelationship(view, stream);
    if (!isOwn(view, input, relationship)) {
      throw new Failure(
        'entry_invalid',
        'an access is the grantee’s, whose relationship this is, or a bound candidate’s',
      );
    }
    const open = openIn(relationship, input.access);
    const codes = open === undefined ? [goneCode(input, now)] : handoverCodes(input, open, now);
    if (open === undefined || codes.length > 0) return { decision: 'deny', codes };
    const grant = grantOf(relationship, open);
    const { principal } = input;
    const access = { ...open, principal, ground: groundOf(open), engine: input.engine };
    const again = judge(
      view,
      {
        ...{ access, relationship, grant, party: partyIn(view, principal) },
        ...{ operator: undefined, now, epoch: epochIn(view) },
      },
      'at hand-over',
    );
    return { decision: again.codes.length === 0 ? 'allow' : 'deny', codes: again.codes };
  },
  evolve(state, { body, time }) {
    const relationship = opened(state);
    const { access, decision } = body as typeof body & Redemption;
    if (decision !== 'allow') return relationship;
    const open = opened(openIn(relationship, access));
    return {
      ...relationship,
      grants: withSpent(relationship, open.grant, time),
      open: { ...openNow(relationship, time), [access]: { ...open, redeemed_at: time } },
    };
  },
};

function isOwn(view: View, { access, principal }: AccessRedeemed, relationship: Relationship): boolean {
  const party = partyIn(view, principal);
  const open = openIn(relationship, access);
  // An access that left the state does not say any more which grant it was under.
  const grants =
    open === undefined ? [undefined, ...Object.values(relationship.grants)] : [grantOf(relationship, open)];
  return grants.some((grant) => isOwnAccess(relationship, party, principal, grant));
}

/** An access leaves the state when it lapses unredeemed, or is settled: its permit says which. */
function goneCode({ until }: AccessRedeemed, now: number): string {
  return now >= until ? 'LAPSED' : 'REDEEMED';
}

function handoverCodes({ door }: AccessRedeemed, open: OpenAccess, now: number): readonly string[] {
  const codes: string[] = [];
  if (open.door !== door) codes.push('DOOR');
  if (open.redeemed_at !== null) codes.push('REDEEMED');
  else if (now >= open.until) codes.push('LAPSED');
  return codes;
}

/** What stands beside a settlement, for whoever looks: the door's own words contradict its permit. */
export type Settlement = { readonly codes: readonly string[] };

export const accessSettled: Rule<AccessSettled, Relationship> = {
  auth: ['http-sig'],
  input: settledInput,
  outcome: ['codes'],
  parts: {},
  needs: () => [],
  reads: ({ door }) => [partyStream(door)],
  decide(input, { view, stream, now }): Settlement {
    requireActing(view, input, input.door, 'query');
    const relationship = requireRelationship(view, stream);
    // What lapsed or waited too long may stand in the state still: whether it does is an accident of other accesses.
    const open = openIn({ ...relationship, open: openNow(relationship, now) }, input.access);
    if (open === undefined || open.door !== input.door) {
      throw new Failure('access_settled', 'there is nothing to settle: it lapsed, or is settled');
    }
    requireConsistent(input);
    const isSent = input.result === 'released';
    if (open.redeemed_at === null && (isSent || input.result === 'nothing_found')) {
      throw new Failure('access_unredeemed', 'redeem the permit before anything is handed over');
    }
    // What a door refuses for its person, items or request, it refuses before it takes the permit: the use is not its to give back.
    if (open.redeemed_at !== null && !isOffline(relationship, open) && ASKED_WRONGLY.includes(input.reason)) {
      throw new Failure(
        'input_invalid',
        'reason: a permit that was redeemed is not refused for what was asked under it',
      );
    }
    const codes: string[] = [];
    if (open.redeemed_at !== null && now > dueOf(open, isOffline(relationship, open))) codes.push('LATE');
    if (input.items.some((item) => !open.items.includes(item))) codes.push('SCOPE');
    return { codes };
  },
  evolve(state, { body, time }) {
    const relationship = opened(state);
    const { [body.access]: open, ...rest } = openNow(relationship, time);
    if (open === undefined) return relationship;
    // Nothing came of it: the use is given back.
    const isBack = open.redeemed_at !== null && (body.result === 'failed' || body.result === 'refused');
    const grants = isBack ? withGivenBack(relationship, open.grant, open.redeemed_at as number) : relationship.grants;
    return { ...relationship, grants, open: rest };
  },
};

/** Until when a settlement is in time. A door that does not ask may hand over as long as its permit counts. */
export function dueOf(open: Pick<OpenAccess, 'until' | 'redeemed_at'>, offline: boolean): number {
  return (offline ? open.until : (open.redeemed_at ?? open.until)) + SETTLE_WITHIN_MS;
}

function isOffline(relationship: Relationship, open: OpenAccess): boolean {
  return grantOf(relationship, open)?.terms.staleness_ms != null;
}

/** The grant that an open access stands on; undefined: it stands on law. */
function grantOf(relationship: Relationship, { grant }: OpenAccess): Grant | undefined {
  return grant === null ? undefined : grantIn(relationship, grant);
}

function groundOf({ grant, ground }: OpenAccess): Ground {
  return ground ?? { grant: grant as GrantId };
}

function requireConsistent({ result, reason, items, count, response, began_at, ended_at }: AccessSettled): void {
  const isSent = result === 'released';
  if (isSent !== items.length > 0 || isSent !== (response !== null) || (!isSent && count > 0)) {
    throw new Failure(
      'input_invalid',
      'what was released names its items and the response’s digest, and nothing else does',
    );
  }
  if ((result === 'refused') !== (reason !== null)) {
    throw new Failure('input_invalid', 'a refusal, and only a refusal, gives its reason');
  }
  if (ended_at < began_at) throw new Failure('input_invalid', 'ended_at: want no time before began_at');
}

function openIn(relationship: Relationship | undefined, access: string): OpenAccess | undefined {
  return relationship !== undefined && Object.hasOwn(relationship.open, access) ? relationship.open[access] : undefined;
}
