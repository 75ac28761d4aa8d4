/**
 * `assent restore`, as a keeper meets it: yesterday's backup is restored by mistake, the server comes up read-only, and the
 * ceremony leads back (log/attacks.md 18, 30). Folders and processes are real.
 */
import { cpSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readySchema } from '#wire/log.ts';
import { stampsSchema } from '#wire/time-stamps.ts';
import { ended, type Home, launch, newHome, printed, run } from '../support/command.ts';
import { HAS_OPENSSL, openTsa, type TestTsa } from '../support/tsa.ts';

let home: Home;
let size: number;
let before: number;
/** What the tail had stamped; nothing, where no time-stamp can be made. */
let stamped: readonly number[] = [];
let tsa: TestTsa | undefined;

beforeAll(async () => {
  tsa = HAS_OPENSSL ? await openTsa() : undefined;
  home = newHome({ ASSENT_ORIGIN: 'ledger.test.example/consent' });
  const server = await serve();
  await json(['keygen', 'auditor.pem', '--json']);
  await json(['keygen', 'admin.pem', '--json']);
  const { party } = await register(server.url, 'auditor', 'auditor.pem', 'admin.pem');
  await server.stop();
  // Keys and public keys lie in the data folder as well; what is set back is the database alone.
  before = await sizeNow();
  cpSync(database(), join(home.folder, 'yesterday'), { recursive: true });
  const later = await serve(stamping());
  await json(['keygen', 'bureau.pem', '--json']);
  await json(['keygen', 'bureau-admin.pem', '--json']);
  await register(later.url, 'bureau', 'bureau.pem', 'bureau-admin.pem');
  while ((await checkpointSize(later.url)) <= before) await new Promise((resolve) => setTimeout(resolve, 100));
  while (tsa !== undefined && stamped.length === 0) {
    stamped = await stampedSizes(later.url, before + 1);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  if (tsa !== undefined) {
    const { time_stamps: said } = readySchema.parse(await (await fetch(`${later.url}/ready`)).json());
    expect(said?.newest?.size).toBeGreaterThanOrEqual(stamped[0] as number);
  }
  const mirrored = await run(home, [
    'mirror',
    later.url,
    'copy',
    '--vkey',
    vkey(),
    '--party',
    party,
    '--key',
    'auditor.pem',
  ]);
  expect(mirrored.code, mirrored.stderr + mirrored.stdout).toBe(0);
  // Another one may have come meanwhile.
  if (tsa !== undefined)
    stamped = readdirSync(join(home.folder, 'copy', 'v1', 'time-stamps'))
      .map(Number)
      .sort(rising);
  await later.stop();
  size = await sizeNow();
  rmSync(database(), { recursive: true });
  cpSync(join(home.folder, 'yesterday'), database(), { recursive: true });
}, 240_000);
afterAll(async () => {
  await tsa?.close();
  home.remove();
});

const stamping = (): Readonly<Record<string, string>> =>
  tsa === undefined ? {} : { ASSENT_TSA_URL: tsa.url, ASSENT_TSA_CERTIFICATE: tsa.ca, ASSENT_TSA_EVERY: '10' };

const keyId = () => (readdirSync(join(home.folder, 'keys'))[0] as string).replace('.vkey', '');
const database = () => join(home.folder, 'data', keyId());
const vkey = () => join(home.folder, 'keys', `${keyId()}.vkey`);
const keeperKey = (n: number) => join(home.folder, 'data', `${keyId()}.keeper-${n}.pem`);

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
  const named = ['--name', `示例${role}`, '--role', role, '--key', key, '--admin-key', admin];
  return json(['party', 'register', ...named, '--url', url]);
}

async function sizeNow(): Promise<number> {
  return (await json(['audit', '--json'])).size;
}

async function checkpointSize(url: string): Promise<number> {
  return Number((await (await fetch(`${url}/checkpoint`)).text()).split('\n')[1]);
}

const rising = (a: number, b: number) => a - b;

async function stampedSizes(url: string, from: number): Promise<readonly number[]> {
  const answer = await fetch(`${url}/v1/time-stamps?from=${from}`);
  return stampsSchema.parse(await answer.json()).time_stamps.map((each) => each.size);
}

/** What a refused restore says: its exit, its code, and that there is a next step. */
async function refused(args: readonly string[]) {
  const { code, stdout, stderr } = await run(home, ['restore', '--json', ...args]);
  const said = JSON.parse(stdout);
  expect(said).toMatchObject({ result: 'refused', message: expect.any(String), next: expect.any(String) });
  expect(stderr).toContain(`assent: ${said.code}: `);
  expect(stderr).toContain(said.next);
  return [code, said.code];
}

