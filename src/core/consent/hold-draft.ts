/**
 * Statements that a subject is drafted, and signs or not: of holds, of their ends, and of what it makes of a grant besides.
 * Asked for by the grantee, or by the subject; by itself a draft gives nothing.
 *
 * @module
 */
import { Failure } from '../failure.ts';
import type { GrantId, Handle, StatementRef } from '../ids.ts';
import type { Instant } from '../instant.ts';
import { hash, id, instant, isObject, nullable, oneOf, recordWith, type Shape, type ShapeOf } from '../shape.ts';
import { idOf, LOG_STREAM, partyStream, type StreamId } from '../tlog/stream.ts';
import { AMEND_KINDS, type AmendKind, requireAmendable } from './amend.ts';
import { CALL, opened } from './call.ts';
import { requireConfirmable } from './confirmable.ts';
import { asEpoch, EPOCH, epochIn, isSignable, readsEpoch, requireEpoch } from './epoch.ts';
import { grantIn } from './grant.ts';
import { requireSignedAt, requireTerms } from './letter.ts';
import { requireEngineWithPacks } from './log.ts';
import { partyId, requireActing } from './party.ts';
import {
  DRAFTS_MAX,
  HOLD_KINDS,
  type HoldDraft,
  ownRelationship,
  type Relationship,
  requireRelationship,
  type StatementKind,
} from './relationship.ts';
import type { Rule, View } from './rule.ts';
import { SESSION_PARTS } from './session.ts';
import { type Terms, termsShape } from './terms.ts';

/** The kinds whose statement names a grant, or nothing, and no terms. */
const BARE_KINDS = [...HOLD_KINDS, 'object', 'affirm', 'confirm'] as const;

const DRAFTED = {
  ref: id<StatementRef>(),
  grant: nullable(id<GrantId>()),
  /** The party that asked for it; null: the subject itself. */
  principal: nullable(partyId),
  nonce: hash,
  expires_at: instant,
};
const holdInput = recordWith({ kind: oneOf(BARE_KINDS), ...DRAFTED, ...CALL }, EPOCH);
const amendInput = recordWith({ kind: oneOf(AMEND_KINDS), ...DRAFTED, terms: termsShape, ...CALL }, EPOCH);
export type HoldDrafted = Omit<ShapeOf<typeof holdInput>, 'kind'> & {
  readonly kind: StatementKind;
  /** Of the grant that is to be made: where one is extended or narrowed, and nowhere else. */
  readonly terms?: Terms;
};
const draftedInput: Shape<HoldDrafted> = (value, at) =>
  isObject(value) && Object.hasOwn(value, 'terms') ? amendInput(value, at) : holdInput(value, at);

/** A hold's statement is asked for by the grantee, or by the subject: by its own signed request, or its session. It gives nothing. */
export const holdDrafted: Rule<HoldDrafted, Relationship> = {
  auth: ['http-sig', 'session'],
  input: draftedInput,
  outcome: [],
  parts: { request: 'subject', session: 'subject', signature: 'subject', binding: 'subject' },
  needs: ({ principal, auth }) =>
    auth === 'session' ? SESSION_PARTS : principal === null ? ['binding', 'request'] : [],
  reads: ({ principal, auth, epoch }) =>
    auth === 'session'
      ? [LOG_STREAM]
      : [...(principal === null ? [] : [partyStream(principal)]), ...readsEpoch({ epoch })],
  decide(input, { view, stream, now }) {
    const relationship = requireRelationship(view, stream);
    requireEpoch(view, input);
    requireAsker(input, view, stream);
    if (input.principal !== null) requireActing(view, input, input.principal, 'query');
    if (input.expires_at <= now)
      throw new Failure('letter_expired', 'the statement would expire before it can be signed');
    if (input.kind !== 'confirm' && (input.grant === null) !== (input.kind === 'freeze' || input.kind === 'release')) {
      throw new Failure('input_invalid', 'freeze and release are of everything, and all else names a grant');
    }
    if (input.grant !== null && grantIn(relationship, input.grant) === undefined) {
      throw new Failure('grant_unknown', 'no such grant');
    }
    if ((input.terms !== undefined) !== AMEND_KINDS.includes(input.kind as AmendKind)) {
      throw new Failure('input_invalid', 'extend and narrow, and only these, have the terms of another grant');
    }
    requireConfirming(view, relationship, input, now);
    if (input.terms !== undefined) requireMakeable(relationship, input as ShapeOf<typeof amendInput>, now);
    if (Object.hasOwn(relationship.holds, input.ref)) throw new Failure('already_there', 'this ref is taken');
    if (openHolds(relationship, now, epochIn(view)).length >= DRAFTS_MAX) {
      throw new Failure('limit_reached', `a relationship has ${DRAFTS_MAX} statements waiting for a signature at most`);
    }
    return {};
  },
  evolve(state, { body, time }) {
    const relationship = opened(state);
    const { kind, grant, terms: made, nonce, expires_at, epoch = 0 } = body as HoldDrafted;
    const terms = made === undefined ? {} : { terms: made };
    const holds = Object.fromEntries(openHolds(relationship, time, epoch));
    const draft = { kind, grant, ...terms, nonce, drafted_at: time, expires_at, ...asEpoch(epoch) };
    return { ...relationship, holds: { ...holds, [body.ref]: draft } };
  },
};

