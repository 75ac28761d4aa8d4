import { execFile, spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import pg from 'pg';
import { expect, test } from 'vitest';
import { freshDatabase, startPostgres } from './postgres.ts';

const SERVER = fileURLToPath(new URL('./postgres.ts', import.meta.url));
const AS_NOBODY = { cwd: '/tmp', uid: 65_534, gid: 65_534, env: { PATH: '/usr/bin:/bin', HOME: '/tmp' } };

/** False for an ordinary user, and where the checkout lies in a folder that is root's alone. */
const canBeNobody =
  process.getuid?.() === 0 &&
  spawnSync(process.execPath, ['-e', `fs.accessSync(${JSON.stringify(SERVER)})`], AS_NOBODY).status === 0;

test('runs a server that commits durably, and leaves nothing behind', async () => {
  const server = await startPostgres();
  const fresh = await freshDatabase(server.url);
  expect(await one(fresh.url, 'show fsync')).toBe('on');
  expect(await one(fresh.url, 'show synchronous_commit')).toBe('on');
  expect(await one(fresh.url, 'show server_encoding')).toBe('UTF8');
  const folder = await one(server.url, 'show data_directory');
  const pid = serverPid(folder);
  await fresh.drop();
  await expect(one(fresh.url, 'select 1')).rejects.toThrow('does not exist');
  await server.stop();
  expect(existsSync(folder)).toBe(false);
  expect(isAlive(pid)).toBe(false);
});

test('ends the server of a process that was killed', async () => {
  const code = `import { startPostgres } from ${JSON.stringify(SERVER)};
    console.log((await startPostgres()).url); setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', code], { stdio: ['ignore', 'pipe', 'inherit'] });
  const url = await new Promise<string>((resolve) => child.stdout.once('data', (line) => resolve(String(line).trim())));
  const folder = await one(url, 'show data_directory');
  const pid = serverPid(folder);
  child.kill('SIGKILL');
  await expect.poll(() => isAlive(pid), { timeout: 20_000 }).toBe(false);
  await expect.poll(() => existsSync(folder), { timeout: 20_000 }).toBe(false);
});

test.runIf(canBeNobody)('runs for an ordinary user too', async () => {
  const code = `import { startPostgres } from ${JSON.stringify(SERVER)};
    const server = await startPostgres(); await server.stop(); console.log('uid', process.getuid());`;
  const done = promisify(execFile)(process.execPath, ['--input-type=module', '-e', code], AS_NOBODY);
  expect((await done).stdout).toBe('uid 65534\n');
});

async function one(url: string, sql: string): Promise<string> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return String(Object.values((await client.query(sql)).rows[0])[0]);
  } finally {
    await client.end();
  }
}

function serverPid(folder: string): number {
  return Number(readFileSync(`${folder}/postmaster.pid`, 'utf8').split('\n')[0]);
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
