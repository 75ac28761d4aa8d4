/** Messages about a subject's other statements: pausing a grant, freezing everything, and the ends of both. */
import { z } from 'zod';
import { STATEMENT_KINDS } from '#core/consent/relationship.ts';
import type { StatementRef } from '#core/ids.ts';
import { EXAMPLE, id, instant, placedSchema } from './common.ts';
import { grantIdSchema, newTermsSchema, signedFields } from './grants.ts';
import { handleSchema } from './relationships.ts';

const ref = id<StatementRef>('What the statement is signed under: once, for ever.', EXAMPLE.statement);
const kind = z.enum(STATEMENT_KINDS).meta({
  description:
    '`pause` and `resume` one grant; `extend` and `narrow` make another of one; `object` contests one, and `affirm` ends that; `freeze` and `release` everything of the subject, everywhere; `confirm` what stood before the log was continued: one grant, or, of none, the relationship for what stands on law.',
  examples: ['pause'],
});
const grant = grantIdSchema.nullable().meta({ description: 'The grant that it is about; null for everything.' });

const makes = grantIdSchema.nullable().meta({
  description: 'The grant that the signature makes of it; null: none.',
  examples: [null],
});

export const draftStatementSchema = z
  .strictObject({
    handle: handleSchema,
    kind,
    grant,
    terms: newTermsSchema.optional().meta({
      description:
        'The terms of the grant that `extend` or `narrow` makes. Extended: those of the grant, from its end on, to a later one. Narrowed: whatever is within them. Left out for all else.',
    }),
    expires_at: instant('Until when it can be signed.', EXAMPLE.time),
  })
  .meta({ id: 'DraftStatement' });

export const statementDraftedSchema = z
  .strictObject({
    ref,
    handle: handleSchema,
    kind,
    grant,
    makes,
    statement: z.record(z.string(), z.unknown()).meta({
      description: 'What the device completes with `signed_at`, and signs in canonical form (RFC 8785).',
      examples: [{ v: 1, kind: 'pause', ref: EXAMPLE.statement, signed_at: null }],
    }),
    entry: placedSchema,
  })
  .meta({ id: 'StatementDrafted' });

export const signHoldSchema = z.strictObject({ ref, ...signedFields }).meta({ id: 'SignStatement' });

export const grantHeldSchema = z
  .strictObject({ grant: grantIdSchema, makes, handle: handleSchema, entry: placedSchema })
  .meta({ id: 'GrantHeld' });

export const confirmedSchema = z
  .strictObject({ grant, handle: handleSchema, entry: placedSchema })
  .meta({ id: 'Confirmed' });

export const everythingHeldSchema = z
  .strictObject({ handle: handleSchema, entry: placedSchema })
  .meta({ id: 'EverythingHeld' });
