/**
 * Packs as messages: the core's own shape in zod, so that a door can say everything that is wrong at once, and where.
 *
 * @module
 */
import { z } from 'zod';
import { GRADES } from '#core/consent/evidence.ts';
import { ACTIONS, SUBJECT_KINDS } from '#core/consent/terms.ts';
import { isFailure } from '#core/failure.ts';
import { AREA_CODE_PATTERN, AREA_NAME_MAX, DAYS_LISTED_MAX, YEARS_LISTED_MAX } from '#core/pack/calendar.ts';
import {
  CADENCES,
  CLOSES_PATTERN,
  CODE_TEXT_PATTERN,
  FEEDBACK_DAYS_MAX,
  FI_CLASSES,
  ITEM_KINDS,
  PARTY_KINDS,
  PURPOSE_KINDS,
  REASONS_MAX,
} from '#core/pack/catalogue.ts';
import { type Day, isDay } from '#core/pack/day.ts';
import {
  LAW_NUMBER_MAX,
  RETENTION_CLASSES,
  RETENTION_LIMITS,
  RETENTION_STARTS,
  RETENTION_YEARS_MAX,
} from '#core/pack/law.ts';
import { AREAS_MAX, encodePack, NEEDS_MAX, PACK_BYTES_MAX, type Pack, ROWS_MAX, VERSION_MAX } from '#core/pack/pack.ts';
import {
  BASES,
  COUNT_MAX,
  DAYS_MAX,
  DENIALS,
  MARKS,
  OBLIGATIONS,
  REGION_PATTERN,
  REGIONS_MAX,
  REQUIREMENT_NAMES,
  SEVERITIES,
  WORKDAYS_MAX,
  YEARS_MAX,
} from '#core/pack/rule.ts';
import {
  ARTICLE_MAX,
  CITATIONS_MAX,
  EVIDENCES,
  NAME_PATTERN,
  PACK_ID_PATTERN,
  type PackId,
  TITLE_MAX,
  WARNING_MAX,
} from '#core/pack/word.ts';
import { code, line, listOf } from './common.ts';
import { type InputError, pathText, wantedText } from './input.ts';

const packId = matching(PACK_ID_PATTERN, 'a pack’s id: 2 to 32 characters in kebab-case', 'cn-credit');
const name = matching(NAME_PATTERN, 'a name such as R-15c', 'R-15c');
export const packIdSchema = packId as unknown as z.ZodType<PackId, string>;
const daySchema = z
  .string()
  .refine(isDay, { error: 'want a day such as 2013-03-15' })
  .meta({ description: 'A day of Asia/Shanghai.', examples: ['2013-03-15'] }) as unknown as z.ZodType<Day, string>;
const whole = (min: number, max: number) => z.int({ abort: true }).min(min).max(max);
const version = whole(1, VERSION_MAX);
const evidence = z.enum(EVIDENCES);
const text = (lengthMax: number) =>
  z.strictObject({
    zh: line(lengthMax, 'In Chinese, which has authority.', '征信业管理条例'),
    en: line(lengthMax, 'In English.', 'Regulation on the Credit Reporting Industry'),
  });
const title = text(TITLE_MAX);
const dates = { from: daySchema, to: daySchema.nullable() };
const law = listOf(
  z.strictObject({ doc: name, art: line(ARTICLE_MAX, 'The article, as one cites it.', '14§2') }),
  CITATIONS_MAX,
);
const rows = <S extends z.ZodType>(row: S) => listOf(row, ROWS_MAX);
const some = <const T extends readonly [string, ...string[]]>(words: T) => listOf(z.enum(words), words.length, 1);

const lawSchema = z.strictObject({
  id: name,
  title,
  number: line(LAW_NUMBER_MAX, 'Its number as issued.', '国务院令第631号').nullable(),
  ...dates,
  evidence,
});

const itemSchema = z.strictObject({
  id: code('An item.', 'credit_report'),
  name: title,
  kinds: some(ITEM_KINDS),
  level: whole(1, 5).nullable(),
  fi_class: z.enum(FI_CLASSES).nullable(),
  illustrative: z.boolean(),
  evidence,
  class: code('The class that it stands in; left out: in none.', 'social_insurance').exactOptional(),
});

const itemClassSchema = z.strictObject({
  id: code('A class of items.', 'social_insurance'),
  name: title,
  parent: code('The class that it is a part of, or null.', 'livelihood').nullable(),
  illustrative: z.boolean(),
  evidence,
});

const scheme = code('A scheme of codes.', 'reason_person');
const codeText = matching(CODE_TEXT_PATTERN, 'a code of a scheme, such as 02', '02');

const purposeSchema = z.strictObject({
  id: code('A purpose.', 'loan_apply'),
  name: title,
  subjects: some(SUBJECT_KINDS),
  kind: z.enum(PURPOSE_KINDS),
  reasons: listOf(z.strictObject({ scheme, code: codeText }), REASONS_MAX),
  feedback_days: whole(1, FEEDBACK_DAYS_MAX).nullable(),
  evidence,
});

const partySchema = z.strictObject({
  id: code('A party, by a name that rules know.', 'pboc_database'),
  name: title,
  kind: z.enum(PARTY_KINDS),
  illustrative: z.boolean(),
  cadence: z.enum(CADENCES).nullable(),
  closes: matching(CLOSES_PATTERN, 'a time such as 17:30', '17:30').nullable(),
  evidence,
});

