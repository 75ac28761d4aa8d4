/**
 * Operations: one description of each, from which both its route and its documentation are made.
 *
 * A write and a read go the same way each time: parse with wire, call the service, encode.
 *
 * @module
 */
import type { OpenAPIHono, z } from '@hono/zod-openapi';
import type { Context as Call } from 'hono';
import { parseUtf8, utf8 } from '#core/bytes.ts';
import { Failure, type FailureCode, readAs } from '#core/failure.ts';
import { hashText, sha256 } from '#core/hash.ts';
import { type Auditor, authenticateAuditor } from '#service/auditors.ts';
import { authenticate, type Caller, type Request } from '#service/caller.ts';
import type { Context } from '#service/context.ts';
import { requireSeen } from '#service/seen.ts';
import { parseInput } from '#wire/input.ts';
import { parseStrictJson } from '#wire/json.ts';
import { answer, type Env, type Answer as Made } from './answer.ts';
import { readBody } from './body.ts';
import { describeRead, describeWrite } from './describe.ts';
import { hostOf } from './host.ts';
import { problemOf } from './problem.ts';
import { readSigned } from './signed.ts';
import { signAnswer } from './signed-answer.ts';

/** Where operations are added to. */
export interface Api {
  readonly app: OpenAPIHono<Env>;
  readonly context: Context;
  /** What a signature's `@authority` has to be, for a request that came with this Host. */
  readonly authority: (host: string) => string;
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

/** Who has to sign a write: the request a party, or the subject itself; or what stands in the body is what was signed. */
export type SignedBy = 'by a party' | 'by a party or its subject' | SignedInBody;
type SignedInBody = 'by the subject’s statement' | 'by the recovery key';

interface WriteOf<
  Params extends z.ZodObject,
  Body extends z.ZodType,
  Answer extends z.ZodType,
  By extends SignedBy,
  Who,
> extends Operation<Params, Answer> {
  readonly signed: By;
  readonly body: Body;
  /** How long its body may be, if it is more than most. */
  readonly bytesMax?: number;
  /** 200 where nothing is made. */
  readonly status?: 200 | 201;
  call(
    context: Context,
    who: Who,
    input: { readonly params: z.output<Params>; readonly body: z.output<Body> },
  ): Promise<z.output<Answer>>;
  /** Where to find what was made. */
  location?(answer: z.output<Answer>): string;
}

export type Write<Params extends z.ZodObject, Body extends z.ZodType, Answer extends z.ZodType> =
  | WriteOf<Params, Body, Answer, 'by a party' | 'by a party or its subject', Caller>
  | WriteOf<Params, Body, Answer, SignedInBody, Request>;

interface ReadOf<
  Params extends z.ZodObject,
  Query extends z.ZodObject,
  Answer extends z.ZodType,
  Scope extends 'public' | 'caller',
  Who,
> extends Operation<Params, Answer> {
  readonly query: Query;
  readonly scope: Scope;
  /** The answer's content type, if it is not JSON made of a value but a text sent as it is. */
  readonly text?: string;
  call(
    context: Context,
    who: Who,
    input: { readonly params: z.output<Params>; readonly query: z.output<Query> },
  ): Promise<z.output<Answer>>;
  status?(answer: z.output<Answer>): 200 | 503;
  headers?(
    answer: z.output<Answer>,
    input: { readonly params: z.output<Params>; readonly query: z.output<Query> },
    context: Context,
  ): Readonly<Record<string, string>>;
}

/** What anyone may read, or only who signs the request and is a party of it: to others it does not exist. */
export type Read<Params extends z.ZodObject, Query extends z.ZodObject, Answer extends z.ZodType> =
  | ReadOf<Params, Query, Answer, 'public', null>
  | ReadOf<Params, Query, Answer, 'caller', Caller>;

/** Adds a `POST` that makes entries. A repeat of it under the same key gets the same answer, byte for byte. */
export function addWrite<Params extends z.ZodObject, Body extends z.ZodType, Answer extends z.ZodType>(
  api: Api,
  write: Write<Params, Body, Answer>,
): void {
  const { app, context } = api;
  app.openAPIRegistry.registerPath(describeWrite(write));
  const readParams = paramsReader(write.path, write.params);

  async function make(call: Call<Env>): Promise<Made> {
    refuseOtherSpelling(call);
    const params = readParams(call);
    const request = await readWrite(api, call, write.bytesMax);
    const bytes = utf8(request.body);
    await refuseOlder(context, call);
    // Who is not known gets to hear nothing of how the body was.
    const who = isSignedInBody(write) ? null : await authenticate(context, request);
    if (who === null && request.signed !== null) await authenticate(context, request);
    const body = parseInput(write.body, parseStrictJson(bytes));
    const input = { params, body };
    const made = isSignedInBody(write)
      ? await write.call(context, request, input)
      : await write.call(context, who as Caller, input);
    const location = write.location?.(made);
    return {
      status: write.status ?? 201,
      body: JSON.stringify(made),
      headers: { 'content-type': 'application/json', ...(location === undefined ? {} : { location }) },
    };
  }

  app.post(routeOf(write.path), async (call) => {
    const idempotencyKey = parseIdempotencyKey(call);
    // As it was asked for: a decoded path could hold line ends, and the signed base is lines.
    const path = new URL(call.req.url).pathname;
    const signed = (made: Made) => signAnswer(context, { path, idempotencyKey }, made);
    try {
      return answer(context, call, await signed(await make(call)));
    } catch (thrown) {
      return answer(context, call, await signed(problemOf(context, call, thrown)));
    }
  });
}

function isSignedInBody<Params extends z.ZodObject, Body extends z.ZodType, Answer extends z.ZodType>(
  write: Write<Params, Body, Answer>,
): write is WriteOf<Params, Body, Answer, SignedInBody, Request> {
  return write.signed === 'by the subject’s statement' || write.signed === 'by the recovery key';
}

/** Reads the raw request: nothing of it is believed yet. */
async function readWrite(
  { authority }: Api,
  call: Call<Env>,
  bytesMax?: number,
): Promise<Request & { readonly body: string }> {
  const bytes = await readBody(call, bytesMax);
  const body = readAs('json_malformed', 'the body is not UTF-8', () => parseUtf8(bytes));
  return {
    idempotencyKey: parseIdempotencyKey(call),
    method: 'POST',
    path: call.req.path,
    query: '',
    contentDigest: hashText(sha256(bytes)),
    signed: readSigned(call, authority(hostOf(call)), body),
    body,
  };
}

/** Adds a `GET`. */
export function addRead<Params extends z.ZodObject, Query extends z.ZodObject, Answer extends z.ZodType>(
  { app, context, authority }: Api,
  read: Read<Params, Query, Answer>,
): void {
  app.openAPIRegistry.registerPath(describeRead(read));
  const readParams = paramsReader(read.path, read.params);
  app.get(routeOf(read.path), async (call) => {
    const params = readParams(call);
    await refuseOlder(context, call);
    const who =
      read.scope === 'public' ? null : await authenticate(context, readRequest(call, authority(hostOf(call))));
    const input = { params, query: parseInput(read.query, parseQuery(call)) };
    const found =
      read.scope === 'public' ? await read.call(context, null, input) : await read.call(context, who as Caller, input);
    return answer(context, call, {
      status: read.status?.(found) ?? 200,
      body: read.text === undefined ? JSON.stringify(found) : String(found),
      headers: { 'content-type': read.text ?? 'application/json', ...read.headers?.(found, input, context) },
    });
  });
}

/** Which auditor signed a read. @throws {Failure} as {@link authenticateAuditor}; `behind` */
export async function auditorOf({ context, authority }: Api, call: Call<Env>): Promise<Auditor> {
  await refuseOlder(context, call);
  return authenticateAuditor(context, readRequest(call, authority(hostOf(call))));
}

/** `assent-seen`: the size of the tree that the caller has seen. */
async function refuseOlder(context: Context, call: Call<Env>): Promise<void> {
  const seen = call.req.header('assent-seen');
  if (seen === undefined) return;
  if (!/^(?:0|[1-9][0-9]{0,14})$/.test(seen))
    throw new Failure('input_invalid', 'assent-seen: want the size of a tree');
  await requireSeen(context, Number(seen));
}

function readRequest(call: Call<Env>, authority: string): Request {
  const { path } = call.req;
  return {
    idempotencyKey: '',
    method: call.req.method,
    path,
    query: '',
    contentDigest: '',
    signed: readSigned(call, authority, ''),
  };
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

/**
 * A write goes to its path as documented. The router decodes, the signature does not: what is signed in another spelling
 * would be taken here, and be a finding of the audit.
 */
function refuseOtherSpelling(call: Call<Env>): void {
  if (call.req.url.includes('?')) throw new Failure('input_invalid', 'a write has no query');
  if (call.req.url.includes('%'))
    throw new Failure('input_invalid', 'want the path as documented, nothing of it encoded');
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
