/**
 * The text of a letter as the ledger makes it: out of a template of the law in force, the grants, the registered names of
 * the parties, and slots that the grantee fills in. The same code makes it for the door and again for the audit, so that
 * neither grantee nor server can let a person sign another text than the grants say (users P-01).
 *
 * A door, or a candidate, is known to the law by its registered name, which two of the keeper gave it: nobody else can say
 * that a party is the source, the recipient or the lender that a template speaks of.
 *
 * @module
 */
import { Failure } from '../failure.ts';
import type { PartyId } from '../ids.ts';
import type { Instant } from '../instant.ts';
import type { LetterNames } from '../letter-template/names.ts';
import { type Pair, pairUp } from '../letter-template/pair.ts';
import { renderLetter } from '../letter-template/render.ts';
import { type Template, USCC_MAX, WARNING_KINDS } from '../letter-template/template.ts';
import { title, type Words } from '../letter-template/words.ts';
import { id, isObject, line, list, nullable, record, type ShapeOf } from '../shape.ts';
import { type BeforeSigning, type DraftedBy, requireAsking } from './before-signing.ts';
import { type Law, lawAt } from './law.ts';
import { logIn, requireEngine } from './log.ts';
import { requireParty } from './party.ts';
import { readOnce, type TemplateRef } from './pinned-template.ts';
import type { Occasion, View } from './rule.ts';
import { CANDIDATES_MAX, DOORS_MAX, GRANTS_PER_LETTER_MAX, partiesOf, type SubjectKind, type Terms } from './terms.ts';

/** A template as who drafts names it: in whichever version of its pack is in force. */
export type TemplateName = Omit<TemplateRef, 'pack_version'>;

export const LETTER_NO_MAX = 64;
export const PERSON_NAME_MAX = 100;
export const ID_NUMBER_MAX = 64;
/** Doors and candidates of all clauses. */
export const LETTER_DOORS_MAX: number = GRANTS_PER_LETTER_MAX * (DOORS_MAX + CANDIDATES_MAX);

/** What neither grants nor packs nor registration say. It is for the most part personal: a part of the payload. */
export const slotsShape = record({
  /** The grantee's own number of the letter. */
  letter_no: line(LETTER_NO_MAX),
  grantee: record({ uscc: line(USCC_MAX), licence: title, contact: title }),
  /** Masked or full, as the grantee shows it. */
  subject: record({
    name: line(PERSON_NAME_MAX),
    id_type: title,
    id_number: line(ID_NUMBER_MAX),
    /** 中征码 of a firm; null: none. */
    loan_card: nullable(line(ID_NUMBER_MAX)),
    /** Who signs for a firm; null for a person. */
    signatory: nullable(line(PERSON_NAME_MAX)),
  }),
  /** How doors and candidates are reached: wanted where data are provided to one (PIPL 23). */
  doors: list(
    record({ party: id<PartyId>(), uscc: nullable(line(USCC_MAX)), contact: nullable(title) }),
    LETTER_DOORS_MAX,
  ),
});
export type LetterSlots = ShapeOf<typeof slotsShape>;

/** A letter as it is drafted, as far as a template is concerned. */
export interface Drafting {
  readonly principal: PartyId;
  readonly template: TemplateName;
  readonly grants: readonly Terms[];
}

/** A template that some grants fit. */
export interface Fitted {
  readonly ref: TemplateRef;
  readonly template: Template;
  readonly subject: SubjectKind;
  /** The kinds of warnings that its text gives with these grants. */
  readonly warnings: readonly (typeof WARNING_KINDS)[number][];
}

export interface MadeText extends Fitted {
  /** What is signed: Chinese. */
  readonly text: string;
  /** The same in English, marked as a translation. Nobody signs it. */
  readonly translation: string;
}

/** The first engine whose letters are made from templates of the law. */
export const ENGINE_WITH_TEMPLATES = 2;

/**
 * Requires that a letter is made from a template of the packs in force, and says no more than it; answers their versions.
 *
 * @throws {Failure} `template_required`, for a text of the grantee's own while there is one; as {@link fitByLaw};
 *   `template_mismatch`, if it is for another kind of subject; `entry_invalid`, if it is pinned or warned otherwise.
 */
