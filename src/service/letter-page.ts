/**
 * All that the page of a letter shows to whoever holds its link: who asks for what, why, from where, for how long, what if
 * one refuses, how to stop; what is asked before; and the exact text. Everything said comes from the letter's draft, the
 * packs that it pins, and the registered names of parties: nothing is typed by hand (users P-01).
 *
 * Only its subject should hold the link, but its grantee made it and may keep it. So the link alone shows whom the letter is
 * about masked; in full it is shown after an entry of that, or to its subject signed in (ADR 0019).
 *
 * @module
 */
import { returnToShape } from '#core/consent/before-signing.ts';
import { epochIn, isSuspended } from '#core/consent/epoch.ts';
import { type Law, pinnedLaw } from '#core/consent/law.ts';
import { type LetterSlots, pairsIn, slotsShape } from '#core/consent/letter-text.ts';
import { partyIn } from '#core/consent/party.ts';
import { pinnedTemplate } from '#core/consent/pinned-template.ts';
import type { View } from '#core/consent/rule.ts';
import { partiesOf } from '#core/consent/terms.ts';
import { maskName } from '#core/identifier/mask.ts';
import type { PartyId } from '#core/ids.ts';
import type { Clause, Template } from '#core/letter-template/template.ts';
import type { Words } from '#core/letter-template/words.ts';
import { isObject } from '#core/shape.ts';
import { partyStream } from '#core/tlog/stream.ts';
import { partName } from '#ledger/vault.ts';
import { letterByCapability } from './capabilities.ts';
import type { Context } from './context.ts';
import { loadIdentityOf } from './identity.ts';
import { maskWords, type Named as WhomItNames } from './letter-masked.ts';
import { loadNotMe, type NotMe } from './letter-not-me.ts';
import { type LetterView, type OpenedLetter, openLetter, viewLetter } from './letter-view.ts';
import { loadLetter, readDraft } from './letters.ts';

/** A code with what it is called by the packs; by the code itself where they do not say. */
export interface Named {
  readonly id: string;
  readonly name: Words;
}

/** A party with the name that two of the keeper gave it. */
export interface NamedParty {
  readonly party: PartyId;
  readonly name: Words;
}

/** One grant that is asked for, in words. */
export interface ShownClause {
  /** The grant with its terms, and how it stands. */
  readonly grant: LetterView['grants'][number];
  readonly purposes: readonly Named[];
  readonly items: readonly Named[];
  readonly sources: readonly NamedParty[];
  readonly recipients: readonly NamedParty[];
  /** One of whom will be its grantee; none: it is given to who asks. */
  readonly candidates: readonly NamedParty[];
  /**
   * What the template says of it: why, what follows a refusal, what follows taking it back, what ends it, whether it is a
   * key clause, what is needed and why. Null: the text is the grantee's own.
   */
  readonly clause: Clause | null;
  /** The warnings that go with this clause. */
  readonly warnings: Template['warnings'];
}

export interface LetterPage extends Omit<LetterView, 'grants' | 'status'> {
  /** `held`: an answer stopped it; `clear`: its questions are answered, and it can be signed. */
  readonly status: LetterView['status'] | 'held' | 'clear';
  readonly drafted_at: number;
  readonly expires_at: number;
  /** Whether entries were lost since it was drafted: whether it had been signed nobody can tell. */
  readonly is_of_before: boolean;
  /** Who asks. `licence`, `uscc` and `contact` as its letter says; null: it says nothing, or it is erased. */
  readonly asking: NamedParty & Pick<Partial<LetterSlots['grantee']>, 'uscc' | 'licence' | 'contact'>;
  /** Whether whom it is about is masked in its words. Then nothing of them is signed: `text_salt` is null. */
  readonly masked: boolean;
  /** Whom it says that it is about, masked where its words are; null: it is erased. */
  readonly subject: string | null;
  readonly clauses: readonly ShownClause[];
  /**
   * The template: title, slots (handler, contact, purpose, method, kinds, retention, rights, withdrawal), statements, and
   * how the page shows it. Null: the text is the grantee's own.
   */
  readonly words: Template | null;
  /** The warnings of all clauses, each once, in the template's order. */
  readonly told: Template['warnings'];
  /** The facts to confirm, with whose record each is; null: none, or they are erased. */
  readonly facts: readonly (NonNullable<LetterView['asked']['confirm']>[number] & { readonly of: NamedParty })[] | null;
  /** Where the person goes with the result; null: nowhere. */
  readonly return_to: string | null;
  /** That it was said to be of somebody else, and who was told; null: it was not. */
  readonly not_me: { readonly frozen: boolean; readonly alerted: readonly NamedParty[] } | null;
}

/**
 * Opens the letter of a link. Nothing is written.
 *
 * @param isWhole Whether it is shown in full: to its subject, or after the entry that it is (letter-link.ts).
 * @throws {Failure} `letter_unknown`, if the link opens none; `commitment_invalid`, if what is kept is not this letter's.
 */
