/**
 * `assent restore --new-origin`, as a keeper meets it: yesterday's backup is restored, nobody has the day since, and the log
 * goes on under another name (docs/adr/0028). Folders and processes are real.
 */
import { cpSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ended, type Home, launch, newHome, printed, run } from '../support/command.ts';

const NAME = 'ledger.test.example/consent-2';

let home: Home;
let keyId: string;
let auditor: string;
let receipts: readonly string[];
let before: number;
let lost: number;

const at = (...names: string[]) => join(home.folder, ...names);
const vkeyOf = (id: string) => at('keys', `${id}.vkey`);
const nextId = () =>
  readdirSync(at('data'))
    .find((name) => name.endsWith('.keys.json') && !name.startsWith(keyId))
    ?.slice(0, 8) ?? '';
const keeperKey = (n: number) => at('data', `${keyId}.keeper-${n}.pem`);

beforeAll(async () => {
  home = newHome();
  // The story leaves receipts behind.
  const server = await serve();
  keyId = (readdirSync(at('keys'))[0] as string).replace('.vkey', '');
  receipts = readdirSync(home.folder).filter((name) => name.startsWith('receipt-'));
  for (const name of ['auditor', 'admin', 'bureau', 'bureau-admin', 'new', 'new-admin']) {
    await json(['keygen', `${name}.pem`, '--json']);
  }
  auditor = (await register(server.url, 'auditor', 'auditor', 'admin')).party;
  await grown(server.url, 0);
  writeFileSync(at('older.txt'), await checkpoint(server.url));
  await server.stop();
  before = await sizeNow();
  cpSync(at('data', keyId), at('yesterday'), { recursive: true });
  const later = await serve();
  await register(later.url, 'bureau', 'bureau', 'bureau-admin');
  await grown(later.url, before);
  const mirrored = await run(home, ['mirror', later.url, 'copy', ...asAuditor(keyId)]);
  expect(mirrored.code, mirrored.stderr + mirrored.stdout).toBe(0);
  await later.stop();
  lost = await sizeNow();
  // The server signs what it has before it ends. Of the tail nobody has entries; a monitor kept the hashes.
  cpSync(at('copy', 'checkpoint'), at('lost.txt'));
  rmSync(at('copy', 'tile', 'entries'), { recursive: true });
  rmSync(at('data', keyId), { recursive: true });
  cpSync(at('yesterday'), at('data', keyId), { recursive: true });
}, 240_000);
afterAll(() => home.remove());

const asAuditor = (id: string) => ['--vkey', vkeyOf(id), '--party', auditor, '--key', 'auditor.pem'];

async function serve(env: Readonly<Record<string, string>> = {}) {
  const child = launch(home, ['serve'], env);
  const end = ended(child);
  const said = await printed(child, /Ctrl-C stops/);
  return {
    said,
    url: /at (http:\S+)/.exec(said)?.[1] ?? '',
    async stop() {
      child.kill('SIGTERM');
      return end;
    },
  };
}

async function json(args: readonly string[]) {
  const { code, stdout, stderr } = await run(home, args);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return JSON.parse(stdout);
}

function register(url: string, role: string, key: string, admin: string): Promise<{ readonly party: string }> {
  const named = ['--name', `示例${role}`, '--role', role, '--key', `${key}.pem`, '--admin-key', `${admin}.pem`];
  return json(['party', 'register', ...named, '--url', url]);
}

async function sizeNow(): Promise<number> {
  return (await json(['audit', '--json'])).size;
}

async function checkpoint(url: string): Promise<string> {
  return (await fetch(`${url}/checkpoint`)).text();
}

