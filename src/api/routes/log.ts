/** Routes of the log's public side: anyone may read them, and anyone may keep them. */
import { consistencyProof, inclusionProof, newestCheckpoint } from '#service/proofs.ts';
import { NONE } from '#wire/common.ts';
import { checkpointText, consistencyQuery, consistencySchema, inclusionQuery, inclusionSchema } from '#wire/log.ts';
import { type Api, addRead } from '../operation.ts';

const TAG = 'Log';

/** A proof between two sizes never changes: the tree only grows. */
const FOREVER = { 'cache-control': 'public, max-age=86400, immutable' };
const SHORTLY = { 'cache-control': 'public, max-age=1' };

/** Adds the routes of proofs and checkpoints. */
export function addLog(api: Api): void {
  addRead(api, {
    path: '/checkpoint',
    tag: TAG,
    summary: 'Read the newest checkpoint',
    params: NONE,
    query: NONE,
    answer: checkpointText,
    text: 'text/plain; charset=utf-8',
    failures: ['not_published'],
    call: (context) => newestCheckpoint(context),
    headers: () => SHORTLY,
  });
  addRead(api, {
    path: '/v1/proofs/inclusion',
    tag: TAG,
    summary: 'Prove that an entry is in the log',
    params: NONE,
    query: inclusionQuery,
    answer: inclusionSchema,
    failures: ['index_unknown', 'not_published'],
    call: (context, { query }) => inclusionProof(context, query.index, query.size),
    // Without a checkpoint of its size the answer may still gain one.
    headers: ({ checkpoint }, { query }) => (query.size !== undefined && checkpoint !== null ? FOREVER : {}),
  });
  addRead(api, {
    path: '/v1/proofs/consistency',
    tag: TAG,
    summary: 'Prove that the log only grew',
    params: NONE,
    query: consistencyQuery,
    answer: consistencySchema,
    failures: ['index_unknown'],
    call: (context, { query }) => consistencyProof(context, query.from, query.to),
    headers: () => FOREVER,
  });
}
