/** `assent keys`: the issuing key of a served ledger is exchanged, step by step, as a keeper does it. */
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, renameSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Home, launch, newHome, printed, run } from '../support/command.ts';

describe('assent keys', () => {
  let home: Home;
  let server: ChildProcess;
  let url: string;
  const data = () => join(home.folder, 'data');
  const files = () => readdirSync(data()).filter((name) => name.includes('.issuing-'));
  const keys = (...args: readonly string[]) => run(home, ['keys', ...args, '--url', url]);

  async function start() {
    server = launch(home, ['serve']);
    url = /at (http:\S+)/.exec(await printed(server, /Ctrl-C stops/))?.[1] ?? '';
  }
  async function stop() {
    const ended = once(server, 'close');
    server.kill('SIGTERM');
    await ended;
  }
  async function standings() {
    const { stdout } = await keys('status', '--json');
    const { issuing } = JSON.parse(stdout) as { issuing: readonly { standing: string; here: boolean }[] };
    return issuing.map(({ standing, here }) => [standing, here]);
  }

  beforeAll(async () => {
    home = newHome();
    await start();
  });
  afterAll(() => {
    server.kill('SIGKILL');
    home.remove();
  });

  it('wants one of its actions', async () => {
    const wrong = [
      [],
      ['add'],
      ['rotate', 'recovery'],
      ['retire'],
      ['status', 'issuing'],
      ['add', 'issuing', 'x'],
      ['compromised'],
    ];
    for (const args of wrong) {
      const { code, stderr } = await keys(...args);
      expect(code).toBe(2);
      expect(stderr).toContain(
        'keys: want status, add issuing|log, rotate issuing|log, retire KEY, compromised KEY, or recover',
      );
    }
  });

  it('takes a key that begins with a hyphen for a key, wherever it stands', async () => {
    const key = `-${'A'.repeat(42)}`;
    const [unknown, last, amid] = [
      await keys('retire', 'A'.repeat(43)),
      await keys('retire', key),
      await keys('--json', key, 'retire'),
    ];
    expect([last.code, last.stderr]).toEqual([2, unknown.stderr]);
    expect(amid.stderr).toContain('keys: want status, add');
    const since = await keys('compromised', key, '--since', '2001-01-01T00:00:00Z');
    expect(since.stderr).not.toContain('option');
  });

  it('announces a new key, refuses to use it before the server holds it, and then lets it take over', async () => {
    expect(await standings()).toEqual([['signs', true]]);
    const early = await keys('rotate', 'issuing');
    expect([early.code, early.stderr]).toEqual([2, expect.stringContaining('assent keys add issuing')]);

    const added = await keys('add', 'issuing');
    expect(added.code).toBe(0);
    expect(files()).toHaveLength(1);
    expect(statSync(join(data(), files()[0] as string)).mode & 0o777).toBe(0o600);
    expect(await standings()).toEqual([
      ['signs', true],
      ['announced', true],
    ]);

    const unheld = await keys('rotate', 'issuing');
    expect(unheld.code).toBe(2);
    expect(unheld.stderr).toMatch(/this server does not hold the private key.*restart them/s);

    await stop();
    await start();
    expect(await keys('rotate', 'issuing')).toMatchObject({ code: 0 });
    expect(await standings()).toEqual([
      ['taken until it is retired', true],
      ['signs', true],
    ]);
    expect(await run(home, ['audit'])).toMatchObject({ code: 0 });
  });

  it('retires no key whose last permits may still be shown', async () => {
    const { issuing } = JSON.parse((await keys('status', '--json')).stdout);
    const [old, current] = issuing.map(({ key }: { key: string }) => key);
    const { code, stderr } = await keys('retire', old);
    expect([code, stderr]).toEqual([2, expect.stringContaining('retire it a day after it signed last')]);
    expect((await keys('retire', current)).stderr).toContain('let another one take over first');
    expect((await keys('retire', 'A'.repeat(43))).code).toBe(2);
  });

  it('declares a key compromised once it signs no more: status and audit say since when, and what it signed', async () => {
    const { issuing } = JSON.parse((await keys('status', '--json')).stdout);
    const [old, current] = issuing.map(({ key }: { key: string }) => key);
    const since = '2001-01-01T00:00:00.000Z';
    const untimed = await keys('compromised', old);
    expect([untimed.code, untimed.stderr]).toEqual([2, expect.stringContaining('keys: want --since TIME')]);
    const signing = await keys('compromised', current, '--since', since);
    expect([signing.code, signing.stderr]).toEqual([2, expect.stringContaining('let another one take over first')]);
    const ahead = await keys('compromised', old, '--since', '2999-01-01T00:00:00Z');
    expect([ahead.code, ahead.stderr]).toEqual([2, expect.stringContaining('want a time that has come')]);

    expect(await keys('compromised', old, '--since', since)).toMatchObject({ code: 0 });
    expect(await standings()).toEqual([
      [`compromised since ${since}`, true],
      ['signs', true],
    ]);
    const audit = await run(home, ['audit']);
    expect(audit.code).toBe(0);
    expect(audit.stdout).toMatch(
      new RegExp(`TAINTED entries 0 to \\d+, \\d+ with a permit: signed with the issuing key ${old}, .*since ${since}`),
    );
  });

  it('starts no ledger without the key that signs: exit 2, and never a new key', async () => {
    await stop();
    const file = join(data(), files()[0] as string);
    renameSync(file, join(home.folder, 'away.pem'));
    const without = await run(home, ['serve']);
    expect(without.code).toBe(2);
    expect(without.stderr).toContain('the issuing key in force is not at hand: put its file back');
    expect(files()).toEqual([]);
    renameSync(join(home.folder, 'away.pem'), file);
    await start();
    expect(await standings()).toEqual([
      ['compromised since 2001-01-01T00:00:00.000Z', true],
      ['signs', true],
    ]);
  });
});
