/** Messages about jobs: lists too long for one request. */
import { z } from 'zod';
import { JOB_PARTS_MAX } from '#core/consent/job-path.ts';
import { HASH_BYTES } from '#core/hash.ts';
import type { JobId } from '#core/ids.ts';
import { accessIdSchema, BATCH_ROWS_MAX, CODES_MAX } from './accesses.ts';
import { bytesText, count, EXAMPLE, id, listOf, time } from './common.ts';
import { partyIdSchema } from './parties.ts';

/** So many results are answered at once. */
export const RESULTS_MAX = 2_000;

const jobIdSchema = id<JobId>('A job.', EXAMPLE.job);
const rows = (description: string, example: number) =>
  z
    .int()
    .min(0)
    .meta({ description, examples: [example] });
const part = z
  .int()
  .min(0)
  .max(JOB_PARTS_MAX - 1)
  .meta({ description: 'Its number, from 0.', examples: [0] });
const parts = z
  .int()
  .min(1)
  .max(JOB_PARTS_MAX)
  .meta({ description: 'How many parts it has.', examples: [100] });

export const createJobSchema = z.strictObject({ principal: partyIdSchema, parts }).meta({ id: 'CreateJob' });

export const jobCreatedSchema = z.strictObject({ job: jobIdSchema, parts }).meta({ id: 'JobCreated' });

export const partStoredSchema = z
  .strictObject({ job: jobIdSchema, part, rows: rows('How many rows were stored.', BATCH_ROWS_MAX) })
  .meta({ id: 'PartStored' });

const partFields = {
  part,
  rows: rows('How many rows it has.', BATCH_ROWS_MAX),
  decided: rows('How many of them are decided.', 2_560),
  allowed: rows('How many of these are allowed.', 2_500),
  content: bytesText(HASH_BYTES, 'SHA-256 of the body as it was sent.', EXAMPLE.hash),
  ended: z.boolean().meta({ description: 'Whether nothing more will be decided of it.', examples: [false] }),
  error: z
    .string()
    .nullable()
    .meta({
      description:
        'Why it could not go on: `key_ended`, `signature_stale` after a day, …. What was decided until then stands; send the other rows in a new job.',
      examples: [null],
    }),
};

export const jobSchema = z
  .strictObject({
    job: jobIdSchema,
    parts,
    state: z.enum(['receiving', 'deciding', 'decided']).meta({
      description: '`receiving` until all parts are there; parts that are there are decided meanwhile.',
      examples: ['deciding'],
    }),
    created_at: time('When it was made.', EXAMPLE.time),
    rows: rows('Rows that have come.', 1_000_000),
    decided: rows('Rows that are decided.', 402_560),
    allowed: rows('Of these, allowed.', 402_500),
    denied: rows('Of these, denied.', 60),
    received: listOf(z.strictObject(partFields), JOB_PARTS_MAX).meta({ description: 'The parts that have come.' }),
  })
  .meta({ id: 'Job' });

const rowResult = z.strictObject({
  row: rows('Its place in the part, from 0.', 0),
  access: accessIdSchema,
  decision: z.enum(['allow', 'deny']).meta({ examples: ['allow'] }),
  codes: listOf(z.string(), CODES_MAX).meta({ description: 'Every reason to deny, sorted.', examples: [[]] }),
  permit: z
    .string()
    .nullable()
    .meta({
      description: 'For the door, if it was asked for and still counts; else null.',
      examples: [null],
    }),
  until: time('Until when the permit counts, or null.', EXAMPLE.time).nullable(),
});

export const partResultsSchema = z
  .strictObject({
    job: jobIdSchema,
    ...partFields,
    results: listOf(rowResult, RESULTS_MAX),
    next: rows('The `from` to go on with; null where no more is decided.', RESULTS_MAX).nullable(),
  })
  .meta({ id: 'PartResults' });

const partNumber = count('The part’s number, from 0.', 0);

export const jobParams = z.strictObject({ id: jobIdSchema });
export const partParams = z.strictObject({ id: jobIdSchema, part: partNumber });
export const resultsQuery = z.strictObject({
  from: count('The first row to read; absent: 0.', 0).optional(),
  permits: z
    .enum(['true'])
    .optional()
    .meta({ description: 'With the permits that still count: they live for minutes.', examples: ['true'] }),
});