/** What can't be confirmed is not asked for: who drafts hears why. @throws {Failure} as {@link requireConfirmable} */
function requireConfirming(view: View, relationship: Relationship, { kind, grant }: HoldDrafted, now: Instant): void {
  if (kind !== 'confirm') return;
  requireConfirmable(view, relationship, grant === null ? undefined : grantIn(relationship, grant), now);
}

/** @throws {Failure} `input_invalid`, `already_there`, and as `requireAmendable` */
function requireMakeable(relationship: Relationship, input: ShapeOf<typeof amendInput>, now: Instant): void {
  const { kind, grant, terms } = input;
  const found = grant === null ? undefined : grantIn(relationship, grant);
  if (found === undefined) throw new Failure('input_invalid', 'extend and narrow name a grant');
  requireTerms(terms, now);
  requireNewGrant(relationship, terms.grant);
  requireAmendable(relationship, kind, found, terms, now);
}

/** Checked again at the signature: a letter may have taken the id meanwhile. @throws {Failure} `already_there` */
export function requireNewGrant({ drafts, grants, holds }: Relationship, grant: GrantId, own?: StatementRef): void {
  const inLetters = Object.values(drafts).flatMap((draft) => draft.grants);
  const inStatements = Object.entries(holds).flatMap(([ref, draft]) => (ref === own ? [] : (draft.terms ?? [])));
  if (Object.hasOwn(grants, grant) || [...inLetters, ...inStatements].some((terms) => terms.grant === grant)) {
    throw new Failure('already_there', 'a grant has an id of its own');
  }
}

function requireAsker({ principal, by, auth }: HoldDrafted, view: View, stream: StreamId): void {
  if (principal !== null && ownRelationship(view, idOf<Handle>(stream), principal) === undefined) {
    throw new Failure('relationship_unknown', 'no such relationship');
  }
  if (principal === null && by.length > 0) throw new Failure('entry_invalid', 'a subject asks by its own key');
  if (auth !== 'session') return;
  if (principal !== null) throw new Failure('entry_invalid', 'a session is a subject’s, and no party’s');
  requireEngineWithPacks(view, 'statements that are asked for by session');
}

/** @throws {Failure} `statement_unknown`, `letter_expired`, `signed_ahead`, `signed_before` */
export function requireDraft(
  view: View,
  relationship: Relationship,
  { ref, signed_at }: { readonly ref: StatementRef; readonly signed_at: Instant },
  kind: StatementKind,
  now: Instant,
): HoldDraft {
  const draft = holdIn(relationship, ref);
  if (draft?.kind !== kind) throw new Failure('statement_unknown', 'no such statement');
  requireSignedAt(signed_at, draft.drafted_at as Instant, now);
  if (signed_at >= draft.expires_at || !isSignable(draft, now, epochIn(view))) {
    throw new Failure('letter_expired', 'the statement was to be signed before');
  }
  return draft;
}

export function holdIn(relationship: Relationship | undefined, ref: string): HoldDraft | undefined {
  return relationship !== undefined && Object.hasOwn(relationship.holds, ref) ? relationship.holds[ref] : undefined;
}

function openHolds({ holds }: Relationship, now: Instant, epoch: number): readonly [string, HoldDraft][] {
  return Object.entries(holds).filter(([, draft]) => isSignable(draft, now, epoch));
}
