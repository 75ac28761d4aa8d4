/** Routes of the log's public side: anyone may read them, and anyone may keep them. */
import { consistencyProof, formerCheckpoint, inclusionProof, newestCheckpoint, readFounding } from '#service/proofs.ts';
import { NONE } from '#wire/common.ts';
import {
  checkpointText,
  consistencyQuery,
  consistencySchema,
  foundingSchema,
  inclusionQuery,
  inclusionSchema,
  originParams,
} from '#wire/log.ts';
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
    scope: 'public',
    params: NONE,
    query: NONE,
    answer: checkpointText,
    text: 'text/plain; charset=utf-8',
    failures: ['not_published'],
    call: (context) => newestCheckpoint(context),
    headers: () => SHORTLY,
  });
  addRead(api, {
    path: '/v1/log/origins/{key_id}/checkpoint',
    tag: TAG,
    summary: 'Read the last checkpoint of a former name',
    description:
      'A log whose tail was lost goes on under another name (docs/keeper.md): what `/checkpoint` served before is kept here.',
    scope: 'public',
    params: originParams,
    query: NONE,
    answer: checkpointText,
    text: 'text/plain; charset=utf-8',
    failures: ['not_found', 'not_published'],
    call: (context, _caller, { params }) => formerCheckpoint(context, params.key_id),
    headers: () => FOREVER,
  });
  addRead(api, {
    path: '/v1/log',
    tag: TAG,
    summary: 'Read the ledger’s keys',
    description:
      'Entry 0 with its proof: whoever trusts the vkey learns the other keys from the log, not from this server.',
    scope: 'public',
    params: NONE,
    query: NONE,
    answer: foundingSchema,
    failures: ['not_published'],
    call: (context) => readFounding(context),
  });
  addProofs(api);
}

function addProofs(api: Api): void {
  addRead(api, {
    path: '/v1/proofs/inclusion',
    tag: TAG,
    summary: 'Prove that an entry is in the log',
    scope: 'public',
    params: NONE,
    query: inclusionQuery,
    answer: inclusionSchema,
    failures: ['index_unknown', 'not_published'],
    call: (context, _caller, { query }) => inclusionProof(context, query.index, query.size),
    // Without a checkpoint of its size the answer may still gain one.
    headers: ({ checkpoint }, { query }) => (query.size !== undefined && checkpoint !== null ? FOREVER : {}),
  });
  addRead(api, {
    path: '/v1/proofs/consistency',
    tag: TAG,
    summary: 'Prove that the log only grew',
    scope: 'public',
    params: NONE,
    query: consistencyQuery,
    answer: consistencySchema,
    failures: ['index_unknown'],
    call: (context, _caller, { query }) => consistencyProof(context, query.from, query.to),
    headers: () => FOREVER,
  });
}
