/**
 * `requirePermit()`: a middleware for Hono, or any router of the same form, that puts a {@link Door} before a route.
 *
 *     app.use('/reports', requirePermit(door, { subjectOf, itemsOf }));
 *
 * @module
 */
import type { Permit } from '#core/consent/permit.ts';
import type { Identifier } from '#core/consent/statement.ts';
import type { Admitted, Door, DoorCode, Released } from './door.ts';

/** The permit's text comes in this header, and the salt that binds the request to it, if it is bound, in the other. */
export const PERMIT_HEADER = 'assent-permit';
export const REQUEST_SALT_HEADER = 'assent-request-salt';
/** With the response goes the salt under which its digest stands in the ledger, and which access it was. */
export const RESPONSE_SALT_HEADER = 'assent-response-salt';
export const ACCESS_HEADER = 'assent-access';

/** A source that does not answer is answered for after this time, and recorded as an attempt, not a look. */
export const SOURCE_WAIT_MS = 5_000;

/** What a request asks for, as the route means it. Both get the request and its body as it came. */
export interface RoutePermit {
  /** What the route does with the data: a permit for anything else is not taken. */
  readonly action: Permit['action'];
  /** Whom it is about; null where it does not say: then nothing passes. */
  subjectOf(request: Request, body: Uint8Array): Identifier | null | Promise<Identifier | null>;
  /** Which items it asks for, by the catalogue's codes. */
  itemsOf(request: Request, body: Uint8Array): readonly string[] | Promise<readonly string[]>;
  /** Which of them the response really carries, and how many records; without it, all that were asked for, and one. */
  releasedOf?(response: Response, body: Uint8Array): Pick<Released, 'items' | 'count'>;
}

/** What a middleware is given: Hono's context, and whatever else has these. */
export interface Call {
  readonly req: { readonly raw: Request };
  res: Response;
}

export function requirePermit(
  door: Door,
  route: RoutePermit,
): (call: Call, next: () => Promise<void>) => Promise<Response | undefined> {
  return async function requirePermitOf(call, next) {
    const request = call.req.raw;
    const body = new Uint8Array(await request.clone().arrayBuffer());
    const items = await route.itemsOf(request, body);
    const admitted = await door.admit({
      permit: request.headers.get(PERMIT_HEADER),
      salt: request.headers.get(REQUEST_SALT_HEADER),
      subject: await route.subjectOf(request, body),
      action: route.action,
      items,
      body,
    });
    if (!admitted.admitted) return turnAway(admitted.code, admitted.codes);
    try {
      if (!(await answeredInTime(next))) {
        void admitted.settle({ ...NOTHING, result: 'failed' });
        return doorProblem(504, 'source_silent', SOURCE_SILENT);
      }
      call.res = await settleResponse(admitted, call.res, (response, sent) =>
        route.releasedOf === undefined ? { items, count: 1 } : route.releasedOf(response, sent),
      );
      return undefined;
    } catch (thrown) {
      // Nothing was handed over, and the ledger is told so; the router says it in its own way.
      void admitted.settle({ ...NOTHING, result: 'failed' });
      throw thrown;
    }
  };
}

/** Settles what a response really carries, and answers it with the headers that prove it. */
async function settleResponse(
  admitted: Admitted,
  response: Response,
  releasedOf: (response: Response, body: Uint8Array) => Pick<Released, 'items' | 'count'>,
): Promise<Response> {
  const body = new Uint8Array(await response.arrayBuffer());
  // Not awaited: the lender has its answer, and the ledger hears of it at once. What fails stays overdue there.
  void admitted.settle(releaseOf(response, body, releasedOf));
  const headers = new Headers(response.headers);
  headers.set(ACCESS_HEADER, admitted.permit.access);
  headers.set(RESPONSE_SALT_HEADER, admitted.salt);
  const hasNoBody = response.status === 204 || response.status === 304;
  return new Response(hasNoBody ? null : body, { status: response.status, headers });
}

