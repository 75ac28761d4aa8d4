/** Routes of jobs: lists too long for one request. */
import { createJob, readJob, storePart } from '#service/jobs/jobs.ts';
import { readResults } from '#service/jobs/results.ts';
import { askBatchSchema } from '#wire/accesses.ts';
import { NONE } from '#wire/common.ts';
import {
  createJobSchema,
  jobCreatedSchema,
  jobParams,
  jobSchema,
  partParams,
  partResultsSchema,
  partStoredSchema,
  RESULTS_MAX,
  resultsQuery,
} from '#wire/jobs.ts';
import { type Api, addRead, addWrite } from '../operation.ts';
import { BATCH_BYTES_MAX } from './bulk.ts';

const TAG = 'Jobs';

/** Adds the routes of jobs. */
export function addJobs(api: Api): void {
  addWrite(api, {
    path: '/v1/jobs',
    tag: TAG,
    summary: 'Make a job',
    description:
      'For lists of more than 10,000 rows. Its parts are sent one by one, in any order, and decided while others come.',
    signed: 'by a party',
    params: NONE,
    body: createJobSchema,
    answer: jobCreatedSchema,
    failures: [],
    call: (context, caller, { body }) => createJob(context, caller, body),
    location: ({ job }) => `/v1/jobs/${job}`,
  });
  addWrite(api, {
    path: '/v1/jobs/{id}/parts/{part}',
    tag: TAG,
    summary: 'Send a part of a job',
    description:
      'The same body as a batch. It is stored before it is answered, and decided within a day or not at all. Sending the same rows again, under whatever key, changes nothing.',
    signed: 'by a party',
    params: partParams,
    body: askBatchSchema,
    bytesMax: BATCH_BYTES_MAX,
    answer: partStoredSchema,
    failures: ['job_unknown', 'part_unknown', 'part_mismatch', 'limit_reached'],
    call: (context, caller, { params, body }) =>
      storePart(context, caller, { job: params.id, part: params.part, ...body }),
    location: ({ job }) => `/v1/jobs/${job}`,
  });
  addJobReads(api);
}

function addJobReads(api: Api): void {
  addRead(api, {
    path: '/v1/jobs/{id}',
    tag: TAG,
    summary: 'Read a job',
    description: 'How far it is, and which parts are there: for the party whose job it is.',
    scope: 'caller',
    params: jobParams,
    query: NONE,
    answer: jobSchema,
    failures: ['job_unknown'],
    call: (context, caller, { params }) => readJob(context, caller, params.id),
  });
  addRead(api, {
    path: '/v1/jobs/{id}/parts/{part}/results',
    tag: TAG,
    summary: 'Read the results of a part',
    description:
      'A result for each row that is decided, in order, 2,000 at once. A permit lives for minutes: take it while the part is fresh (`permits=true`), or ask for the access again when you really query.',
    scope: 'caller',
    params: partParams,
    query: resultsQuery,
    answer: partResultsSchema,
    failures: ['job_unknown', 'part_unknown'],
    call: (context, caller, { params, query }) =>
      readResults(context, caller, {
        job: params.id,
        part: params.part,
        from: query.from ?? 0,
        count: RESULTS_MAX,
        permits: query.permits === 'true',
      }),
  });
}
