/** Messages about the facts of a relationship, as its grantee states them. */
import { z } from 'zod';
import {
  AGE_BANDS,
  FACILITIES_MAX,
  ITEM_FACTS_MAX,
  NOTICE_KINDS,
  NOTICES_MAX,
  OBJECTIONS_MAX,
  SIGNER_KINDS,
  SIGNERS_MAX,
} from '#core/consent/facts.ts';
import { FACILITY_STATUSES, NOTICE_STATUSES, OBJECTION_STATUSES, SPAN_STATUSES } from '#core/consent/facts-standing.ts';
import { ANSWERS } from '#core/consent/objection.ts';
import { LICENCES_MAX } from '#core/consent/party-standing.ts';
import { ITEMS_MAX } from '#core/consent/terms.ts';
import { CHANNELS } from '#core/consent/told.ts';
import { HASH_BYTES } from '#core/hash.ts';
import type { FactId } from '#core/ids.ts';
import { type Day, isDay } from '#core/pack/day.ts';
import { REGION_PATTERN } from '#core/pack/rule.ts';
import { accessIdSchema } from './accesses.ts';
import { bytesText, EXAMPLE, id, instant, listOf, placedSchema, time } from './common.ts';
import { itemSchema } from './grants.ts';
import { partyIdSchema } from './parties.ts';
import { handleSchema } from './relationships.ts';

const YEARS_MAX = 50;

const factId = id<FactId>('A fact: a facility, a notice, an objection.', EXAMPLE.access);
const principal = partyIdSchema;
const day = (description: string) =>
  z
    .string()
    .refine(isDay, { error: 'want a day such as 2024-06-01' })
    .meta({ description, examples: ['2024-06-01'] }) as unknown as z.ZodType<Day, string>;
const mac = (description: string) => bytesText(HASH_BYTES, description, EXAMPLE.hash);
const items = listOf(itemSchema, ITEMS_MAX);

export const factParams = z.strictObject({ handle: handleSchema, fact: factId });

export const facilitySchema = z
  .strictObject({
    principal,
    from: day('The first day of the facility or line, in Asia/Shanghai.'),
    last: day('Its last day; null: it is told in years, or has no end yet.').nullable(),
    years: z
      .int()
      .min(1)
      .max(YEARS_MAX)
      .nullable()
      .meta({ description: 'Or for how many years.', examples: [3] }),
  })
  .meta({ id: 'Facility', description: 'Repaid is not closed: a line counts until its end, or until it is closed.' });

export const closureSchema = z.strictObject({ principal }).meta({ id: 'Closure' });

export const noticeSchema = z
  .strictObject({
    principal,
    kind: z.enum(NOTICE_KINDS).meta({ description: 'Of what the subject was told.', examples: ['adverse_report'] }),
    channel: z.enum(CHANNELS).meta({ examples: ['sms'] }),
    items,
    content: mac('HMAC-SHA-256 of what was said, under a salt of 32 bytes that the grantee keeps.'),
    delivery: mac('HMAC-SHA-256 of the proof of delivery, likewise.'),
    sent_at: instant('When it was sent; it counts from the later of this and the ledger’s time.', EXAMPLE.time),
  })
  .meta({ id: 'Notice' });

export const attestSubjectSchema = z
  .strictObject({
    principal,
    band: z.enum(AGE_BANDS).meta({ description: 'Coarse: nobody’s birthday.', examples: ['adult'] }),
    own_income: z.boolean().meta({ description: 'Whether it lives by its own work, as declared.', examples: [true] }),
    guardian: z.boolean().meta({ description: 'Whether a guardian signs for it.', examples: [false] }),
  })
  .meta({ id: 'AttestSubject' });

export const attestSignerSchema = z
  .strictObject({
    principal,
    kind: z.enum(SIGNER_KINDS).meta({ examples: ['legal_representative'] }),
    from: instant('From when it may sign for the firm.', EXAMPLE.time),
    to: instant('Until when, exclusive; null: until it is told otherwise.', EXAMPLE.time).nullable(),
  })
  .meta({ id: 'AttestSigner' });

export const attestItemSchema = z
  .strictObject({
    principal,
    item: itemSchema,
    ended_on: day('When the behaviour or event ended; null: it has not.').nullable(),
    determined_on: day('When it was determined; null: not known.').nullable(),
    region: z
      .string()
      .regex(REGION_PATTERN, { error: 'want an area code of 2, 4 or 6 digits' })
      .nullable()
      .meta({ description: 'Where its source belongs to; null: a nation-wide one.', examples: ['33'] }),
  })
  .meta({ id: 'AttestItem' });

