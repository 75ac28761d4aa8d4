/** Messages about accesses: the decision that must be had before any data moves. */
import { z } from 'zod';
import { REASONS, RESULTS } from '#core/consent/release.ts';
import { CONSENT_BASES, ITEMS_MAX, OTHER_BASES } from '#core/consent/terms.ts';
import { HASH_BYTES } from '#core/hash.ts';
import type { AccessId } from '#core/ids.ts';
import { CODE_TEXT_PATTERN } from '#core/pack/catalogue.ts';
import { bytesText, EXAMPLE, id, instant, line, listOf, placedSchema, time } from './common.ts';
import { actionSchema, grantIdSchema, itemSchema, purposeSchema } from './grants.ts';
import { partyIdSchema } from './parties.ts';
import { handleSchema } from './relationships.ts';

const REFERENCE_MAX = 200;
/** More codes than there are checks. */
export const CODES_MAX = 64;

export const accessIdSchema = id<AccessId>('An access: one attempt to use a ground.', EXAMPLE.access);

const otherBasis = z.enum(OTHER_BASES);
const reference = line(REFERENCE_MAX, 'A document’s number; it is kept in the vault only.', 'EX-1890-1');

const door = partyIdSchema.nullable().meta({
  description: 'Where data leave: the source of a QUERY, the recipient of a REPORT or PROVIDE; else null.',
  examples: [EXAMPLE.source],
});

const digest = (description: string) => bytesText(HASH_BYTES, description, EXAMPLE.hash);

const bound = digest(
  'HMAC-SHA-256 under a salt of 32 bytes over the body of the request that will be sent to the door.',
)
  .nullable()
  .meta({
    description: 'Binds the permit to one request; null: to any for this person and these items.',
    examples: [null],
  });

/** What a caller may say besides; each is absent where it has nothing to say. */
const stated = z
  .strictObject({
    reason: z
      .string()
      .regex(CODE_TEXT_PATTERN, { error: 'want a code of the source’s scheme, such as 02' })
      .nullable()
      .default(null)
      .meta({ description: 'The reason that the source will be told, in its own scheme.', examples: ['02'] }),
    used_at: instant(
      'When it was used already, if it is recorded late. Such a record never yields a permit.',
      EXAMPLE.time,
    )
      .nullable()
      .default(null),
    asked_at: instant('The caller’s own clock: the ledger’s decides, and a difference is marked.', EXAMPLE.time)
      .nullable()
      .default(null),
    officers: z
      .int()
      .min(1)
      .max(9)
      .nullable()
      .default(null)
      .meta({ description: 'How many officers ask, where they ask by a document.', examples: [2] }),
  })
  .optional()
  .meta({ description: 'What the caller claims besides; each claim is judged.' });

export const askAccessSchema = z
  .strictObject({
    principal: partyIdSchema,
    handle: handleSchema,
    ground: z
      .union(
        [
          z.strictObject({ grant: grantIdSchema }),
          z.strictObject({ basis: otherBasis, reference: reference.nullable() }),
        ],
        { error: 'want {"grant": …}, or {"basis": …, "reference": …}' },
      )
      .meta({
        description: 'What the access stands on. The ledger never searches for one.',
        examples: [{ grant: EXAMPLE.grant }],
      }),
    action: actionSchema,
    purpose: purposeSchema,
    items: listOf(itemSchema, ITEMS_MAX),
    door,
    bound,
    stated,
  })
  .meta({ id: 'AskAccess' });

const names = (description: string, example: readonly string[]) =>
  listOf(z.string(), CODES_MAX).meta({ description, examples: [example] });

/** What follows from an access by law (domain/law.md). */
const lawSchema = z
  .strictObject({
    packs: z
      .record(z.string(), z.int())
      .meta({ description: 'The version of each pack that decided.', examples: [{ 'cn-credit': 1, pboc: 1 }] }),
    basis: z
      .enum([...CONSENT_BASES, ...OTHER_BASES])
      .nullable()
      .meta({ description: 'The legal basis.', examples: ['written_consent'] }),
    reason: z
      .string()
      .nullable()
      .meta({ description: 'The reason to give to the source, in its own scheme.', examples: ['02'] }),
    rules: names('The rules that were not met, or from which something follows, by their ids.', ['flow-4']),
    marks: names('What whoever is told of the data is told besides.', ['DISPUTED']),
    obligations: listOf(
      z.strictObject({
        name: z.string().meta({ examples: ['feedback_due'] }),
        due: time(
          'After which it is late; null: no period is said, or, with the mark `due_unknown`, the calendar ends before.',
          EXAMPLE.time,
        ).nullable(),
      }),
      CODES_MAX,
    ).meta({ description: 'What is to be done afterwards.', examples: [[]] }),
    expired: names('Items that are too old to be asked for.', []),
    own_query: z
      .int()
      .nullable()
      .meta({ description: 'The calendar year, where the subject’s own data are asked for it.', examples: [null] }),
  })
  .meta({ id: 'Law' });

const accessFields = {
  access: accessIdSchema,
  decision: z.enum(['allow', 'deny']).meta({ examples: ['allow'] }),
  codes: listOf(z.string(), CODES_MAX).meta({ description: 'Every reason to deny, sorted.', examples: [[]] }),
  engine: z
    .int()
    .min(1)
    .meta({ description: 'Which version of the checks decided.', examples: [1] }),
  ground: z
    .union([z.strictObject({ grant: grantIdSchema }), z.strictObject({ basis: otherBasis, reference: z.boolean() })])
    .nullable()
    .meta({
      description: 'What it stands on; null where the handle was not the caller’s.',
      examples: [{ grant: EXAMPLE.grant }],
    }),
  action: actionSchema,
  purpose: purposeSchema,
  items: listOf(itemSchema, ITEMS_MAX),
  door,
  bound,
  law: lawSchema.nullable().meta({
    description: 'What the law of the packs in force says; null where no pack is in force.',
    examples: [null],
  }),
  entry: placedSchema,
};

