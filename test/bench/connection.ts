/**
 * One keep-alive HTTP/1.1 connection over node:net, with one request in flight.
 *
 * All of the bench shares two cores: node:http and undici cost several times the CPU of this, which would be measured
 * along. It reads what our servers send (`content-length`, no chunks), and refuses anything else.
 *
 * @module
 */
import { connect } from 'node:net';

export interface Answer {
  readonly status: number;
  readonly body: string;
}

export interface Connection {
  /** Sends one whole request (head and body, in UTF-8) and reads its whole answer. */
  ask(request: string): Promise<Answer>;
  close(): void;
}

interface Waiting {
  readonly resolve: (answer: Answer) => void;
  readonly reject: (failure: Error) => void;
}

export async function openConnection(port: number): Promise<Connection> {
  const socket = connect({ host: '127.0.0.1', port, noDelay: true });
  let received: Buffer = Buffer.alloc(0);
  let waiting: Waiting | undefined;

  const fail = (failure: Error) => {
    socket.destroy();
    waiting?.reject(failure);
    waiting = undefined;
  };
  socket.on('data', (chunk: Buffer) => {
    received = received.length === 0 ? chunk : Buffer.concat([received, chunk]);
    try {
      const answer = readAnswer(received);
      if (answer === undefined) return;
      received = Buffer.alloc(0);
      const { resolve } = waiting as Waiting;
      waiting = undefined;
      resolve(answer);
    } catch (thrown) {
      fail(thrown as Error);
    }
  });
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve);
    socket.once('error', reject);
  });
  socket.on('error', fail);
  socket.on('close', () => fail(new Error('the server closed the connection')));

  return {
    ask: (request) =>
      new Promise((resolve, reject) => {
        waiting = { resolve, reject };
        socket.write(request);
      }),
    close: () => socket.destroy(),
  };
}

/** The answer, once all of it is here. */
function readAnswer(received: Buffer): Answer | undefined {
  const end = received.indexOf('\r\n\r\n');
  if (end < 0) return undefined;
  const head = received.toString('latin1', 0, end);
  const length = /\r\ncontent-length: *(\d+)/i.exec(head);
  if (length === null) throw new Error(`an answer without content-length: ${head}`);
  const body = end + 4;
  const whole = body + Number(length[1]);
  if (received.length < whole) return undefined;
  if (received.length > whole) throw new Error('more came than was asked for');
  return { status: Number(head.slice(9, 12)), body: received.toString('utf8', body, whole) };
}

/** Writes a request of any kind. */
export function formatRequest(
  port: number,
  { method, path, headers, body }: { method: string; path: string; headers: Record<string, string>; body: string },
): string {
  const lines = [
    `${method} ${path} HTTP/1.1`,
    `host: 127.0.0.1:${port}`,
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
    ...(body === '' ? [] : [`content-length: ${Buffer.byteLength(body)}`]),
  ];
  return `${lines.join('\r\n')}\r\n\r\n${body}`;
}
