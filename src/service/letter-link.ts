/**
 * What who holds a letter's link does with it, without any key: answers its questions, declines it, or says that it is of
 * somebody else. The link opens this one letter and no other; it is the capability of its page.
 *
 * `request` names the call: its idempotency key comes from the page's form, so that one sent twice is one.
 *
 * @module
 */
import type { Answers } from '#core/consent/before-signing.ts';
import { LINK_EVIDENCE } from '#core/consent/evidence.ts';
import type { DeclinedByLink } from '#core/consent/link.ts';
import { relationshipIn } from '#core/consent/relationship.ts';
import type { Handle, LetterId } from '#core/ids.ts';
import { idOf, LOG_STREAM } from '#core/tlog/stream.ts';
import type { Planned } from '#ledger/write.ts';
import { nameLink, submit } from './call.ts';
import type { Request } from './caller.ts';
import { letterByCapability } from './capabilities.ts';
import type { Context } from './context.ts';
import { type AnsweredLetter, answerLetter } from './letter-questions.ts';
import { loadLetter, readDraft, requireOpenDraft } from './letters.ts';
import { entryOf, type Placed, placed } from './placed.ts';

/**
 * Takes in the answers to the questions of the letter that a link opens.
 *
 * @throws {Failure} `letter_unknown`, if it opens none; and as {@link answerLetter}
 */
export async function answerByLink(
  context: Context,
  request: Request,
  capability: string,
  answers: Answers,
): Promise<AnsweredLetter> {
  const letter = letterByCapability(context, capability);
  return answerLetter(context, nameLink(context, request, letter), null, { letter, ...answers });
}

/**
 * Records that the letter that a link opens is looked at in full, before it is: its grantee has the link, too.
 *
 * @throws {Failure} `letter_unknown`, if it opens none; `limit_reached`, `engine_old`
 */
export async function viewByLink(context: Context, request: Request, capability: string): Promise<Placed> {
  const letter = letterByCapability(context, capability);
  const { stream } = await context.ledger.store.read((tx) => loadLetter(tx, letter));
  const names = nameLink(context, request, letter);
  const entries = await submit(context, async () => ({
    claims: [names.claim],
    touches: [stream, LOG_STREAM],
    plan() {
      const input = { letter, evidence: LINK_EVIDENCE, ...names.call(0) };
      return [{ command: { type: 'identity.viewed', stream, input } }];
    },
  }));
  return placed(entryOf(entries, 'identity.viewed'));
}

export interface DeclinedLetter {
  readonly letter: LetterId;
  readonly handle: Handle;
  /** Whether this one relationship was frozen by it: it was not yet. */
  readonly frozen: boolean;
  readonly entry: Placed;
}

/**
 * Declines the letter that a link opens, as a whole. It is not asked for again within the quiet period of the packs.
 *
 * @throws {Failure} `letter_unknown`, `already_signed`, `letter_declined`, `letter_expired`, `engine_old`
 */
export function declineByLink(context: Context, request: Request, capability: string): Promise<DeclinedLetter> {
  return declineAs(context, request, capability, null);
}

/**
 * Declines the letter that a link opens because it is of somebody else, and freezes this one relationship: lender and doors
 * are told. Only its person's own signature, of grade C or better, ends the freeze.
 *
 * @throws {Failure} as {@link declineByLink}
 */
export function notMeByLink(context: Context, request: Request, capability: string): Promise<DeclinedLetter> {
  return declineAs(context, request, capability, 'not_me');
}

async function declineAs(
  context: Context,
  request: Request,
  capability: string,
  reason: DeclinedByLink['reason'],
): Promise<DeclinedLetter> {
  const letter = letterByCapability(context, capability);
  const { stream, entry } = await context.ledger.store.read((tx) => loadLetter(tx, letter));
  const { draft } = readDraft(entry);
  const names = nameLink(context, request, letter);
  const entries = await submit(context, async () => ({
    claims: [names.claim],
    touches: [stream, LOG_STREAM],
    plan(view, now) {
      requireOpenDraft(view, stream, letter, draft, now);
      const of = { letter, evidence: LINK_EVIDENCE };
      const isFreezing = reason === 'not_me' && relationshipIn(view, stream)?.frozen === null;
      // First the freeze, while the letter is there to say who has to hear of it.
      const frozen: readonly Planned[] = isFreezing
        ? [{ command: { type: 'relationship.frozen', stream, input: { ...of, ...names.call(0) } } }]
        : [];
      const input = { ...of, reason, ...names.call(frozen.length) };
      return [...frozen, { command: { type: 'letter.declined', stream, input } }];
    },
  }));
  return {
    letter,
    handle: idOf<Handle>(stream),
    frozen: entries.some((each) => each.entry.type === 'relationship.frozen'),
    entry: placed(entryOf(entries, 'letter.declined')),
  };
}
