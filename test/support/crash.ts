/** Killing servers under load, and looking at what they had promised. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Request } from '#service/call.ts';
import type { Config } from '../../src/node/config.ts';

/** A request that anyone can send again, of its key alone. */
export function callOf(key: string): Request {
  return { idempotencyKey: key, method: 'POST', path: '/crash', query: '', contentDigest: key };
}

export interface Ack {
  readonly index: number;
  readonly leaf: string;
}

/** What servers have promised so far, over all their lives. */
export interface Promises {
  readonly tried: Set<string>;
  readonly acked: Map<string, Ack>;
}

export interface Server {
  readonly child: ChildProcess;
  readonly output: { text: string };
  /** Waits until it has answered so many requests, over all servers. */
  acked(count: number): Promise<void>;
  kill(): Promise<void>;
}

const CHILD = fileURLToPath(new URL('./crash-child.ts', import.meta.url));

export async function crashConfig(databaseUrl: string | undefined): Promise<Config & { remove(): Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'assent-crash-'));
  return {
    port: 0,
    host: '127.0.0.1',
    databaseUrl,
    dataDir: join(folder, 'data'),
    stateDir: join(folder, 'state'),
    keysDir: join(folder, 'keys'),
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

/** Starts a server that writes until it is killed. */
export function startServer(config: Config, name: string, promises: Promises): Server {
  const child = spawn(process.execPath, [CHILD, JSON.stringify(config), name], { stdio: ['ignore', 'pipe', 'pipe'] });
  const output = { text: '' };
  child.stderr.on('data', (chunk) => {
    output.text += String(chunk);
  });
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  createInterface({ input: child.stdout }).on('line', (line) => {
    const [word, key = '', index = '', leaf] = line.split(' ');
    if (word === 'try') promises.tried.add(key);
    // A line that was cut off by the kill is no promise.
    if (word === 'ack' && leaf?.length === 43) promises.acked.set(key, { index: Number(index), leaf });
  });
  return {
    child,
    output,
    async acked(count) {
      while (promises.acked.size < count) {
        if (child.exitCode !== null) throw new Error(`the server ended by itself: ${output.text}`);
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    },
    async kill() {
      child.kill('SIGKILL');
      await ended;
    },
  };
}
