/** Routes for many at once, for trying, and for who speaks AuthZEN. */
import type { JsonObject } from '#core/canonical.ts';
import { BATCH_PATH, EVALUATION_PATH, EVALUATIONS_PATH } from '#core/consent/request-rows.ts';
import { askBatch } from '#service/batch.ts';
import { evaluate, evaluateAll } from '#service/evaluations.ts';
import { previewAccess } from '#service/preview.ts';
import { readStatuses } from '#service/status.ts';
import { askAccessSchema, askBatchSchema, batchSchema, previewSchema } from '#wire/accesses.ts';
import { NONE } from '#wire/common.ts';
import { evaluatedAllSchema, evaluatedSchema, evaluationSchema, evaluationsSchema } from '#wire/evaluations.ts';
import { grantStatusesSchema, grantStatusQuerySchema } from '#wire/grants.ts';
import { type Api, addWrite } from '../operation.ts';

/** 10,000 rows with all their items. */
export const BATCH_BYTES_MAX = 8 * 1024 * 1024;

/** Adds the routes for many at once. */
export function addBulk(api: Api): void {
  addWrite(api, {
    path: BATCH_PATH,
    tag: 'Accesses',
    summary: 'Ask for many accesses',
    description:
      'Up to 10,000 rows by one signature, each an access of its own with a result of its own. A repeat under the same key goes on where the last one stopped.',
    signed: 'by a party',
    params: NONE,
    body: askBatchSchema,
    bytesMax: BATCH_BYTES_MAX,
    answer: batchSchema,
    failures: ['party_unknown'],
    call: (context, caller, { body }) => askBatch(context, caller, body),
  });
  addWrite(api, {
    path: '/v1/accesses/preview',
    tag: 'Accesses',
    summary: 'Preview an access',
    description: 'What it would be answered now, on own relationships only. No entry, no permit, nothing consumed.',
    signed: 'by a party',
    params: NONE,
    body: askAccessSchema,
    answer: previewSchema,
    status: 200,
    failures: ['relationship_unknown'],
    call: (context, caller, { body }) => previewAccess(context, caller, body),
  });
  addWrite(api, {
    path: '/v1/grants/status',
    tag: 'Grants',
    summary: 'Read how grants stand',
    description: 'Thousands at once, as of one size of the tree: for their grantee, and for their doors.',
    signed: 'by a party',
    params: NONE,
    body: grantStatusQuerySchema,
    answer: grantStatusesSchema,
    status: 200,
    failures: [],
    call: (context, caller, { body }) => readStatuses(context, caller, body.grants),
  });
  addEvaluations(api);
}

function addEvaluations(api: Api): void {
  addWrite(api, {
    path: EVALUATION_PATH,
    tag: 'AuthZEN',
    summary: 'Evaluate an access (AuthZEN 1.0)',
    description:
      'A real access in the words of AuthZEN: an entry, with its codes and its permit in the answer’s context.',
    signed: 'by a party',
    params: NONE,
    body: evaluationSchema,
    answer: evaluatedSchema,
    status: 200,
    failures: ['party_unknown'],
    call: (context, caller, { body }) => evaluate(context, caller, body as unknown as JsonObject),
  });
  addWrite(api, {
    path: EVALUATIONS_PATH,
    tag: 'AuthZEN',
    summary: 'Evaluate many accesses (AuthZEN 1.0)',
    signed: 'by a party',
    params: NONE,
    body: evaluationsSchema,
    bytesMax: BATCH_BYTES_MAX,
    answer: evaluatedAllSchema,
    status: 200,
    failures: ['party_unknown'],
    call: (context, caller, { body }) => evaluateAll(context, caller, body as unknown as JsonObject),
  });
}
