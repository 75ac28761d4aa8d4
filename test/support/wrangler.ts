/** The Worker in the real runtime, by `wrangler dev`: nothing leaves the machine, or the folder that is given. */
import { type ChildProcess, spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../../', import.meta.url));
export const WRANGLER = join(ROOT, 'node_modules/wrangler/bin/wrangler.js');
export const START_MS_MAX = 60_000;

export interface RunningWorker {
  readonly url: string;
  /** What it has printed so far. */
  output(): string;
  stop(): Promise<void>;
  /** Ends it as a crash does. */
  kill(): Promise<void>;
}

export interface WorkerOptions {
  /** For what wrangler and the objects keep. */
  readonly folder: string;
  /** What Hyperdrive connects to; it wants a password in it. Undefined: to nothing. */
  readonly databaseUrl?: string;
  /** The text of the key set. */
  readonly keys?: string;
  /** How callers know it. Undefined: by the address it listens on. */
  readonly authority?: string;
  /** The text of the witness policy. */
  readonly policy?: string;
  /** Whom it is to ask for time-stamps. */
  readonly tsaUrl?: string;
}

const NO_DATABASE = 'postgres://nobody:none@127.0.0.1:1/none';

export function wranglerEnvironment({ folder, databaseUrl, keys }: WorkerOptions): NodeJS.ProcessEnv {
  return {
    ...process.env,
    CI: '1',
    WRANGLER_SEND_METRICS: 'false',
    WRANGLER_LOG_PATH: join(folder, 'logs'),
    XDG_CONFIG_HOME: join(folder, 'config'),
    CLOUDFLARE_CF_FETCH_ENABLED: 'false',
    CLOUDFLARE_HYPERDRIVE_LOCAL_CONNECTION_STRING_HYPERDRIVE: databaseUrl ?? NO_DATABASE,
    // Secrets that wrangler.toml requires are taken from here.
    ...(keys === undefined ? {} : { ASSENT_KEYS: keys }),
  };
}

export async function startWorker(options: WorkerOptions): Promise<RunningWorker> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const address = ['--ip', '127.0.0.1', '--port', String(port), '--inspector-port', '0'];
  const vars = Object.entries({
    ASSENT_AUTHORITY: options.authority,
    ASSENT_WITNESS_POLICY: options.policy,
    ASSENT_TSA_URL: options.tsaUrl,
  }).flatMap(([name, value]) => (value === undefined ? [] : ['--var', `${name}:${value}`]));
  const child = spawn(
    process.execPath,
    [WRANGLER, 'dev', '--local', ...address, '--persist-to', join(options.folder, 'state'), ...vars],
    // A group of its own, so that workerd goes with it.
    { cwd: ROOT, env: wranglerEnvironment(options), stdio: ['ignore', 'pipe', 'pipe'], detached: true },
  );
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk) => {
      output += String(chunk);
    });
  }
  try {
    await untilUp(url, child);
  } catch (thrown) {
    await end(child, 'SIGKILL');
    throw new Error(`${thrown instanceof Error ? thrown.message : ''}: ${output}`, { cause: thrown });
  }
  return { url, output: () => output, stop: () => end(child, 'SIGTERM'), kill: () => end(child, 'SIGKILL') };
}

async function untilUp(url: string, child: ChildProcess): Promise<void> {
  for (const since = Date.now(); Date.now() - since < START_MS_MAX; ) {
    const up = await fetch(`${url}/health`).catch(() => undefined);
    if (up?.ok) return;
    if (child.exitCode !== null) throw new Error('wrangler dev ended');
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  throw new Error('wrangler dev did not start');
}

async function end(child: ChildProcess, signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.once('exit', resolve));
  process.kill(-child.pid, signal);
  await ended;
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const found = server.address();
      server.close(() => (typeof found === 'object' && found ? resolve(found.port) : reject(new Error('no port'))));
    });
  });
}
