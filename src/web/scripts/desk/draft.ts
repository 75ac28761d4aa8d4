/**
 * What a clerk filled in, as what `POST /v1/letters` takes. Pure: it reads no page.
 *
 * @module
 */
import type { Client } from '#client/client.ts';
import { CONFIRMS_MAX, isReturnTo } from '#core/consent/before-signing.ts';
import type { IdentityField } from '#core/consent/identity-view.ts';
import { isFailure } from '#core/failure.ts';
import { requireIdentifier } from '#core/identifier/identifier.ts';
import { maskNumber } from '#core/identifier/mask.ts';
import type { PartyId } from '#core/ids.ts';
import type { Instant } from '#core/instant.ts';
import { type Day, isDay } from '#core/pack/day.ts';
import { addDays, dayAt, startOf } from '#core/pack/reckon.ts';
import { type Said, Wanted } from './wanted.ts';

export type Template = Awaited<ReturnType<Client['listTemplates']>>['templates'][number];
export type Clause = Template['clauses'][number];
export type Drafting = Parameters<Client['draftLetter']>[0];

/** The lender's own particulars, which stand in each of its letters. */
export interface LetterHead {
  readonly uscc: string;
  readonly licence: Said;
  readonly contact: Said;
}

/** How a source or recipient is reached: wanted where data are provided to it. */
export interface Reached {
  readonly party: PartyId;
  readonly uscc: string;
  /** Where its code was filled in. */
  readonly usccField: string;
  readonly contact: Said;
}

/** What was ticked of one clause: codes of the pack. */
export interface Ticked {
  readonly clause: string;
  readonly purposes: readonly string[];
  readonly items: readonly string[];
  readonly sources: readonly string[];
  readonly recipients: readonly string[];
  readonly candidates: readonly string[];
}

/** Whom the letter is of, as the clerk reads it from the document. */
export interface Subject {
  readonly name: string;
  /** The kind of document, in words. */
  readonly id_type: Said;
  readonly id_number: string;
  readonly loan_card: string;
  readonly signatory: string;
}

export interface Filled {
  readonly template: Template;
  readonly ticked: readonly Ticked[];
  /** The last day that its grants count. */
  readonly last: string;
  /** The last day that it can be signed. */
  readonly signBy: string;
  readonly letterNo: string;
  readonly letterhead: LetterHead;
  readonly subject: Subject;
  readonly reached: readonly Reached[];
  /** What the subject will owe, as it is shown; where it goes afterwards. */
  readonly owed: string;
  readonly returnTo: string;
  readonly confirm: readonly OnRecord[];
}

/** Facts to confirm, one a line, and whose record they are of: who is told wrongly whose it is can't have it corrected. */
export interface OnRecord {
  readonly by: PartyId;
  readonly lines: string;
}

/**
 * The letter to draft.
 *
 * @throws {Wanted} for what is not filled in.
 */
export function draftingOf(
  { principal, handle }: Pick<Drafting, 'principal' | 'handle'>,
  filled: Filled,
  now: number,
): Drafting {
  const { template, ticked, letterNo, letterhead, subject, reached } = filled;
  const { pack, id, version } = template;
  const to = endOf(filled.last, 'last', now);
  const grants = ticked.map((each) => termsOf(template, each, to));
  if (grants.length === 0) throw new Wanted('want_clause');
  requireLetterhead(filled, now);
  return {
    principal,
    handle,
    template: { pack, id, version },
    slots: {
      letter_no: letterNo,
      grantee: letterhead,
      subject: {
        name: subject.name,
        id_type: subject.id_type,
        // The person knows the number; whoever finds the paper need not.
        id_number: maskNumber(subject.id_number),
        loan_card: orNull(subject.loan_card),
        signatory: orNull(subject.signatory),
      },
      doors: reached.map(({ party, uscc, contact }) => ({
        party,
        uscc: orNull(uscc),
        contact: contact.zh === '' ? null : bothOf(contact),
      })),
    },
    text: null,
    warnings: [],
    expires_at: endOf(filled.signBy, 'sign_by', now) as Instant,
    grants,
    ...shownBeforeOf(filled),
  };
}

/** What stands in the letter of who asks: blank nothing of it, and its code one that can be. @throws {Wanted} */
function requireLetterhead({ letterNo, letterhead, reached }: Filled, now: number): void {
  const { uscc, licence, contact } = letterhead;
  for (const [field, text] of [
    ['letter_no', letterNo],
    ['licence_zh', licence.zh],
    ['contact_zh', contact.zh],
  ] as const) {
    if (text === '') throw new Wanted('want_text', field);
  }
  requireCode(uscc, 'uscc', now);
  for (const door of reached) if (door.uscc !== '') requireCode(door.uscc, door.usccField, now);
}

