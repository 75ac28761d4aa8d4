/** Messages about time-stamps of checkpoints (RFC 3161). */
import { z } from 'zod';
import { count, instant, listOf } from './common.ts';

/** More than one page of them. */
const STAMPS_MAX = 1_000;

export const stampsQuery = z.strictObject({
  from: count('Of trees of so many entries or more; absent: from the first.', 42).optional(),
});

export const stampsSchema = z
  .strictObject({
    time_stamps: listOf(
      z.strictObject({
        size: z
          .int()
          .min(1)
          .meta({ description: 'Of the stamped tree.', examples: [64] }),
        not_later_than: instant(
          'The tree existed by then, by the authority’s clock and the accuracy that it states.',
          1_795_268_000_123,
        ),
      }),
      STAMPS_MAX,
    ),
    next: z
      .int()
      .nullable()
      .meta({ description: 'What to ask from for more; null: there are no more.', examples: [null] }),
  })
  .meta({ id: 'TimeStamps' });

export const stampParams = z.strictObject({ size: count('Of the stamped tree.', 64) });

export const stampText = z.string().meta({
  description:
    'The file `assent/time-stamp/v1`: `checkpoint`, the note that was stamped, and `token`, the TimeStampToken (RFC 3161), DER in base64.',
  examples: ['{"checkpoint":"ledger.example/consent\\n64\\n…","format":"assent/time-stamp/v1","token":"MIIE…"}'],
});
