/** Runs the `assent` command as a user would: a process of its own, with an environment of its own. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll } from 'vitest';

const MAIN = resolve(import.meta.dirname, '../../src/cli/main.ts');

export interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A folder with all that a ledger writes, and nothing of the project's own. */
export interface Home {
  readonly folder: string;
  readonly env: Readonly<Record<string, string>>;
  remove(): void;
}

export function newHome(env: Readonly<Record<string, string>> = {}): Home {
  const folder = mkdtempSync(join(tmpdir(), 'assent-test-'));
  return {
    folder,
    env: {
      PATH: process.env['PATH'] ?? '',
      HOME: folder,
      PORT: '0',
      ASSENT_DATA_DIR: join(folder, 'data'),
      ASSENT_STATE_DIR: join(folder, 'state'),
      ASSENT_KEYS_DIR: join(folder, 'keys'),
      ...env,
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

export function run(home: Home, args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ran> {
  return ended(launch(home, args, env));
}

export function launch(home: Home, args: readonly string[], env: Readonly<Record<string, string>> = {}): ChildProcess {
  const child = spawn(process.execPath, [MAIN, ...args], { cwd: home.folder, env: { ...home.env, ...env } });
  running.add(child);
  child.on('close', () => running.delete(child));
  return child;
}

/** The same in a shell, as npm runs its scripts: who kills it leaves the command behind. */
export function launchByNpm(home: Home, args: readonly string[]): ChildProcess {
  const command = [process.execPath, MAIN, ...args].map((each) => `'${each}'`).join(' ');
  const env = { ...home.env, npm_lifecycle_event: 'start' };
  const child = spawn('sh', ['-c', `${command}; exit $?`], { cwd: home.folder, env });
  running.add(child);
  child.on('close', () => running.delete(child));
  return child;
}

/** A test that fails half-way leaves its server to this. */
const running = new Set<ChildProcess>();
afterAll(() => {
  for (const child of running) child.kill('SIGKILL');
});

export function ended(child: ChildProcess): Promise<Ran> {
  let stdout = '';
  let stderr = '';
  child.stdout?.on('data', (chunk) => {
    stdout += chunk;
  });
  child.stderr?.on('data', (chunk) => {
    stderr += chunk;
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, stdout, stderr }));
  });
}

/** Waits until a process has printed something, and answers what it printed until then. */
export function printed(child: ChildProcess, pattern: RegExp): Promise<string> {
  let text = '';
  return new Promise((resolve, reject) => {
    child.stdout?.on('data', (chunk) => {
      text += chunk;
      if (pattern.test(text)) resolve(text);
    });
    child.on('close', (code) => reject(new Error(`ended with ${code} before printing ${pattern}: ${text}`)));
  });
}
