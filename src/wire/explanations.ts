/** Messages that say why an access was decided so. */
import { z } from 'zod';
import type { JsonObject } from '#core/canonical.ts';
import { accessIdSchema, CODES_MAX } from './accesses.ts';
import { EXAMPLE, listOf, saidSchema } from './common.ts';

/** More rules than a pack may have are never asked of one access. */
const RULES_MAX = 4_096;
const ITEMS_SHOWN_MAX = 1_024;

const facts = z.record(z.string(), z.unknown()) as unknown as z.ZodType<JsonObject>;

export const explanationSchema = z
  .strictObject({
    access: accessIdSchema,
    decision: z.enum(['allow', 'deny']).meta({ examples: ['deny'] }),
    codes: listOf(z.string(), CODES_MAX).meta({ examples: [['PURPOSE']] }),
    engine: z.int().meta({ examples: [2] }),
    checks: listOf(
      z.strictObject({
        code: z.string().meta({ examples: ['EXPIRED'] }),
        failed: z.boolean(),
        asks: saidSchema,
        looked_at: facts.meta({ description: 'Codes, ids and times.', examples: [{ to: EXAMPLE.time }] }),
      }),
      CODES_MAX,
    ).meta({ description: 'Every check that ran, in its order.' }),
    rules: listOf(
      z.strictObject({
        id: z.string().meta({ examples: ['R-18'] }),
        title: saidSchema,
        law: listOf(
          z.strictObject({
            doc: z.string(),
            title: saidSchema.nullable(),
            number: z.string().nullable(),
            art: z.string().meta({ examples: ['18'] }),
            from: z.string().nullable(),
            to: z.string().nullable(),
          }),
          CODES_MAX,
        ),
        from: z.string(),
        to: z.string().nullable(),
        evidence: z
          .string()
          .meta({ description: 'V: compared with the statute; S: after a secondary source; memory; rec.' }),
        profile: z.string().nullable(),
        items: listOf(z.string(), ITEMS_SHOWN_MAX),
        met: z.boolean(),
        otherwise: facts,
        asks: saidSchema,
      }),
      RULES_MAX,
    ).meta({ description: 'Every rule of law that applied.' }),
    would_allow: listOf(saidSchema, CODES_MAX).meta({ description: 'What would have made it allow: all of it.' }),
  })
  .meta({ id: 'Explanation' });
