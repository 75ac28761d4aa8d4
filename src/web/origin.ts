/**
 * Whether a form was sent by a page of ours (CSRF). Another site's page can post to us with the reader's cookies; it can't
 * choose what its browser says of where the form stood.
 *
 * @module
 */
import type { Context as Call } from 'hono';
import { Failure } from '#core/failure.ts';

/**
 * Refuses a form of another site's page.
 *
 * Browsers say `sec-fetch-site` over https and on one's own machine; on plain http elsewhere they say `origin`. Whoever says
 * neither is no browser of today, and is refused, too.
 *
 * @param own The origin that people reach us by, as it is configured; undefined: whatever was asked for.
 * @throws {Failure} `cross_site`
 */
export function requireSameOrigin(call: Call, own: string | undefined): void {
  const site = call.req.header('sec-fetch-site');
  const origin = call.req.header('origin');
  // A proxy that ends TLS leaves us http where the browser says https: the host is what counts.
  const isOurs = site === undefined ? hostOf(origin) === hostOf(own ?? call.req.url) : site === 'same-origin';
  if (!isOurs) throw new Failure('cross_site', 'the form was not sent by a page of this server');
}

/**
 * Reads where to go back to after a form: a path of this server and nowhere else. Attacker-controlled.
 *
 * @throws {Failure} `input_invalid`, for another server's address, or what is no path.
 */
export function parseReturnPath(call: Call, text: string): string {
  const base = call.req.url;
  // `//x` and `/\x` are another server's; a browser drops tabs and line ends before it looks.
  if (!/^\/(?![/\\])[!-~]*$/.test(text) || !URL.canParse(text, base)) throw notOurs();
  const { origin, pathname, search } = new URL(text, base);
  // Dots are resolved, and may leave two slashes in front: `/.//x`.
  if (origin !== new URL(base).origin || pathname.startsWith('//')) throw notOurs();
  return `${pathname}${search}`;
}

function notOurs(): Failure {
  return new Failure('input_invalid', 'want a return path of this server');
}

function hostOf(origin: string | undefined): string | undefined {
  return origin !== undefined && URL.canParse(origin) ? new URL(origin).host : undefined;
}
