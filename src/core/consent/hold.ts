/**
 * Holds: a subject pauses one grant, or freezes everything of its own everywhere, and ends the hold again; and what it
 * makes of a grant besides (amend.ts).
 *
 * A hold begins on any evidence: who is being pressed should not be asked twice. It ends only on evidence of at least
 * the grade that it began with, and never on grade D (design §8). A person's freeze is written into every relationship
 * in one batch, so that each relationship is decided by its own stream.
 *
 * @module
 */
import { Failure } from '../failure.ts';
import type { GrantId, StatementRef } from '../ids.ts';
import type { Instant } from '../instant.ts';
import { id, instant, nullable, record, recordWith, type Shape, type ShapeOf } from '../shape.ts';
import { type AmendKind, amended, requireAmendable, withFollowers } from './amend.ts';
import { CALL, type Call, opened } from './call.ts';
import { endOf } from './end.ts';
import { asEpoch, EPOCH, epochIn, isSuspended, type OfEpoch, readsEpoch, requireEpoch } from './epoch.ts';
import { type Evidence, evidenceShape, gradeFor, requireGrade } from './evidence.ts';
import { grantIn } from './grant.ts';
import { holdIn, requireDraft, requireNewGrant } from './hold-draft.ts';
import type { Freeze } from './person.ts';
import {
  GRANTS_MAX,
  type Grant,
  type HoldKind,
  type Relationship,
  requireRelationship,
  type StatementKind,
} from './relationship.ts';
import type { Occasion, Rule, View } from './rule.ts';
import { byStatementOrSession, requireActedAt } from './session.ts';

const HELD = { ref: id<StatementRef>(), grant: id<GrantId>(), signed_at: instant, evidence: evidenceShape };
export const heldInput: Shape<
  {
    readonly ref: StatementRef;
    readonly grant: GrantId;
    readonly signed_at: Instant;
    readonly evidence: Evidence;
  } & Call
> = record({ ...HELD, ...CALL });
export type GrantHeld = ShapeOf<typeof heldInput>;
/** Of what another grant comes out of. */
const amendedInput = recordWith({ ...HELD, ...CALL }, EPOCH);
type GrantAmended = GrantHeld & OfEpoch;

const pausedInput = record({
  /** Of the statement; null: it is paused by session, and nothing was drafted. */
  ref: nullable(id<StatementRef>()),
  grant: id<GrantId>(),
  signed_at: instant,
  evidence: evidenceShape,
  ...CALL,
});
export type GrantPaused = ShapeOf<typeof pausedInput>;

const frozenInput = record({
  /** In the relationship through which it was signed, the statement's; elsewhere, and by session, null: it would be a link. */
  ref: nullable(id<StatementRef>()),
  signed_at: instant,
  evidence: evidenceShape,
  ...CALL,
});
export type RelationshipHeld = ShapeOf<typeof frozenInput>;

export const OF_A_STATEMENT = {
  auth: ['statement'],
  outcome: [],
  parts: { signature: 'subject', binding: 'subject', statement: 'subject' },
  needs: () => ['signature', 'binding', 'statement'],
  reads: () => [],
} as const;

/** What takes away is done by session, too (design §8). */
export const BY_STATEMENT_OR_SESSION = byStatementOrSession(['signature', 'binding', 'statement']);

export const grantPaused: Rule<GrantPaused, Relationship> = {
  ...BY_STATEMENT_OR_SESSION,
  input: pausedInput,
  decide(input, occasion) {
    const grant = requirePausing(input, occasion);
    if (grant.paused !== null) throw new Failure('hold_mismatch', 'the grant is already paused');
    return {};
  },
  evolve: (state, { body, time }) => withPaused(opened(state), body, holdOf(body, time)),
};

export const grantResumed: Rule<GrantHeld, Relationship> = {
  ...OF_A_STATEMENT,
  input: heldInput,
  decide(input, occasion) {
    const grant = requireHeld(input, occasion, 'resume');
    if (grant.paused === null) throw new Failure('hold_mismatch', 'the grant is not paused');
    requireUndoing(signedFor(grant, input), grant.paused);
    return {};
  },
  evolve: (state, { body }) => withPaused(opened(state), body, null),
};

