/** Messages about grants: their terms, how one stands, and taking one back. */
import { z } from 'zod';
import { GRADES } from '#core/consent/evidence.ts';
import { WARNINGS_MAX } from '#core/consent/letter.ts';
import {
  ACTIONS,
  CANDIDATES_MAX,
  CANDIDATES_MIN,
  CONSENT_BASES,
  DOORS_MAX,
  FREQUENCY_COUNT_MAX,
  ITEMS_MAX,
  PERIOD_MS_MAX,
  PURPOSES_MAX,
  STALENESS_MS_MAX,
  USES_MAX,
} from '#core/consent/terms.ts';
import type { GrantId } from '#core/ids.ts';
import { ITEM_CLASSES_MAX } from '#core/pack/item-class.ts';
import { VERSION_MAX } from '#core/pack/pack.ts';
import { code, EXAMPLE, id, listOf, placedSchema, saidSchema, subjectKey, subjectSignature, time } from './common.ts';
import { packIdSchema } from './packs.ts';
import { partyIdSchema } from './parties.ts';
import { handleSchema } from './relationships.ts';

export const grantIdSchema = id<GrantId>('A grant: one clause of a letter.', EXAMPLE.grant);
export const actionSchema = z.enum(ACTIONS).meta({ description: 'What is done with the data.', examples: ['QUERY'] });
export const purposeSchema = code('Why, as a code.', 'loan_apply');
export const itemSchema = code('Which data, as a code.', 'credit_report');

/** The terms of a clause, less its id, which the ledger mints. */
const termsFields = {
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
  uses_max: z
    .int()
    .min(1)
    .max(USES_MAX)
    .nullable()
    .meta({ description: 'How often it may be used in all; 1: once; null: without limit.', examples: [null] }),
  frequency: z
    .strictObject({
      count: z
        .int()
        .min(1)
        .max(FREQUENCY_COUNT_MAX)
        .meta({ examples: [1] }),
      period_ms: z
        .int()
        .min(1_000)
        .max(PERIOD_MS_MAX)
        .meta({ examples: [2_592_000_000] }),
    })
    .nullable()
    .meta({ description: 'How often it may be used within any such period; null: without limit.', examples: [null] }),
  staleness_ms: z
    .int()
    .min(1_000)
    .max(STALENESS_MS_MAX)
    .nullable()
    .meta({
      description:
        'That its doors may take a permit without asking, and how old what they know may be; the text shown says so. Null: they must ask.',
      examples: [null],
    }),
  ends_with: z
    .enum(['facility'])
    .exactOptional()
    .meta({
      description:
        'With what it ends before its end: the last facility that is bound after it was given. Left out: with nothing.',
      examples: ['facility'],
    }),
  candidates: listOf(partyIdSchema, CANDIDATES_MAX, CANDIDATES_MIN)
    .exactOptional()
    .meta({
      description:
        'One of whom is the grantee of this clause; nobody may act under it until one is bound (POST /v1/relationships/{handle}/bindings), and then that one alone. Left out: it is given to who drafts.',
      examples: [[EXAMPLE.party, EXAMPLE.source]],
    }),
};

/** A clause as it is drafted: its items one by one, or by classes that stand for those they hold now. */
export const draftTermsSchema = z
  .strictObject({
    ...termsFields,
    items: listOf(itemSchema, ITEMS_MAX),
    item_classes: listOf(
      z.strictObject({
        pack: packIdSchema,
        version: z
          .int()
          .min(1)
          .max(VERSION_MAX)
          .meta({ description: 'The version of the pack that is in force.', examples: [1] }),
        class: code('A class of items, or a part of one.', 'social_insurance'),
      }),
      ITEM_CLASSES_MAX,
    )
      .exactOptional()
      .meta({
        description:
          'Classes whose items are granted besides: those that they hold in that version, and none that a later one adds. Terms and text name each item.',
        examples: [[]],
      }),
  })
  .meta({ id: 'DraftTerms' });
export const newTermsSchema = z.strictObject(termsFields).meta({ id: 'NewTerms' });
export const termsSchema = z.strictObject({ grant: grantIdSchema, ...termsFields }).meta({ id: 'Terms' });

/** The grantee, its successor, the party that it is bound to, and every door. */
const HEARERS_MAX = 3 + 2 * DOORS_MAX;

const hold = z.strictObject({
  at: time('Since when.', EXAMPLE.time),
  grade: z.enum(GRADES),
  signed_at: time('By the subject’s own clock.', EXAMPLE.time),
});

