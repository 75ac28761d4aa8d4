/** Messages about erasure: what of a person can go, and what went. */
import { z } from 'zod';
import { RETENTION_CLASSES, type RetentionClass } from '#core/pack/law.ts';
import { ROWS_MAX } from '#core/pack/pack.ts';
import type { StreamId } from '#core/tlog/stream.ts';
import { EXAMPLE, listOf, placedSchema, time } from './common.ts';
import { handleSchema } from './relationships.ts';

const classSchema: z.ZodType<RetentionClass> = z.enum(RETENTION_CLASSES);
const by = listOf(z.string(), ROWS_MAX).meta({
  description: 'The rules that say so, by their ids: `GET /v1/retention` has them with law and article.',
  examples: [['letters']],
});
const parts = z.int().meta({ description: 'How many sealed parts it holds of this class.', examples: [9] });

/** Relationships of one person that are listed, and erased, at once. */
const RELATIONSHIPS_MAX = 1_000;

export const erasableSchema = z
  .strictObject({
    as_of: time('The moment that it was worked out for.', EXAMPLE.time),
    items: listOf(
      z.strictObject({
        handle: handleSchema,
        classes: listOf(
          z.strictObject({
            class: classSchema,
            parts,
            due: z.boolean().meta({ description: 'Whether it can be erased now.', examples: [false] }),
            kept_until: time('From when on it can; null: no end is known yet.', EXAMPLE.time).nullable(),
            by,
          }),
          RETENTION_CLASSES.length,
        ),
      }),
      RELATIONSHIPS_MAX,
    ),
  })
  .meta({ id: 'Erasable' });

export const eraseOwnSchema = z
  .strictObject({
    handle: handleSchema.nullable().meta({ description: 'One relationship; null: all of them.' }),
  })
  .meta({ id: 'EraseOwn' });

const STREAM_PATTERN = /^(?:rel|refused)\/[0-9a-f]{32}$/;
const stream = z
  .string()
  .regex(STREAM_PATTERN)
  .meta({ examples: [`rel/${EXAMPLE.handle}`] }) as unknown as z.ZodType<StreamId, string>;

const receipt = z.string().meta({
  description: 'Where its certificate is. The path itself opens it to whoever holds it, and is the only way to it.',
  examples: [`/v1/erasure-receipts/${EXAMPLE.hash}`],
});

export const erasedSchema = z
  .strictObject({
    erased: listOf(
      z.strictObject({
        stream,
        classes: listOf(
          z.strictObject({
            class: classSchema,
            parts: z.int().meta({ description: 'How many parts were destroyed.', examples: [9] }),
            kept_until: time('Until when they had to be kept.', EXAMPLE.time),
            by,
          }),
          RETENTION_CLASSES.length,
        ),
        entry: placedSchema,
        receipt,
      }),
      RELATIONSHIPS_MAX,
    ).meta({ description: 'One entry for each relationship, or for what a party was refused.' }),
    person: z.boolean().meta({
      description: 'Whether nothing is left of the person: its keys, and how they were bound, went too.',
      examples: [false],
    }),
    person_receipt: receipt.nullable().meta({ description: 'The certificate of that; null: something is left.' }),
  })
  .meta({ id: 'Erased' });
