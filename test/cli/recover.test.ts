/** `assent keys recover`: a keeper who lost both keys goes on with two others, by the recovery key that was kept offline. */
import type { ChildProcess } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Home, launch, newHome, printed, run } from '../support/command.ts';

describe('assent keys recover', () => {
  let home: Home;
  let server: ChildProcess;
  let url: string;
  let keyId: string;
  const at = (...path: readonly string[]) => join(home.folder, ...path);
  const recover = (...args: readonly string[]) => run(home, ['keys', 'recover', ...args, '--url', url]);
  const own = (folder: string) => [1, 2].flatMap((n) => ['--keeper', at(folder, `${keyId}.keeper-${n}.pem`)]);
  const status = (...args: readonly string[]) => run(home, ['keys', 'status', ...args, '--url', url]);

  beforeAll(async () => {
    home = newHome({ ASSENT_ORIGIN: 'ledger.test.example/consent' });
    server = launch(home, ['serve']);
    url = /at (http:\S+)/.exec(await printed(server, /Ctrl-C stops/))?.[1] ?? '';
    keyId = readdirSync(at('data'))
      .find((name) => name.endsWith('.keys.json'))
      ?.slice(0, 8) as string;
  });
  afterAll(() => {
    server.kill('SIGKILL');
    home.remove();
  });

  it('keeps the recovery key apart: its private half is in a file of its own, which doctor wants moved away', async () => {
    const pem = readFileSync(at('data', `${keyId}.recovery.pem`), 'utf8');
    const seed = Buffer.from(pem.split('\n')[1] as string, 'base64').subarray(-32);
    expect(readFileSync(at('data', `${keyId}.keys.json`), 'utf8')).not.toContain(seed.toString('base64url'));
    const line = async () => {
      const { lines } = JSON.parse((await run(home, ['doctor', '--json'])).stdout);
      return lines.find(({ id }: { id: string }) => id === 'keys.recovery')?.state;
    };
    expect(await line()).toBe('todo');
    mkdirSync(at('offline'));
    renameSync(at('data', `${keyId}.recovery.pem`), at('offline', 'recovery.pem'));
    expect(await line()).toBe('fine');
  });

  it('wants to know which key, where to, and what became of the former ones', async () => {
    for (const args of [
      [],
      ['--recovery', 'x', '--to', 'y'],
      ['--recovery', 'x', '--to', 'y', '--lost', '--since', 'z'],
    ]) {
      const { code, stderr } = await recover(...args);
      expect([code, stderr]).toEqual([
        2,
        expect.stringContaining('--recovery FILE --to FOLDER, and --lost or --since'),
      ]);
    }
    const other = await run(home, ['keygen', 'other.pem']);
    expect(other.code).toBe(0);
    const wrong = await recover('--recovery', 'other.pem', '--to', 'wrong', '--lost');
    expect([wrong.code, wrong.stderr]).toEqual([2, expect.stringContaining('signature_refused')]);
  });

  it('makes two keys and the next recovery key, and says the same again when it is called again', async () => {
    for (const n of [1, 2]) rmSync(at('data', `${keyId}.keeper-${n}.pem`));
    expect((await status()).code).toBe(2);
    const made = await recover('--recovery', 'offline/recovery.pem', '--to', 'new', '--lost');
    expect(made).toMatchObject({ code: 0 });
    const files = ['keeper-1', 'keeper-2', 'recovery'].map((name) => `${keyId}.${name}.pem`);
    expect(readdirSync(at('new')).sort()).toEqual(files);
    expect(files.map((name) => statSync(at('new', name)).mode & 0o777)).toEqual([0o600, 0o600, 0o600]);
    const again = await recover('--recovery', 'offline/recovery.pem', '--to', 'new', '--lost');
    expect(again).toMatchObject({ code: 0, stdout: made.stdout });
    expect((await run(home, ['keys', 'add', 'issuing', ...own('new'), '--url', url])).code).toBe(0);
    expect((await run(home, ['audit'])).code).toBe(0);
  });

  it('takes no recovery key twice: only the one that it made goes on', async () => {
    const spent = await recover('--recovery', 'offline/recovery.pem', '--to', 'third', '--lost');
    expect([spent.code, spent.stderr]).toEqual([2, expect.stringContaining('is spent')]);
    const since = '2001-01-01T00:00:00Z';
    const next = await recover('--recovery', `new/${keyId}.recovery.pem`, '--to', 'third', '--since', since);
    expect(next).toMatchObject({ code: 0 });
    const { stdout } = await run(home, ['audit']);
    expect(stdout).toContain('TAINTED entry');
    expect((await run(home, ['keys', 'add', 'issuing', ...own('new'), '--url', url])).code).toBe(2);
  });
});