export const objectSchema = z.strictObject({ principal, items }).meta({ id: 'Object' });
export const answerObjectionSchema = z
  .strictObject({ principal, answer: z.enum(ANSWERS).meta({ examples: ['corrected'] }) })
  .meta({ id: 'AnswerObjection' });

const stated = { handle: handleSchema, fact: factId.nullable(), entry: placedSchema };
export const factStatedSchema = z.strictObject(stated).meta({ id: 'FactStated' });
const due = time('When it is late; null: no calendar in force reaches that far.', EXAMPLE.time).nullable();
export const objectionOpenedSchema = z.strictObject({ ...stated, due }).meta({ id: 'ObjectionOpened' });

export const objectionViewSchema = z
  .strictObject({
    handle: handleSchema,
    objection: factId,
    reason: z.string().nullable().meta({ description: 'In the person’s own words; null: not said here, or erased.' }),
    answer: z
      .enum(ANSWERS)
      .nullable()
      .meta({ description: 'Null: none yet.', examples: [null] }),
  })
  .meta({ id: 'ObjectionView' });

const at = (description: string) => time(description, EXAMPLE.time).nullable();
const spanStatus = z.enum(SPAN_STATUSES).meta({ examples: ['live'] });
export const factsSchema = z
  .strictObject({
    time: time('The moment that all of it is as of.', EXAMPLE.time),
    facilities: z
      .record(
        z.string(),
        z.strictObject({
          from: time('From.', EXAMPLE.time),
          to: at('To, exclusive.'),
          closed_at: at('When closed.'),
          status: z.enum(FACILITY_STATUSES).meta({
            description: 'Only under a `live` one what was given for after the loan may be used.',
            examples: ['live'],
          }),
        }),
      )
      .meta({ description: `At most ${FACILITIES_MAX}, by their ids.`, examples: [{}] }),
    notices: listOf(
      z.strictObject({
        kind: z.enum(NOTICE_KINDS),
        items,
        at: time('From when it counts.', EXAMPLE.time),
        status: z.enum(NOTICE_STATUSES).meta({ examples: ['counts'] }),
      }),
      NOTICES_MAX,
    ),
    items: z
      .record(
        z.string(),
        z.strictObject({
          ended_on: z.string().nullable(),
          determined_on: z.string().nullable(),
          region: z.string().nullable(),
        }),
      )
      .meta({ description: `At most ${ITEM_FACTS_MAX}, by their items.`, examples: [{}] }),
    subject: z
      .strictObject({ band: z.enum(AGE_BANDS), own_income: z.boolean(), guardian: z.boolean() })
      .nullable()
      .meta({ examples: [null] }),
    signers: listOf(
      z.strictObject({
        kind: z.enum(SIGNER_KINDS),
        from: time('From.', EXAMPLE.time),
        to: at('To, exclusive.'),
        status: spanStatus,
      }),
      SIGNERS_MAX,
    ),
    objections: z
      .record(
        z.string(),
        z.strictObject({
          items,
          opened_at: time('When it was received.', EXAMPLE.time),
          due,
          marked_at: at('When it was marked.'),
          answered_at: at('When it was answered.'),
          own: z
            .strictObject({ access: accessIdSchema.nullable() })
            .optional()
            .meta({ description: 'That the person opened it itself, and the access that it is about.' }),
          status: z.enum(OBJECTION_STATUSES).meta({
            description: '`due_unknown`: no calendar in force reached that far when it was received.',
            examples: ['open'],
          }),
        }),
      )
      .meta({ description: `At most ${OBJECTIONS_MAX}, by their ids.`, examples: [{}] }),
    own_queries: z
      .strictObject({ year: z.int(), count: z.int() })
      .nullable()
      .meta({ description: 'Queries of the subject’s own data in the last year that had any.', examples: [null] }),
    licences: listOf(
      z.strictObject({
        party: partyIdSchema,
        kind: z.string().meta({ examples: ['bank'] }),
        from: time('From.', EXAMPLE.time),
        to: at('To, exclusive.'),
        status: spanStatus,
      }),
      2 * LICENCES_MAX,
    ).meta({ description: 'Of the grantee; and of the caller, where it succeeded the grantee.' }),
  })
  .meta({ id: 'Facts', description: 'What was stated, and how it stands at the time of reading.' });
