/** Messages about grants: their terms, how one stands, and taking one back. */
import { z } from 'zod';
import { GRADES } from '#core/consent/evidence.ts';
import { ACTIONS, CONSENT_BASES, DOORS_MAX, ITEMS_MAX, PURPOSES_MAX } from '#core/consent/terms.ts';
import type { GrantId } from '#core/ids.ts';
import { code, EXAMPLE, id, listOf, placedSchema, publicKey, signature, time } from './common.ts';
import { partyIdSchema } from './parties.ts';
import { handleSchema } from './relationships.ts';

export const grantIdSchema = id<GrantId>('A grant: one clause of a letter.', EXAMPLE.grant);
export const actionSchema = z.enum(ACTIONS).meta({ description: 'What is done with the data.', examples: ['QUERY'] });
export const purposeSchema = code('Why, as a code.', 'loan_apply');
export const itemSchema = code('Which data, as a code.', 'credit_report');

/** The terms of a clause, less its id, which the ledger mints. */
export const termsFields = {
  action: actionSchema,
  purposes: listOf(purposeSchema, PURPOSES_MAX, 1),
  items: listOf(itemSchema, ITEMS_MAX, 1),
  sources: listOf(partyIdSchema, DOORS_MAX).meta({
    description: 'Whence data may be queried: QUERY names some, nothing else does.',
    examples: [[EXAMPLE.source]],
  }),
  recipients: listOf(partyIdSchema, DOORS_MAX).meta({
    description: 'Whither data may go: REPORT and PROVIDE name some, nothing else does.',
    examples: [[]],
  }),
  from: time('From inclusive; null: from the signature on.', EXAMPLE.time).nullable(),
  to: time('To exclusive.', 1_826_804_000_000),
  basis: z.enum(CONSENT_BASES).meta({ description: 'The kind of consent.', examples: ['separate_consent'] }),
  necessity: z.enum(['necessary', 'optional']).meta({
    description: 'Whether the service can’t be had without it (PIPL 16).',
    examples: ['necessary'],
  }),
};

export const termsSchema = z.strictObject({ grant: grantIdSchema, ...termsFields }).meta({ id: 'Terms' });

export const grantSchema = z
  .strictObject({
    grant: grantIdSchema,
    handle: handleSchema,
    grantee: partyIdSchema,
    status: z.enum(['pending', 'active', 'expired', 'revoked']).meta({ examples: ['active'] }),
    terms: termsSchema,
    letter: z.string().meta({ description: 'The letter it was given in.', examples: [EXAMPLE.letter] }),
    signed_at: z
      .int()
      .min(0)
      .meta({ description: 'The subject’s own time.', examples: [EXAMPLE.time] }),
    given_at: z
      .int()
      .min(0)
      .meta({
        description: 'From when it counts: the later of the subject’s time and the ledger’s.',
        examples: [EXAMPLE.time],
      }),
    grade: z.enum(GRADES).meta({ description: 'The evidence grade of the signature.', examples: ['B'] }),
    revoked_at: z
      .int()
      .min(0)
      .nullable()
      .meta({ description: 'Ledger time of its end, or null.', examples: [null] }),
  })
  .meta({ id: 'Grant' });

/** What every statement of a subject comes with. */
export const signedFields = {
  key: publicKey('The subject’s public key, bound before.'),
  signature: signature('By that key over `"assent/statement/v1\\n" ||` the canonical statement.'),
  signed_at: time('When the subject signed, by the subject’s own clock.', EXAMPLE.time),
};

export const revokeGrantSchema = z.strictObject(signedFields).meta({ id: 'RevokeGrant' });

export const grantRevokedSchema = z
  .strictObject({
    grant: grantIdSchema,
    handle: handleSchema,
    revoked_at: time('Ledger time from which nothing is allowed.', EXAMPLE.time),
    entry: placedSchema,
  })
  .meta({ id: 'GrantRevoked' });

export const grantParams = z.strictObject({ id: grantIdSchema });
