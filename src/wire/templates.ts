/**
 * Templates of letters as messages: the core's own shape in zod, so that a door can say everything that is wrong at once,
 * and where.
 *
 * @module
 */
import { z } from 'zod';
import {
  ACTIONS,
  CANDIDATES_MAX,
  CONSENT_BASES,
  DOORS_MAX,
  GRANTS_PER_LETTER_MAX,
  ITEMS_MAX,
  PURPOSES_MAX,
} from '#core/consent/terms.ts';
import { LINT_TEXT_MAX } from '#core/letter-template/lint.ts';
import {
  ANSWERS_MAX,
  BOXES_MAX,
  DOCUMENTS_MAX,
  MARKED_MAX,
  MEASURE_MAX,
  PROCESSORS_MAX,
  QUESTIONS_MAX,
  SIGNERS,
  SUBJECTS,
  type Template,
  USCC_MAX,
  VERSION_MAX,
  WARNING_KINDS,
  WARNINGS_MAX,
} from '#core/letter-template/template.ts';
import { EVIDENCES, TITLE_MAX, WORDS_MAX } from '#core/letter-template/words.ts';
import { code, line, listOf, saidSchema } from './common.ts';

const bilingual = (lengthMax: number) =>
  z.strictObject({
    zh: line(lengthMax, 'In Chinese, which has authority.', '个人征信查询报送授权书'),
    en: line(lengthMax, 'In English.', 'Letter of authorization for credit queries and reporting'),
  });
const title = bilingual(TITLE_MAX);
/** A short text in both languages. */
export const titleSchema = title;
const words = bilingual(WORDS_MAX);
const evidence = z.enum(EVIDENCES);
const measure = (min: number) => z.int({ abort: true }).min(min).max(MEASURE_MAX);

const slotsSchema = z.strictObject({
  handler: words.nullable(),
  contact: words.nullable(),
  purpose: words.nullable(),
  method: words.nullable(),
  kinds: words.nullable(),
  retention: words.nullable(),
  rights: words.nullable(),
  withdrawal: words.nullable(),
});

const clauseSchema = z.strictObject({
  id: code('A clause.', 'query'),
  action: z.enum(ACTIONS),
  purposes: listOf(code('A purpose that may be ticked.', 'loan_apply'), PURPOSES_MAX),
  items: listOf(code('An item.', 'credit_report'), ITEMS_MAX),
  sources: listOf(code('A source, by the pack’s code.', 'pboc_database'), DOORS_MAX),
  recipients: listOf(code('A recipient, by the pack’s code.', 'pboc_database'), DOORS_MAX),
  basis: z.enum(CONSENT_BASES),
  necessity: z.enum(['necessary', 'optional']),
  why: words.nullable(),
  refusal: z.strictObject({ blocks: z.boolean(), words }).nullable(),
  revoking: z
    .strictObject({
      stops: words,
      closes: words.nullable(),
      before: words.nullable(),
      stays: words,
      instead: words.nullable(),
    })
    .nullable(),
  ends: words.nullable(),
  key: z.boolean(),
  warnings: listOf(code('A warning of this template.', 'adverse_report'), WARNINGS_MAX),
  processors: listOf(code('A processor of this template.', 'processor_a'), PROCESSORS_MAX),
  candidates: listOf(
    code('A candidate of this template, and a party of the pack: two or more, or none.', 'funder_a'),
    CANDIDATES_MAX,
  ),
  sensitive: z.strictObject({ necessity: words, impact: words }).nullable(),
});

const markedSchema = z.strictObject({
  clauses: listOf(code('A clause.', 'query'), GRANTS_PER_LETTER_MAX),
  purposes: listOf(code('A purpose.', 'loan_apply'), MARKED_MAX),
});

const screenSchema = z.strictObject({
  boxes: listOf(
    z.strictObject({
      clauses: listOf(code('A clause that it ticks.', 'query'), GRANTS_PER_LETTER_MAX),
      documents: listOf(title, DOCUMENTS_MAX),
    }),
    BOXES_MAX,
  ),
  ticked: markedSchema.meta({ description: 'What is ticked before anyone did.' }),
  disabled: markedSchema.meta({ description: 'What can’t be ticked, or can’t be unticked.' }),
  font_dp: measure(1),
  line_percent: measure(1),
  contrast_percent: measure(100),
  target_dp: measure(1),
  characters_max: measure(1),
});

const partyFields = { name: title.nullable(), illustrative: z.boolean(), evidence };

/** The same as the core's `templateShape`; what refers to what, `parseTemplate` checks. */
/** As many as the longest text can have. */
const FINDINGS_MAX = 100_000;

export const letterTemplateSchema: z.ZodType<Template> = z
  .strictObject({
    id: code('The template.', 'bank_loan_person'),
    version: z.int({ abort: true }).min(1).max(VERSION_MAX),
    title,
    subject: z.enum(SUBJECTS),
    signer: z.enum(SIGNERS),
    grantee_licence: title.nullable(),
    slots: slotsSchema,
    statements: z.strictObject({ liability: words.nullable(), papers: words.nullable(), reading: words.nullable() }),
    clauses: listOf(clauseSchema, GRANTS_PER_LETTER_MAX),
    warnings: listOf(
      z.strictObject({ id: code('A warning.', 'debt'), kind: z.enum(WARNING_KINDS), words, evidence }),
      WARNINGS_MAX,
    ),
    processors: listOf(
      z.strictObject({ id: code('A processor.', 'processor_a'), task: words, ...partyFields }),
      PROCESSORS_MAX,
    ),
    candidates: listOf(
      z.strictObject({
        id: code('A candidate.', 'funder_a'),
        uscc: line(USCC_MAX, 'Its unified social credit code.', '91990001MA00000157').nullable(),
        licence: title.nullable(),
        ...partyFields,
      }),
      CANDIDATES_MAX,
    ),
    teach_back: listOf(
      z.strictObject({ id: code('A question.', 'who_asked'), ask: words, stops: listOf(title, ANSWERS_MAX) }),
      QUESTIONS_MAX,
    ),
    screen: screenSchema,
    illustrative: z.boolean(),
    evidence,
  })
  .meta({ id: 'LetterTemplate' });

export const lintTemplateSchema = z
  .strictObject({
    text: z
      .string()
      .max(LINT_TEXT_MAX)
      .nullable()
      .meta({ description: 'A letter’s text, or null.', examples: ['本授权不可撤销。'] }),
    template: letterTemplateSchema.nullable().meta({ description: 'A template, or null.', examples: [null] }),
  })
  .meta({ id: 'LintTemplate' });

export const lintedSchema = z
  .strictObject({
    publishable: z.boolean().meta({ description: 'Whether a pack with this template could be published.' }),
    findings: listOf(
      z.strictObject({
        rule: z.string().meta({ description: 'L01 to L22.', examples: ['L01'] }),
        severity: z.enum(['error', 'warning']),
        sentence: z.string(),
        at: z.union([
          z.strictObject({ kind: z.literal('text'), offset: z.int() }),
          z.strictObject({ kind: z.literal('template'), path: z.string() }),
        ]),
        why: saidSchema,
        law: listOf(z.strictObject({ doc: z.string(), art: z.string(), evidence: z.string() }), FINDINGS_MAX),
        better: saidSchema,
      }),
      FINDINGS_MAX,
    ),
  })
  .meta({ id: 'Linted' });
