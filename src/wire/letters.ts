/** Messages about letters of authorization: drafting, reading, signing. */
import { z } from 'zod';
import { WARNINGS_MAX } from '#core/consent/letter.ts';
import { GRANTS_PER_LETTER_MAX, ITEMS_MAX } from '#core/consent/terms.ts';
import type { LetterId } from '#core/ids.ts';
import { code, EXAMPLE, id, instant, listOf, placedSchema, prose } from './common.ts';
import { grantIdSchema, itemSchema, newTermsSchema, signedFields, termsSchema } from './grants.ts';
import { partyIdSchema } from './parties.ts';
import { handleSchema } from './relationships.ts';

export const LETTER_TEXT_MAX = 20_000;

const letterIdSchema = id<LetterId>('A letter.', EXAMPLE.letter);

export const draftLetterSchema = z
  .strictObject({
    principal: partyIdSchema,
    handle: handleSchema,
    text: prose(
      LETTER_TEXT_MAX,
      'The exact text that the subject is shown.',
      '本人授权示例消费金融有限公司查询本人信用报告。',
    ),
    template: code('The template it was made from, or null.', 'credit-query.v1').nullable(),
    warnings: listOf(code('A warning shown with it.', 'report_affects_credit'), WARNINGS_MAX),
    expires_at: instant('Until when it can be signed.', EXAMPLE.time),
    grants: listOf(newTermsSchema, GRANTS_PER_LETTER_MAX, 1),
  })
  .meta({ id: 'DraftLetter' });

const statement = z.record(z.string(), z.unknown()).meta({
  description: 'What the device completes with every tick and `signed_at`, and signs in canonical form (RFC 8785).',
  examples: [{ v: 1, kind: 'letter', ref: EXAMPLE.letter, signed_at: null }],
});

export const letterDraftedSchema = z
  .strictObject({
    letter: letterIdSchema,
    handle: handleSchema,
    grants: listOf(termsSchema, GRANTS_PER_LETTER_MAX),
    statement,
    entry: placedSchema,
  })
  .meta({ id: 'LetterDrafted' });

export const signLetterSchema = z
  .strictObject({
    ...signedFields,
    grants: listOf(
      z.strictObject({
        grant: grantIdSchema,
        given: z.boolean().meta({ description: 'Whether the clause was ticked.', examples: [true] }),
        declined_items: listOf(itemSchema, ITEMS_MAX)
          .optional()
          .meta({
            description:
              'The items that the subject leaves out of a clause that it gives; in the statement they stand in the grant as `declined_items`, where there are any. With all of them it is not given.',
            examples: [['tax']],
          }),
      }),
      GRANTS_PER_LETTER_MAX,
      1,
    ).meta({ description: 'An answer for each grant of the letter, once.' }),
  })
  .meta({ id: 'SignLetter' });

export const letterSignedSchema = z
  .strictObject({
    letter: letterIdSchema,
    handle: handleSchema,
    given: listOf(grantIdSchema, GRANTS_PER_LETTER_MAX),
    declined: listOf(grantIdSchema, GRANTS_PER_LETTER_MAX),
    entry: placedSchema,
  })
  .meta({ id: 'LetterSigned' });

export const declineLetterSchema = z.strictObject(signedFields).meta({ id: 'DeclineLetter' });

export const letterDeclinedSchema = z
  .strictObject({ letter: letterIdSchema, handle: handleSchema, entry: placedSchema })
  .meta({ id: 'LetterDeclined' });

export const letterSchema = z
  .strictObject({
    letter: letterIdSchema,
    handle: handleSchema,
    grantee: partyIdSchema,
    status: z.enum(['drafted', 'signed', 'declined', 'expired']).meta({ examples: ['signed'] }),
    text: z.string().nullable().meta({ description: 'The exact text shown; null once it is erased.' }),
    statement,
    grants: listOf(
      z.strictObject({
        ...termsSchema.shape,
        status: z.string().meta({
          description: '`requested`, `declined`, `pending`, `active`, `paused`, `expired` or `revoked`.',
          examples: ['active'],
        }),
        declined_items: listOf(itemSchema, ITEMS_MAX).meta({
          description: 'The items that the subject left out of the clause.',
          examples: [[]],
        }),
      }),
      GRANTS_PER_LETTER_MAX,
    ),
  })
  .meta({ id: 'Letter' });

export const letterParams = z.strictObject({ id: letterIdSchema });