export const grantSchema = z
  .strictObject({
    grant: grantIdSchema,
    handle: handleSchema,
    grantee: partyIdSchema,
    status: z
      .enum(['pending', 'active', 'paused', 'contested', 'suspended', 'expired', 'revoked'])
      .meta({ examples: ['active'] }),
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
    paused: hold.nullable().meta({ description: 'The hold that its subject put on it, or null.', examples: [null] }),
    contested_at: time('Since when it is contested; absent or null: it is not.', EXAMPLE.time).nullable().optional(),
    contested: hold.optional().meta({ description: 'That its subject contests it.' }),
    findings: listOf(z.strictObject({ party: partyIdSchema, at: time('Since when.', EXAMPLE.time) }), HEARERS_MAX)
      .optional()
      .meta({ description: 'Which of its grantee and doors found that it is to be contested.' }),
    warnings: listOf(z.string(), WARNINGS_MAX)
      .optional()
      .meta({ description: 'The warnings that its letter gave; absent: none.', examples: [['adverse_consequences']] }),
    bound: z
      .strictObject({ party: partyIdSchema, at: time('Since when.', EXAMPLE.time), said: saidSchema })
      .optional()
      .meta({ description: 'Which of its candidates is its grantee. Absent: none is yet, or it names none.' }),
    ends: z
      .record(z.string(), z.int().nullable())
      .optional()
      .meta({ description: 'The facilities that it ends with, and when each ends; null: when it is closed.' }),
    of: grantIdSchema
      .optional()
      .meta({ description: 'The grant that it was made of; absent: it was given in its letter.' }),
    followed_by: grantIdSchema
      .optional()
      .meta({ description: 'The grant that was made of it: from its end on, or in its place. Absent: none.' }),
    used: z
      .int()
      .min(0)
      .meta({ description: 'How often it was used; what open permits reserve is not counted.', examples: [0] }),
    propagation: listOf(
      z.strictObject({
        party: partyIdSchema,
        acknowledged_at: time(
          'Ledger time of its first acknowledgement since; null: none yet.',
          EXAMPLE.time,
        ).nullable(),
        after_ms: z
          .int()
          .min(0)
          .nullable()
          .meta({ description: 'How long that took, from the revocation on.', examples: [1_870] }),
      }),
      HEARERS_MAX,
    )
      .nullable()
      .meta({
        description: 'Once it is taken back: which of its grantee and doors have acknowledged to know, and when.',
        examples: [null],
      }),
  })
  .meta({ id: 'Grant' });

/** What every statement of a subject comes with. */
export const signedFields = {
  key: subjectKey('The subject’s public key, bound before.'),
  signature: subjectSignature('By that key over `"assent/statement/v1\\n" ||` the canonical statement.'),
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

export const bindGranteeSchema = z
  .strictObject({
    principal: partyIdSchema,
    grant: grantIdSchema,
    party: partyIdSchema.meta({ description: 'The candidate that grants the line.', examples: [EXAMPLE.source] }),
  })
  .meta({ id: 'BindGrantee' });

export const granteeBoundSchema = z
  .strictObject({ handle: handleSchema, grant: grantIdSchema, party: partyIdSchema, entry: placedSchema })
  .meta({ id: 'GranteeBound' });

export const findingSchema = z.strictObject({ principal: partyIdSchema }).meta({ id: 'Finding' });

export const findingStatedSchema = z
  .strictObject({ grant: grantIdSchema, entry: placedSchema })
  .meta({ id: 'FindingStated' });

export const grantParams = z.strictObject({ id: grantIdSchema });

const STATUSES_MAX = 5_000;

export const grantStatusQuerySchema = z
  .strictObject({ grants: listOf(grantIdSchema, STATUSES_MAX, 1) })
  .meta({ id: 'GrantStatusQuery' });

export const grantStatusesSchema = z
  .strictObject({
    size: z
      .int()
      .min(0)
      .meta({ description: 'The size of the tree that this is as of.', examples: [64] }),
    time: time('The moment that this is as of.', EXAMPLE.time),
    statuses: listOf(
      z.strictObject({
        grant: grantIdSchema,
        status: z
          .enum(['pending', 'active', 'paused', 'contested', 'suspended', 'frozen', 'expired', 'revoked', 'unknown'])
          .meta({
            description:
              '`unknown` also where the caller is neither grantee nor door; `suspended`: entries were lost, and its subject has not confirmed it since.',
            examples: ['active'],
          }),
      }),
      STATUSES_MAX,
    ),
  })
  .meta({ id: 'GrantStatuses' });