const ruleSchema = z.strictObject({
  id: name,
  title,
  law,
  applies: z.strictObject({
    actions: some(ACTIONS).nullable(),
    subjects: some(SUBJECT_KINDS).nullable(),
    item_kinds: some(ITEM_KINDS).nullable(),
    purpose_kinds: some(PURPOSE_KINDS).nullable(),
    bases: some(BASES).nullable(),
    regions: listOf(matching(REGION_PATTERN, 'an area code of 2, 4 or 6 digits', '33'), REGIONS_MAX, 1).nullable(),
  }),
  require: z.enum(REQUIREMENT_NAMES),
  params: z.strictObject({
    days: whole(1, DAYS_MAX).nullable(),
    workdays: whole(1, WORKDAYS_MAX).nullable(),
    years: whole(1, YEARS_MAX).nullable(),
    count: whole(1, COUNT_MAX).nullable(),
    grade: z.enum(GRADES).nullable(),
    owed_to: code('A party of the packs.', 'pboc_database').nullable(),
  }),
  otherwise: z.union(
    [
      z.strictObject({ deny: z.enum(DENIALS) }),
      z.strictObject({ flag: z.enum(MARKS) }),
      z.strictObject({ oblige: z.enum(OBLIGATIONS) }),
    ],
    {
      error: `want one of deny, flag, oblige: deny ${DENIALS.join(', ')}; flag ${MARKS.join(', ')}; oblige ${OBLIGATIONS.join(', ')}`,
    },
  ),
  ...dates,
  severity: z.enum(SEVERITIES),
  evidence,
  profile: name.nullable(),
  replaces: name.nullable(),
});

const retentionSchema = z.strictObject({
  id: name,
  covers: z.enum(RETENTION_CLASSES),
  what: title,
  keep: z.union(
    [z.strictObject({ years: whole(1, RETENTION_YEARS_MAX) }), z.strictObject({ event: z.enum(RETENTION_STARTS) })],
    { error: `want {years: a number} or {event: one of ${RETENTION_STARTS.join(', ')}}` },
  ),
  limit: z.enum(RETENTION_LIMITS),
  from: z.enum(RETENTION_STARTS),
  law,
  profile: name.nullable(),
  evidence,
});

const calendarSchema = z.strictObject({
  years: listOf(
    z.strictObject({
      year: whole(1900, 2999),
      evidence,
      holidays: listOf(daySchema, DAYS_LISTED_MAX),
      workdays: listOf(daySchema, DAYS_LISTED_MAX),
    }),
    YEARS_LISTED_MAX,
  ),
});

/** What else a template is made of, its own reader judges; that it is JSON, the canonical form does. */
const templateSchema = z
  .looseObject({ id: code('A template.', 'query-letter'), version })
  .meta({ description: 'A template of a letter.' }) as unknown as z.ZodType<Pack['templates'][number]>;

/** What stands in a pack's sections where it says nothing in them. */
export const EMPTY_SECTIONS = {
  needs: [],
  to: null,
  laws: [],
  profiles: [],
  items: [],
  purposes: [],
  codes: [],
  parties: [],
  rules: [],
  retention: [],
  calendar: null,
  areas: [],
  templates: [],
} as const;

/** A pack with every field, as its canonical bytes have it. */
export const packSchema: z.ZodType<Pack> = z
  .strictObject({
    id: packIdSchema,
    version,
    title,
    needs: listOf(z.strictObject({ pack: packIdSchema, version }), NEEDS_MAX),
    ...dates,
    laws: rows(lawSchema),
    profiles: rows(z.strictObject({ id: name, title, warning: text(WARNING_MAX), evidence })),
    items: rows(itemSchema),
    purposes: rows(purposeSchema),
    codes: rows(z.strictObject({ scheme, code: codeText, name: title, flagged: z.boolean(), evidence })),
    parties: rows(partySchema),
    rules: rows(ruleSchema),
    retention: rows(retentionSchema),
    calendar: calendarSchema.nullable(),
    areas: listOf(
      z.strictObject({
        code: matching(AREA_CODE_PATTERN, 'an area code of 6 digits', '990000'),
        name: text(AREA_NAME_MAX),
        from: daySchema.nullable(),
        to: daySchema.nullable(),
        evidence,
      }),
      AREAS_MAX,
    ),
    templates: rows(templateSchema),
    classes: rows(itemClassSchema).exactOptional(),
  })
  .refine(isEncodable, {
    error: `want well-formed text, whole numbers, and at most ${PACK_BYTES_MAX} bytes in canonical form`,
  });

/** Reads a pack out of a value, or tells all that is wrong with it; a field that has no place is named at its own. */
export function readPack(value: unknown): { readonly pack: Pack } | { readonly errors: readonly InputError[] } {
  const result = packSchema.safeParse(value, { error: wantedText });
  if (result.success) return { pack: result.data };
  return {
    errors: result.error.issues.flatMap((issue): readonly InputError[] =>
      issue.code === 'unrecognized_keys'
        ? issue.keys.map((key) => ({ at: pathText([...issue.path, key]), message: `unknown: ${issue.message}` }))
        : [{ at: pathText(issue.path), message: issue.message }],
    ),
  };
}

function matching(pattern: RegExp, wanted: string, example: string): z.ZodString {
  return z
    .string()
    .regex(pattern, { error: `want ${wanted}` })
    .meta({ examples: [example] });
}

function isEncodable(pack: Pack): boolean {
  try {
    encodePack(pack);
    return true;
  } catch (thrown) {
    if (isFailure(thrown)) return false;
    throw thrown;
  }
}
