/** Routes of time-stamps: anyone may read them, and anyone may keep them. */
import { listTimeStamps, readTimeStamp } from '#service/time-stamps.ts';
import { NONE } from '#wire/common.ts';
import { stampParams, stampsQuery, stampsSchema, stampText } from '#wire/time-stamps.ts';
import { type Api, addRead } from '../operation.ts';

const TAG = 'Log';

/** A tree is stamped once. */
const FOREVER = { 'cache-control': 'public, max-age=31536000, immutable' };
const SHORTLY = { 'cache-control': 'public, max-age=1' };

/** Adds the routes of time-stamps. */
export function addTimeStamps(api: Api): void {
  addRead(api, {
    path: '/v1/time-stamps',
    tag: TAG,
    summary: 'List the time-stamps',
    description:
      'Checkpoints that a time-stamping authority (RFC 3161) stamped, by the size of their tree. None, where the keeper asks no authority.',
    scope: 'public',
    params: NONE,
    query: stampsQuery,
    answer: stampsSchema,
    failures: [],
    call: (context, _caller, { query }) => listTimeStamps(context, query.from ?? 0),
    headers: () => SHORTLY,
  });
  addRead(api, {
    path: '/v1/time-stamps/{size}',
    tag: TAG,
    summary: 'Read a time-stamp',
    description:
      'Of the tree of just this size. `npx assent verify --time-stamp FILE --tsa FILE` verifies it: trust the authority’s certificate as you have it from elsewhere.',
    scope: 'public',
    params: stampParams,
    query: NONE,
    answer: stampText,
    text: 'application/json',
    failures: ['not_found'],
    call: (context, _caller, { params }) => readTimeStamp(context, params.size),
    headers: () => FOREVER,
  });
}
