/**
 * The template of a letter of authorization: everything that is said beside the grants.
 *
 * Purposes, items, parties, terms and limits are said by the grants alone, and the text is generated from both
 * ({@link ./render.ts}). What law wants but a template lacks is null here: such a template can be read, so that lint can
 * say what is missing; no letter is made from it.
 *
 * @module
 */
import type { Json } from '../canonical.ts';
import {
  ACTIONS,
  CANDIDATES_MAX,
  CANDIDATES_MIN,
  CONSENT_BASES,
  DOORS_MAX,
  GRANTS_PER_LETTER_MAX,
  ITEMS_MAX,
  PURPOSES_MAX,
} from '../consent/terms.ts';
import { Failure, isFailure } from '../failure.ts';
import { code, flag, integer, line, list, nullable, oneOf, record, type ShapeOf } from '../shape.ts';
import { knownBy, title, words } from './words.ts';

export const VERSION_MAX = 1_000_000;
export const WARNINGS_MAX = 16;
export const PROCESSORS_MAX = 16;
export const BOXES_MAX = 32;
export const DOCUMENTS_MAX = 16;
export const MARKED_MAX = 256;
export const QUESTIONS_MAX = 8;
export const ANSWERS_MAX = 8;
export const USCC_MAX = 18;
export const MEASURE_MAX = 1_000_000;

export const SUBJECTS = ['person', 'firm'] as const;

/** In which role one signs; one letter per natural person (law 2.10). */
export const SIGNERS = [
  'borrower',
  'co_borrower',
  'spouse',
  'guarantor',
  'legal_representative',
  'controller',
  'firm',
] as const;

/**
 * What a warning is for:
 *
 *     adverse_consequence   the six kinds of 条例 14§2
 *     adverse_report        what is reported if one defaults, and the notice before it (条例 15)
 *     debt                  that one will owe and repay (1.34)
 *     scam                  that whoever says otherwise deceives (1.23)
 */
export const WARNING_KINDS = ['adverse_consequence', 'adverse_report', 'debt', 'scam'] as const;

/** What PIPL 17 wants said. Whom, why and which data the grants say; the slot introduces them. */
export const SLOTS = ['handler', 'contact', 'purpose', 'method', 'kinds', 'retention', 'rights', 'withdrawal'] as const;

/** What the letter ends with: who bears a use beyond it, what becomes of papers after a refusal, that one has read. */
export const STATEMENTS = ['liability', 'papers', 'reading'] as const;

const slots = record({
  handler: nullable(words),
  contact: nullable(words),
  purpose: nullable(words),
  method: nullable(words),
  kinds: nullable(words),
  retention: nullable(words),
  rights: nullable(words),
  withdrawal: nullable(words),
});

const statements = record({ liability: nullable(words), papers: nullable(words), reading: nullable(words) });

const clause = record({
  id: code,
  action: oneOf(ACTIONS),
  /** What may be ticked; a grant has some of them. */
  purposes: list(code, PURPOSES_MAX),
  items: list(code, ITEMS_MAX),
  /** Parties by the pack's codes. */
  sources: list(code, DOORS_MAX),
  recipients: list(code, DOORS_MAX),
  basis: oneOf(CONSENT_BASES),
  necessity: oneOf(['necessary', 'optional']),
  /** Why it is so (PIPL 16). */
  why: nullable(words),
  /** What follows if one does not agree, and whether the service is then refused. */
  refusal: nullable(record({ blocks: flag, words })),
  /** What follows if one takes it back (0.23). */
  revoking: nullable(
    record({
      stops: words,
      /** Which service closes; null: none. */
      closes: nullable(words),
      /** What has to be done before; null: nothing. */
      before: nullable(words),
      /** What remains (PIPL 15§2). */
      stays: words,
      /** What one can do instead; null: nothing less. */
      instead: nullable(words),
    }),
  ),
  /** What ends it before its last day. */
  ends: nullable(words),
  /** Whether it is printed bold (条例 19). */
  key: flag,
  warnings: list(code, WARNINGS_MAX),
  processors: list(code, PROCESSORS_MAX),
  /** Who may turn out to be its grantee, by ids that are codes of the pack's parties, too; a grant has some of them. */
  candidates: list(code, CANDIDATES_MAX),
  /** For items of PIPL 28: why they are needed, and what that does to the subject (PIPL 30). */
  sensitive: nullable(record({ necessity: words, impact: words })),
});
export type Clause = ShapeOf<typeof clause>;

const warning = record({ id: code, kind: oneOf(WARNING_KINDS), words, evidence: knownBy });

/** Who acts on behalf of the grantee (PIPL 21): by name, with purpose, method, kinds and term of its task. */
const processor = record({ id: code, name: nullable(title), task: words, illustrative: flag, evidence: knownBy });

