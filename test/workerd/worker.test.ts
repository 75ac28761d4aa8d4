/** The Worker: that it builds without what a Worker can't have, and that it answers in the real runtime. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const WRANGLER = join(ROOT, 'node_modules/wrangler/bin/wrangler.js');
const START_MS_MAX = 60_000;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'assent-worker-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Nothing of this leaves the machine, or the folder that is removed. */
function environment(): NodeJS.ProcessEnv {
  return {
    ...process.env,
    CI: '1',
    WRANGLER_SEND_METRICS: 'false',
    WRANGLER_LOG_PATH: join(folder, 'logs'),
    XDG_CONFIG_HOME: join(folder, 'config'),
    CLOUDFLARE_CF_FETCH_ENABLED: 'false',
  };
}

describe('the bundle', () => {
  test('has neither PGlite nor any node: import in it', { timeout: START_MS_MAX }, async () => {
    const out = join(folder, 'bundle');
    await promisify(execFile)(process.execPath, [WRANGLER, 'deploy', '--dry-run', '--outdir', out], {
      cwd: ROOT,
      env: environment(),
    });
    const code = await readFile(join(out, 'worker.js'), 'utf8');
    const map: { sources: string[] } = JSON.parse(await readFile(join(out, 'worker.js.map'), 'utf8'));
    const sources = map.sources.map((source) => source.replaceAll('\\', '/'));
    expect(sources.some((source) => source.endsWith('src/worker.ts'))).toBe(true);
    expect(sources.filter((source) => /pglite|\/pg\/|src\/(?:node|native|cli)/.test(source))).toEqual([]);
    expect(code.match(/(?:from|import|require)\s*\(?["']node:[^"']*["']/g)).toBe(null);
  });
});

describe('wrangler dev', () => {
  let child: ChildProcess | undefined;
  let output = '';
  let address: string;

  beforeAll(async () => {
    const port = await freePort();
    address = `http://127.0.0.1:${port}`;
    child = spawn(
      process.execPath,
      [
        WRANGLER,
        'dev',
        '--local',
        '--ip',
        '127.0.0.1',
        '--port',
        String(port),
        '--inspector-port',
        '0',
        '--persist-to',
        join(folder, 'state'),
      ],
      // A group of its own, so that workerd goes with it.
      { cwd: ROOT, env: environment(), stdio: ['ignore', 'pipe', 'pipe'], detached: true },
    );
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on('data', (chunk) => {
        output += String(chunk);
      });
    }
    await untilUp();
  }, START_MS_MAX);

  afterAll(async () => {
    if (child?.pid === undefined || child.exitCode !== null) return;
    const ended = new Promise((resolve) => child?.once('exit', resolve));
    process.kill(-child.pid, 'SIGTERM');
    await ended;
  });

  async function untilUp(): Promise<void> {
    for (;;) {
      const up = await fetch(`${address}/health`).catch(() => undefined);
      if (up?.ok) return;
      if (child?.exitCode !== null) throw new Error(`wrangler dev ended: ${output}`);
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }

  test('answers /health', async () => {
    const answer = await fetch(`${address}/health`);
    expect(answer.status).toBe(200);
    expect(await answer.json()).toEqual({ status: 'up' });
  });

  test('serves the documentation', async () => {
    expect(await (await fetch(`${address}/docs`)).text()).toContain('/v1/accesses');
    expect(await (await fetch(`${address}/openapi.json`)).json()).toMatchObject({ openapi: '3.1.0' });
  });

  test('is not ready, and says that no database answers', async () => {
    const answer = await fetch(`${address}/ready`);
    expect(answer.status).toBe(503);
    expect(await answer.json()).toMatchObject({ status: 'not_ready' });
    expect((await fetch(`${address}/`)).status).toBe(503);
  });

  test('refuses writes', async () => {
    const answer = await fetch(`${address}/v1/parties`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'idempotency-key': 'w-1' },
      body: JSON.stringify({ name: '示例', roles: ['grantee'] }),
    });
    expect(answer.status).toBe(503);
    expect(await answer.json()).toMatchObject({ code: 'read_only' });
  });

  test('answers reads that need a database with a code', async () => {
    const answer = await fetch(`${address}/checkpoint`);
    expect(answer.status).toBe(503);
    expect(await answer.json()).toMatchObject({ code: 'store_unavailable' });
  });
});

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const found = server.address();
      server.close(() => (typeof found === 'object' && found ? resolve(found.port) : reject(new Error('no port'))));
    });
  });
}
