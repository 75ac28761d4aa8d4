/**
 * Serves an open ledger over HTTP.
 *
 * @module
 */
import { createServer, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { getRequestListener } from '@hono/node-server';
import { Failure } from '#core/failure.ts';
import type { Context } from '#service/context.ts';
import type { IdentityProvider } from '#service/identification.ts';
import { createApp } from '../api/app.ts';
import { pagesOrigin } from '../authorities.ts';
import { createPages } from '../web/pages.ts';
import type { StoryLinks } from '../web/story.ts';
import { openLetterPrinter } from './letter-printer.ts';

export interface Server {
  readonly url: string;
  /** Takes no new request, and answers those under way. */
  close(): Promise<void>;
}

export interface ServeOptions {
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  /** How callers know the server; none: by the address that it listens on. */
  readonly authorities: readonly string[];
  /** What the front page tells of, once it is there. */
  readonly story: () => StoryLinks | undefined;
  /** Who identifies persons on the pages; absent: nobody. */
  readonly providers?: () => readonly IdentityProvider[];
}

/** How long open connections may take to end after the last request. */
const CLOSE_WAIT_MS = 5_000;

/** @throws {Failure} `config_invalid`, if the address can't be had. */
export async function serveContext(
  context: Context,
  { host, port, authorities, story, providers }: ServeOptions,
): Promise<Server> {
  let hosts: readonly string[] = [];
  const printer = openLetterPrinter();
  const app = createApp(context, {
    hosts: (asked) => hosts.includes(asked.toLowerCase()),
    authorities,
    pages: (described) =>
      createPages(context, {
        ...described,
        ...{ story, printer, origin: pagesOrigin(authorities) },
        ...(providers === undefined ? {} : { providers }),
      }),
  });
  const server = await serveFetch(app.fetch, { host, port });
  // A page elsewhere could point its own name here (DNS rebinding); it can't make a browser send one of these.
  const bound = new URL(server.url).port;
  const own = host.includes(':') ? `[${host}]` : host;
  hosts = [...authorities, ...['127.0.0.1', 'localhost', '[::1]', own].map((name) => `${name}:${bound}`)];
  return server;
}

/** Serves a fetch handler. @throws {Failure} `config_invalid`, if the address can't be had. */
export async function serveFetch(
  fetch: (request: Request) => Response | Promise<Response>,
  { host, port }: { readonly host: string; readonly port: number },
): Promise<Server> {
  const listener = getRequestListener(fetch);
  const server = createServer((incoming, outgoing) => {
    // To a fetch handler a path is resolved already: only here it is still as it was sent.
    if (CROOKED_PATH.test(incoming.url ?? '')) refuseCrooked(outgoing);
    else void listener(incoming, outgoing);
  });
  server.on('clientError', refuseUnread);
  const bound = await new Promise<number>((resolve, reject) => {
    server.once('error', (cause) => reject(addressTaken(host, port, cause)));
    server.listen(port, host, () => {
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : port);
    });
  });
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${bound}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeIdleConnections();
        setTimeout(() => server.closeAllConnections(), CLOSE_WAIT_MS).unref();
      }),
  };
}

/** Dot segments, plain or escaped, a backslash or a fragment, before any query: what a URL parser makes another path of. */
const CROOKED_PATH = /^[^?]*(?:\/(?:\.|%2e){1,2}(?:[/?]|$)|[\\#])/i;

/** What is sent has one path (attack 65): no second one is resolved to it, that a cache would keep beside the first. */
function refuseCrooked(outgoing: ServerResponse): void {
  const { body, headers } = unreadProblem(CROOKED);
  outgoing.writeHead(CROOKED.status, { ...headers, connection: 'close' }).end(body);
}

/** What Node's parser refuses never reaches a handler: it is answered in the same form all the same (RFC 9457). */
function refuseUnread(error: NodeJS.ErrnoException, socket: Duplex): void {
  if (error.code === 'ECONNRESET' || !socket.writable) return void socket.destroy();
  const unread = UNREAD[error.code ?? ''] ?? MALFORMED;
  const { body, headers } = unreadProblem(unread);
  const lines = Object.entries({ ...headers, connection: 'close' }).map((each) => each.join(': '));
  socket.end(`${[`HTTP/1.1 ${unread.status} ${unread.phrase}`, ...lines].join('\r\n')}\r\n\r\n${body}`);
}

function unreadProblem({ status, phrase, code, next }: Unread) {
  const body = JSON.stringify({ type: 'about:blank', title: phrase, status, detail: phrase, code, next });
  const headers = {
    'content-type': 'application/problem+json',
    'cache-control': 'no-store',
    'content-length': String(Buffer.byteLength(body)),
  };
  return { body, headers };
}

interface Unread {
  readonly status: number;
  readonly phrase: string;
  readonly code: string;
  readonly next: string;
}

const MALFORMED: Unread = {
  status: 400,
  phrase: 'Bad Request',
  code: 'http_malformed',
  next: 'Send a request in HTTP/1.1 (RFC 9112).',
};
const CROOKED: Unread = {
  status: 400,
  phrase: 'Bad Request',
  code: 'path_crooked',
  next: 'Send the path itself, without dot segments, backslashes or a fragment.',
};
const UNREAD: Readonly<Record<string, Unread>> = {
  HPE_HEADER_OVERFLOW: {
    status: 431,
    phrase: 'Request Header Fields Too Large',
    code: 'headers_too_large',
    next: 'Send headers of 16 KiB at most, all together.',
  },
  ERR_HTTP_REQUEST_TIMEOUT: {
    status: 408,
    phrase: 'Request Timeout',
    code: 'request_slow',
    next: 'Send the request again, faster: its headers within a minute, the whole within five.',
  },
};

function addressTaken(host: string, port: number, cause: Error): Failure {
  const taken = 'code' in cause && cause.code === 'EADDRINUSE';
  const why = taken
    ? 'is in use: stop what listens there, or choose another port'
    : 'can’t be listened on: choose another host or port';
  return new Failure('config_invalid', `${host}:${port} ${why}`, { cause });
}
