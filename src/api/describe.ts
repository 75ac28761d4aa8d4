/**
 * The documentation of operations, as OpenAPI 3.1.
 *
 * @module
 */
import type { OpenAPIHono, RouteConfig, z } from '@hono/zod-openapi';
import type { FailureCode } from '#core/failure.ts';
import { problemSchema } from '#wire/problem.ts';
import type { Env } from './answer.ts';
import { PROBLEMS } from './problem.ts';

interface Described {
  readonly path: string;
  readonly tag: string;
  readonly summary: string;
  readonly description?: string;
  readonly params: z.ZodObject;
  readonly answer: z.ZodType;
  readonly failures: readonly FailureCode[];
}

export type OpenApiDocument = ReturnType<OpenAPIHono<Env>['getOpenAPI31Document']>;

const OF_EVERY_READ: readonly FailureCode[] = ['input_invalid', 'host_unknown', 'behind', 'store_unavailable'];
/** What can be wrong with who asks. */
const OF_SIGNED: readonly FailureCode[] = [
  'signature_required',
  'signature_malformed',
  'digest_mismatch',
  'signature_stale',
  'signature_refused',
  'key_ended',
  'key_waiting',
  'principal_mismatch',
  'rate_limited',
];
const OF_EVERY_WRITE: readonly FailureCode[] = [
  'json_malformed',
  'input_invalid',
  'idempotency_key_invalid',
  'too_large',
  'media_type',
  'host_unknown',
  'idempotency_mismatch',
  'queue_full',
  'read_only',
  'clock_unsound',
  'behind',
  'store_unavailable',
];

const IDEMPOTENCY_KEY = {
  name: 'idempotency-key',
  in: 'header',
  required: true,
  description: 'One random key for each write, 1 to 128 visible ASCII characters. A repeat gets the same answer.',
  schema: { type: 'string', minLength: 1, maxLength: 128, pattern: '^[\\x21-\\x7e]{1,128}$' },
  example: 'f1d2c3b4-0001',
} as const;

export function describeWrite(
  write: Described & { readonly body: z.ZodType; readonly signed: string; readonly status?: 200 | 201 },
): RouteConfig {
  return {
    ...described(write, [...OF_EVERY_WRITE, ...OF_SIGNED, ...write.failures]),
    method: 'post',
    'x-signed': write.signed,
    parameters: [IDEMPOTENCY_KEY],
    request: {
      params: write.params,
      body: { required: true, content: { 'application/json': { schema: write.body } } },
    },
    responses: {
      [write.status ?? 201]: {
        description: write.status === 200 ? 'Answered.' : 'Written, now or before.',
        content: { 'application/json': { schema: write.answer } },
      },
      ...problems([...OF_EVERY_WRITE, ...OF_SIGNED, ...write.failures]),
    },
  };
}

export function describeRead(
  read: Described & { readonly query: z.ZodObject; readonly scope: string; readonly text?: string },
): RouteConfig {
  const failures = [...OF_EVERY_READ, ...(read.scope === 'caller' ? OF_SIGNED : []), ...read.failures];
  return {
    ...described(read, failures),
    'x-scope': read.scope,
    method: 'get',
    request: { params: read.params, query: read.query },
    responses: {
      200: { description: 'Found.', content: { [read.text ?? 'application/json']: { schema: read.answer } } },
      ...problems(failures),
    },
  };
}

/** The whole document. */
export function describeApi(app: OpenAPIHono<Env>): OpenApiDocument {
  return app.getOpenAPI31Document({
    openapi: '3.1.0',
    info: {
      title: 'Assent',
      version: '1',
      description:
        'A ledger of authorizations and consents for data sharing. Every write is an entry of a signed, hash-chained Merkle log.',
      license: { name: 'Apache-2.0' },
    },
    servers: [{ url: '/' }],
  });
}

function described({ path, tag, summary, description }: Described, failures: readonly FailureCode[]) {
  return {
    path,
    tags: [tag],
    summary,
    ...(description === undefined ? {} : { description }),
    operationId: summary.toLowerCase().replace(/[^a-z]+/g, '-'),
    'x-problems': [...new Set(failures)],
  };
}

/** One response for each status, naming the codes behind it. */
function problems(codes: readonly FailureCode[]): RouteConfig['responses'] {
  const byStatus = Map.groupBy(new Set(codes), (code) => PROBLEMS[code].status);
  return Object.fromEntries(
    [...byStatus].map(([status, each]) => [
      status,
      {
        description: each.map((code) => `\`${code}\`: ${PROBLEMS[code].title}`).join('; '),
        content: { 'application/problem+json': { schema: problemSchema } },
      },
    ]),
  );
}
