/**
 * The text of a letter, generated from its grants and its template: nothing that a grant says is typed by hand, so text
 * and grants can't disagree (users P-01). The bytes are the same wherever they are made; what is signed binds them.
 *
 * Lines end in `\n`, the text is in composed form (NFC). A line of a key clause stands between two `**` (条例 19): the
 * whole line, so that the asterisks of a masked number mean nothing. Whatever is listed stands one a line, numbered, so
 * that no two sets of grants, but for their ids, give one text.
 *
 * @module
 */
import type { Terms } from '../consent/terms.ts';
import { Failure } from '../failure.ts';
import { sayEnd, sayLength, sayMoment } from './moment.ts';
import { type LetterNames, nameOf, type PartyName, sayAll, sayName } from './names.ts';
import { type Pair, pairUp } from './pair.ts';
import { type Clause, SLOTS, STATEMENTS, type Template } from './template.ts';
import { WORDING, type Wording } from './wording.ts';
import type { Language, Words } from './words.ts';

/** What the parts of one letter are said with. */
interface Voice {
  readonly template: Template;
  readonly names: LetterNames;
  readonly language: Language;
  readonly wording: Wording;
}

/**
 * Renders the letter of some grants, in the order of the template's clauses; clauses without a grant are not mentioned.
 *
 * @throws {Failure} `template_mismatch`, for a grant that no clause offers; `slot_invalid`, for what the caller says of the
 *   people; `template_invalid`, for what the template or the packs lack.
 */
export function renderLetter(
  template: Template,
  grants: readonly Terms[],
  names: LetterNames,
  language: Language,
): string {
  const voice = { template, names, language, wording: WORDING[language] };
  const pairs = pairUp(template, grants, names);
  const lines = [
    ...head(voice),
    '',
    ...notice(voice),
    ...pairs.flatMap((pair, at) => ['', ...clauseLines(voice, pair, at + 1)]),
    '',
    ...closing(voice, pairs.length + 2),
  ];
  return `${lines.join('\n').normalize('NFC')}\n`;
}

function head(voice: Voice): readonly string[] {
  const { template, names, language, wording } = voice;
  const { grantee, subject } = names;
  return [
    ...(wording.translation === null ? [] : [wording.translation, '']),
    template.title[language],
    '',
    labelled(voice, wording.letterNo, sayName(names.letter_no, 'letter_no')),
    labelled(voice, wording.signers[template.signer], sayName(subject.name, 'subject.name')),
    wording.subjectId(
      sayName(subject.id_type[language], 'subject.id_type'),
      sayName(subject.id_number, 'subject.id_number'),
    ),
    ...firmLines(voice),
    labelled(voice, wording.grantee, sayName(grantee.name[language], 'grantee.name')),
    labelled(voice, wording.uscc, sayName(grantee.uscc, 'grantee.uscc')),
    labelled(voice, wording.licence, sayName(grantee.licence[language], 'grantee.licence')),
    labelled(voice, wording.contact, sayName(grantee.contact[language], 'grantee.contact')),
  ];
}

/** Who signs for a firm is named; nobody signs for a person. */
function firmLines(voice: Voice): readonly string[] {
  const { template, names, wording } = voice;
  const { loan_card, signatory } = names.subject;
  if (template.subject === 'person') {
    if (signatory !== null || loan_card !== null) {
      throw new Failure('slot_invalid', 'subject: want neither signatory nor loan_card for a person');
    }
    return [];
  }
  if (signatory === null) throw new Failure('slot_invalid', 'subject.signatory: want who signs for the firm');
  return [
    ...(loan_card === null ? [] : [labelled(voice, wording.loanCard, sayName(loan_card, 'subject.loan_card'))]),
    labelled(voice, wording.signatory, sayName(signatory, 'subject.signatory')),
  ];
}

