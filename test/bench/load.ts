/**
 * The load generator, a process of its own: keep-alive connections, one request in flight on each.
 *
 * It speaks HTTP/1.1 over node:net itself, because all share two cores: node:http and undici cost several times the
 * CPU of what is measured here for no gain. Every answer is read in full and checked; one that is not as expected
 * ends the round.
 *
 * @module
 */
import { connect, type Socket } from 'node:net';
import { serveParent } from './child.ts';

/** One round of load. */
export interface Round {
  readonly port: number;
  readonly path: string;
  /** Bodies of requests; the next request takes the next one. */
  readonly bodies: readonly string[];
  readonly connections: number;
  readonly seconds: number;
  /** What every answer's body must contain. */
  readonly expect: string;
}

export interface Measured {
  readonly answers: number;
  readonly seconds: number;
  /** Milliseconds from a request's last byte to its answer's last. */
  readonly p50: number;
  readonly p99: number;
}

serveParent(async (round: Round) => ({ ready: await run(round), close: async () => {} }));

async function run(round: Round): Promise<Measured> {
  const requests = round.bodies.map((body) => requestHead(round) .concat(body));
  const latencies: number[] = [];
  const start = performance.now();
  const end = start + round.seconds * 1_000;
  let next = 0;
  const prefix = `b${process.pid}${Math.random().toString(36).slice(2)}`;
  const take = () => {
    const made = requests[next % requests.length] as string;
    return made.replace(KEY, `${prefix}-${next++}`);
  };
  await Promise.all(Array.from({ length: round.connections }, () => converse(round, take, latencies, end)));
  const seconds = (performance.now() - start) / 1_000;
  latencies.sort((a, b) => a - b);
  const at = (share: number) => latencies[Math.min(latencies.length - 1, Math.floor(latencies.length * share))] ?? 0;
  return { answers: latencies.length, seconds, p50: at(0.5), p99: at(0.99) };
}

const KEY = '{key}';

function requestHead({ port, path, bodies }: Round): string {
  const length = Buffer.byteLength(bodies[0] ?? '');
  if (bodies.some((body) => Buffer.byteLength(body) !== length)) throw new Error('bodies differ in length');
  return [
    `POST ${path} HTTP/1.1`,
    `host: 127.0.0.1:${port}`,
    'content-type: application/json',
    `content-length: ${length}`,
    `idempotency-key: ${KEY}`,
    '\r\n',
  ].join('\r\n');
}

/** One connection: asks, waits for the whole answer, checks it, asks again. */
function converse(round: Round, take: () => string, latencies: number[], end: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port: round.port, noDelay: true });
    let sent = 0;
    let received = '';
    const ask = () => {
      sent = performance.now();
      socket.write(take(), 'latin1');
    };
    socket.setEncoding('latin1');
    socket.on('connect', ask);
    socket.on('error', reject);
    socket.on('close', () => reject(new Error('the server closed a connection')));
    socket.on('data', (chunk: string) => {
      received += chunk;
      const length = answerLength(received);
      if (length === undefined || received.length < length) return;
      const wrong = wrongOf(received, length, round.expect);
      if (wrong !== undefined) return refuse(socket, reject, wrong);
      received = '';
      const now = performance.now();
      latencies.push(now - sent);
      if (now < end) return ask();
      socket.removeAllListeners('close');
      socket.destroy();
      resolve();
    });
  });
}

/** The length of the whole answer, once its head is here. */
function answerLength(received: string): number | undefined {
  const head = received.indexOf('\r\n\r\n');
  if (head < 0) return undefined;
  const length = /\r\ncontent-length: *(\d+)/i.exec(received.slice(0, head));
  if (length === null) throw new Error('an answer without content-length');
  return head + 4 + Number(length[1]);
}

function wrongOf(received: string, length: number, expect: string): string | undefined {
  if (received.length !== length) return 'more came than was asked for';
  if (!received.startsWith('HTTP/1.1 201 ')) return received.slice(0, 400);
  return received.includes(expect) ? undefined : received.slice(0, 2_000);
}

function refuse(socket: Socket, reject: (error: Error) => void, wrong: string): void {
  socket.removeAllListeners('close');
  socket.destroy();
  reject(new Error(`not as expected: ${wrong}`));
}
