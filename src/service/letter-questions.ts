/** What a person answered before signing: relayed by who drafted the letter, or brought by the letter's link. */
import type { Json } from '#core/canonical.ts';
import { type Answers, judgeAnswers, type Outcome } from '#core/consent/before-signing.ts';
import { logIn } from '#core/consent/log.ts';
import { questionsOf } from '#core/consent/pinned-template.ts';
import { ownRelationship } from '#core/consent/relationship.ts';
import type { Handle, LetterId, PartyId } from '#core/ids.ts';
import { idOf, LOG_STREAM, partyStream } from '#core/tlog/stream.ts';
import { openKeys, sealPayload } from '#ledger/vault.ts';
import { loadStreams } from '#store/streams.ts';
import { type CallNames, nameCall, submit } from './call.ts';
import { type Caller, requirePartyCaller } from './caller.ts';
import type { Context } from './context.ts';
import { loadLetter, readDraft, requireOpenDraft, unknownLetter } from './letters.ts';
import { entryOf, type Placed, placed } from './placed.ts';
import { viewOf } from './view.ts';

export interface AnsweredLetter {
  readonly letter: LetterId;
  readonly handle: Handle;
  readonly outcome: Outcome;
  /** Until when it can't be signed; null: it can. */
  readonly held_until: number | null;
  readonly entry: Placed;
}

export interface RelayAnswers extends Answers {
  readonly letter: LetterId;
  readonly principal: PartyId;
}

/**
 * Takes in what a person answered, as who drafted the letter relays it.
 *
 * @throws {Failure} `letter_unknown`, also for another's; `principal_mismatch`; and as {@link answerLetter}
 */
export async function relayAnswers(context: Context, caller: Caller, input: RelayAnswers): Promise<AnsweredLetter> {
  const { principal } = input;
  const names = nameCall(context, requirePartyCaller(caller, principal), 'sealed');
  return answerLetter(context, names, principal, input);
}

/**
 * Takes in the answers to a letter's questions. Whether they are clear is judged before the lock, by the template that the
 * draft pins: nothing changes it.
 *
 * @param principal who relays them; null: they came by the letter's link.
 * @throws {Failure} `letter_unknown`, `already_signed`, `letter_declined`, `letter_expired`, `letter_held`, `input_invalid`,
 *   `limit_reached`
 */
export async function answerLetter(
  context: Context,
  names: CallNames,
  principal: PartyId | null,
  { letter, answers, confirmed }: Answers & { readonly letter: LetterId },
): Promise<AnsweredLetter> {
  const { ledger, vault } = context;
  const { stream, draft, view } = await ledger.store.read(async (tx) => {
    const found = await loadLetter(tx, letter);
    const parties = principal === null ? [] : [partyStream(principal)];
    const view = viewOf(await loadStreams(tx, [found.stream, LOG_STREAM, ...parties]), ledger.packs.get);
    await ledger.packs.load(tx, logIn(view));
    const isOwn = principal === null || ownRelationship(view, idOf<Handle>(found.stream), principal) !== undefined;
    if (!isOwn) throw unknownLetter();
    return { stream: found.stream, draft: readDraft(found.entry).draft, view };
  });
  const given: Answers = { answers, confirmed };
  const outcome = judgeAnswers(questionsOf(view, draft), draft, given);
  const entries = await submit(context, async () => {
    const keys = await ledger.store.readOnce((tx) => openKeys(vault, tx, stream));
    const parts = { answers: given as unknown as Json, ...names.part };
    const payload = await sealPayload(vault, keys, 'letter.answered', parts);
    return {
      claims: [names.claim],
      touches: [stream, ...(principal === null ? [] : [partyStream(principal)]), ...names.touches],
      plan(view, now) {
        requireOpenDraft(view, stream, letter, draft, now);
        const input = { letter, principal, outcome, ...names.call(0) };
        return [{ command: { type: 'letter.answered', stream, input }, payload }];
      },
    };
  });
  const made = entryOf(entries, 'letter.answered');
  const { held_until } = made.entry.body as { readonly held_until: number | null };
  return { letter, handle: idOf<Handle>(stream), outcome, held_until, entry: placed(made) };
}
