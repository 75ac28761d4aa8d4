/** Letters signed in ink, brought in at a counter by two operators of who drafted them. */
import { paperEvidenceOf } from '#core/consent/evidence.ts';
import { ownRelationship } from '#core/consent/relationship.ts';
import type { Scan } from '#core/consent/scan.ts';
import type { Handle, LetterId, PartyId } from '#core/ids.ts';
import type { Instant } from '#core/instant.ts';
import { idOf, LOG_STREAM, partyStream } from '#core/tlog/stream.ts';
import { openKeys, sealPayload } from '#ledger/vault.ts';
import type { Tx } from '#store/schema.ts';
import { loadStreams } from '#store/streams.ts';
import { nameCall, submit } from './call.ts';
import { type Caller, requirePartyCaller } from './caller.ts';
import type { Context } from './context.ts';
import { answersOf, type ClauseAnswer, type SignedLetter, signedLetter } from './letter-answers.ts';
import { type LoadedLetter, loadLetter, readDraft, requireOpenDraft, unknownLetter } from './letters.ts';
import { entryOf } from './placed.ts';
import { viewOf } from './view.ts';

export interface SignOnPaper {
  readonly letter: LetterId;
  readonly principal: PartyId;
  readonly grants: readonly ClauseAnswer[];
  /** What the subject wrote beside its name: as a moment, within that day. */
  readonly signed_at: Instant;
  /** The scan stays with the caller; `salt`: what its digest is keyed by, base64url. */
  readonly scan: Scan & { readonly salt: string };
}

/**
 * Takes in a letter that its subject signed in ink. What it gives is what a key's signature would give, of grade C.
 *
 * @throws {Failure} `letter_unknown`, also for another's; `second_signature`, `duty_missing`; `already_signed`,
 *   `letter_declined`, `letter_expired`, `signed_ahead`, `signed_before`; `limit_reached`; `engine_old`
 */
export async function signLetterOnPaper(context: Context, caller: Caller, input: SignOnPaper): Promise<SignedLetter> {
  const { ledger, vault } = context;
  const { letter, principal, signed_at } = input;
  const names = nameCall(context, requirePartyCaller(caller, principal), 'sealed');
  const { stream, entry } = await ledger.store.read((tx) => loadOwnLetter(tx, letter, principal));
  const { draft } = readDraft(entry);
  const answers = answersOf(draft, input.grants);
  const { salt: scan_salt, ...scan } = input.scan;
  const entries = await submit(context, async () => {
    const keys = await ledger.store.readOnce((tx) => openKeys(vault, tx, stream));
    const payload = await sealPayload(vault, keys, 'letter.signed_on_paper', { scan_salt, ...names.part });
    const said = {
      letter,
      principal,
      given: answers.given,
      declined_items: answers.declined,
      signed_at,
      scan,
      evidence: paperEvidenceOf(principal),
      ...names.call(0),
    };
    return {
      claims: [names.claim],
      touches: [stream, LOG_STREAM, partyStream(principal), ...names.touches],
      plan(view, now) {
        requireOpenDraft(view, stream, letter, draft, now);
        return [{ command: { type: 'letter.signed_on_paper', stream, input: said }, payload }];
      },
    };
  });
  return signedLetter(letter, draft, answers, entryOf(entries, 'letter.signed_on_paper'));
}

/** Another's letter is answered like an unknown one. @throws {Failure} `letter_unknown` */
async function loadOwnLetter(tx: Tx, letter: LetterId, principal: PartyId): Promise<LoadedLetter> {
  const found = await loadLetter(tx, letter);
  const view = viewOf(await loadStreams(tx, [found.stream, partyStream(principal)]));
  if (ownRelationship(view, idOf<Handle>(found.stream), principal) === undefined) throw unknownLetter();
  return found;
}
