/** Messages about accesses: the decision that must be had before any data moves. */
import { z } from 'zod';
import { ITEMS_MAX, OTHER_BASES } from '#core/consent/terms.ts';
import type { AccessId } from '#core/ids.ts';
import { EXAMPLE, id, line, listOf, placedSchema } from './common.ts';
import { actionSchema, grantIdSchema, itemSchema, purposeSchema } from './grants.ts';
import { partyIdSchema } from './parties.ts';
import { handleSchema } from './relationships.ts';

const REFERENCE_MAX = 200;
/** More codes than there are checks. */
const CODES_MAX = 64;

const accessIdSchema = id<AccessId>('An access: one attempt to use a ground.', EXAMPLE.access);

const otherBasis = z.enum(OTHER_BASES);
const reference = line(REFERENCE_MAX, 'A document’s number; it is kept in the vault only.', 'EX-1890-1');

const door = partyIdSchema.nullable().meta({
  description: 'Where data leave: the source of a QUERY, the recipient of a REPORT or PROVIDE; else null.',
  examples: [EXAMPLE.source],
});

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
  })
  .meta({ id: 'AskAccess' });

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
  entry: placedSchema,
};

export const accessSchema = z
  .strictObject({
    ...accessFields,
    receipt: z.string().meta({
      description: 'Where the receipt is, once a checkpoint covers the entry.',
      examples: [`/v1/accesses/${EXAMPLE.access}/receipt`],
    }),
  })
  .meta({ id: 'Access' });

export const receiptText = z.string().meta({
  description: 'One canonical JSON file: slices, entry signatures, `c2sp.org/tlog-proof@v1` texts.',
});

export const accessParams = z.strictObject({ id: accessIdSchema });