const receipt = z.string().meta({
  description: 'Where the receipt is, once a checkpoint covers the entry.',
  examples: [`/v1/accesses/${EXAMPLE.access}/receipt`],
});

/** The answer to who asked. */
export const accessSchema = z
  .strictObject({
    ...accessFields,
    permit: z
      .string()
      .nullable()
      .meta({
        description:
          'A compact JWS for the door, on whatever ground; null where nothing is allowed, or nothing leaves through a door.',
        examples: ['eyJhbGciOiJFZERTQSJ9.eyJ2IjoxfQ.c2lnbmF0dXJl'],
      }),
    until: time('Until when the permit counts, or null.', EXAMPLE.time).nullable(),
    receipt,
  })
  .meta({ id: 'Access' });

export const redeemSchema = z
  .strictObject({ permit: digest('SHA-256 of the permit’s text: never the permit itself.') })
  .meta({ id: 'Redeem' });

const decided = {
  decision: z.enum(['allow', 'deny']).meta({ examples: ['allow'] }),
  codes: listOf(z.string(), CODES_MAX).meta({
    description: 'Every reason to deny: `REDEEMED`, `LAPSED`, `DOOR`, or what it is denied for now.',
    examples: [[]],
  }),
};

export const redeemedSchema = z
  .strictObject({ access: accessIdSchema, ...decided, entry: placedSchema })
  .meta({ id: 'Redeemed' });

const settledFields = {
  result: z.enum(RESULTS).meta({
    description: '`released`; `nothing_found`: asked, and there was nothing; `failed`; `refused`, with its reason.',
    examples: ['released'],
  }),
  reason: z
    .enum(REASONS)
    .nullable()
    .meta({
      description: 'Why it was refused: of another person, of more items, another request than was permitted, ….',
      examples: [null],
    }),
  items: listOf(itemSchema, ITEMS_MAX).meta({ description: 'What was really sent.', examples: [['credit_report']] }),
  count: z
    .int()
    .min(0)
    .meta({ description: 'How many records were sent.', examples: [1] }),
  response: digest(
    'HMAC-SHA-256 under a salt of 32 bytes over the body that was sent; null where none was.',
  ).nullable(),
  began_at: instant('When the door was asked, by its own clock.', EXAMPLE.time),
  ended_at: instant('When it was done.', EXAMPLE.time),
};

export const settleSchema = z.strictObject(settledFields).meta({ id: 'Settle' });

const settlementCodes = listOf(z.string(), CODES_MAX).meta({
  description: 'What stands beside it: `SCOPE`, more was sent than permitted; `LATE`.',
  examples: [[]],
});

export const settledSchema = z
  .strictObject({ access: accessIdSchema, codes: settlementCodes, entry: placedSchema })
  .meta({ id: 'Settled' });

/** How an access stands, for its parties. */
export const courseSchema = z
  .strictObject({
    ...accessFields,
    redemptions: z
      .array(z.strictObject({ ...decided, door: partyIdSchema, entry: placedSchema }))
      .readonly()
      .meta({ description: 'Every time that the permit was presented.' }),
    settlement: z.strictObject({ ...settledFields, codes: settlementCodes, entry: placedSchema }).nullable(),
    due_at: time('Until when the door has to settle; null where it has nothing to.', EXAMPLE.time).nullable(),
    overdue: z.boolean().meta({ description: 'Whether that is past, and it did not.', examples: [false] }),
    receipt,
  })
  .meta({ id: 'AccessCourse' });

export const doorKeySchema = z
  .strictObject({
    key: digest('Computes `sub` of permits: HMAC over the canonical [access, kind of document, number]. A secret.'),
  })
  .meta({ id: 'DoorKey' });

export const receiptText = z.string().meta({
  description: 'One canonical JSON file: slices, entry signatures, `c2sp.org/tlog-proof@v1` texts.',
});

export const receiptQuery = z.strictObject({
  open: z.literal('signatures').optional().meta({
    description: 'For the subject: opens what it signed, and the entries that bound the keys which signed it.',
  }),
});

export const accessParams = z.strictObject({ id: accessIdSchema });

const CAPABILITY_BYTES = 32;
export const capabilityParams = z.strictObject({
  capability: bytesText(CAPABILITY_BYTES, 'Opens one receipt.', EXAMPLE.hash),
});

/** A batch has this many rows at most; longer lists are jobs. */
export const BATCH_ROWS_MAX = 10_000;

const { principal: _principal, ...rowFields } = askAccessSchema.shape;
const rowGround = z
  .union([z.strictObject({ grant: grantIdSchema }), z.strictObject({ basis: otherBasis, reference: z.null() })], {
    error: 'want {"grant": …}; a document’s reference has no place in a batch',
  })
  .meta({ examples: [{ grant: EXAMPLE.grant }] });

export const batchRowSchema = z.strictObject({ ...rowFields, ground: rowGround });

export const askBatchSchema = z
  .strictObject({
    principal: partyIdSchema,
    rows: listOf(batchRowSchema, BATCH_ROWS_MAX, 1),
  })
  .meta({ id: 'AskBatch' });

export const batchSchema = z
  .strictObject({ results: listOf(accessSchema.omit({ receipt: true }), BATCH_ROWS_MAX) })
  .meta({ id: 'Batch', description: 'A result for each row, in order.' });

export const previewSchema = z
  .strictObject({ ...decided, enforceable: z.literal(false).meta({ description: 'It permits nothing.' }) })
  .meta({ id: 'Preview' });
