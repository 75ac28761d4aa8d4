/**
 * That what a letter asks was answered before it is signed: by whoever holds its link, or as relayed by who drafted it. The
 * answers are the subject's part of the payload. `outcome` is attested, and judged again by the audit.
 *
 * @module
 */
import { Failure } from '../failure.ts';
import type { Handle, LetterId } from '../ids.ts';
import { id, nullable, oneOf, record, type ShapeOf } from '../shape.ts';
import { idOf, partyStream } from '../tlog/stream.ts';
import { ANSWERED_MAX, OUTCOMES, refuseHeld, STOPPED_MS } from './before-signing.ts';
import { CALL, opened } from './call.ts';
import { epochIn, isSignable } from './epoch.ts';
import { openDraft } from './letter-answer.ts';
import { partyId, requireActing } from './party.ts';
import { ownRelationship, type Relationship, relationshipIn } from './relationship.ts';
import type { Rule } from './rule.ts';

const answeredInput = record({
  letter: id<LetterId>(),
  /** Who relays the answers: who drafted the letter; null: they came by its link. */
  principal: nullable(partyId),
  /** Attested: what the answers are, by the questions of the template that the letter was drafted from. */
  outcome: oneOf(OUTCOMES),
  ...CALL,
});
export type LetterAnswered = ShapeOf<typeof answeredInput>;

export const letterAnswered: Rule<LetterAnswered, Relationship> = {
  auth: ['session', 'http-sig'],
  input: answeredInput,
  outcome: ['held_until'],
  parts: { answers: 'subject', request: 'subject' },
  needs: ({ principal }) => (principal === null ? ['answers'] : ['answers', 'request']),
  reads: ({ principal }) => (principal === null ? [] : [partyStream(principal)]),
  decide(input, { view, stream, now }): { readonly held_until: number | null } {
    const { principal, outcome } = input;
    if ((principal === null) !== (input.auth === 'session')) {
      throw new Failure('entry_invalid', 'answers are relayed by a party, or come by the letter’s link');
    }
    // Another's letter is answered like an unknown one.
    const relationship =
      principal === null ? relationshipIn(view, stream) : ownRelationship(view, idOf<Handle>(stream), principal);
    if (relationship === undefined) throw new Failure('letter_unknown', 'no such letter');
    const draft = openDraft(relationship, input.letter);
    if (principal !== null) {
      if (principal !== (draft.principal ?? relationship.grantee)) {
        throw new Failure('principal_mismatch', 'the answers to a letter are relayed by who drafted it');
      }
      requireActing(view, input, principal, 'query');
    }
    if (!isSignable(draft, now, epochIn(view))) {
      throw new Failure('letter_expired', 'the letter was to be signed before');
    }
    if (!draft.asks) throw new Failure('input_invalid', 'this letter asks nothing before it is signed');
    refuseHeld(draft, now);
    if ((draft.answered?.count ?? 0) >= ANSWERED_MAX) {
      throw new Failure('limit_reached', `the questions of a letter are answered ${ANSWERED_MAX} times at most`);
    }
    return { held_until: outcome === 'stop' ? now + STOPPED_MS : null };
  },
  evolve(state, { body, time }) {
    const relationship = opened(state);
    const draft = opened(relationship.drafts[body.letter]);
    const { held_until = null } = body as { readonly held_until?: number | null };
    const answered = {
      outcome: body.outcome,
      at: time,
      held_until: held_until ?? draft.answered?.held_until ?? null,
      count: (draft.answered?.count ?? 0) + 1,
    };
    return { ...relationship, drafts: { ...relationship.drafts, [body.letter]: { ...draft, answered } } };
  },
};