function notice(voice: Voice): readonly string[] {
  const { template, language, wording } = voice;
  return [
    wording.heading(1, wording.notice),
    ...SLOTS.map((slot) =>
      labelled(voice, wording.slots[slot], present(template.slots[slot], `slots.${slot}`)[language]),
    ),
  ];
}

function clauseLines(voice: Voice, pair: Pair, number: number): readonly string[] {
  const { template, wording } = voice;
  const { terms, clause } = pair;
  requireContacts(voice, terms);
  return [
    wording.heading(number + 1, wording.clause(number, terms.action)),
    keyLine(clause, wording.lead(terms.action, template.subject)),
    ...listLines(voice, wording.candidates, candidateNames(voice, terms)),
    ...listLines(voice, wording.sources, partyNames(voice, terms.sources)),
    ...listLines(voice, wording.recipients, partyNames(voice, terms.recipients)),
    ...itemLines(voice, terms.items),
    ...listLines(voice, wording.purposes, sayAll(voice.names.purposes, terms.purposes, 'purpose', voice.language)),
    ...limitLines(voice, terms),
    labelled(voice, wording.ends, present(clause.ends, `clause ${clause.id}: ends`)[voice.language]),
    wording.basis[terms.basis],
    ...reasonLines(voice, clause),
    ...processorLines(voice, clause),
    ...consequenceLines(voice, clause),
    wording.tick,
  ];
}

/** Every item by its own name; items of a class stand below it, so that one sees what was ticked as one. */
function itemLines(voice: Voice, items: readonly string[]): readonly string[] {
  const { names, wording, language } = voice;
  const said = sayAll(names.items, items, 'item', language);
  if (!items.some((id) => Object.hasOwn(names.itemClasses, id))) return listLines(voice, wording.items, said);
  const byClass = new Map<string, string[]>();
  for (const [at, id] of items.entries()) {
    const path = Object.hasOwn(names.itemClasses, id) ? (names.itemClasses[id] ?? []) : [];
    const heading = wording.itemClass(path.map((each) => sayName(each[language], `class of item ${id}`)));
    byClass.set(heading, [...(byClass.get(heading) ?? []), said[at] as string]);
  }
  let count = 0;
  return [
    labelled(voice, wording.items, ''),
    ...[...byClass].flatMap(([heading, listed]) => [heading, ...listed.map((each) => wording.listed(++count, each))]),
  ];
}

/** Whatever a grant limits, and that it does not, is said. */
function limitLines({ wording, language }: Voice, terms: Terms): readonly string[] {
  const { from, to, uses_max, frequency, staleness_ms } = terms;
  return [
    wording.term(from === null ? null : sayMoment(from, language), sayEnd(to, language)),
    wording.uses(uses_max),
    frequency === null
      ? wording.anyFrequency
      : wording.frequency(frequency.count, sayLength(frequency.period_ms, language)),
    ...(terms.sources.length + terms.recipients.length === 0
      ? []
      : [wording.offline(staleness_ms === null ? null : sayLength(staleness_ms, language))]),
  ];
}

function reasonLines(voice: Voice, clause: Clause): readonly string[] {
  const { wording, language } = voice;
  const { sensitive } = clause;
  const why = present(clause.why, `clause ${clause.id}: why`);
  return [
    labelled(voice, wording.necessity[clause.necessity], why[language]),
    ...(sensitive === null
      ? []
      : [
          labelled(voice, wording.sensitiveNecessity, sensitive.necessity[language]),
          labelled(voice, wording.sensitiveImpact, sensitive.impact[language]),
        ]),
  ];
}

function processorLines(voice: Voice, clause: Clause): readonly string[] {
  const { template, wording, language } = voice;
  const processors = template.processors.filter(({ id }) => clause.processors.includes(id));
  return listLines(
    voice,
    wording.processors,
    processors.map(({ id, name, task }) =>
      [present(name, `processor ${id}: name`)[language], task[language]].join(wording.colon),
    ),
  );
}

