/** AuthZEN 1.0 messages, with the words of accesses. */
import { z } from 'zod';
import { askAccessSchema, BATCH_ROWS_MAX } from './accesses.ts';
import { EXAMPLE, listOf } from './common.ts';
import { grantIdSchema } from './grants.ts';

const { principal, handle, action, purpose, items, door, bound } = askAccessSchema.shape;

const parts = {
  subject: z.strictObject({ type: z.literal('party'), id: principal }).meta({ description: 'Who asks: the grantee.' }),
  action: z.strictObject({ name: action }),
  resource: z
    .strictObject({ type: z.literal('relationship'), id: handle, properties: z.strictObject({ items }) })
    .meta({ description: 'Whose data, by the handle, and which.' }),
  context: z
    .strictObject({ grant: grantIdSchema, purpose, door: door.optional(), bound: bound.optional() })
    .meta({ description: 'The ground, the purpose, and the door that the data would leave by.' }),
};

export const evaluationSchema = z.strictObject(parts).meta({ id: 'Evaluation' });

const { subject, action: actionPart, resource, context } = parts;

export const evaluationsSchema = z
  .strictObject({
    subject,
    action: actionPart.optional(),
    resource: resource.optional(),
    context: context.optional(),
    evaluations: listOf(
      z.strictObject({ action: actionPart.optional(), resource: resource.optional(), context: context.optional() }),
      BATCH_ROWS_MAX,
      1,
    ),
    options: z
      .strictObject({ evaluations_semantic: z.literal('execute_all') })
      .optional()
      .meta({ description: 'Every one is executed: each is an access of its own.' }),
  })
  .refine((request) => request.evaluations.every((each) => isWhole({ ...request, ...each })), {
    error: 'want an action, a resource and a context for each evaluation, its own or the request’s',
  })
  .meta({ id: 'Evaluations' });

function isWhole(evaluation: { readonly action?: unknown; readonly resource?: unknown; readonly context?: unknown }) {
  const { action, resource, context } = evaluation;
  return [action, resource, context].every((part) => part !== undefined);
}

export const evaluatedSchema = z
  .strictObject({
    decision: z.boolean().meta({ examples: [true] }),
    context: z.strictObject({
      access: z.string().meta({ examples: [EXAMPLE.access] }),
      codes: listOf(z.string(), 64).meta({ examples: [[]] }),
      permit: z
        .string()
        .nullable()
        .meta({ examples: [null] }),
      until: z
        .int()
        .nullable()
        .meta({ examples: [null] }),
    }),
  })
  .meta({ id: 'Evaluated' });

export const evaluatedAllSchema = z
  .strictObject({ evaluations: listOf(evaluatedSchema, BATCH_ROWS_MAX) })
  .meta({ id: 'EvaluatedAll' });
