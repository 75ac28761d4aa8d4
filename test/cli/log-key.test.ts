/** The log key of a served ledger is exchanged as a keeper does it, and receipts of before and after are verified by readers. */
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { useSha256 } from '#core/hash.ts';
import type { AccessId } from '#core/ids.ts';
import { parseVkey } from '#core/note/key.ts';
import { parseNote } from '#core/note/note.ts';
import { nativeSha256 } from '../../src/native.ts';
import { ask, paperId, signedPaper, TODAY } from '../core/consent/paper-ledger.ts';
import {
  adds,
  fileOf,
  followable,
  followedReceipt,
  own,
  retires,
  switches,
  textOf,
  vkeyOf,
} from '../core/consent/paper-log-keys.ts';
import { type Home, launch, newHome, printed, run } from '../support/command.ts';

useSha256(nativeSha256);

describe('assent keys … log', () => {
  let home: Home;
  let server: ChildProcess;
  let url: string;
  const data = () => join(home.folder, 'data');
  const files = () => readdirSync(data()).filter((name) => /\.log-[0-9a-f]{8}\.pem$/.test(name));
  const vkeys = () => readdirSync(join(home.folder, 'keys')).filter((name) => name.endsWith('.vkey'));
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
    const { log } = JSON.parse(stdout) as { log: readonly { vkey: string; standing: string; here: boolean }[] };
    return log;
  }
  const linesServed = async () => parseNote(await (await fetch(`${url}/checkpoint`)).text()).signatures.length;
  const doctor = async () => {
    const { lines } = JSON.parse((await run(home, ['doctor', '--json'])).stdout) as {
      lines: readonly { id: string; state: string }[];
    };
    return lines
      .filter(({ id }) => id.startsWith('keys.log') || id === 'keys.public')
      .map(({ id, state }) => [id, state]);
  };

  beforeAll(async () => {
    home = newHome();
    await start();
  });
  afterAll(() => {
    server.kill('SIGKILL');
    home.remove();
  });

  it('announce a key, refuse to use it before the server holds it, and let it sign beside the old one', async () => {
    expect((await standings()).map(({ standing }) => standing)).toEqual(['signs']);
    const early = await keys('rotate', 'log');
    expect([early.code, early.stderr]).toEqual([2, expect.stringContaining('assent keys add log')]);

    expect((await keys('add', 'log')).code).toBe(0);
    expect(files()).toHaveLength(1);
    expect(statSync(join(data(), files()[0] as string)).mode & 0o777).toBe(0o600);
    expect((await standings()).map(({ standing, here }) => [standing, here])).toEqual([
      ['signs', true],
      ['announced', true],
    ]);
    const unheld = await keys('rotate', 'log');
    expect([unheld.code, unheld.stderr]).toEqual([2, expect.stringContaining('does not hold the private half')]);
    expect(vkeys()).toHaveLength(1);

    await stop();
    await start();
    const soon = await keys('rotate', 'log', '--until', new Date(Date.now() + 1_000).toISOString());
    expect([soon.code, soon.stderr]).toEqual([2, expect.stringContaining('a day from now at the least')]);
    const done = await keys('rotate', 'log');
    expect(done.code).toBe(0);
    expect(vkeys()).toHaveLength(2);
    await expect.poll(linesServed, { timeout: 10_000 }).toBe(2);
    const [old, next] = await standings();
    expect(old?.standing).toMatch(/^signs beside it until \d{4}-/);
    expect(next?.standing).toBe('signs');
    expect(await doctor()).toEqual(
      expect.arrayContaining([
        ['keys.log', 'fine'],
        ['keys.log.public', 'fine'],
      ]),
    );
    expect(await run(home, ['audit'])).toMatchObject({ code: 0 });
  });

  it('retire no key before the time that was announced, and never the one in force', async () => {
    const [old, next] = await standings();
    const early = await keys('retire', old?.vkey ?? '');
    expect([early.code, early.stderr]).toEqual([2, expect.stringContaining('readers still rely on it')]);
    const inForce = await keys('retire', parseVkey(next?.vkey ?? '').keyId);
    expect(inForce.stderr).toContain('let another one take over first');
  });

  it('declare a key compromised: it signs no more, and what readers have to add is said', async () => {
    const [old, next] = await standings();
    const { keyId } = parseVkey(old?.vkey ?? '');
    const since = '2001-01-01T00:00:00.000Z';
    expect((await keys('compromised', keyId)).stderr).toContain('want --since TIME');
    const done = await keys('compromised', keyId, '--since', since);
    expect(done.code).toBe(0);
    expect(done.stderr).toContain(`log ${next?.vkey}`);
    expect(done.stderr).toContain(`#assent compromised ${keyId} ${since}`);
    await expect.poll(linesServed, { timeout: 10_000 }).toBe(1);
    expect((await standings())[0]?.standing).toBe(`compromised since ${since}`);
    const shown = (await (await fetch(`${url}/v1/log`)).json()) as { readonly vkey: string };
    expect(shown.vkey).toBe(next?.vkey);
    for (const each of [old, next]) {
      const audit = await run(home, ['audit', '--vkey', each?.vkey ?? '']);
      expect([audit.code, audit.stdout]).toEqual([0, expect.stringContaining(`log key ${next?.vkey}: signs trees of`)]);
    }
  });

  it('start no ledger without the key that signs, nor on a signer’s memory that was set back: it stays read-only', async () => {
    await stop();
    const file = join(data(), files()[0] as string);
    renameSync(file, join(home.folder, 'away.pem'));
    const without = await run(home, ['serve']);
    expect([without.code, without.stderr]).toEqual([2, expect.stringContaining('is not at hand: put its file back')]);
    expect(await doctor()).toEqual(expect.arrayContaining([['keys.log', 'todo']]));
    renameSync(join(home.folder, 'away.pem'), file);
    const [, keyId = ''] = /\.log-([0-9a-f]{8})\.pem$/.exec(file) ?? [];
    const memory = join(home.folder, 'state', `${keyId}.signer`);
    const kept = readFileSync(memory);
    rmSync(memory);
    expect((await run(home, ['doctor', '--json'])).stdout).toContain('is missing: put its file back');
    writeFileSync(memory, kept);
    await start();
    expect((await standings()).map(({ standing }) => standing)[1]).toBe('signs');
  });
});

