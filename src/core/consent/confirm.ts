/**
 * That what stood before the log was continued stands still (ADR 0028): its subject may have taken it back since, and nobody
 * can tell. So it signs once more, as well as it signed the letter; or, of no grant, that it has frozen nothing.
 *
 * What was taken back or ended stays so, and a pause, a freeze, a finding stands beside it. One grant, and nothing that
 * follows it: each is confirmed by whoever read its own terms.
 *
 * @module
 */
import { Failure } from '../failure.ts';
import type { GrantId, StatementRef } from '../ids.ts';
import { id, instant, nullable, record, type ShapeOf } from '../shape.ts';
import { LOG_STREAM } from '../tlog/stream.ts';
import { CALL, opened } from './call.ts';
import { requireConfirmable } from './confirmable.ts';
import { EPOCH, requireEpoch } from './epoch.ts';
import { evidenceShape, gradeFor, requireGrade } from './evidence.ts';
import { grantIn } from './grant.ts';
import { OF_A_STATEMENT, requireStanding, without } from './hold.ts';
import { requireDraft } from './hold-draft.ts';
import { logIn } from './log.ts';
import { lastLossOf } from './origins.ts';
import { type Grant, type Relationship, requireRelationship } from './relationship.ts';
import type { Rule } from './rule.ts';

const confirmedInput = record({
  ref: id<StatementRef>(),
  /** Null: the relationship alone, for what stands on law; it confirms no grant. */
  grant: nullable(id<GrantId>()),
  epoch: EPOCH.epoch,
  signed_at: instant,
  evidence: evidenceShape,
  ...CALL,
});
export type GrantConfirmed = ShapeOf<typeof confirmedInput>;

/** When the last uses of the grant may have been, of which nobody can tell any more; null: its frequency has no limit. */
type Window = { readonly used_at: number | null };

export const grantConfirmed: Rule<GrantConfirmed, Relationship> = {
  ...OF_A_STATEMENT,
  input: confirmedInput,
  outcome: ['used_at'],
  reads: () => [LOG_STREAM],
  decide(input, { view, stream, now }): Window {
    requireEpoch(view, input);
    const relationship = requireRelationship(view, stream);
    const draft = requireDraft(view, relationship, input, 'confirm', now);
    if (draft.grant !== input.grant) throw new Failure('grant_unknown', 'no such grant');
    if (input.grant === null) {
      requireGrade(input.evidence, relationship.grantee);
      requireConfirmable(view, relationship, undefined, now);
      requireGiving(input.evidence.grade, input.evidence.grade);
      return { used_at: null };
    }
    const grant = requireStanding(relationship, { ...input, grant: input.grant }, now);
    requireConfirmable(view, relationship, grant, now);
    requireGiving(gradeFor(grant.terms, input.evidence), grant.grade);
    return { used_at: grant.terms.frequency === null ? null : (lastLossOf(logIn(view) ?? {})?.at ?? now) };
  },
  evolve(state, { body }) {
    const { ref, grant, epoch, used_at } = body as typeof body & Window;
    const relationship = { ...without(opened(state), ref), epoch };
    if (grant === null) return relationship;
    const found = opened(grantIn(relationship, grant));
    const confirmed = { ...found, epoch, recent: used_at === null ? found.recent : fullWindow(found, used_at) };
    return { ...relationship, grants: { ...relationship.grants, [grant]: confirmed } };
  },
};

/** @throws {Failure} `grade_low` */
function requireGiving(grade: Grant['grade'], least: Grant['grade']): void {
  if (grade !== 'D' && grade <= least) return;
  throw new Failure(
    'grade_low',
    'what confirms a grant is signed at least as well as the grant was, and never grade D',
  );
}

/** As if the last uses had all been at this instant: as many as its period allows. */
function fullWindow({ terms }: Grant, usedAt: number): readonly number[] {
  return Array.from({ length: terms.frequency?.count ?? 0 }, () => usedAt);
}
