/** What an error looks like: problem details (RFC 9457), with a code that stays. */
import { z } from 'zod';
import { listOf } from './common.ts';
import { INPUT_ERRORS_MAX } from './input.ts';

export const problemSchema = z
  .strictObject({
    type: z
      .string()
      .meta({ description: 'Where this problem is described.', examples: ['/docs#problem-grant_unknown'] }),
    title: z.string().meta({ examples: ['no such grant'] }),
    status: z.int().meta({ examples: [404] }),
    detail: z.string().meta({ description: 'What was wrong here. It never quotes what was sent.' }),
    code: z.string().meta({ description: 'Stable: switch on this.', examples: ['grant_unknown'] }),
    request_id: z.string().meta({ description: 'Also in the header `x-request-id`.', examples: ['9f86d081884c7d65'] }),
    next: z.string().meta({ description: 'What to do next.' }),
    errors: listOf(
      z.strictObject({
        at: z.string().meta({ examples: ['grants[0].items'] }),
        message: z.string().meta({ examples: ['want a list'] }),
      }),
      INPUT_ERRORS_MAX,
    )
      .optional()
      .meta({ description: 'For an input that was refused: where, and what was wanted there.' }),
    readable: z
      .int()
      .min(1)
      .optional()
      .meta({ description: 'For an auditor’s key that waits: how many entries, from the first on, it may read.' }),
  })
  .meta({ id: 'Problem' });

export type Problem = z.output<typeof problemSchema>;
