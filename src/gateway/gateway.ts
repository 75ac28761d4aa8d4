/**
 * The gateway: a door before a system that can't be changed. What is not mapped is closed; what is mapped passes only with
 * a good permit, and of the response only what the permit's items are.
 *
 * @module
 */
import {
  ACCESS_HEADER,
  type Admitted,
  type Door,
  doorProblem,
  PERMIT_HEADER,
  REQUEST_SALT_HEADER,
  RESPONSE_SALT_HEADER,
  type Released,
  SOURCE_SILENT,
  turnAway,
} from '#client/index.ts';
import type { GatewayMap } from '#wire/gateway.ts';
import { openRoute, type Route } from './route.ts';

export interface GatewayOptions {
  readonly door: Door;
  readonly map: GatewayMap;
  /** Such as `http://127.0.0.1:9000`. */
  readonly upstream: string;
  readonly fetch: (url: string, init: RequestInit) => Promise<Response>;
  /** A system that does not answer is answered for after this time. */
  readonly waitMs: number;
  /** Told why the system could not be asked. */
  readonly onSilent?: (thrown: unknown) => void;
}

export type Gateway = (request: Request) => Promise<Response>;

/** Headers that are between two neighbours (RFC 9110, section 7.6.1), or between lender and gateway. */
const NOT_FORWARDED = [
  'connection',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'host',
  'content-length',
  // The response is read here: it must not come compressed.
  'accept-encoding',
  PERMIT_HEADER,
  REQUEST_SALT_HEADER,
];

export function openGateway(options: GatewayOptions): Gateway {
  const routes = options.map.routes.map(openRoute);
  return async function passThrough(request) {
    const url = new URL(request.url);
    const found = findRoute(routes, request.method, url.pathname);
    if (found === undefined) return doorProblem(404, 'route_closed', CLOSED);
    const body = new Uint8Array(await request.arrayBuffer());
    const asked = found.route.readAsked(url, found.params, body);
    const admitted = await options.door.admit({
      permit: request.headers.get(PERMIT_HEADER),
      salt: request.headers.get(REQUEST_SALT_HEADER),
      ...asked,
      action: found.route.action,
      body,
    });
    if (!admitted.admitted) return turnAway(admitted.code, admitted.codes);
    const response = await ask(options, request, `${url.pathname}${found.route.queryOf(url)}`, body);
    return response === undefined ? silent(admitted) : release(admitted, found.route, asked.items, response);
  };
}

function findRoute(routes: readonly Route[], method: string, path: string) {
  for (const route of routes) {
    const params = route.match(method, path);
    if (params !== undefined) return { route, params };
  }
  return undefined;
}

interface Answered {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Uint8Array;
}

/** What the system answered, or undefined where it did not, in time. */
async function ask(
  { upstream, fetch, waitMs, onSilent }: GatewayOptions,
  request: Request,
  path: string,
  body: Uint8Array,
): Promise<Answered | undefined> {
  const headers = new Headers(request.headers);
  for (const name of NOT_FORWARDED) headers.delete(name);
  try {
    const response = await fetch(`${upstream}${path}`, {
      method: request.method,
      headers,
      redirect: 'manual',
      signal: AbortSignal.timeout(waitMs),
      ...(request.method === 'GET' ? {} : { body: body as Uint8Array<ArrayBuffer> }),
    });
    return {
      status: response.status,
      headers: response.headers,
      body: new Uint8Array(await response.arrayBuffer()),
    };
  } catch (thrown) {
    onSilent?.(thrown);
    return undefined;
  }
}

const CLOSED = {
  detail: 'this route is not mapped, and so it is closed',
  next: 'Ask who runs the gateway which routes are mapped.',
};
const ASK_OPERATOR = 'Tell who runs the source, with the access’s id.';

const NOTHING = { reason: null, items: [], count: 0, body: null } as const;

/** An attempt, and not a look: the use is given back. */
function silent(admitted: Admitted): Response {
  void admitted.settle({ ...NOTHING, result: 'failed' });
  return doorProblem(504, 'source_silent', SOURCE_SILENT);
}

function release(admitted: Admitted, route: Route, asked: readonly string[], { status, body }: Answered): Response {
  if (status === 404 || status === 204) {
    return answer(admitted, status, null, { ...NOTHING, result: 'nothing_found' });
  }
  if (status < 200 || status > 299) {
    // What a failing system says in its errors is not looked through, and so does not pass.
    const result = status >= 500 ? 'failed' : 'refused';
    void admitted.settle({ ...NOTHING, result, reason: result === 'refused' ? 'OTHER' : null });
    return doorProblem(502, 'source_refused', {
      detail: `the source answered with status ${status}`,
      next: ASK_OPERATOR,
    });
  }
  const passed = route.filter(body, asked);
  if (passed === undefined) {
    void admitted.settle({ ...NOTHING, result: 'failed' });
    return doorProblem(502, 'response_unreadable', {
      detail: 'the source’s response is not JSON, and so nothing of it passes',
      next: ASK_OPERATOR,
    });
  }
  const isSent = passed.items.length > 0;
  const released: Released = isSent
    ? { result: 'released', reason: null, items: passed.items, count: passed.count, body: passed.body }
    : { ...NOTHING, result: 'nothing_found' };
  return answer(admitted, status, passed.body, released);
}

/** Not awaited: the lender has its answer, and the ledger hears of it at once. What fails stays overdue there. */
function answer(admitted: Admitted, status: number, body: Uint8Array | null, released: Released): Response {
  void admitted.settle(released);
  const isEmpty = status === 204;
  return new Response(isEmpty ? null : ((body ?? new Uint8Array()) as Uint8Array<ArrayBuffer>), {
    status,
    headers: {
      'content-type': 'application/json',
      'cache-control': 'no-store',
      [ACCESS_HEADER]: admitted.permit.access,
      [RESPONSE_SALT_HEADER]: admitted.salt,
    },
  });
}