/** What refusing and taking back lead to, and what one is warned of: all of it bold in a key clause. */
function consequenceLines(voice: Voice, clause: Clause): readonly string[] {
  const { template, wording, language } = voice;
  const refusal = present(clause.refusal, `clause ${clause.id}: refusal`);
  const { stops, closes, before, stays, instead } = present(clause.revoking, `clause ${clause.id}: revoking`);
  const warnings = template.warnings.filter(({ id }) => clause.warnings.includes(id));
  const said: readonly (readonly [label: string, words: Words | null])[] = [
    [wording.refusal, refusal.words],
    [wording.stops, stops],
    [wording.closes, closes],
    [wording.before, before],
    [wording.stays, stays],
    [wording.instead, instead],
    ...warnings.map(({ words }) => [wording.warning, words] as const),
  ];
  return said.flatMap(([label, words]) =>
    words === null ? [] : [keyLine(clause, labelled(voice, label, words[language]))],
  );
}

function closing(voice: Voice, section: number): readonly string[] {
  const { template, language, wording } = voice;
  const said = STATEMENTS.map((statement) =>
    labelled(
      voice,
      wording.statements[statement],
      present(template.statements[statement], `statements.${statement}`)[language],
    ),
  );
  return [wording.heading(section, wording.closing), ...said.map((line) => `**${line}**`), wording.signing];
}

function partyNames(voice: Voice, ids: Terms['sources'], more: More = () => ({})): readonly string[] {
  const { names, language } = voice;
  const said = Object.entries(names.parties).map(([id, party]): [string, Words] => {
    const { name, uscc, contact } = party;
    const details = { uscc, licence: null, contact: contact?.[language] ?? null, ...more(party) };
    const shown = named(voice, sayName(name[language], `party ${id}`), details);
    return [id, { zh: shown, en: shown }];
  });
  return sayAll(Object.fromEntries(said), ids, 'party', language);
}

/** Who may turn out to be the grantee: by registered name, with licence, and code as far as anybody says it. */
function candidateNames(voice: Voice, { candidates = [] }: Terms): readonly string[] {
  const { template, language } = voice;
  return partyNames(voice, candidates, ({ party, uscc }) => {
    const row = template.candidates.find(({ id }) => id === party);
    if (row === undefined) return {};
    present(row.name, `candidate ${party}: name`);
    return { uscc: uscc ?? row.uscc, licence: present(row.licence, `candidate ${party}: licence`)[language] };
  });
}

/** @throws {Failure} `template_invalid`, if data are provided to one of whom is not said how it is reached. */
function requireContacts({ names }: Voice, { action, recipients }: Terms): void {
  if (action !== 'PROVIDE') return;
  for (const id of recipients) present(nameOf(names.parties, id, 'party').contact, `party ${id}: contact`);
}

type Detail = 'uscc' | 'licence' | 'contact';
/** What else is said of a party in its brackets. */
type More = (party: PartyName) => Partial<Readonly<Record<Detail, string | null>>>;

/** A name, and in brackets whatever else is known of who has it. */
function named({ wording }: Voice, name: string, details: Readonly<Record<Detail, string | null>>): string {
  const said = (['uscc', 'licence', 'contact'] as const).map((detail) => {
    const known = details[detail];
    return known === null ? '' : wording.detail(wording[detail], known);
  });
  return name + said.join('');
}

function listLines(voice: Voice, label: string, said: readonly string[]): readonly string[] {
  if (said.length === 0) return [];
  return [labelled(voice, label, ''), ...said.map((each, at) => voice.wording.listed(at + 1, each))];
}

function labelled({ wording }: Voice, label: string, said: string): string {
  return `${label}${said === '' ? wording.colon.trimEnd() : wording.colon}${said}`;
}

function keyLine(clause: Clause, line: string): string {
  return clause.key ? `**${line}**` : line;
}

/** @throws {Failure} `template_invalid`, if the template lacks it. */
function present<T>(found: T | null, what: string): T {
  if (found === null) throw new Failure('template_invalid', `${what} is missing: a letter has it`);
  return found;
}
