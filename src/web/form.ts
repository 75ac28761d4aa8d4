/**
 * Forms that pages post: read strictly, and only from our own pages.
 *
 * @module
 */
import type { Context as Call, MiddlewareHandler } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import type { z } from 'zod';
import { utf8 } from '#core/bytes.ts';
import { Failure } from '#core/failure.ts';
import { hashText, sha256 } from '#core/hash.ts';
import type { Request } from '#service/caller.ts';
import { parseInput } from '#wire/input.ts';
import { requireSameOrigin } from './origin.ts';

const FORM_BYTES_MAX = 128 * 1024;

/**
 * A page elsewhere may post a form here in its visitor's name: only what our own pages sent is read. Refuses with
 * `cross_site` and `too_large`.
 *
 * @param origin As it is configured; undefined: whatever was asked for.
 */
export function ownForms(origin: string | undefined): readonly MiddlewareHandler[] {
  const fromUs: MiddlewareHandler = (call, next) => {
    requireSameOrigin(call, origin);
    return next();
  };
  return [fromUs, bodyLimit({ maxSize: FORM_BYTES_MAX, onError: refuseLarge })];
}

function refuseLarge(): never {
  throw new Failure('too_large', `a form has ${FORM_BYTES_MAX} bytes at most`);
}

/**
 * Reads a form by a schema: a field that stands several times is a list.
 *
 * @throws {Failure} `media_type`, `input_invalid`
 */
export async function readForm<S extends z.ZodType>(call: Call, schema: S): Promise<z.output<S>> {
  const type = call.req.header('content-type') ?? '';
  if (!/^application\/x-www-form-urlencoded(?:;|$)/i.test(type)) {
    throw new Failure('media_type', 'want content-type: application/x-www-form-urlencoded');
  }
  const fields = Object.entries(Object.groupBy(new URLSearchParams(await call.req.text()), ([name]) => name));
  const values = fields.map(([name, pairs = []]) => [
    name,
    pairs.length === 1 ? pairs[0]?.[1] : pairs.map(([, each]) => each),
  ]);
  return parseInput(schema, Object.fromEntries(values));
}

/** What a page asks of a use case. `once` came with the form, so that a form that is sent twice makes one entry. */
export function pageRequest(call: Call, once: string, said: string): Request {
  const contentDigest = hashText(sha256(utf8(said)));
  return { idempotencyKey: once, method: 'POST', path: call.req.path, query: '', contentDigest, signed: null };
}
