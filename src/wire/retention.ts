/** Messages about retention: what has to be kept until when, and what is due for erasure. */
import { z } from 'zod';
import type { Retained } from '#core/consent/retention.ts';
import {
  RETENTION_CLASSES,
  RETENTION_LIMITS,
  RETENTION_STARTS,
  type RetentionClass,
  type RetentionRule,
} from '#core/pack/law.ts';
import { ROWS_MAX } from '#core/pack/pack.ts';
import { CITATIONS_MAX, EVIDENCES } from '#core/pack/word.ts';
import type { StreamId } from '#core/tlog/stream.ts';
import { EXAMPLE, listOf, saidSchema, time } from './common.ts';

/** As many as the service puts on a page. */
const STREAMS_PAGE_MAX = 50;

const classSchema: z.ZodType<RetentionClass> = z.enum(RETENTION_CLASSES);
const STREAM_PATTERN = /^(?:rel|refused)\/[0-9a-f]{32}$/;
const stream = z
  .string()
  .regex(STREAM_PATTERN, { error: 'want rel/<handle> or refused/<party>' })
  .meta({ examples: [`rel/${EXAMPLE.handle}`] }) as unknown as z.ZodType<StreamId, string>;

const retainedSchema: z.ZodType<Retained> = z.strictObject({
  class: classSchema,
  count: z.int().meta({ description: 'Things of this class.', examples: [12] }),
  due: z
    .int()
    .meta({ description: 'How many of them are due for erasure. Nothing is erased by being due.', examples: [0] }),
  next_due: time(
    'When the next of them will be; null: no end that is known is still to come.',
    EXAMPLE.time,
  ).nullable(),
  kept_until: time(
    'When the last of them is; null: no end is known yet, or an objection is open.',
    EXAMPLE.time,
  ).nullable(),
  by: listOf(z.string(), ROWS_MAX).meta({ description: 'The rules that say so.', examples: [['decisions']] }),
}) as unknown as z.ZodType<Retained>;

const ruleSchema = z.strictObject({
  id: z.string().meta({ examples: ['decisions'] }),
  covers: classSchema,
  what: saidSchema,
  keep: z.union([
    z.strictObject({ years: z.int() }),
    z.strictObject({ event: z.enum(RETENTION_STARTS) }),
  ]) as unknown as z.ZodType<RetentionRule['keep']>,
  limit: z.enum(RETENTION_LIMITS),
  from: z.enum(RETENTION_STARTS),
  law: listOf(z.strictObject({ doc: z.string(), art: z.string(), title: saidSchema.nullable() }), CITATIONS_MAX),
  profile: z.string().nullable(),
  evidence: z
    .enum(EVIDENCES)
    .meta({ description: 'V: compared with the statute; S: after a secondary source; memory; rec.' }),
});

export const retentionSchema = z
  .strictObject({
    as_of: time('The moment that it was worked out for.', EXAMPLE.time),
    rules: listOf(ruleSchema, ROWS_MAX).meta({ description: 'The rules in force. None: everything is kept.' }),
    items: listOf(
      z.strictObject({
        stream,
        ended_at: time(
          'When nothing of the relationship was in force any more: since then it is only stored. Null: something is.',
          EXAMPLE.time,
        ).nullable(),
        disputed: z.boolean().meta({
          description: 'Whether an objection is open: until it is answered, no evidence is due.',
          examples: [false],
        }),
        classes: listOf(retainedSchema, RETENTION_CLASSES.length),
      }),
      STREAMS_PAGE_MAX,
    ).meta({
      description: 'A relationship, `rel/<handle>`; or what a party was refused on others’ handles, `refused/<party>`.',
    }),
    next: stream.nullable().meta({ description: 'What to ask `after` next; null: this was the last page.' }),
  })
  .meta({ id: 'Retention' });

export const retentionQuery = z.strictObject({
  after: stream.meta({ description: 'The `next` of the page before.' }).optional(),
  due: z.literal('true').meta({ description: 'Only classes of which something is due.' }).optional(),
});
