/** A letter as it is read: its words, what is asked before it is signed, and how it stands. */
import type { JsonObject } from '#core/canonical.ts';
import { epochIn, isSignable, type Moment } from '#core/consent/epoch.ts';
import { grantIn, statusOf } from '#core/consent/grant.ts';
import { logIn } from '#core/consent/log.ts';
import { partyIn } from '#core/consent/party.ts';
import type { Draft, Relationship } from '#core/consent/relationship.ts';
import type { View } from '#core/consent/rule.ts';
import type { Terms } from '#core/consent/terms.ts';
import type { Handle, LetterId, PartyId } from '#core/ids.ts';
import type { Instant } from '#core/instant.ts';
import { idOf, LOG_STREAM, partyStream, type StreamId } from '#core/tlog/stream.ts';
import { type OpenedPart, openParts, partName } from '#ledger/vault.ts';
import { readClock } from '#store/head.ts';
import { loadParts } from '#store/payloads.ts';
import type { Tx } from '#store/schema.ts';
import { loadStreams } from '#store/streams.ts';
import type { Caller } from './caller.ts';
import type { Context } from './context.ts';
import { loadIdentityOf } from './identity.ts';
import { type AskedBefore, askedBefore } from './letter-before.ts';
import { maskWords } from './letter-masked.ts';
import { type LetterSignature, signatureOf } from './letter-signature.ts';
import {
  type LoadedLetter,
  loadLetter,
  openStatement,
  partText,
  readDraft,
  signPath,
  unknownLetter,
  wordsOf,
} from './letters.ts';
import { mayRead } from './scope.ts';
import { viewOf } from './view.ts';

export interface LetterView {
  readonly letter: LetterId;
  readonly handle: Handle;
  readonly grantee: PartyId;
  readonly status: 'drafted' | 'signed' | 'declined' | 'expired';
  readonly template: Draft['template'];
  /** The exact text shown; null once it is erased. */
  readonly text: string | null;
  /** The salt under which the statement names the text: so a device can tell that what it shows is what it signs. */
  readonly text_salt: string | null;
  /** The text in English, of which nothing is signed; null where no template made it, or once it is erased. */
  readonly translation: string | null;
  readonly statement: JsonObject;
  /** What is asked before it is signed. */
  readonly asked: AskedBefore;
  /** How it was signed; null: it is not. */
  readonly signature: LetterSignature | null;
  /** `declined_items`: those that the subject left out of a clause that it gave. */
  readonly grants: readonly (Terms & { readonly status: string; readonly declined_items: readonly string[] })[];
}

/** To whom a letter is read. */
export interface ReadLetter extends LetterView {
  /** Whether the words are masked where they say whom they are about: to operators; its subject reads what it signs. */
  readonly masked: boolean;
  /** The registered names of whoever has on record what is confirmed. */
  readonly on_record: readonly { readonly party: PartyId; readonly name: string }[];
  /** To who drafted it, while it can be signed; else null. */
  readonly sign_path: string | null;
}

/**
 * Reads a letter: to its subject word for word, to operators of its grantee masked.
 *
 * @throws {Failure} `letter_unknown`; `commitment_invalid`, if the text that is kept is not this letter's.
 */
export async function readLetter(context: Context, caller: Caller, letter: LetterId): Promise<ReadLetter> {
  const { opened, identity } = await context.ledger.store.read(async (tx) => {
    const found = await loadLetter(tx, letter);
    const { stream } = found;
    if (!(await mayRead(tx, caller, stream, found.relationship, 'letter'))) throw unknownLetter();
    const identity = caller.kind === 'subject' ? null : await loadIdentityOf(context.vault, tx, stream);
    const named = onRecord(readDraft(found.entry).draft);
    return { opened: await openLetter(context, tx, found, letter, named.map(partyStream)), identity };
  });
  const whole = viewLetter(context, opened);
  const words = caller.kind === 'subject' ? whole : maskWords(whole, { ...opened, identity });
  const masked = words.text !== whole.text || words.translation !== whole.translation;
  const on_record = onRecord(readDraft(opened.entry).draft).map((party) => ({
    party,
    name: partyIn(opened.view, party)?.name ?? party,
  }));
  const shown = { ...whole, text: words.text, translation: words.translation, masked, on_record };
  const isDrafter = caller.kind === 'party' && caller.party === shown.grantee && shown.status === 'drafted';
  return { ...shown, sign_path: isDrafter ? signPath(context, letter) : null };
}

function onRecord({ confirms = [] }: Draft): readonly PartyId[] {
  return [...new Set(confirms.map(({ by }) => by))];
}

/** A letter with all that it is shown by. */
export interface OpenedLetter extends LoadedLetter {
  readonly letter: LetterId;
  readonly parts: ReadonlyMap<string, OpenedPart>;
  readonly signature: LetterSignature | null;
  /** The log, and the further streams that were asked for. */
  readonly view: View;
  readonly now: Instant;
}

/** @param others The streams to read besides. */
export async function openLetter(
  { ledger, vault }: Pick<Context, 'ledger' | 'vault'>,
  tx: Tx,
  found: LoadedLetter,
  letter: LetterId,
  others: readonly StreamId[] = [],
): Promise<OpenedLetter> {
  const view = viewOf(await loadStreams(tx, [LOG_STREAM, ...others]), ledger.packs.get);
  await ledger.packs.load(tx, logIn(view));
  const parts = await openParts(vault, await loadParts(tx, found.index, found.index + 1));
  const signature = await signatureOf(tx, vault, found.stream, found.relationship, letter);
  return { ...found, letter, parts, signature, view, now: await readClock(tx) };
}

/** @throws {Failure} `commitment_invalid`, if the text that is kept is not this letter's. */
export function viewLetter({ ledger }: Pick<Context, 'ledger'>, opened: OpenedLetter): LetterView {
  const { letter, stream, relationship, entry, index, parts, signature, view, now } = opened;
  const { draft, grantee } = readDraft(entry);
  const status = statusOfLetter(relationship, letter, draft, { now, epoch: epochIn(view) });
  return {
    letter,
    handle: idOf<Handle>(stream),
    grantee,
    status,
    template: draft.template,
    ...wordsOf(draft, index, parts),
    text_salt: partText(parts.get(partName(index, 'text_salt'))),
    statement: openStatement(ledger.origin, letter, grantee, draft),
    asked: askedBefore(
      view,
      {
        draft: relationship.drafts[letter] ?? draft,
        waits: status === 'drafted',
        part: (name) => parts.get(partName(index, name))?.value,
      },
      now,
    ),
    signature,
    grants: draft.grants.map((terms) => {
      const grant = grantIn(relationship, terms.grant);
      const isRefused = status === 'signed' || status === 'declined';
      return {
        ...terms,
        status: grant === undefined ? (isRefused ? 'declined' : 'requested') : statusOf(grant, now, epochIn(view)),
        declined_items: terms.items.filter((item) => grant !== undefined && !grant.terms.items.includes(item)),
      };
    }),
  };
}

function statusOfLetter(
  { signed, declined = [] }: Relationship,
  letter: LetterId,
  draft: Draft,
  { now, epoch }: Moment,
): LetterView['status'] {
  if (signed.includes(letter)) return 'signed';
  if (declined.includes(letter)) return 'declined';
  return isSignable(draft, now, epoch) ? 'drafted' : 'expired';
}
