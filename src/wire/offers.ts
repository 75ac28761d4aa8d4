/** Messages about what a letter can be drafted from: the templates in force, and the parties that they name. */
import { z } from 'zod';
import {
  CANDIDATES_MAX,
  CONSENT_BASES,
  DOORS_MAX,
  GRANTS_PER_LETTER_MAX,
  ITEMS_MAX,
  PURPOSES_MAX,
  SUBJECT_KINDS,
} from '#core/consent/terms.ts';
import { VERSION_MAX } from '#core/letter-template/template.ts';
import { ROWS_MAX } from '#core/pack/pack.ts';
import { code, listOf } from './common.ts';
import { actionSchema } from './grants.ts';
import { packIdSchema } from './packs.ts';
import { partyIdSchema } from './parties.ts';
import { titleSchema } from './templates.ts';

const words = z.strictObject({ zh: z.string(), en: z.string() });
const named = z.strictObject({ id: code('A code of a pack.', 'credit_report'), name: titleSchema });
const namedParty = z.strictObject({
  ...named.shape,
  party: partyIdSchema
    .nullable()
    .meta({ description: 'Who is registered by just that name; null: nobody, or more than one.' }),
});

const clause = z.strictObject({
  id: code('A clause of the template.', 'query'),
  action: actionSchema,
  purposes: listOf(named, PURPOSES_MAX),
  items: listOf(named, ITEMS_MAX),
  sources: listOf(namedParty, DOORS_MAX),
  recipients: listOf(namedParty, DOORS_MAX),
  candidates: listOf(namedParty, CANDIDATES_MAX),
  basis: z.enum(CONSENT_BASES).meta({ description: 'The kind of consent.', examples: ['written_consent'] }),
  necessity: z.enum(['necessary', 'optional']).meta({ examples: ['necessary'] }),
  why: words.nullable().meta({ description: 'Why it is so, as the letter says it.' }),
});

export const offersSchema = z
  .strictObject({
    templates: listOf(
      z.strictObject({
        pack: packIdSchema,
        id: code('The template.', 'huabei_letter'),
        version: z
          .int()
          .min(1)
          .max(VERSION_MAX)
          .meta({ description: 'Its own version.', examples: [1] }),
        title: titleSchema,
        subject: z.enum(SUBJECT_KINDS).meta({ description: 'Whom it is for.', examples: ['person'] }),
        clauses: listOf(clause, GRANTS_PER_LETTER_MAX),
      }),
      ROWS_MAX,
    ),
  })
  .meta({ id: 'Offers' });
