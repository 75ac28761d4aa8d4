/** The route of retention. */
import { readRetention } from '#service/retention.ts';
import { NONE } from '#wire/common.ts';
import { retentionQuery, retentionSchema } from '#wire/retention.ts';
import { type Api, addRead } from '../operation.ts';

/** Adds the route of retention. */
export function addRetention(api: Api): void {
  addRead(api, {
    path: '/v1/retention',
    tag: 'Law',
    summary: 'List what is kept, and what is due for erasure',
    description:
      'By relationship and class: until when it has to be kept by the packs in force, and how many things of it are due. To the keeper and to supervisors of everything, to a party of its own relationships, to a subject of its own. It erases nothing, and entries stay for ever.',
    scope: 'caller',
    params: NONE,
    query: retentionQuery,
    answer: retentionSchema,
    failures: [],
    call: (context, caller, { query }) =>
      readRetention(context, caller, { after: query.after ?? null, due: query.due === 'true' }),
  });
}