function requireCode(uscc: string, field: string, now: number): void {
  try {
    requireIdentifier({ id_type: 'uscc', id_number: uscc }, field, { today: dayAt(now), legacy: false });
  } catch (thrown) {
    throw isFailure(thrown, 'identifier_invalid') ? new Wanted('want_uscc', field) : thrown;
  }
}

/** What is shown before the letter is signed. @throws {Wanted} if there are more facts than one reads, or no way back. */
function shownBeforeOf({ owed, returnTo, confirm }: Filled): Pick<Drafting, 'owed' | 'return_to' | 'confirm'> {
  const facts = confirm.flatMap(({ by, lines }) =>
    lines.split('\n').flatMap((line) => (line.trim() === '' ? [] : [{ ...factIn(line), by }])),
  );
  if (facts.length > CONFIRMS_MAX) throw new Wanted('want_fewer_facts', 'confirm');
  if (returnTo !== '' && !isReturnTo(returnTo)) throw new Wanted('want_return_to', 'return_to');
  return {
    ...(owed === '' ? {} : { owed }),
    ...(returnTo === '' ? {} : { return_to: returnTo }),
    ...(facts.length === 0 ? {} : { confirm: facts.map((fact, at) => ({ id: `fact_${at + 1}`, ...fact })) }),
  };
}

/** A line: the fact in Chinese and, behind a bar, in English. @throws {Wanted} without the Chinese, which is what is confirmed. */
function factIn(line: string): { readonly zh: string; readonly en: string | null } {
  const [zh = '', ...rest] = line.split(/[|｜]/u);
  if (zh.trim() === '') throw new Wanted('want_fact_zh', 'confirm');
  return { zh: zh.trim(), en: rest.join('|').trim() || null };
}

function termsOf(template: Template, ticked: Ticked, to: number): Drafting['grants'][number] {
  const clause = template.clauses.find(({ id }) => id === ticked.clause);
  if (clause === undefined) throw new Wanted('want_clause');
  const { action, basis, necessity } = clause;
  if (ticked.purposes.length === 0 || ticked.items.length === 0) throw new Wanted('want_purpose_and_item');
  const sources = partiesOf(clause.sources, ticked.sources);
  const recipients = partiesOf(clause.recipients, ticked.recipients);
  const candidates = partiesOf(clause.candidates, ticked.candidates);
  if (
    (clause.sources.length > 0 && sources.length === 0) ||
    (clause.recipients.length > 0 && recipients.length === 0)
  ) {
    throw new Wanted('want_party');
  }
  if (clause.candidates.length > 0 && candidates.length < CANDIDATES_MIN) throw new Wanted('want_candidates');
  return {
    action,
    purposes: [...ticked.purposes],
    items: [...ticked.items],
    sources,
    recipients,
    from: null,
    to,
    basis,
    necessity,
    uses_max: null,
    frequency: null,
    staleness_ms: null,
    ...(candidates.length === 0 ? {} : { candidates }),
  };
}

const CANDIDATES_MIN = 2;

function partiesOf(offered: Clause['sources'], ticked: readonly string[]): PartyId[] {
  return offered.flatMap(({ id, party }) => (party !== null && ticked.includes(id) ? [party] : []));
}

/** The moment after a day's end. @throws {Wanted} if it is none, or has passed. */
export function endOf(text: string, field: string, now: number): number {
  if (!isDay(text)) throw new Wanted('want_day', field);
  const end = startOf(addDays(text as Day, 1));
  if (end <= now) throw new Wanted('want_later_day', field);
  return end;
}

/** The last day of so many from today on, to begin with. */
export function dayIn(days: number, now: number): Day {
  return addDays(dayAt(now), days);
}

/**
 * What was written on a paper as a day, as a moment within it: as late as can be, since nobody signs before there is
 * anything to sign.
 *
 * @throws {Wanted} if it is no day, or has not come.
 */
export function momentOf(text: string, field: string, now: number): number {
  if (!isDay(text)) throw new Wanted('want_day', field);
  const day = text as Day;
  if (startOf(day) > now) throw new Wanted('want_day_past', field);
  return Math.min(now, startOf(addDays(day, 1)) - 1);
}

/** What is to be seen, in the order in which an entry lists it. */
export function fieldsOf(ticked: readonly string[]): readonly IdentityField[] {
  const fields = FIELDS.filter((field) => ticked.includes(field));
  if (fields.length === 0) throw new Wanted('want_field');
  return fields;
}

const FIELDS: readonly IdentityField[] = ['id_number', 'name', 'phone'];

/** Digits of any country's number, with what people write between them. */
const PHONE = /^\+?[0-9](?:[ ()-]*[0-9]){4,19}$/;

export function isPhone(text: string): boolean {
  return PHONE.test(text);
}

function orNull(text: string): string | null {
  return text === '' ? null : text;
}

/** Where there is no English, the Chinese stands in its place. */
export function bothOf({ zh, en }: Said): Said {
  return { zh, en: en === '' ? zh : en };
}