export async function openLetterByLink(context: Context, capability: string, isWhole: boolean): Promise<LetterPage> {
  const letter = letterByCapability(context, capability);
  const { opened, notMe, identity } = await context.ledger.store.read(async (tx) => {
    const found = await loadLetter(tx, letter);
    const { draft, grantee } = readDraft(found.entry);
    const notMe = await loadNotMe(tx, found, letter);
    const named = [
      ...[grantee, ...draft.grants.flatMap(partiesOf), ...(draft.confirms ?? []).map(({ by }) => by)],
      ...(notMe?.alerted ?? []),
    ];
    const opened = await openLetter(context, tx, found, letter, [...new Set(named)].map(partyStream));
    return { opened, notMe, identity: await loadIdentityOf(context.vault, tx, found.stream) };
  });
  const whole = pageOf(opened, viewLetter(context, opened), notMe);
  const subject = slotsOf(opened)?.subject.name ?? identity?.name ?? null;
  return isWhole ? { ...whole, subject } : masked({ ...whole, subject }, { ...opened, identity });
}

/** With the salt a text could be guessed from what the statement says of it, one name after another. */
function masked(whole: LetterPage, named: WhomItNames): LetterPage {
  const words = maskWords(whole, named);
  const facts = whole.facts?.map((fact) => ({ ...fact, ...maskFact(fact, named) })) ?? null;
  const isMasked = words.text !== whole.text || words.translation !== whole.translation;
  const { subject } = whole;
  return {
    ...{ ...whole, ...words, facts, masked: isMasked, subject: subject && maskName(subject) },
    text_salt: isMasked ? null : whole.text_salt,
  };
}

function maskFact({ zh, en }: { readonly zh: string; readonly en: string | null }, named: WhomItNames) {
  const { text, translation } = maskWords({ text: zh, translation: en }, named);
  return { zh: text ?? zh, en: translation };
}

function pageOf(opened: OpenedLetter, shown: LetterView, notMe: NotMe | null): Omit<LetterPage, 'subject'> {
  const { view, entry } = opened;
  const { draft, grantee } = readDraft(entry);
  const { packs = {} } = entry.body as { readonly packs?: { readonly [pack: string]: number } };
  const law = pinnedLaw(view, entry.time, packs);
  const template = isObject(draft.template) ? pinnedTemplate(view, draft.template) : null;
  const clauses = clausesOf(view, law, template, shown);
  const slots = slotsOf(opened);
  const warned = new Set(clauses.flatMap(({ warnings }) => warnings));
  const { grants: _in_clauses, status, ...rest } = shown;
  return {
    ...rest,
    status: status === 'drafted' ? waitingAs(shown) : status,
    drafted_at: entry.time,
    expires_at: draft.expires_at,
    is_of_before: isSuspended(draft, epochIn(view)),
    asking: { ...partyNamed(view, law, grantee), ...askingBy(slots) },
    masked: false,
    clauses,
    words: template,
    told: template?.warnings.filter((each) => warned.has(each)) ?? [],
    facts: shown.asked.confirm?.map((fact) => ({ ...fact, of: partyNamed(view, law, fact.by) })) ?? null,
    return_to: partIn(opened, 'return_to', (value) => returnToShape(value, 'return_to')),
    not_me: notMe && { ...notMe, alerted: notMe.alerted.map((party) => partyNamed(view, law, party)) },
  };
}

function waitingAs({ asked }: LetterView): 'drafted' | 'held' | 'clear' {
  return asked.status === 'held' || asked.status === 'clear' ? asked.status : 'drafted';
}

function clausesOf(view: View, law: Law | null, template: Template | null, shown: LetterView): readonly ShownClause[] {
  const pairs = law === null || template === null ? [] : pairsIn(view, law, template, shown.grants);
  return shown.grants.map((grant, at) => {
    const clause = pairs[at]?.clause ?? null;
    const party = (id: PartyId) => partyNamed(view, law, id);
    return {
      grant,
      purposes: grant.purposes.map((id) => ({ id, name: law?.purposes.get(id)?.name ?? bare(id) })),
      items: grant.items.map((id) => ({ id, name: law?.items.get(id)?.name ?? bare(id) })),
      sources: grant.sources.map(party),
      recipients: grant.recipients.map(party),
      candidates: (grant.candidates ?? []).map(party),
      clause,
      warnings: template?.warnings.filter(({ id }) => clause?.warnings.includes(id) === true) ?? [],
    };
  });
}

/** By its registered name, and what a pack calls it in English: the same party, as the text of the letter has it. */
function partyNamed(view: View, law: Law | null, party: PartyId): NamedParty {
  const name = partyIn(view, party)?.name ?? party;
  const rows = law?.inForce.flatMap(({ parties }) => parties) ?? [];
  return {
    party,
    name: rows.find((row) => row.name.zh.normalize('NFC') === name.normalize('NFC'))?.name ?? bare(name),
  };
}

function bare(text: string): Words {
  return { zh: text, en: text };
}

function askingBy(slots: LetterSlots | null): Pick<Partial<LetterSlots['grantee']>, 'uscc' | 'licence' | 'contact'> {
  return slots === null ? {} : slots.grantee;
}

function slotsOf(opened: OpenedLetter): LetterSlots | null {
  return partIn(opened, 'slots', (value) => slotsShape(value, 'slots'));
}

/** A part of the draft's payload; null: it has none, or it is erased. */
function partIn<T>(
  { parts, index }: OpenedLetter,
  name: string,
  read: (value: NonNullable<ReturnType<OpenedLetter['parts']['get']>>['value']) => T,
): T | null {
  const part = parts.get(partName(index, name));
  return part === undefined ? null : read(part.value);
}