function releaseOf(
  response: Response,
  body: Uint8Array,
  releasedOf: (response: Response, body: Uint8Array) => Pick<Released, 'items' | 'count'>,
): Released {
  if (response.status === 204 || response.status === 404) return { ...NOTHING, result: 'nothing_found' };
  if (response.status >= 500) return { ...NOTHING, result: 'failed' };
  if (!response.ok) return { ...NOTHING, result: 'refused', reason: 'OTHER' };
  const { items, count } = releasedOf(response, body);
  if (items.length === 0) return { ...NOTHING, result: 'nothing_found' };
  return { result: 'released', reason: null, items, count, body };
}

/** An attempt, and not a look. */
export const SOURCE_SILENT: Said = {
  detail: 'the source did not answer',
  next: 'Try again later with a new access: the use of this one is given back.',
};

const NOTHING = { reason: null, items: [], count: 0, body: null } as const;

async function answeredInTime(next: () => Promise<void>): Promise<boolean> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), SOURCE_WAIT_MS);
  });
  try {
    return await Promise.race([next().then(() => true), late]);
  } finally {
    clearTimeout(timer);
  }
}

const STATUS: Readonly<Record<DoorCode, number>> = {
  permit_required: 401,
  permit_invalid: 401,
  permit_door: 403,
  permit_lapsed: 403,
  permit_redeemed: 403,
  permit_subject: 403,
  permit_scope: 403,
  permit_request: 403,
  permit_denied: 403,
  ledger_unreachable: 503,
};

const DETAIL: Readonly<Record<DoorCode, string>> = {
  permit_required: `want a permit in the header ${PERMIT_HEADER}: ask the ledger for an access first`,
  permit_invalid: 'not a permit that this ledger signed',
  permit_door: 'the permit is for another door',
  permit_lapsed: 'the permit has lapsed: ask for an access again',
  permit_redeemed: 'the permit was taken before: it is good once',
  permit_subject: 'the permit is for another person',
  permit_scope: 'the permit does not cover what is asked for',
  permit_request: 'the permit is for another request',
  permit_denied: 'it is not allowed any more',
  ledger_unreachable: 'the ledger did not answer: nothing is handed over',
};

const ASK_ANEW = 'Ask the ledger for an access again, for just what you want here: POST /v1/accesses.';

const NEXT: Readonly<Record<DoorCode, string>> = {
  permit_required: 'Ask the ledger for an access (POST /v1/accesses), and send its permit.',
  permit_invalid: 'Send the permit as the ledger answered it, and to a door of that ledger.',
  permit_door: 'Go to the door that the access names, or ask for an access that names this one.',
  permit_lapsed: ASK_ANEW,
  permit_redeemed: ASK_ANEW,
  permit_subject: ASK_ANEW,
  permit_scope: ASK_ANEW,
  permit_request:
    'Send the request that the permit is bound to, byte for byte, with its salt; or ask for another access.',
  permit_denied: 'Read the access: its codes say what ended. GET /v1/accesses/{id}.',
  ledger_unreachable: 'Try again later, with the same permit.',
};

/** The answer to who has no good permit. */
export function turnAway(code: DoorCode, codes: readonly string[]): Response {
  return doorProblem(STATUS[code], code, { detail: DETAIL[code], next: NEXT[code], codes });
}

interface Said {
  readonly detail: string;
  readonly next: string;
  readonly codes?: readonly string[];
}

/** A problem as a door answers it (RFC 9457). */
export function doorProblem(status: number, code: string, { detail, next, codes = [] }: Said): Response {
  const body = { type: 'about:blank', title: detail, status, detail, code, codes, next };
  const headers = { 'content-type': 'application/problem+json', 'cache-control': 'no-store' };
  return new Response(JSON.stringify(body), {
    status,
    headers: status === 503 ? { ...headers, 'retry-after': '2' } : headers,
  });
}
