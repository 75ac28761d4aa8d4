/**
 * A letter that its subject signed in ink, at a counter: two operators of who drafted it, clerk and witness, say so, and
 * bring in the digest of its scan. It gives what a key's signature would give, with evidence of grade C.
 *
 * @module
 */
import { Failure } from '../failure.ts';
import type { Handle } from '../ids.ts';
import { recordWith, type ShapeOf } from '../shape.ts';
import { idOf, LOG_STREAM, partyStream } from '../tlog/stream.ts';
import { requireClear, requireInkAfter } from './before-signing.ts';
import { CALL, opened } from './call.ts';
import { EPOCH, requireEpoch } from './epoch.ts';
import { paperEvidenceShape } from './evidence.ts';
import {
  ANSWERED,
  declinedItems,
  openDraft,
  quietAfter,
  requireAnswer,
  requireInTime,
  withAnswer,
} from './letter-answer.ts';
import { requireEngineWithPacks } from './log.ts';
import { partyId, requireTwoActing } from './party.ts';
import type { Quiet } from './quiet.ts';
import { ownRelationship, type Relationship } from './relationship.ts';
import type { Rule } from './rule.ts';
import { scanShape } from './scan.ts';

const signedOnPaperInput = recordWith(
  {
    ...ANSWERED,
    /** Who drafted the letter, and brings it in. */
    principal: partyId,
    declined_items: declinedItems,
    scan: scanShape,
    evidence: paperEvidenceShape,
    ...CALL,
  },
  EPOCH,
);
export type LetterSignedOnPaper = ShapeOf<typeof signedOnPaperInput>;

export const letterSignedOnPaper: Rule<LetterSignedOnPaper, Relationship> = {
  auth: ['http-sig'],
  input: signedOnPaperInput,
  // As of a letter that a key signed: until when what was refused is not asked for again.
  outcome: ['quiet'],
  // The request says the salt too, so it is kept with it, and erased with it.
  parts: { scan_salt: 'subject', request: 'subject' },
  needs: () => ['scan_salt', 'request'],
  reads: ({ principal }) => [partyStream(principal), LOG_STREAM],
  decide(input, { view, stream, now }): { readonly quiet: Quiet } {
    requireEngineWithPacks(view, 'letters signed in ink');
    const { principal, evidence } = input;
    // Another's letter is answered like an unknown one.
    const relationship = ownRelationship(view, idOf<Handle>(stream), principal);
    if (relationship === undefined) throw new Failure('letter_unknown', 'no such letter');
    const draft = openDraft(relationship, input.letter);
    if (principal !== (draft.principal ?? relationship.grantee)) {
      throw new Failure('principal_mismatch', 'a letter is brought in by who drafted it');
    }
    requireTwoActing(view, input, principal, 'query');
    if (evidence.identified_by !== principal) {
      throw new Failure('entry_invalid', 'its subject was identified by who brings it in');
    }
    requireEpoch(view, input);
    requireInTime(view, draft, input.signed_at, now);
    requireClear(draft, now);
    requireInkAfter(draft, input.signed_at);
    requireAnswer(relationship, draft, input);
    return { quiet: quietAfter(view, now, relationship, draft, input) };
  },
  evolve(state, { body, time, seq }) {
    // Of grade C for candidates, too: that the grantee itself vouches is what the grade says.
    const relationship = withAnswer(opened(state), body, { gradeOf: () => body.evidence.grade, time });
    return { ...relationship, papers: { ...relationship.papers, [body.letter]: seq } };
  },
};
