/**
 * The load generator, a process of its own: keep-alive connections with one request in flight on each. Every answer is
 * read in full and checked; the first that is not as expected ends the run.
 *
 * @module
 */
import { randomUUID } from 'node:crypto';
import { serveParent } from './child.ts';
import { formatRequest, openConnection } from './connection.ts';

/** One round of load. */
export interface Round {
  readonly port: number;
  readonly method: 'GET' | 'POST';
  /** What is asked, over and over in this order: a path each, and a body where it is a POST. */
  readonly asked: readonly { readonly path: string; readonly body: string }[];
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
  const take = requester(round);
  const connections = await Promise.all(Array.from({ length: round.connections }, () => openConnection(round.port)));
  const latencies: number[] = [];
  const start = performance.now();
  const end = start + round.seconds * 1_000;
  await Promise.all(
    connections.map(async (connection) => {
      for (let asked = performance.now(); asked < end; ) {
        const { status, body } = await connection.ask(take());
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
