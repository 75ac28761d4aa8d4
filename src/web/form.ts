/**
 * Forms that pages post: read strictly, and only from our own pages.
 *
 * @module
 */
import type { Context as Call, MiddlewareHandler } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { z } from 'zod';
import { toBase64Url, utf8 } from '#core/bytes.ts';
import { Failure } from '#core/failure.ts';
import { hashText, sha256 } from '#core/hash.ts';
import { ASSERTION_CHARS_MAX } from '#core/webauthn/assertion.ts';
import type { Request } from '#service/caller.ts';
import type { Context } from '#service/context.ts';
import { parseInput } from '#wire/input.ts';
import { requireSameOrigin } from './origin.ts';

const FORM_BYTES_MAX = 128 * 1024;
const ONCE_BYTES = 16;
const CREDENTIAL_CHARS_MAX = 1_400;

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
  return [fromUs, limitForms];
}

/** For a form that another site's page may post to us. */
export const limitForms: MiddlewareHandler = bodyLimit({ maxSize: FORM_BYTES_MAX, onError: refuseLarge });

function refuseLarge(): never {
  throw new Failure('too_large', `a form has ${FORM_BYTES_MAX} bytes at most`);
}

/** A form that is sent twice names itself alike, and makes one entry. */
export const onceField = z.string().regex(/^[A-Za-z0-9_-]{22}$/);

export function newOnce({ random }: Pick<Context, 'random'>): string {
  return toBase64Url(random(ONCE_BYTES));
}

/** What the script puts into a form that a passkey signs (scripts/passkey.ts). */
export const signedFields = {
  credential: z.string().min(1).max(CREDENTIAL_CHARS_MAX),
  signature: z.string().min(1).max(ASSERTION_CHARS_MAX),
  signed_at: z
    .string()
    .regex(/^[1-9][0-9]{0,15}$/)
    .transform(Number),
};

/** None, one, or several of a name. */
export const severalField = z
  .union([z.string(), z.array(z.string())])
  .optional()
  .transform((value) => (value === undefined ? [] : [value].flat()));

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
  const values = fields.map(([name, pairs = []]) => {
    const said = pairs.map(([, value]) => value);
    return [name, said.length === 1 ? said[0] : said];
  });
  return parseInput(schema, Object.fromEntries(values));
}

/** What a page asks of a use case. The form's own `once` is its idempotency key; `said` is what it asks for. */
export function pageRequest(call: Call, once: string, said: string): Request {
  const contentDigest = hashText(sha256(utf8(said)));
  return { idempotencyKey: once, method: 'POST', path: call.req.path, query: '', contentDigest, signed: null };
}
