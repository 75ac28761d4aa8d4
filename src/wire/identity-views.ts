/** Messages about views of personal data: masked, and in full for a reason that is recorded. */
import { z } from 'zod';
import { IDENTITY_FIELDS, VIEW_REASONS } from '#core/consent/identity-view.ts';
import { listOf, placedSchema } from './common.ts';
import { partyIdSchema } from './parties.ts';
import { handleSchema } from './relationships.ts';

export const viewIdentitySchema = z
  .strictObject({
    principal: partyIdSchema,
    fields: listOf(z.enum(IDENTITY_FIELDS), IDENTITY_FIELDS.length, 1).meta({
      description: 'What to show, in the order `id_number`, `name`, `phone`, each once.',
      examples: [['name', 'phone']],
    }),
    why: z.enum(VIEW_REASONS).meta({
      description:
        'Why: the subject is being served, a paper is compared with its person, an objection is answered, or law asks for it.',
      examples: ['serve_subject'],
    }),
  })
  .meta({ id: 'ViewIdentity' });

const text = (description: string, example: string) => z.string().meta({ description, examples: [example] });

export const identityViewedSchema = z
  .strictObject({
    handle: handleSchema,
    identity: z
      .strictObject({
        id_number: text('The document’s number, as it was enrolled.', '990001189001010014').optional(),
        name: text('The subject’s name.', '示例人甲').optional(),
        phone: text('The telephone number, or null.', '00000000000').nullable().optional(),
      })
      .nullable()
      .meta({ description: 'The fields that were asked for; null: the identity was erased.' }),
    entry: placedSchema,
  })
  .meta({ id: 'IdentityViewed' });

export const maskedIdentitySchema = z
  .strictObject({
    handle: handleSchema,
    identity: z
      .strictObject({
        id_type: text('The kind of document.', 'resident_id'),
        id_number: text('Its first four and last four characters; of a short one the last two.', '9900**********0014'),
        name: text('Its first character.', '示＊＊＊'),
        phone: text('Its last four digits, or null.', '*******0000').nullable(),
      })
      .nullable()
      .meta({ description: 'Masked; null: the identity was erased.' }),
  })
  .meta({ id: 'MaskedIdentity' });