/** Who may turn out to be the grantee when the line is granted. Until then it can do nothing (0.19). */
const candidate = record({
  id: code,
  name: nullable(title),
  uscc: nullable(line(USCC_MAX)),
  licence: nullable(title),
  illustrative: flag,
  evidence: knownBy,
});

const marked = record({ clauses: list(code, GRANTS_PER_LETTER_MAX), purposes: list(code, MARKED_MAX) });

/** How the page shows it. `dp` as Android's; percent: 450 is a contrast of 4.5 to 1, 130 a line of 1.3. */
const screen = record({
  /** The boxes there are to tick, what each ticks, and the documents it stands for. */
  boxes: list(record({ clauses: list(code, GRANTS_PER_LETTER_MAX), documents: list(title, DOCUMENTS_MAX) }), BOXES_MAX),
  /** What is ticked before anyone did. */
  ticked: marked,
  /** What can't be ticked, or can't be unticked. */
  disabled: marked,
  font_dp: integer(1, MEASURE_MAX),
  line_percent: integer(1, MEASURE_MAX),
  contrast_percent: integer(100, MEASURE_MAX),
  target_dp: integer(1, MEASURE_MAX),
  /** How long the letter gets at most. */
  characters_max: integer(1, MEASURE_MAX),
});

/** A question before signing, to be answered in one's own words, and the answers that stop the signing (users 4.6). */
const question = record({ id: code, ask: words, stops: list(title, ANSWERS_MAX) });

export const templateShape = record({
  id: code,
  version: integer(1, VERSION_MAX),
  title,
  subject: oneOf(SUBJECTS),
  signer: oneOf(SIGNERS),
  /** Which licence the grantee holds; null: it needs none. */
  grantee_licence: nullable(title),
  slots,
  statements,
  clauses: list(clause, GRANTS_PER_LETTER_MAX),
  warnings: list(warning, WARNINGS_MAX),
  processors: list(processor, PROCESSORS_MAX),
  candidates: list(candidate, CANDIDATES_MAX),
  teach_back: list(question, QUESTIONS_MAX),
  screen,
  /** Whether its name is ours and not a source's own word. */
  illustrative: flag,
  evidence: knownBy,
});
export type Template = ShapeOf<typeof templateShape>;

/**
 * Reads a template whose parts refer to each other rightly.
 *
 * @throws {Failure} `template_invalid`, with the place and what was wanted there.
 */
export function parseTemplate(value: Json): Template {
  const template = readTemplate(value);
  requireReferences(template);
  return template;
}

function readTemplate(value: Json): Template {
  try {
    return templateShape(value, 'template');
  } catch (cause) {
    throw isFailure(cause) ? new Failure('template_invalid', cause.message, { cause }) : cause;
  }
}

/** @throws {Failure} `template_invalid`, if two parts have one id, or something is named that is not there. */
function requireReferences({ clauses, warnings, processors, candidates, teach_back, screen }: Template): void {
  const ids = {
    clauses: idsOf('clauses', clauses),
    warnings: idsOf('warnings', warnings),
    processors: idsOf('processors', processors),
    candidates: idsOf('candidates', candidates),
  };
  idsOf('teach_back', teach_back);
  for (const [at, clause] of clauses.entries()) {
    for (const kind of ['warnings', 'processors', 'candidates'] as const) {
      requireKnown(`clauses[${at}].${kind}`, clause[kind], ids[kind]);
    }
    if (clause.candidates.length > 0 && clause.candidates.length < CANDIDATES_MIN) {
      throw new Failure('template_invalid', `clauses[${at}].candidates: want none, or ${CANDIDATES_MIN} or more`);
    }
  }
  for (const [at, box] of screen.boxes.entries()) requireKnown(`screen.boxes[${at}].clauses`, box.clauses, ids.clauses);
  const purposes = new Set(clauses.flatMap((clause) => clause.purposes));
  for (const mark of ['ticked', 'disabled'] as const) {
    requireKnown(`screen.${mark}.clauses`, screen[mark].clauses, ids.clauses);
    requireKnown(`screen.${mark}.purposes`, screen[mark].purposes, purposes);
  }
}

function idsOf(at: string, rows: readonly { readonly id: string }[]): ReadonlySet<string> {
  const ids = new Set(rows.map(({ id }) => id));
  if (ids.size !== rows.length) throw new Failure('template_invalid', `${at}: two have one id, want an id for each`);
  return ids;
}

function requireKnown(at: string, named: readonly string[], known: ReadonlySet<string>): void {
  const unknown = named.find((id) => !known.has(id));
  if (unknown !== undefined) throw new Failure('template_invalid', `${at}: ${unknown} is not in this template`);
}