/** The grant goes on for longer: the new one follows it. It takes evidence as good as that of the grant, never D. */
export const grantExtended: Rule<GrantAmended, Relationship> = {
  ...OF_A_STATEMENT,
  input: amendedInput,
  reads: readsEpoch,
  decide(input, occasion) {
    const grant = requireAmending(input, occasion, 'extend');
    const grade = gradeFor(grant.terms, input.evidence);
    if (grade === 'D' || grade > grant.grade) {
      throw new Failure(
        'grade_low',
        'what extends a grant is signed at least as well as the grant was, and never grade D',
      );
    }
    return {};
  },
  evolve: (state, { body, time }) => withAmended(opened(state), body, 'extend', time),
};

/** The grant is narrower from now on: the new one stands in its place. Taking back takes no grade of evidence. */
export const grantNarrowed: Rule<GrantAmended, Relationship> = {
  ...OF_A_STATEMENT,
  input: amendedInput,
  reads: readsEpoch,
  decide(input, occasion) {
    requireAmending(input, occasion, 'narrow');
    return {};
  },
  evolve: (state, { body, time }) => withAmended(opened(state), body, 'narrow', time),
};

function requireAmending(input: GrantAmended, occasion: Occasion, kind: AmendKind): Grant {
  requireEpoch(occasion.view, input);
  const grant = requireHeld(input, occasion, kind);
  refuseSuspended(occasion.view, grant);
  const relationship = requireRelationship(occasion.view, occasion.stream);
  const { terms } = opened(holdIn(relationship, input.ref));
  requireNewGrant(relationship, opened(terms).grant, input.ref);
  requireAmendable(relationship, kind, grant, opened(terms), occasion.now);
  if (Object.keys(relationship.grants).length >= GRANTS_MAX) {
    throw new Failure('limit_reached', `a relationship has ${GRANTS_MAX} grants at most`);
  }
  return grant;
}

/**
 * What is made of a grant would stand without a word that the grant itself still does.
 *
 * @throws {Failure} `grant_suspended`
 */
function refuseSuspended(view: View, grant: Grant): void {
  if (!isSuspended(grant, epochIn(view))) return;
  throw new Failure('grant_suspended', 'entries were lost since the grant was given: its subject confirms it first');
}

function withAmended(relationship: Relationship, body: GrantAmended, kind: AmendKind, time: number): Relationship {
  const old = opened(grantIn(relationship, body.grant));
  const terms = opened(opened(holdIn(relationship, body.ref)).terms);
  // Who narrows gives nothing: what is left stands on the signature under the letter.
  const grade = gradeFor(terms, body.evidence);
  const signed = kind === 'extend' ? { signed_at: body.signed_at, grade } : {};
  const { followed_by: _none, epoch: _own, ...carried } = old;
  const given_at = Math.max(time, body.signed_at, old.given_at);
  // Absent where the body has none: what stood by itself in this epoch gives nothing of it to what is made.
  const epoch = asEpoch(body.epoch ?? 0);
  const made: Grant = { ...carried, ...signed, terms, given_at, of: body.grant, ...epoch };
  return amended(without(relationship, body.ref), kind, old, made, time);
}

export const relationshipFrozen: Rule<RelationshipHeld, Relationship> = {
  ...BY_STATEMENT_OR_SESSION,
  input: frozenInput,
  decide(input, occasion) {
    refuseRefBySession(input);
    const { frozen } = requireEverything(input, occasion, 'freeze');
    // What a letter's link froze, its person may freeze as a person: everywhere.
    if (frozen !== null && frozen.by !== 'link') throw new Failure('hold_mismatch', 'already frozen');
    return {};
  },
  evolve: (state, { body, time }) => withFrozen(opened(state), body, holdOf(body, time)),
};

export const relationshipReleased: Rule<RelationshipHeld, Relationship> = {
  ...OF_A_STATEMENT,
  input: frozenInput,
  decide(input, occasion) {
    const { frozen } = requireEverything(input, occasion, 'release');
    if (frozen === null) throw new Failure('hold_mismatch', 'not frozen');
    requireUndoing(input, frozen);
    return {};
  },
  evolve: (state, { body }) => withFrozen(opened(state), body, null),
};

/**
 * What ends a hold was signed after what began it, by the signer's own clock: an end that was signed in advance, or that
 * ended an earlier hold, is none of this one.
 *
 * @throws {Failure} `grade_low`, `signed_before`
 */
