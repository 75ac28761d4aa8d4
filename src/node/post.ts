/**
 * Sending webhooks on Node. A name is judged by the addresses it resolves to, at the moment of connecting: who owns a name
 * may point it at our network after it was registered.
 *
 * @module
 */
import { lookup as resolve } from 'node:dns';
import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import type { LookupFunction } from 'node:net';
import { Failure } from '#core/failure.ts';
import type { Post } from '#service/deliver.ts';
import { isLoopback, isPublicAddress } from '#service/webhook-url.ts';

/** What is read of an answer's body, so that its connection can be used again; of a longer one, nothing more. */
const BODY_BYTES_MAX = 64 * 1024;

export interface Poster {
  readonly post: Post;
  close(): void;
}

/** @param loopback whether this machine itself may be called. */
export function openPoster(loopback: boolean): Poster {
  const lookup = guardedLookup(loopback);
  const http = new HttpAgent({ keepAlive: true });
  const https = new HttpsAgent({ keepAlive: true });
  return {
    post: (url, { headers, body, signal }) =>
      new Promise((answer, reject) => {
        const isTls = url.startsWith('https:');
        const send = isTls ? httpsRequest : httpRequest;
        const length = String(Buffer.byteLength(body));
        const options = { method: 'POST', headers: { ...headers, 'content-length': length }, signal, lookup };
        const request = send(url, { ...options, agent: isTls ? https : http }, (response) => {
          discard(response);
          answer({ status: response.statusCode ?? 0, retryAfter: response.headers['retry-after'] ?? null });
        });
        request.on('error', reject);
        request.end(body);
      }),
    close() {
      http.destroy();
      https.destroy();
    },
  };
}

function discard(response: IncomingMessage): void {
  let bytes = 0;
  response.on('error', () => {});
  response.on('data', (chunk: Uint8Array) => {
    bytes += chunk.length;
    if (bytes > BODY_BYTES_MAX) response.destroy();
  });
}

/** All addresses of a name have to be public; of several, the system may take any. */
function guardedLookup(loopback: boolean): LookupFunction {
  return (hostname, options, callback) => {
    resolve(hostname, { ...options, all: true }, (error, addresses) => {
      if (error) return callback(error, '', 0);
      const isRefused = addresses.some(
        ({ address }) => !isPublicAddress(address) && !(loopback && isLoopback(address)),
      );
      const [first] = addresses;
      if (isRefused || first === undefined) {
        return callback(new Failure('input_invalid', 'url: the name has an address that is not public'), '', 0);
      }
      if (options.all === true) callback(null, addresses);
      else callback(null, first.address, first.family);
    });
  };
}