describe('a ledger whose backup of yesterday was restored', () => {
  it('18: comes up read-only, and the doctor names the way back', async () => {
    const server = await serve();
    const party = ['party', 'register', '--name', '示例', '--role', 'bureau', '--key', 'bureau.pem'];
    const written = await run(home, [...party, '--admin-key', 'admin.pem', '--url', server.url]);
    expect(written.code).toBe(2);
    expect(written.stderr).toContain('read_only');
    expect(await refused(['--mirror', 'copy'])).toEqual([2, 'data_in_use']);
    expect((await server.stop()).code).toBe(0);
    const doctor = await run(home, ['doctor']);
    expect(doctor.code).toBe(1);
    expect(doctor.stdout).toContain(`the database holds ${before} entries`);
    expect(doctor.stdout).toContain('npx assent restore --mirror DIR --dry-run');
  });

  it('30: is not restored by one alone, by one twice, or out of nothing', async () => {
    const one = ['--keeper', keeperKey(1)];
    expect(await refused(['--mirror', 'copy', ...one])).toEqual([1, 'second_signature']);
    expect(await refused(['--mirror', 'copy', ...one, ...one])).toEqual([1, 'second_signature']);
    expect(await refused(['--mirror', 'copy', ...one, '--keeper', 'bureau.pem'])).toEqual([1, 'signature_refused']);
    expect(await refused(['--mirror', 'nowhere'])).toEqual([1, 'not_published']);
    expect((await run(home, ['restore'])).stderr).toContain('want --mirror DIR');
    expect(await sizeNowOf()).toBe(before);
  });

  it('says what it would do, and does not do it', async () => {
    const plan = await json(['restore', '--mirror', 'copy', '--dry-run', '--json']);
    expect(plan).toMatchObject({ result: 'possible', from: { size: before }, to: { size }, lost: { parts: 0 } });
    expect(plan.time_stamps).toEqual({ possible: [], refused: [], unjudged: stamped.length });
    expect(await sizeNowOf()).toBe(before);
  });

  it.skipIf(!HAS_OPENSSL)(
    'says which time-stamps of the mirror would go back, by the authority that is named',
    async () => {
      const { ca, certificate } = tsa as TestTsa;
      const plan = ['restore', '--mirror', 'copy', '--dry-run'];
      for (const by of [ca, certificate]) {
        const { time_stamps: said } = await json([...plan, '--json', '--tsa', by]);
        expect(said).toEqual({ possible: stamped, refused: [], unjudged: 0 });
      }
      const file = join(home.folder, 'copy', 'v1', 'time-stamps', '1');
      cpSync(join(home.folder, 'copy', 'v1', 'time-stamps', String(stamped[0])), file);
      const said = await run(home, plan, stamping());
      expect(said).toMatchObject({ code: 0, stderr: '' });
      expect(said.stdout).toContain(`To put back: ${stamped.length} time-stamps, each proven`);
      expect(said.stdout).toContain(
        `Not put back: the time-stamp of 1 entries: is of the tree of ${stamped[0]} entries`,
      );
      expect((await run(home, plan)).stdout).toContain('since nobody says whose are believed');
      rmSync(file);
      const broken = await run(home, plan, { ...stamping(), ASSENT_TSA_CERTIFICATE: vkey() });
      expect([broken.code, broken.stderr]).toEqual([2, expect.stringContaining('ASSENT_TSA_CERTIFICATE')]);
      expect((await run(home, ['restore', '--new-origin', 'x.example/y', '--tsa', ca])).stderr).toContain('--tsa FILE');
    },
  );

  it('30: is whole again under two keys: writable, and it holds', async () => {
    const done = await run(home, ['restore', '--mirror', 'copy']);
    expect({ code: done.code, stderr: done.stderr }).toEqual({ code: 0, stderr: '' });
    expect(done.stdout).toContain(`recorded by entry ${size} (log.restored)`);
    if (stamped.length > 0) {
      expect(done.stdout).toContain(`Not put back: ${stamped.length} time-stamps, since nobody says`);
      // By who is believed as it is configured: nothing is missing any more but they.
      const stamps = await run(home, ['restore', '--mirror', 'copy'], stamping());
      expect(stamps).toMatchObject({ code: 0, stderr: '' });
      expect(stamps.stdout).toMatch(/Nothing is missing.*\nPut back: [0-9]+ time-stamps, each proven/);
      const again = await json(['restore', '--mirror', 'copy', '--json', '--tsa', (tsa as TestTsa).ca]);
      expect(again).toEqual({
        result: 'nothing_missing',
        time_stamps: { put_back: [], refused: [], unjudged: 0 },
      });
    }
    const audit = await json(['audit', '--json']);
    expect(audit).toMatchObject({ holds: true, size: size + 1 });
    const server = await serve();
    expect(await stampedSizes(server.url, 0)).toEqual(stamped);
    await json(['keygen', 'new.pem', '--json']);
    await json(['keygen', 'new-admin.pem', '--json']);
    await register(server.url, 'bureau', 'new.pem', 'new-admin.pem');
    await server.stop();
    // The mirror is older than what is signed by now.
    expect(await refused(['--mirror', 'copy'])).toEqual([1, 'behind']);
  });

  /** The head as the doctor sees it: an audit of a database that was set back finds that it was. */
  async function sizeNowOf(): Promise<number> {
    const { stdout } = await run(home, ['doctor']);
    return Number(/the database holds (\d+) entries/.exec(stdout)?.[1]);
  }
});
