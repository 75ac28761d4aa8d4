/**
 * The load generator, a process of its own: keep-alive connections with one request in flight on each. Every answer is
 * read in full and checked; the first that is not as expected ends the run. Requests are signed before the clock starts:
 * what is measured is verifying, not signing.
 *
 * @module
 */
import { randomUUID } from 'node:crypto';
import { partySignatory, type Signatory, signRequest } from '#client/index.ts';
import { parseBase64Url } from '#core/bytes.ts';
import type { PartyId } from '#core/ids.ts';
import { nativeEd25519 } from '../../src/native.ts';
import { serveParent } from './child.ts';
import { formatRequest, openConnection } from './connection.ts';

/** One round of load. */
export interface Round {
  readonly port: number;
  readonly method: 'GET' | 'POST';
  /** What is asked, over and over in this order: a path each, and a body where it is a POST. */
  readonly asked: readonly { readonly path: string; readonly body: string }[];
  /** Whose key signs each request, by its seed (base64url); null: they are sent unsigned. */
  readonly signer: { readonly party: PartyId; readonly seed: string } | null;
  readonly connections: number;
  readonly seconds: number;
  readonly expect: { readonly status: number; readonly text: string };
}

export interface Measured {
  readonly answers: number;
  readonly perSecond: number;
  /** Milliseconds from asking to having the whole answer. */
  readonly p50: number;
  readonly p99: number;
}

serveParent(async () => ({ ready: undefined, answer: run, close: async () => {} }));

async function run(round: Round): Promise<Measured> {
  const take = round.signer === null ? requester(round) : await signedRequester(round, round.signer);
  const connections = await Promise.all(Array.from({ length: round.connections }, () => openConnection(round.port)));
  const latencies: number[] = [];
  const start = performance.now();
  const end = start + round.seconds * 1_000;
  await Promise.all(
    connections.map(async (connection) => {
      for (let asked = performance.now(); asked < end; ) {
        const request = take();
        // All that were signed beforehand are spent: the round was that much shorter.
        if (request === undefined) break;
        const { status, body } = await connection.ask(request);
        const answered = performance.now();
        latencies.push(answered - asked);
        asked = answered;
        if (status !== round.expect.status || !body.includes(round.expect.text)) {
          throw new Error(`want ${round.expect.status} and ${round.expect.text}, got ${status} ${body}`);
        }
      }
    }),
  ).finally(() => {
    for (const connection of connections) connection.close();
  });
  const seconds = (performance.now() - start) / 1_000;
  latencies.sort((a, b) => a - b);
  const at = (share: number) => latencies[Math.floor(latencies.length * share)] ?? 0;
  return { answers: latencies.length, perSecond: latencies.length / seconds, p50: at(0.5), p99: at(0.99) };
}

/** So many requests are signed for each second of a round: more than are answered. */
const SIGNED_PER_SECOND = 5_000;

/** Gives requests that were signed beforehand, each once, while there are any. */
async function signedRequester(
  { port, asked, seconds }: Round,
  { party, seed }: NonNullable<Round['signer']>,
): Promise<() => string | undefined> {
  const signer = partySignatory(party, await nativeEd25519.importSeed(parseBase64Url(seed)));
  // Each once: the same access again would be denied while its permit is out.
  const count = Math.min(asked.length, Math.ceil(seconds * SIGNED_PER_SECOND));
  const made: string[] = [];
  for (let n = 0; n < count; n++) {
    const { path, body } = asked[n] as Round['asked'][number];
    made.push(await signedPost(port, signer, path, body));
  }
  made.reverse();
  return () => made.pop();
}

async function signedPost(port: number, signer: Signatory, path: string, body: string): Promise<string> {
  const unsigned = { method: 'POST', authority: `127.0.0.1:${port}`, path, query: '', body } as const;
  const created = Math.floor(Date.now() / 1_000);
  const signed = await signRequest([signer], { ...unsigned, idempotencyKey: randomUUID() }, created);
  return formatRequest(port, { ...unsigned, headers: { 'content-type': 'application/json', ...signed } });
}

const KEY = '{key}';

/** Gives request after request, each POST with an idempotency key of its own. */
function requester({ port, method, asked }: Round): () => string {
  const headers: Record<string, string> =
    method === 'POST' ? { 'content-type': 'application/json', 'idempotency-key': KEY } : {};
  const made = asked.map(({ path, body }) => formatRequest(port, { method, path, headers, body }).split(KEY));
  const round = randomUUID();
  let next = 0;
  return () => (made[next % made.length] as string[]).join(`${round}-${next++}`);
}