export function requireTemplate(
  letter: Omit<Drafting, 'template'> &
    BeforeSigning &
    DraftedBy & {
      readonly template: string | TemplateRef | null;
      readonly warnings: readonly string[];
    },
  { view, now }: Occasion,
  subject: SubjectKind,
): { readonly packs?: { readonly [pack: string]: number } } {
  const { template, warnings } = letter;
  if (letter.engine === undefined) {
    // Nothing of the log is pinned in an entry of the first engine. Later on none is written like it.
    if ((logIn(view)?.engine ?? 0) < ENGINE_WITH_TEMPLATES) return {};
    throw new Failure('entry_invalid', 'a letter says which engine it is drafted by');
  }
  requireEngine(view, letter.engine);
  const law = lawAt(view, now);
  const fitted = isObject(template) ? requireFit(view, now, { ...letter, template, warnings }, subject) : null;
  if (fitted === null) refuseOwnText(law);
  requireAsking(letter, fitted);
  return { packs: law?.packs ?? {} };
}

/**
 * Makes the text of a letter.
 *
 * @throws {Failure} as {@link fitByLaw}; `slot_invalid`, for what the slots say; `template_invalid`, for what the template
 *   or the packs lack
 */
export function makeText(view: View, now: Instant, drafting: Drafting, slots: LetterSlots): MadeText {
  const law = requireLaw(view, now);
  const fitted = fitByLaw(view, law, drafting);
  const { grants } = drafting;
  const names = namesOf(view, law, drafting, slots);
  return {
    ...fitted,
    text: renderLetter(fitted.template, grants, names, 'zh'),
    translation: renderLetter(fitted.template, grants, names, 'en'),
  };
}

function requireFit(
  view: View,
  now: Instant,
  letter: Omit<Drafting, 'template'> & { readonly template: TemplateRef; readonly warnings: readonly string[] },
  subject: SubjectKind,
): Template {
  const fitted = fitByLaw(view, requireLaw(view, now), letter);
  if (fitted.subject !== subject) {
    throw new Failure('template_mismatch', `the template is for a ${fitted.subject}, and the subject is a ${subject}`);
  }
  const { template, warnings } = letter;
  if (template.pack_version === fitted.ref.pack_version && warnings.join() === fitted.warnings.join()) {
    return fitted.template;
  }
  throw new Failure('entry_invalid', 'its template or its warnings are not those in force');
}

const LISTED_MAX = 32;

/** @throws {Failure} `template_required`, with what may be named. */
function refuseOwnText(law: Law | null): void {
  const inForce = templatesIn(law);
  if (inForce.length === 0) return;
  const listed = inForce.slice(0, LISTED_MAX).map(({ pack, id, version }) => `${pack} ${id} ${version}`);
  const more = inForce.length > LISTED_MAX ? ', …' : '';
  throw new Failure('template_required', `want a template in force: ${listed.join(', ')}${more}`);
}

/** Every template of the packs in force. While there is one, no other text becomes a letter. */
function templatesIn(law: Law | null): readonly TemplateRef[] {
  return (law?.inForce ?? []).flatMap(({ id: pack, version: pack_version, templates }) =>
    templates.map(({ id, version }) => ({ pack, pack_version, id, version })),
  );
}

/**
 * Fits grants to a template of the law in force.
 *
 * @throws {Failure} `pack_unknown`, `pack_not_in_force`, `template_unknown`; `template_mismatch`, if the template does not
 *   offer these grants, or no pack knows a party that they name; `party_unknown`
 */
function fitByLaw(view: View, law: Law, { template: name, grants }: Drafting): Fitted {
  const { ref, template } = findTemplate(view, law, name);
  const pairs = pairsIn(view, law, template, grants);
  const given = new Set(pairs.flatMap(({ clause }) => clause.warnings));
  const kinds = new Set(template.warnings.filter(({ id }) => given.has(id)).map(({ kind }) => kind));
  return { ref, template, subject: template.subject, warnings: WARNING_KINDS.filter((kind) => kinds.has(kind)) };
}

