/** Somebody's server that webhooks are sent to: it fails, hangs, redirects or takes, as the test says. */
import { createPublicKey, verify } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A status, with headers if wanted; or no answer at all. */
export type Behaviour = number | { readonly status: number; readonly headers: Record<string, string> } | 'hang' | 'cut';

export interface Got {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface Receiver {
  readonly url: string;
  /** Every request, in the order in which it came. */
  readonly got: readonly Got[];
  /** The requests that were answered with 2xx. */
  readonly taken: readonly Got[];
  /** What becomes of the next requests, one after another; afterwards each is taken. */
  next(...behaviours: readonly Behaviour[]): void;
  close(): Promise<void>;
}

export async function openReceiver(): Promise<Receiver> {
  const got: Got[] = [];
  const taken: Got[] = [];
  const queue: Behaviour[] = [];
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    const each = { path: request.url ?? '', headers: request.headers, body };
    got.push(each);
    const behaviour = queue.shift() ?? 204;
    if (behaviour === 'hang') return;
    if (behaviour === 'cut') return void request.socket.destroy();
    const { status, headers } = typeof behaviour === 'number' ? { status: behaviour, headers: {} } : behaviour;
    if (status >= 200 && status < 300) taken.push(each);
    response.writeHead(status, headers).end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`,
    got,
    taken,
    next: (...behaviours) => void queue.push(...behaviours),
    async close() {
      server.closeAllConnections();
      server.close();
    },
  };
}

/** Standard Webhooks, as a receiver reads its page: nothing of ours, and the key as it is handed out. */
export function isSigned({ headers, body }: Got, key: string): boolean {
  const raw = Buffer.from(key.replace(/^whpk_/, ''), 'base64');
  const spki = Buffer.concat([Buffer.from('302a300506032b6570032100', 'hex'), raw]);
  const publicKey = createPublicKey({ key: spki, format: 'der', type: 'spki' });
  const content = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`;
  return String(headers['webhook-signature'])
    .split(' ')
    .map((each) => each.split(','))
    .some(
      ([scheme, signature = '']) =>
        scheme === 'v1a' && verify(null, Buffer.from(content), publicKey, Buffer.from(signature, 'base64')),
    );
}

export function seqOf({ body }: Got): number {
  return JSON.parse(body).data.seq;
}
