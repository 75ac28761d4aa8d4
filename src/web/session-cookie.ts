/**
 * The cookie that holds a session's token. Scripts can't read it, other sites' forms don't carry it, and over TLS its name
 * keeps other hosts and paths from setting it (RFC 6265bis, section 4.1.3.2).
 *
 * @module
 */
import type { Context as Call } from 'hono';
import { deleteCookie, getCookie, setCookie } from 'hono/cookie';
import type { Site } from './site.ts';

const NAME = 'assent';

export function tokenOf(call: Call, { secure }: Pick<Site, 'secure'>): string | undefined {
  return secure ? getCookie(call, NAME, 'host') : getCookie(call, NAME);
}

/** Until the browser is closed; the server ends it before, if it is not used. */
export function keepToken(call: Call, { secure }: Pick<Site, 'secure'>, token: string): void {
  const common = { path: '/', httpOnly: true, sameSite: 'Lax' } as const;
  if (secure) setCookie(call, NAME, token, { ...common, prefix: 'host', secure: true });
  else setCookie(call, NAME, token, common);
}

export function dropToken(call: Call, { secure }: Pick<Site, 'secure'>): void {
  if (secure) deleteCookie(call, NAME, { path: '/', secure: true, prefix: 'host' });
  else deleteCookie(call, NAME, { path: '/' });
}
