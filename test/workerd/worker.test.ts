/** The Worker: that it builds without what a Worker can't have, and what it answers in the real runtime without a ledger. */
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { partySignatory, portableEd25519, signRequest } from '#client/index.ts';
import type { PartyId } from '#core/ids.ts';
import {
  ROOT,
  type RunningWorker,
  START_MS_MAX,
  startWorker,
  WRANGLER,
  wranglerEnvironment,
} from '../support/wrangler.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'assent-worker-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Of nodejs_compat: pg hashes passwords, and reads files and host names only where a URL asks for it. Ours need none. */
const OF_NODE = [
  'crypto',
  'dns',
  'events',
  'fs',
  'net',
  'node:events',
  'path',
  'stream',
  'string_decoder',
  'tls',
  'util',
  'util/types',
];

describe('the bundle', () => {
  test('has no PGlite in it, and of Node only what pg needs', { timeout: START_MS_MAX }, async () => {
    const out = join(folder, 'bundle');
    await promisify(execFile)(process.execPath, [WRANGLER, 'deploy', '--dry-run', '--outdir', out], {
      cwd: ROOT,
      env: wranglerEnvironment({ folder }),
    });
    const code = await readFile(join(out, 'worker.js'), 'utf8');
    const map: { sources: string[] } = JSON.parse(await readFile(join(out, 'worker.js.map'), 'utf8'));
    const sources = map.sources.map((source) => source.replaceAll('\\', '/'));
    expect(sources.some((source) => source.endsWith('src/worker.ts'))).toBe(true);
    expect(sources.filter((source) => /pglite|pdfkit|fontkit|noto-sans|src\/(?:node|native|cli\/)/.test(source))).toEqual([]);
    const imported = [...code.matchAll(/^\s*import\b[^"';]*["']([^"'.][^"']*)["']/gm)].map(([, name]) => name);
    expect([...new Set(imported)].sort()).toEqual(OF_NODE);
  });
});

describe('wrangler dev, without keys and database', () => {
  let worker: RunningWorker | undefined;
  let address: string;

  beforeAll(async () => {
    worker = await startWorker({ folder });
    address = worker.url;
  }, START_MS_MAX);

  afterAll(() => worker?.stop());

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

  test('refuses writes, signed or not', async () => {
    const path = '/v1/parties';
    const body = JSON.stringify({ name: '示例', roles: ['grantee'], keys: [] });
    const key = await portableEd25519.importSeed(new Uint8Array(32));
    const signed = await signRequest(
      [partySignatory('0'.repeat(32) as PartyId, key)],
      { method: 'POST', authority: new URL(address).host, path, query: '', body, idempotencyKey: 'w-1' },
      Math.floor(Date.now() / 1_000),
    );
    for (const headers of [signed, { 'idempotency-key': 'w-1' }]) {
      const answer = await fetch(`${address}${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body,
      });
      expect(answer.status).toBe(503);
      expect(await answer.json()).toMatchObject({ code: 'store_unavailable' });
    }
  });

  test('asks for a signature before anything that is somebody’s', async () => {
    const answer = await fetch(`${address}/v1/parties/${'0'.repeat(32)}`);
    expect(answer.status).toBe(401);
    expect(await answer.json()).toMatchObject({ code: 'signature_required' });
  });

  test('answers reads that need a database with a code', async () => {
    const answer = await fetch(`${address}/checkpoint`);
    expect(answer.status).toBe(503);
    expect(await answer.json()).toMatchObject({ code: 'store_unavailable' });
  });
});
