/** Declining a letter of authorization as a whole, by the subject's own signature. */
import { declineStatement } from '#core/consent/statement.ts';
import type { Handle, LetterId } from '#core/ids.ts';
import type { Instant } from '#core/instant.ts';
import { idOf, LOG_STREAM } from '#core/tlog/stream.ts';
import { claimRef, nameStatement, submit } from './call.ts';
import type { Request } from './caller.ts';
import type { Context } from './context.ts';
import { loadLetter, readDraft, requireOpenDraft } from './letters.ts';
import { entryOf, type Placed, placed } from './placed.ts';
import { type Signed, takeStatement } from './statements.ts';

export interface DeclineLetter extends Signed {
  readonly letter: LetterId;
}

/**
 * Takes the subject's refusal of a letter as a whole. The draft is closed by it, and nothing is granted.
 *
 * @throws {Failure} `letter_unknown`, `already_signed`, `letter_declined`, `letter_expired`, `signed_ahead`,
 *   `signed_before`, `subject_key_unknown`, `signature_invalid`
 */
export async function declineLetter(
  context: Context,
  request: Request,
  input: DeclineLetter,
): Promise<{ readonly letter: LetterId; readonly handle: Handle; readonly entry: Placed }> {
  const { letter, signed_at } = input;
  const { stream, relationship, entry } = await context.ledger.store.read((tx) => loadLetter(tx, letter));
  const { draft, grantee } = readDraft(entry);
  const statement = declineStatement({
    log: context.ledger.origin,
    ref: letter,
    grantee,
    draft,
    signedAt: signed_at,
  });
  const names = nameStatement(context, request, stream);
  const entries = await submit(context, async () => {
    const taken = await takeStatement(context, 'letter.declined', { stream, relationship, statement, signed: input });
    return {
      claims: [names.claim, claimRef(context, letter, ['decline', signed_at, input.key, input.signature])],
      touches: [stream, taken.owner, LOG_STREAM],
      plan(view, now) {
        requireOpenDraft(view, stream, letter, draft, now);
        const said = { letter, signed_at: signed_at as Instant, evidence: taken.evidence(view), ...names.call(0) };
        return [{ command: { type: 'letter.declined', stream, input: said }, payload: taken.payload }];
      },
    };
  });
  return { letter, handle: idOf<Handle>(stream), entry: placed(entryOf(entries, 'letter.declined')) };
}
