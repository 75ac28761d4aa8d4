/**
 * Which host was asked for. A page elsewhere can point its own name at our address (DNS rebinding) and would then read
 * and write as if it were ours; its name still stands in the request.
 *
 * @module
 */
import type { Context as Call, MiddlewareHandler } from 'hono';
import { Failure } from '#core/failure.ts';
import type { Env } from './answer.ts';

/** Tells whether a Host header, such as `127.0.0.1:8787`, is one of ours. */
export type Hosts = (host: string) => boolean;

/** The host that a request was sent to, as its Host header names it. */
export function hostOf(call: Call<Env>): string {
  return (call.req.header('host') ?? new URL(call.req.url).host).toLowerCase();
}

/** Refuses what was not meant for us. @throws {Failure} `host_unknown` */
export function refuseForeignHost(hosts: Hosts): MiddlewareHandler<Env> {
  return (call, next) => {
    const { url } = call.req;
    const start = url.indexOf('//') + 2;
    const asked = url.slice(start, url.indexOf('/', start));
    const header = call.req.header('host') ?? asked;
    // A request line may name a host of its own (RFC 9112, section 3.2.2): both have to be ours.
    if (!hosts(header) || (asked !== header && !hosts(asked))) {
      throw new Failure('host_unknown', 'the Host header names another server');
    }
    return next();
  };
}
