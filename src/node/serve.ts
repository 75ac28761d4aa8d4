/**
 * Serves an open ledger over HTTP.
 *
 * @module
 */
import { createServer } from 'node:http';
import { getRequestListener } from '@hono/node-server';
import { Failure } from '#core/failure.ts';
import type { Context } from '#service/context.ts';
import { createApp } from '../api/app.ts';
import { createPages } from '../web/pages.ts';
import type { StoryLinks } from '../web/story.ts';

export interface Server {
  readonly url: string;
  /** Takes no new request, and answers those under way. */
  close(): Promise<void>;
}

export interface ServeOptions {
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  /** What the front page tells of, once it is there. */
  readonly story: () => StoryLinks | undefined;
}

/** How long open connections may take to end after the last request. */
const CLOSE_WAIT_MS = 5_000;

/** @throws {Failure} `config_invalid`, if the address can't be had. */
export async function serveContext(context: Context, { host, port, story }: ServeOptions): Promise<Server> {
  let hosts: readonly string[] = [];
  const app = createApp(context, {
    hosts: (asked) => hosts.includes(asked.toLowerCase()),
    writes: 'allowed',
    pages: (described) => createPages(context, { ...described, story }),
  });
  const server = createServer(getRequestListener(app.fetch));
  const bound = await new Promise<number>((resolve, reject) => {
    server.once('error', (cause) => reject(addressTaken(host, port, cause)));
    server.listen(port, host, () => {
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : port);
    });
  });
  // A page elsewhere could point its own name here (DNS rebinding); it can't make a browser send one of these.
  hosts = ['127.0.0.1', 'localhost', '[::1]'].map((name) => `${name}:${bound}`);
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

function addressTaken(host: string, port: number, cause: Error): Failure {
  const taken = 'code' in cause && cause.code === 'EADDRINUSE';
  const why = taken
    ? 'is in use: stop what listens there, or set PORT to another'
    : 'can’t be listened on: set HOST and PORT';
  return new Failure('config_invalid', `${host}:${port} ${why}`, { cause });
}
