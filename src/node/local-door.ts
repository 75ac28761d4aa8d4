/**
 * The door for commands on the machine of a server that holds the embedded database: nobody else can open that beside it, so
 * the server itself looks, and tells. Its address and its token stand in the data folder, in a file that only its owner can
 * read, as the keys beside it: who can read it could read all that is told.
 *
 *     POST /audit    {"vkey", "depth", "lists"…}    lines of JSON: {"done", "size"}…, then {"report"} or {"failure"}
 *     POST /inspect  {}                                      {"report"} or {"failure"}
 *
 * @module
 */
import { randomBytes, timingSafeEqual } from 'node:crypto';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { parseBase64, toBase64 } from '#core/bytes.ts';
import { Failure, type FailureCode, isFailure } from '#core/failure.ts';
import { parseHash } from '#core/hash.ts';
import type { AuditOptions, AuditReport } from '#ledger/audit.ts';
import type { ChainReport } from '#ledger/chain-audit.ts';
import type { Inspection } from './inspect.ts';
import type { JudgedStamps } from './time-stamp/judge.ts';
import type { Depth } from './watch.ts';

/** What a command may ask for, and what is answered: as it would itself, had it the database. */
export interface Local {
  audit(asked: AuditAsked): Promise<StampedReport>;
  inspect(): Promise<Inspection>;
}

export type AuditAsked = Pick<AuditOptions, 'entrySignatures' | 'onProgress' | 'lists'> & {
  /** Undefined: the one beside the ledger's keys. */
  readonly vkey: string | undefined;
  /** Absent: the whole is replayed. */
  readonly depth?: Depth | undefined;
  /** The file of certificates by which time-stamps are judged, as text; undefined: they are not looked at. */
  readonly tsa?: string | undefined;
};

/** What an audit of a database answers: with what was found of time-stamps, if they were looked at. */
export type StampedReport = (AuditReport | ChainReport) & { readonly stamps?: JudgedStamps };

export interface LocalDoor {
  close(): Promise<void>;
}

interface Announced {
  readonly url: string;
  readonly token: string;
}

/** Doors' own lists come along. */
const BODY_BYTES_MAX = 64 * 1024 * 1024;

const fileOf = (dataDir: string, keyId: string): string => join(dataDir, `${keyId}.local.json`);

/** Opens the door on a port of its own, of this machine only. */
export async function openLocalDoor(dataDir: string, keyId: string, local: Local): Promise<LocalDoor> {
  const token = randomBytes(32).toString('base64url');
  let isBusy = false;
  const server = createServer((request, response) => {
    if (!isAllowed(request, token)) return void response.writeHead(403).end();
    // An audit reads all there is by the one connection: a second one at once only makes both late.
    if (isBusy) return say(response, { failure: told(busy()) });
    isBusy = true;
    answer(request, response, local)
      .catch((thrown: unknown) => say(response, { failure: told(thrown) }))
      .finally(() => {
        isBusy = false;
      });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  const file = fileOf(dataDir, keyId);
  // Of a server that was killed.
  rmSync(file, { force: true });
  writeFileSync(file, JSON.stringify({ url: `http://127.0.0.1:${port}`, token } satisfies Announced), { mode: 0o600 });
  return {
    async close() {
      rmSync(file, { force: true });
      await new Promise((resolve) => {
        server.close(resolve);
        server.closeAllConnections();
      });
    },
  };
}

function isAllowed({ method, headers }: IncomingMessage, token: string): boolean {
  const given = Buffer.from(headers.authorization ?? '');
  const wanted = Buffer.from(`Bearer ${token}`);
  return method === 'POST' && given.length === wanted.length && timingSafeEqual(given, wanted);
}

async function answer(request: IncomingMessage, response: ServerResponse, local: Local): Promise<void> {
  const asked = JSON.parse(await readBody(request)) as Omit<AuditAsked, 'onProgress'>;
  if (request.url === '/inspect') return say(response, { report: await local.inspect() });
  if (request.url !== '/audit') throw new Failure('not_found', 'no such path');
  const onProgress = (done: number, size: number) => void response.write(`${JSON.stringify({ done, size })}\n`);
  const report = await local.audit({ ...asked, vkey: asked.vkey, onProgress });
  say(response, { report: { ...report, root: toBase64(report.root) } });
}

async function readBody(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of request as AsyncIterable<Buffer>) {
    bytes += part.length;
    if (bytes > BODY_BYTES_MAX)
      throw new Failure('limit_reached', 'the lists are larger than 64 MiB: give fewer at once');
    parts.push(part);
  }
  return Buffer.concat(parts).toString('utf8');
}

function say(response: ServerResponse, line: object): void {
  response.end(`${JSON.stringify(line)}\n`);
}

interface ToldFailure {
  readonly code: FailureCode;
  readonly message: string;
}

/** What is none of ours says nothing of itself. */
function told(thrown: unknown): ToldFailure {
  if (isFailure(thrown)) return { code: thrown.code, message: thrown.message };
  return { code: 'store_unavailable', message: 'the server could not look: see its log' };
}

function busy(): Failure {
  return new Failure('limit_reached', 'the server is auditing already: wait until that is done');
}

/**
 * Asks the server that holds a data folder. Undefined: none says where it is.
 *
 * @throws {Failure} what the server failed with; `store_unavailable`, if it does not answer.
 */
export function findLocal(dataDir: string, keyId: string): Local | undefined {
  const announced = readAnnounced(dataDir, keyId);
  return (
    announced && {
      async audit({ onProgress, ...asked }) {
        const report = (await ask(announced, '/audit', asked, onProgress)) as StampedReport & {
          readonly root: unknown;
        };
        return { ...report, root: parseHash(parseBase64(String(report.root))) };
      },
      inspect: async () => (await ask(announced, '/inspect', {})) as Inspection,
    }
  );
}

function readAnnounced(dataDir: string, keyId: string): Announced | undefined {
  try {
    return JSON.parse(readFileSync(fileOf(dataDir, keyId), 'utf8')) as Announced;
  } catch {
    return undefined;
  }
}

async function ask(
  { url, token }: Announced,
  path: string,
  asked: object,
  onProgress?: (done: number, size: number) => void,
): Promise<unknown> {
  try {
    const response = await fetch(url + path, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}` },
      body: JSON.stringify(asked),
    });
    if (response.status !== 200 || response.body === null) throw new Error(`answered ${response.status}`);
    for await (const line of linesOf(response.body)) {
      const { done, size, report, failure } = JSON.parse(line);
      if (failure !== undefined) throw new Failure(failure.code, failure.message);
      if (report !== undefined) return report;
      onProgress?.(done, size);
    }
    throw new Error('ended without a report');
  } catch (cause) {
    if (isFailure(cause)) throw cause;
    throw new Failure(
      'store_unavailable',
      'the server that holds the data folder does not answer: stop it, and try again',
      {
        cause,
      },
    );
  }
}

async function* linesOf(body: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const part of body) {
    rest += decoder.decode(part, { stream: true });
    const lines = rest.split('\n');
    rest = lines.pop() ?? '';
    yield* lines;
  }
}