async function grown(url: string, size: number): Promise<void> {
  while (!(Number((await checkpoint(url)).split('\n')[1]) > size)) {
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

const ceremony = (...more: string[]) => [
  ...['restore', '--new-origin', NAME, '--lost-checkpoint', 'lost.txt'],
  ...['--recovery', at('data', `${keyId}.recovery.pem`), ...more],
];

/** What a refused ceremony says: its exit, its code, and that there is a next step. */
async function refused(args: readonly string[]) {
  const { code, stdout, stderr } = await run(home, [...args, '--json']);
  const said = JSON.parse(stdout);
  expect(said).toMatchObject({ result: 'refused', message: expect.any(String), next: expect.any(String) });
  expect(stderr).toContain(`assent: ${said.code}: `);
  expect(stderr).toContain(said.next);
  return [code, said.code];
}

/** The option of a ceremony with another value. */
function otherwise(option: string, value: string): readonly string[] {
  const args = ceremony();
  args[args.indexOf(option) + 1] = value;
  return args;
}

describe('a ledger whose lost day nobody has', () => {
  it('comes up read-only, and the ceremony waits for its server to stop', async () => {
    const server = await serve();
    expect(server.said).toContain('READ-ONLY');
    expect(await refused(ceremony())).toEqual([2, 'data_in_use']);
    await server.stop();
  });

  it('is not continued by one alone, by another key, under another name, or by what proves nothing', async () => {
    const one = ['--keeper', keeperKey(1)];
    expect(await refused(ceremony(...one))).toEqual([1, 'second_signature']);
    expect(await refused(ceremony(...one, ...one))).toEqual([1, 'second_signature']);
    expect(await refused(ceremony(...one, '--keeper', 'bureau.pem'))).toEqual([1, 'signature_refused']);
    expect(await refused(otherwise('--recovery', 'bureau.pem'))).toEqual([1, 'signature_refused']);
    expect(await refused(otherwise('--recovery', 'nowhere.pem'))).toEqual([2, 'input_invalid']);
    expect(await refused(otherwise('--lost-checkpoint', 'nowhere.txt'))).toEqual([2, 'input_invalid']);
    expect(await refused(otherwise('--lost-checkpoint', 'older.txt'))).toEqual([1, 'checkpoint_invalid']);
    expect(await refused(otherwise('--lost-checkpoint', 'bureau.pem'))).toEqual([1, 'note_invalid']);
    expect(await refused(otherwise('--new-origin', 'no name'))).toEqual([2, 'config_invalid']);
    expect(await refused(ceremony('--tiles', 'nowhere'))).toEqual([1, 'not_published']);
    expect(await refused(ceremony('--log-keys', 'nowhere'))).toEqual([2, 'input_invalid']);
    expect(await refused(ceremony('--log-keys', 'bureau.pem'))).toEqual([2, 'input_invalid']);
    expect((await run(home, ['restore', '--new-origin', NAME])).stderr).toContain('--lost-checkpoint FILE or,');
    const mixed = ['restore', '--new-origin', NAME, '--nothing-lost', ...ceremony('--log-keys', 'copy').slice(5)];
    expect((await run(home, mixed)).stderr).toContain('not with --nothing-lost');
    expect((await run(home, ceremony('--nothing-lost'))).stderr).toContain('--lost-checkpoint FILE or,');
    const moved = ['restore', '--new-origin', NAME, '--nothing-lost', ...ceremony().slice(5)];
    expect(await refused(moved)).toEqual([1, 'behind']);
    expect((await run(home, ceremony('--mirror', 'copy'))).stderr).toContain('and not both');
  }, 300_000);

  it('says what it would do, and does not do it', async () => {
    const plan = await json([...ceremony('--dry-run', '--json')]);
    expect(plan).toMatchObject({ result: 'possible', left: { size: before }, lost: { size: lost }, proven: false });
    const proven = await json([...ceremony('--tiles', 'copy', '--dry-run', '--json')]);
    expect(proven).toMatchObject({ result: 'possible', proven: true, erasures: [] });
    // Without a recovery key it proves what needs none; with one it asks what the ceremony will ask.
    const plain = ceremony('--dry-run', '--json').filter((each, i, all) => ![each, all[i - 1]].includes('--recovery'));
    expect(await json(plain)).toEqual(plan);
    for (const file of [keeperKey(1), 'bureau.pem']) {
      expect(await refused([...otherwise('--recovery', file), '--dry-run'])).toEqual([1, 'signature_refused']);
    }
    expect(await refused([...otherwise('--recovery', 'nowhere.pem'), '--dry-run'])).toEqual([2, 'input_invalid']);
    const doctor = await run(home, ['doctor']);
    expect(doctor.stdout).toContain(`the database holds ${before} entries`);
  });

  it('goes on under another name: writable, it holds, and a monitor follows it by its new key', async () => {
    const done = await run(home, ceremony('--tiles', 'copy'));
    expect({ code: done.code, stderr: done.stderr }).toEqual({ code: 0, stderr: '' });
    expect(done.stdout).toContain(`recorded by entry ${before} (log.continued)`);
    expect(done.stdout).toContain('Proven to be a beginning of what was lost.');
    expect(await json([...ceremony('--json')])).toEqual({ result: 'nothing_missing' });

    const next = nextId();
    expect(existsSync(at('data', keyId))).toBe(true);
    expect(existsSync(at('data', next))).toBe(false);
    expect(existsSync(at('data', `${next}.recovery.pem`))).toBe(true);
    const server = await serve({ ASSENT_ORIGIN: NAME });
    expect(server.said).toContain(`Assent serves ${NAME}`);
    expect(server.said).not.toContain('READ-ONLY');
    await register(server.url, 'bureau', 'new', 'new-admin');
    await grown(server.url, before + 1);
    // The server that holds the database audits, and says so.
    const audited = await run(home, ['audit', '--json']);
    expect(audited.code, audited.stderr).toBe(0);
    expect(JSON.parse(audited.stdout)).toMatchObject({
      holds: true,
      origin: NAME,
      continued: [{ size: before, lost, proven: true }],
    });
    // The auditor is of before: it sees how the log was continued, and the rest once two of the keeper say that it goes on.
    const waiting = await run(home, ['monitor', server.url, '--once', ...asAuditor(next)]);
    expect([waiting.code, waiting.stderr]).toEqual([2, '']);
    expect(waiting.stdout).toContain(`: ${before + 1} entries, root `);
    expect(waiting.stdout).toContain(`From entry ${before} on this log goes on`);
    expect(waiting.stdout).toContain('What is shown of it holds.');
    expect(waiting.stdout).toContain(`PARTIAL: these ${before + 1} entries are the beginning of the tree of `);
    expect(waiting.stdout).toContain('(key_waiting). Ask it to: assent party continue.');
    const part = await run(home, ['monitor', server.url, '--once', '--json', ...asAuditor(next)]);
    expect(JSON.parse(part.stdout)).toMatchObject({
      ...{ verdict: 'partial', readable: before + 1, findings: [] },
      report: { holds: true, size: before + 1, continued: [{ size: before, lost, proven: true }] },
    });
    const mirrored = await run(home, ['mirror', server.url, 'waiting', ...asAuditor(next)]);
    expect([mirrored.code, mirrored.stderr]).toEqual([
      2,
      expect.stringContaining(`key_waiting: entries were lost: until the keeper has continued the party, its auditor`),
    ]);
    expect(mirrored.stderr).toContain(`the first ${before + 1} entries`);
    expect(existsSync(at('waiting', 'checkpoint'))).toBe(false);
    // Who waits is told where a keeper looks, identifiers first; those that were registered since do not.
    const waitingNow = async () => {
      const { lines } = JSON.parse((await run(home, ['doctor', '--json'])).stdout);
      return lines.find(({ id }: { id: string }) => id === 'parties.waiting');
    };
    const told = await waitingNow();
    expect(told).toMatchObject({ state: 'todo', next: expect.stringContaining('assent party continue ID --key KEY') });
    expect(told.says).toContain(`(${auditor})`);
    expect(told.says).toMatch(/which of their keys count: 示例身份认证有限公司 \(/);
    expect(told.says).not.toMatch(/保管者|示例bureau/);
    const goesOn = await run(home, ['party', 'continue', auditor, '--key', 'auditor.pem', '--url', server.url]);
    expect(goesOn.code, goesOn.stderr).toBe(0);
    expect((await waitingNow()).says).not.toContain(auditor);
    await grown(server.url, before + 2);
    const monitored = await run(home, ['monitor', server.url, '--once', ...asAuditor(next)]);
    expect(monitored.stdout + monitored.stderr).toContain(`From entry ${before} on this log goes on`);
    expect(monitored.code).toBe(0);
    // Of the former name the last checkpoint is kept.
    const former = await fetch(`${server.url}/v1/log/origins/${keyId}/checkpoint`);
    expect((await former.text()).split('\n')[0]).toBe(readFileSync(at('older.txt'), 'utf8').split('\n')[0]);
    await server.stop();
    const doctor = await run(home, ['doctor']);
    expect(doctor.stdout).toContain(`${next}`);
    expect(doctor.stdout).not.toContain('was an old backup restored?');
  }, 300_000);

  it('receipts of before verify under the old key, and not under the new one', async () => {
    expect(receipts.length).toBeGreaterThan(0);
    for (const file of receipts) {
      const old = await run(home, ['verify', file, '--vkey', vkeyOf(keyId)]);
      expect(old.code, old.stdout).toBe(0);
      const other = await run(home, ['verify', file, '--vkey', vkeyOf(nextId())]);
      expect(other.code).toBe(1);
    }
  });

  it('is no demo any more that could be reset', async () => {
    const reset = await run(home, ['reset-demo']);
    expect(reset.stdout).toContain('there is no demo');
    expect(existsSync(at('data', keyId))).toBe(true);
  });

  it('the old name is over: who names it is told so, and the old database is stopped', async () => {
    const named = await run(home, ['serve'], { ASSENT_ORIGIN: 'ledger.test.example/consent' });
    expect(named.code).toBe(2);
    expect(named.stderr).toContain('it goes on under that name');
    cpSync(at('data', keyId), at('today'), { recursive: true });
    rmSync(at('data', keyId), { recursive: true });
    cpSync(at('yesterday'), at('data', keyId), { recursive: true });
    const server = await serve();
    expect(server.said).toContain(`READ-ONLY this log goes on as ${NAME}`);
    await server.stop();
    expect(await refused(ceremony())).toEqual([1, 'signer_refused']);
    expect(await refused(otherwise('--new-origin', `${NAME}-3`))).toEqual([1, 'signer_refused']);
  }, 300_000);
});

describe('a ledger that is moved to another name', () => {
  const MOVED = 'ledger.test.example/2027';
  let other: Home;
  beforeAll(() => {
    other = newHome();
  });
  afterAll(() => other.remove());

  async function start(env: Readonly<Record<string, string>> = {}) {
    const child = launch(other, ['serve'], env);
    const end = ended(child);
    const said = await printed(child, /Ctrl-C stops/);
    return {
      said,
      async stop() {
        child.kill('SIGTERM');
        return end;
      },
    };
  }

  it('goes on with nothing lost, is audited whole, and its receipts verify under the name that they were made with', async () => {
    await (await start()).stop();
    const [key = ''] = readdirSync(join(other.folder, 'keys')).map((name) => name.replace('.vkey', ''));
    const recovery = join(other.folder, 'data', `${key}.recovery.pem`);
    const move = ['restore', '--new-origin', MOVED, '--nothing-lost', '--recovery', recovery];
    const plan = await run(other, [...move, '--dry-run']);
    expect(plan).toMatchObject({ code: 0, stdout: expect.stringContaining('Nothing is lost') });
    const done = await run(other, [...move, '--json']);
    expect(done.code, done.stderr).toBe(0);
    const { result, reason, left, lost: last, entry } = JSON.parse(done.stdout);
    expect([result, reason, last.size, entry.index]).toEqual(['continued', 'moved', left.size, left.size]);
    const server = await start({ ASSENT_ORIGIN: MOVED });
    expect(server.said).toContain(`Assent serves ${MOVED}`);
    expect(server.said).not.toContain('READ-ONLY');
    const audited = await run(other, ['audit']);
    expect(audited.stdout).toContain(
      `From entry ${left.size} on this log goes on under another name and key. Nothing is lost`,
    );
    expect(audited.code).toBe(0);
    await server.stop();
    const [receipt = ''] = readdirSync(other.folder).filter((name) => name.startsWith('receipt-'));
    const verified = await run(other, ['verify', receipt, '--vkey', join('keys', `${key}.vkey`)]);
    expect(verified.code, verified.stdout).toBe(0);
  }, 240_000);

  it('is killed at the end of it, and a database of before is put back: the name signs nothing before that is decided', async () => {
    const ids = readdirSync(join(other.folder, 'data')).filter((name) => name.endsWith('.keys.json'));
    const [first = ''] = readdirSync(join(other.folder, 'data')).filter((name) => /^[0-9a-f]{8}$/.test(name));
    const second = ids.map((name) => name.slice(0, 8)).find((id) => id !== first) ?? '';
    const [data, before] = [join(other.folder, 'data', first), join(other.folder, 'before')];
    cpSync(data, before, { recursive: true });
    const named = (name: string, ...more: string[]) => ['restore', '--new-origin', name, '--json', ...more];
    const recovery = join(other.folder, 'data', `${second}.recovery.pem`);
    const move = (name: string) => named(name, '--nothing-lost', '--recovery', recovery);
    const said = async (args: readonly string[]) => {
      const { code, stdout } = await run(other, args);
      const { result, code: why } = JSON.parse(stdout);
      return [code, result, why];
    };
    const AGAIN = 'ledger.test.example/2028';
    expect(await said(named(AGAIN, '--give-up'))).toEqual([1, 'refused', 'signer_refused']);
    expect(await said(move(AGAIN))).toEqual([0, 'continued', undefined]);
    // It was killed before it closed the old name’s memory; nothing was started since.
    const memory = new DatabaseSync(join(other.folder, 'state', `${second}.signer`));
    memory.exec('delete from ended');
    memory.close();
    rmSync(data, { recursive: true });
    cpSync(before, data, { recursive: true });

    const server = await start({ ASSENT_ORIGIN: MOVED });
    expect(server.said).toContain(`READ-ONLY a change of name to ${AGAIN} was begun, and is not done`);
    await server.stop();
    expect((await run(other, ['doctor'])).stdout).toContain(`a change of name to ${AGAIN} was begun`);
    expect(await said(move(`${AGAIN}-b`))).toEqual([1, 'refused', 'signer_refused']);
    expect(await said(named(`${AGAIN}-b`, '--give-up'))).toEqual([1, 'refused', 'signer_refused']);
    const both = await run(other, named(AGAIN, '--give-up', '--nothing-lost'));
    expect([both.code, both.stderr]).toEqual([2, expect.stringContaining('--give-up goes with --new-origin alone')]);
    expect(await said(move(AGAIN))).toEqual([0, 'continued', undefined]);
    expect(await said(named(AGAIN, '--give-up'))).toEqual([1, 'refused', 'superseded']);
    const again = await start({ ASSENT_ORIGIN: AGAIN });
    expect(again.said).not.toContain('READ-ONLY');
    const { stdout, code } = await run(other, ['audit', '--json']);
    expect([code, JSON.parse(stdout).continued.length]).toEqual([0, 2]);
    await again.stop();
  }, 240_000);

  it('is given up, and the log has its own name', async () => {
    const NEVER = 'ledger.test.example/2029';
    const ids = readdirSync(join(other.folder, 'state')).filter((name) => name.endsWith('.signer'));
    const inForce = ids.find((name) => {
      const memory = new DatabaseSync(join(other.folder, 'state', name), { readOnly: true });
      const isThere = memory.prepare("select 1 from sqlite_master where name = 'ended'").get() !== undefined;
      memory.close();
      return !isThere;
    }) as string;
    const memory = new DatabaseSync(join(other.folder, 'state', inForce));
    const { size, root } = memory.prepare('select * from signed').get() as { size: number; root: Uint8Array };
    memory.exec('create table begun (id integer primary key, name text, key_id text, size integer, root blob)');
    memory.prepare('insert into begun values (1, ?, ?, ?, ?)').run(NEVER, '0a0b0c0d', size, root);
    memory.close();
    const server = await start();
    expect(server.said).toContain('READ-ONLY');
    await server.stop();
    const done = await run(other, ['restore', '--new-origin', NEVER, '--give-up']);
    expect([done.code, done.stdout]).toEqual([0, expect.stringContaining(`Given up: ${NEVER}`)]);
    const again = await start();
    expect(again.said).not.toContain('READ-ONLY');
    await again.stop();
  }, 240_000);
});
