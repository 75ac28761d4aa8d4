/**
 * Operations: one description of each, from which both its route and its documentation are made.
 *
 * A write and a read go the same way each time: parse with wire, call the service, encode.
 *
 * @module
 */
import type { OpenAPIHono, z } from '@hono/zod-openapi';
import type { Context as Call } from 'hono';
import { Failure, type FailureCode } from '#core/failure.ts';
import { hashText, sha256 } from '#core/hash.ts';
import type { Request } from '#service/call.ts';
import type { Context } from '#service/context.ts';
import { parseInput } from '#wire/input.ts';
import { parseStrictJson } from '#wire/json.ts';
import { answer, type Env } from './answer.ts';
import { readBody } from './body.ts';
import { describeRead, describeWrite } from './describe.ts';

/** Where operations are added to. */
export interface Api {
  readonly app: OpenAPIHono<Env>;
  readonly context: Context;
  readonly writes: 'allowed' | 'refused';
}

interface Operation<Params extends z.ZodObject, Answer extends z.ZodType> {
  /** As OpenAPI writes it: `/v1/grants/{id}`. */
  readonly path: string;
  readonly tag: string;
  readonly summary: string;
  readonly description?: string;
  readonly params: Params;
  readonly answer: Answer;
  /** What it can fail with, beyond what every operation can. */
  readonly failures: readonly FailureCode[];
}

export interface Write<Params extends z.ZodObject, Body extends z.ZodType, Answer extends z.ZodType>
  extends Operation<Params, Answer> {
  readonly body: Body;
  call(
    context: Context,
    request: Request,
    input: { readonly params: z.output<Params>; readonly body: z.output<Body> },
  ): Promise<z.output<Answer>>;
  /** Where to find what was made. */
  location?(answer: z.output<Answer>): string;
}

export interface Read<Params extends z.ZodObject, Query extends z.ZodObject, Answer extends z.ZodType>
  extends Operation<Params, Answer> {
  readonly query: Query;
  /** The answer's content type, if it is not JSON made of a value but a text sent as it is. */
  readonly text?: string;
  call(
    context: Context,
    input: { readonly params: z.output<Params>; readonly query: z.output<Query> },
  ): Promise<z.output<Answer>>;
  status?(answer: z.output<Answer>): 200 | 503;
  headers?(
    answer: z.output<Answer>,
    input: { readonly params: z.output<Params>; readonly query: z.output<Query> },
  ): Readonly<Record<string, string>>;
}

/** Adds a `POST` that makes entries. A repeat of it under the same key gets the same answer, byte for byte. */
export function addWrite<Params extends z.ZodObject, Body extends z.ZodType, Answer extends z.ZodType>(
  { app, context, writes }: Api,
  write: Write<Params, Body, Answer>,
): void {
  app.openAPIRegistry.registerPath(describeWrite(write));
  const readParams = paramsReader(write.path, write.params);
  app.post(routeOf(write.path), async (call) => {
    if (writes === 'refused') throw new Failure('read_only', 'this server takes no writes');
    const idempotencyKey = parseIdempotencyKey(call);
    refuseQuery(call);
    const params = readParams(call);
    const bytes = await readBody(call);
    const body = parseInput(write.body, parseStrictJson(bytes));
    const request: Request = {
      idempotencyKey,
      method: 'POST',
      path: call.req.path,
      query: '',
      contentDigest: hashText(sha256(bytes)),
    };
    const made = await write.call(context, request, { params, body });
    const location = write.location?.(made);
    return answer(context, call, {
      status: 201,
      body: JSON.stringify(made),
      headers: { 'content-type': 'application/json', ...(location === undefined ? {} : { location }) },
    });
  });
}

/** Adds a `GET`. */
export function addRead<Params extends z.ZodObject, Query extends z.ZodObject, Answer extends z.ZodType>(
  { app, context }: Api,
  read: Read<Params, Query, Answer>,
): void {
  app.openAPIRegistry.registerPath(describeRead(read));
  const readParams = paramsReader(read.path, read.params);
  app.get(routeOf(read.path), async (call) => {
    const params = readParams(call);
    const input = { params, query: parseInput(read.query, parseQuery(call)) };
    const found = await read.call(context, input);
    return answer(context, call, {
      status: read.status?.(found) ?? 200,
      body: read.text === undefined ? JSON.stringify(found) : String(found),
      headers: { 'content-type': read.text ?? 'application/json', ...read.headers?.(found, input) },
    });
  });
}

/** The path as Hono writes it: `/v1/grants/:id`. */
function routeOf(path: string): string {
  return path.replace(/\{(\w+)\}/g, ':$1');
}

function paramsReader<Params extends z.ZodObject>(path: string, schema: Params): (call: Call<Env>) => z.output<Params> {
  if (path.includes('{')) return (call) => parseInput(schema, call.req.param());
  const none = parseInput(schema, {});
  return () => none;
}

/** Visible ASCII has no space, so that two headers, which arrive joined by one, are not taken for a key. */
const IDEMPOTENCY_KEY = /^[\x21-\x7e]{1,128}$/;

function parseIdempotencyKey(call: Call<Env>): string {
  const key = call.req.header('idempotency-key');
  if (key === undefined) throw new Failure('idempotency_key_invalid', 'the header Idempotency-Key is missing');
  if (!IDEMPOTENCY_KEY.test(key)) {
    throw new Failure('idempotency_key_invalid', 'want one Idempotency-Key of 1 to 128 visible ASCII characters');
  }
  return key;
}

function refuseQuery(call: Call<Env>): void {
  if (call.req.url.includes('?')) throw new Failure('input_invalid', 'a write has no query');
}

/** Each parameter once: of two, readers would choose differently. */
function parseQuery(call: Call<Env>): Readonly<Record<string, string>> {
  const { url } = call.req;
  const start = url.indexOf('?');
  if (start < 0) return {};
  const pairs = [...new URLSearchParams(url.slice(start))];
  if (new Set(pairs.map(([name]) => name)).size !== pairs.length) {
    throw new Failure('input_invalid', 'a query parameter stands twice');
  }
  return Object.fromEntries(pairs);
}