export function requireUndoing(
  { evidence, signed_at }: { readonly evidence: Pick<Evidence, 'grade'>; readonly signed_at: number },
  held: Freeze,
): void {
  if (evidence.grade === 'D' || evidence.grade > held.grade) {
    throw new Failure('grade_low', 'what a hold began with takes at least as much to end it, and never grade D');
  }
  if (signed_at <= held.signed_at) throw new Failure('signed_before', 'signed before the hold that it would end');
}

/** A signature as it counts for a grant. */
export function signedFor({ terms }: Grant, { evidence, signed_at }: GrantHeld): Parameters<typeof requireUndoing>[0] {
  return { evidence: { grade: gradeFor(terms, evidence) }, signed_at };
}

export function holdOf(
  { evidence, signed_at }: { readonly evidence: Evidence; readonly signed_at: Instant },
  at: Instant,
): Freeze {
  return { at, grade: evidence.grade, signed_at };
}

export function requireHeld(input: GrantHeld, { view, stream, now }: Occasion, kind: StatementKind): Grant {
  const relationship = requireRelationship(view, stream);
  const draft = requireDraft(view, relationship, input, kind, now);
  if (draft.grant !== input.grant) throw new Failure('grant_unknown', 'no such grant');
  return requireStanding(relationship, input, now);
}

function requirePausing(input: GrantPaused, occasion: Occasion): Grant {
  refuseRefBySession(input);
  const { ref } = input;
  if (ref !== null) return requireHeld({ ...input, ref }, occasion, 'pause');
  if (input.auth !== 'session') throw new Failure('entry_invalid', 'a statement is signed under its ref');
  const { view, stream, now } = occasion;
  const relationship = requireRelationship(view, stream);
  requireActedAt(view, input, 0 as Instant, now);
  return requireStanding(relationship, input, now);
}

/** @throws {Failure} `entry_invalid` */
function refuseRefBySession({ auth, ref }: Pick<RelationshipHeld, 'auth' | 'ref'>): void {
  if (auth === 'session' && ref !== null) throw new Failure('entry_invalid', 'what is done by session has no ref');
}

/** @throws {Failure} `grant_unknown`, `already_revoked`, `grant_ended`; `entry_invalid`, as {@link requireGrade} */
export function requireStanding(
  relationship: Relationship,
  input: Pick<GrantHeld, 'grant' | 'evidence'>,
  now: Instant,
): Grant {
  const grant = grantIn(relationship, input.grant);
  if (grant === undefined) throw new Failure('grant_unknown', 'no such grant');
  if (grant.revoked_at !== null) throw new Failure('already_revoked', 'the grant is taken back');
  if (now >= endOf(grant)) throw new Failure('grant_ended', 'the grant has ended by itself');
  requireGrade(input.evidence, relationship.grantee);
  return grant;
}

function requireEverything(input: RelationshipHeld, { view, stream, now }: Occasion, kind: HoldKind): Relationship {
  const relationship = requireRelationship(view, stream);
  if (input.ref !== null) requireDraft(view, relationship, { ...input, ref: input.ref }, kind, now);
  else requireActedAt(view, input, 0 as Instant, now);
  requireGrade(input.evidence, relationship.grantee);
  return relationship;
}

/** What follows a grant is paused and resumed with it; what was paused by itself stays so. */
function withPaused(relationship: Relationship, { ref, grant }: GrantPaused, paused: Freeze | null): Relationship {
  const before = opened(grantIn(relationship, grant)).paused;
  const grants = withFollowers(relationship, grant, (each) => {
    const isOwn = each.paused === null ? before === null : each.paused.at === before?.at;
    return each.terms.grant === grant || isOwn ? { ...each, paused } : each;
  });
  return { ...withoutDraft(relationship, ref), grants };
}

function withFrozen(relationship: Relationship, { ref }: RelationshipHeld, frozen: Freeze | null): Relationship {
  return { ...withoutDraft(relationship, ref), frozen };
}

function withoutDraft(relationship: Relationship, ref: StatementRef | null): Relationship {
  return ref === null ? relationship : without(relationship, ref);
}

/** A ref is signed once, for ever: the draft goes with it. */
export function without(relationship: Relationship, ref: StatementRef): Relationship {
  const { [ref]: _signed, ...holds } = relationship.holds;
  return { ...relationship, holds };
}