/** Which clause of a template speaks for which grant. @throws {Failure} `template_mismatch`, `party_unknown` */
export function pairsIn(view: View, law: Law, template: Template, grants: readonly Terms[]): readonly Pair[] {
  const named = partiesIn(grants);
  const parties = Object.fromEntries(named.map((each) => [each, rowOf(law, nameIn(view, each), each)]));
  if (new Set(Object.values(parties).map(({ party }) => party)).size !== named.length) {
    throw new Failure('template_mismatch', 'two parties have one name: no text could tell them apart');
  }
  return pairUp(template, grants, { parties });
}

/** @throws {Failure} `pack_unknown`: without law no template is in force. */
function requireLaw(view: View, now: Instant): Law {
  const law = lawAt(view, now);
  if (law === null) throw new Failure('pack_unknown', 'no pack was published');
  return law;
}

function findTemplate(
  view: View,
  law: Law,
  { pack, id, version }: TemplateName,
): { readonly ref: TemplateRef; readonly template: Template } {
  const published = logIn(view)?.packs ?? {};
  if (!Object.hasOwn(published, pack)) throw new Failure('pack_unknown', 'no pack of this name was published');
  const inForce = law.inForce.find((each) => each.id === pack);
  if (inForce === undefined) {
    throw new Failure('pack_not_in_force', 'the pack was published, and no version of it is in force now');
  }
  const found = inForce.templates.find((each) => each.id === id && each.version === version);
  if (found === undefined) {
    throw new Failure('template_unknown', `no such template in version ${inForce.version} of the pack, in force now`);
  }
  return { ref: { pack, pack_version: inForce.version, id, version }, template: readOnce(found) };
}

interface PartyRow {
  /** The pack's code. */
  readonly party: string;
  readonly name: Words;
}

function rowIn(law: Law, name: string): PartyRow | undefined {
  const rows = law.inForce.flatMap(({ parties }) => parties);
  const found = rows.find((row) => row.name.zh.normalize('NFC') === name.normalize('NFC'));
  return found && { party: found.id, name: found.name };
}

function rowOf(law: Law, name: string, party: PartyId): PartyRow {
  const found = rowIn(law, name);
  if (found !== undefined) return found;
  throw new Failure('template_mismatch', `party ${party}: no pack in force has a party of its registered name`);
}

function nameIn(view: View, party: PartyId): string {
  return requireParty(view, party).name;
}

function partiesIn(grants: readonly Terms[]): readonly PartyId[] {
  return [...new Set(grants.flatMap(partiesOf))];
}

function namesOf(view: View, law: Law, { principal, grants }: Drafting, slots: LetterSlots): LetterNames {
  const grantee = nameIn(view, principal);
  const named = partiesIn(grants);
  const reached = reachedBy(named, slots);
  return {
    letter_no: slots.letter_no,
    grantee: { ...slots.grantee, name: rowIn(law, grantee)?.name ?? { zh: grantee, en: grantee } },
    subject: slots.subject,
    purposes: Object.fromEntries([...law.purposes].map(([id, { name }]) => [id, name])),
    items: Object.fromEntries([...law.items].map(([id, { name }]) => [id, name])),
    itemClasses: Object.fromEntries(law.itemClasses),
    parties: Object.fromEntries(
      named.map((party) => {
        const { uscc = null, contact = null } = reached.get(party) ?? {};
        return [party, { ...rowOf(law, nameIn(view, party), party), uscc, contact }];
      }),
    ),
  };
}

/** @throws {Failure} `slot_invalid`, for a party that this letter does not name, or one said twice. */
function reachedBy(
  named: readonly PartyId[],
  slots: LetterSlots,
): ReadonlyMap<PartyId, Pick<LetterSlots['doors'][number], 'uscc' | 'contact'>> {
  const reached = new Map(slots.doors.map(({ party, uscc, contact }) => [party, { uscc, contact }]));
  if (reached.size !== slots.doors.length || [...reached.keys()].some((party) => !named.includes(party))) {
    throw new Failure('slot_invalid', 'doors: want sources, recipients and candidates of this letter only, each once');
  }
  return reached;
}
