/** A server that is told of a time-stamping authority, as its keeper starts it. */
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ended, type Home, launch, newHome, printed, run } from '../support/command.ts';
import { HAS_OPENSSL, openTsa, type TestTsa } from '../support/tsa.ts';

describe.skipIf(!HAS_OPENSSL)('a server with a time-stamping authority', () => {
  let tsa: TestTsa;
  let home: Home;
  beforeAll(async () => {
    tsa = await openTsa();
    home = newHome({ ASSENT_TSA_URL: tsa.url, ASSENT_TSA_EVERY: '10' });
    writeFileSync(join(home.folder, 'none.pem'), 'no certificate');
  });
  afterAll(async () => {
    home.remove();
    await tsa.close();
  });

  it.each([
    ['that is not there', 'nowhere.pem', 'it can’t be read'],
    ['that is none', 'none.pem', 'BEGIN CERTIFICATE'],
  ])('does not start by a certificate %s, and begins no ledger', async (_, file, why) => {
    const ran = await run(home, ['serve'], { ASSENT_TSA_CERTIFICATE: join(home.folder, file) });
    expect(ran).toMatchObject({ code: 2, stdout: '' });
    expect(ran.stderr).toMatch(/^assent: config_invalid: ASSENT_TSA_CERTIFICATE: /);
    expect(ran.stderr).toContain(why);
    expect(existsSync(join(home.folder, 'keys'))).toBe(false);
  });

  it('has what it serves stamped, and the doctor says so', async () => {
    const env = { ASSENT_TSA_CERTIFICATE: tsa.ca };
    const server = launch(home, ['serve'], env);
    const end = ended(server);
    const said = await printed(server, /Ctrl-C stops/);
    // What failed before left nothing: the ledger is new, and is told its story.
    expect(said).toContain('The ledger is new');
    const url = /at (http:\S+)/.exec(said)?.[1] ?? '';
    const stamps = async () => (await fetch(`${url}/v1/time-stamps`)).json();
    await expect.poll(stamps, { timeout: 30_000, interval: 500 }).toHaveProperty('time_stamps.0.size');
    expect((await run(home, ['doctor'], env)).stdout).toMatch(/ok +time-stamps +the newest is of /);
    const audited = await run(home, ['audit', '--tsa', tsa.ca], env);
    expect(audited).toMatchObject({ code: 0 });
    expect(audited.stdout).toMatch(/time-stamps: (\d+) of \1 are of this history, and hold/);
    server.kill('SIGINT');
    expect(await end).toMatchObject({ code: 0 });
  });
});