describe('assent verify, where the log key was exchanged (attack 79)', () => {
  const home: Home = newHome();
  const write = (name: string, text: string | Uint8Array) => writeFileSync(join(home.folder, name), text);
  const verify = (file: string, ...args: readonly string[]) => run(home, ['verify', file, ...args]);

  beforeAll(async () => {
    const paper = signedPaper(own.texts);
    const asked = (n: number, at: number) => paper.write(ask({ access: paperId<AccessId>(0x5000 + n) }), TODAY + at);
    const early = asked(0, 1);
    write('before.json', fileOf(await followedReceipt(paper, early)));
    paper.write(await adds(1), TODAY + 2);
    paper.write(switches(1, TODAY + 3), TODAY + 3);
    const late = asked(1, 4);
    write('during.json', fileOf(await followedReceipt(paper, late)));
    paper.write(retires(0), TODAY + 9 * 86_400_000);
    write('after.json', fileOf(await followedReceipt(paper, late)));
    // The retired key alone, over a tree of later: whoever has it can make such a file.
    const forged = await followedReceipt(paper, early, { signers: () => [0] });
    const { log_keys: _none, ...alone } = forged;
    write('forged.json', fileOf(alone));
    write('log-keys.json', JSON.stringify(await followable(paper)));
    const other = signedPaper({ ...own.texts, recovery_key: own.texts.issuing_key });
    other.write(await adds(1), TODAY + 1);
    write('other.json', JSON.stringify(await followable(other)));
    write('old.vkey', textOf(0));
    write('new.vkey', textOf(1));
  });
  afterAll(() => home.remove());

  it('verifies receipts of before, during and after under the old key, and says which key it followed to', async () => {
    for (const file of ['before.json', 'during.json', 'after.json']) {
      const { code, stdout } = await verify(file, '--vkey', 'old.vkey');
      expect([file, code]).toEqual([file, 0]);
      const led = `signed by the log key ${textOf(1)}, to which the trusted one leads`;
      expect(stdout.includes(led)).toBe(file === 'after.json');
    }
    const [read] = JSON.parse((await verify('after.json', '--vkey', 'old.vkey', '--json')).stdout);
    expect(read.followed_to).toBe(textOf(1));
  });

  it('verifies an old receipt under the new key with what the log says of its keys today, and not without', async () => {
    expect((await verify('before.json', '--vkey', 'new.vkey')).code).toBe(1);
    const led = await verify('before.json', '--vkey', 'new.vkey', '--log-keys', 'log-keys.json');
    expect([led.code, led.stdout]).toEqual([0, expect.stringContaining(`signed by the log key ${textOf(0)}`)]);
    for (const file of ['during.json', 'after.json']) {
      expect((await verify(file, '--vkey', 'new.vkey', '--log-keys', 'log-keys.json')).code).toBe(0);
    }
  });

  it('takes nothing that the old key signs after it was retired, where it is told of that (attack 78)', async () => {
    expect((await verify('forged.json', '--vkey', 'new.vkey', '--log-keys', 'log-keys.json')).code).toBe(1);
  });

  it('explains receipts of before and after, whichever of two keys in the folder comes first', async () => {
    mkdirSync(join(home.folder, 'keys'), { recursive: true });
    write('keys/a.vkey', textOf(1));
    write('keys/b.vkey', textOf(0));
    for (const file of ['before.json', 'during.json', 'after.json']) {
      expect((await run(home, ['explain', file])).code).toBe(0);
      expect((await verify(file)).code).toBe(0);
    }
    rmSync(join(home.folder, 'keys'), { recursive: true });
  });

  it('reads no keys of another history of the log: 2', async () => {
    expect((await verify('before.json', '--vkey', 'old.vkey', '--log-keys', 'other.json')).code).toBe(2);
  });

  it('ends with 5 where a policy says that the key was in other hands, and no quorum signed before', async () => {
    const lines = [`log ${textOf(0)}`, `log ${textOf(1)}`, 'quorum none', ''];
    write('plain.policy', lines.join('\n'));
    const { keyId } = vkeyOf(0);
    write('told.policy', [`#assent compromised ${keyId} 2026-11-21T08:00:00Z`, ...lines].join('\n'));
    write('wrong.policy', [`#assent compromised ${keyId} some day`, ...lines].join('\n'));
    expect((await verify('before.json', '--policy', 'plain.policy')).code).toBe(0);
    const told = await verify('before.json', '--policy', 'told.policy');
    expect([told.code, told.stdout]).toEqual([5, expect.stringContaining('unwitnessed')]);
    // What the new key signed beside it, or alone, is not touched.
    expect((await verify('during.json', '--policy', 'told.policy')).code).toBe(0);
    expect((await verify('after.json', '--policy', 'told.policy')).code).toBe(0);
    const wrong = await verify('before.json', '--policy', 'wrong.policy');
    expect([wrong.code, wrong.stderr]).toEqual([2, expect.stringContaining('#assent compromised <key id')]);
  });

  it('follows no key that the policy says was in other hands, with what the log says of its keys today', async () => {
    const trusting = (at: number, name: string, ...lines: readonly string[]) =>
      write(name, [...lines, `log ${textOf(at)}`, 'quorum none', ''].join('\n'));
    const told = (at: number) => `#assent compromised ${vkeyOf(at).keyId} 2026-11-21T08:00:00Z`;
    const judged = async (file: string, policy: string) =>
      (await verify(file, '--policy', policy, '--log-keys', 'log-keys.json')).code;
    trusting(0, 'of-old.policy');
    trusting(0, 'of-stolen.policy', told(0));
    expect(await judged('after.json', 'of-old.policy')).toBe(0);
    // Whoever has the stolen key may have named the other one: it leads nowhere.
    expect(await judged('after.json', 'of-stolen.policy')).toBe(5);
    trusting(1, 'of-new.policy');
    trusting(1, 'new-stolen.policy', told(1));
    trusting(1, 'old-stolen.policy', told(0));
    expect(await judged('before.json', 'of-new.policy')).toBe(0);
    // Back as well; and where a key in good hands leads to a stolen one, that one still needs its quorum.
    expect(await judged('before.json', 'new-stolen.policy')).toBe(1);
    expect(await judged('before.json', 'old-stolen.policy')).toBe(5);
  });
});
