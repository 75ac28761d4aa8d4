/**
 * How people reach the pages: the origin in links and codes, the domain that passkeys are made for, and whether cookies travel
 * over TLS only.
 *
 * @module
 */
import type { Context as Call } from 'hono';

export interface Site {
  /** Such as `https://ledger.example.org`. */
  readonly origin: string;
  /** The relying party (WebAuthn 3, section 5.1.2): the host's name without its port. */
  readonly relyingParty: string;
  readonly secure: boolean;
}

/** @param origin As it is configured; undefined: on one's own machine, whatever of its names was asked for. */
export function siteOf(call: Call, origin: string | undefined): Site {
  const url = new URL(origin ?? call.req.url);
  return { origin: url.origin, relyingParty: url.hostname, secure: url.protocol === 'https:' };
}

/** Addresses have no passkeys, names have: `localhost` is the name of one's own machine. Undefined: it is a name already. */
export function namedAddress(call: Call, origin: string | undefined): string | undefined {
  const url = new URL(call.req.url);
  if (origin !== undefined || !OWN_ADDRESSES.includes(url.hostname)) return undefined;
  url.hostname = 'localhost';
  return url.href;
}

const OWN_ADDRESSES: readonly string[] = ['127.0.0.1', '[::1]'];
