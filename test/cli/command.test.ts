import { once } from 'node:events';
import { readdirSync, readFileSync, renameSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RECEIPT_BYTES_MAX } from '#core/consent/receipt.ts';
import { formatVkey, parseVkey, verifierKey } from '#core/note/key.ts';
import { openSplitView } from '#core/tlog/split-view.ts';
import { nativeEd25519 } from '../../src/native.ts';
import { ended, type Home, launch, launchByNpm, newHome, printed, run } from '../support/command.ts';

async function someVkey(): Promise<string> {
  const { publicKey } = await nativeEd25519.importSeed(new Uint8Array(32).fill(9));
  return formatVkey(verifierKey('log.example', publicKey));
}

describe('a ledger that was served once', () => {
  let home: Home;
  let served: string;
  /** What the served log's own checkpoint counts when all of the new demo is told. */
  let size: number;
  const receipts = () => readdirSync(home.folder).filter((name) => name.startsWith('receipt-'));

  beforeAll(async () => {
    home = newHome();
    const server = launch(home, ['serve']);
    const end = ended(server);
    served = await printed(server, /Ctrl-C stops/);
    const url = /at (http:\S+)/.exec(served)?.[1] ?? '';

    const second = await run(home, ['serve']);
    expect(second).toMatchObject({ code: 2, stdout: '' });
    expect(second.stderr).toMatch(/^assent: data_in_use: .*ASSENT_DATA_DIR/);
    const lender = /lender +party ([0-9a-f]{32})/.exec(served)?.[1] ?? '';
    const shown = await run(home, ['party', 'show', lender, '--url', url]);
    expect(shown).toMatchObject({ code: 0, stderr: '' });
    expect(JSON.parse(shown.stdout)).toMatchObject({ party: lender, licences: [{ kind: 'bank' }] });

    const page = await fetch(url);
    expect(page.status).toBe(200);
    expect(await page.text()).toContain('REVOKED');
    const [, published] = (await (await fetch(`${url}/checkpoint`)).text()).split('\n');
    size = Number(published);
    expect(size).toBeGreaterThan(0);
    server.kill('SIGINT');
    expect(await end).toMatchObject({ code: 0, stderr: '' });
  });
  afterAll(() => home.remove());

  it('tells the story of a new ledger, and keeps three receipts', () => {
    for (const step of ['1.', '5.', 'deny PURPOSE', 'deny REVOKED', 'Reporting still stands: allow']) {
      expect(served).toContain(step);
    }
    expect(receipts()).toHaveLength(3);
  });

  it('keeps its secret keys to its owner, and says where the keeper’s are', () => {
    const data = join(home.folder, 'data');
    const secret = readdirSync(data).filter((each) => /\.(?:keys\.json|pem)$/.test(each));
    expect(secret.map((each) => each.slice(9)).sort()).toEqual([
      'bureau.pem',
      'identifier.pem',
      'keeper-1.pem',
      'keeper-2.pem',
      'keys.json',
      'lender.pem',
      'recovery.pem',
    ]);
    for (const name of secret) {
      expect(statSync(join(data, name)).mode % 0o1000).toBe(0o600);
      expect(served).toContain(`./data/${name}`);
    }
    expect(served).not.toMatch(/PRIVATE KEY|_seed/);
  });

  it('names the key file, the folder, the lock, the vkey and the signer’s state by the log’s key id', () => {
    const [keyId] = readdirSync(join(home.folder, 'keys')).map((name) => name.replace('.vkey', ''));
    const vkey = readFileSync(join(home.folder, 'keys', `${keyId}.vkey`), 'utf8');
    expect(vkey).toContain(`+${keyId}+`);
    expect(readdirSync(join(home.folder, 'data'))).toEqual(
      expect.arrayContaining([`${keyId}`, `${keyId}.keys.json`, `${keyId}.keeper-1.pem`, `${keyId}.lock`]),
    );
    expect(readdirSync(join(home.folder, 'state'))).toEqual([`${keyId}.signer`]);
  });

  it('audits: 0 and JSON alone on stdout', async () => {
    const audit = await run(home, ['audit', '--json']);
    expect(audit).toMatchObject({ code: 0, stderr: '' });
    expect(JSON.parse(audit.stdout)).toMatchObject({
      holds: true,
      size,
      decisions: 6,
      attested: 0,
      findings: [],
    });
  });

  it('audits against a key that is given, and finds that another log’s key is not its own', async () => {
    const other = newHome();
    const server = launch(other, ['serve']);
    await printed(server, /Ctrl-C stops/);
    server.kill('SIGTERM');
    await ended(server);
    const [vkey] = readdirSync(join(other.folder, 'keys'));
    const audit = await run(home, ['audit', '--vkey', join(other.folder, 'keys', vkey as string)]);
    expect(audit.code).toBe(1);
    expect(audit.stdout).toMatch(/FINDING .*another log/);
    other.remove();
  });

  it('verifies receipts offline: 0 for good ones, 1 if any is not', async () => {
    const [first, ...rest] = receipts() as [string, ...string[]];
    const good = await run(home, ['verify', first, ...rest]);
    expect(good).toMatchObject({ code: 0, stderr: '' });
    expect(good.stdout.match(/RECORDED \(unwitnessed\)/g)).toHaveLength(3);
    const text = readFileSync(join(home.folder, first), 'utf8');
    writeFileSync(join(home.folder, 'changed.json'), text.replace('loan_apply', 'loan_appls'));
    const bad = await run(home, ['verify', '--json', first, 'changed.json']);
    expect(bad.code).toBe(1);
    const verdicts = JSON.parse(bad.stdout);
    expect(verdicts).toMatchObject([{ recorded: 'unwitnessed' }, { recorded: 'invalid', access: null }]);
    // Of the packs that it carries, too: to have them from elsewhere does not mend it.
    writeFileSync(join(home.folder, 'changed-pack.json'), text.replace('征信业管理条例', '征信业管理条列'));
    expect((await run(home, ['verify', first, 'changed-pack.json'])).code).toBe(1);
  });

  it('verifies with a key by its text, and not without any', async () => {
    const [name] = readdirSync(join(home.folder, 'keys'));
    const vkey = readFileSync(join(home.folder, 'keys', name as string), 'utf8').trim();
    const elsewhere = { ASSENT_KEYS_DIR: join(home.folder, 'nothing') };
    expect(await run(home, ['verify', '--vkey', vkey, ...receipts()], elsewhere)).toMatchObject({ code: 0 });
    const untrusted = await run(home, ['verify', ...receipts()], elsewhere);
    expect(untrusted).toMatchObject({ code: 2, stdout: '' });
    expect(untrusted.stderr).toContain('--vkey');
  });

  it('goes on with the same ledger at the next start, without telling the story again', async () => {
    const server = launch(home, ['serve']);
    const end = ended(server);
    const text = await printed(server, /Ctrl-C stops/);
    expect(text).not.toContain('story');
    const url = /at (http:\S+)/.exec(text)?.[1] ?? '';
    const page = await (await fetch(`${url}/`)).text();
    expect(page).toContain('REVOKED');
    // What the page links opens without a key, also after a restart, and verifies.
    const pages = [...page.matchAll(/href="(\/receipts\/[^"]+)"/g)].map(([, path]) => path);
    expect(pages).toHaveLength(3);
    const linked = await Promise.all(
      pages.map(async (path) => {
        const shown = await (await fetch(`${url}${path}`)).text();
        return /href="(\/v1\/receipts\/[^"]+)"/.exec(shown)?.[1] ?? '';
      }),
    );
    for (const [at, path] of linked.entries()) {
      writeFileSync(join(home.folder, `linked-${at}.json`), await (await fetch(`${url}${path}`)).text());
    }
    expect((await run(home, ['verify', 'linked-0.json', 'linked-1.json', 'linked-2.json'])).code).toBe(0);
    server.kill('SIGTERM');
    expect((await end).code).toBe(0);
    expect(JSON.parse((await run(home, ['audit', '--json'])).stdout).size).toBe(size);
  });

  it('ends in order where npm is ended, whose shell passes no signal on', async () => {
    const shell = launchByNpm(home, ['serve']);
    const end = ended(shell);
    await printed(shell, /Ctrl-C stops/);
    shell.kill('SIGTERM');
    // Its streams are the server's, too: they close when both have ended.
    await end;
    expect(await run(home, ['audit', '--json'])).toMatchObject({ code: 0, stderr: '' });
  });

  it('never makes new keys for a ledger whose keys are gone', async () => {
    const folder = join(home.folder, 'data');
    const name = readdirSync(folder).find((each) => each.endsWith('.keys.json')) as string;
    renameSync(join(folder, name), join(home.folder, name));
    const refused = await run(home, ['serve']);
    renameSync(join(home.folder, name), join(folder, name));
    expect(refused).toMatchObject({ code: 2, stdout: '' });
    expect(refused.stderr).toContain(`keys_missing: `);
    expect(refused.stderr).toContain(name);
    expect(readdirSync(folder).filter((each) => each.endsWith('.keys.json'))).toEqual([name]);
  });

  it('comes up read-only beside a signer that has signed more than the database holds', async () => {
    const data = join(home.folder, 'data');
    const [folder] = readdirSync(data).filter((each) => /^[0-9a-f]{8}$/.test(each));
    renameSync(join(data, folder as string), join(home.folder, 'away'));
    const server = launch(home, ['serve']);
    const end = ended(server);
    const text = await printed(server, /READ-ONLY[^\n]*\n/);
    expect(text).toContain(`READ-ONLY the database holds 0 entries, but a checkpoint of ${size} is already signed`);
    server.kill('SIGINT');
    expect(await end).toMatchObject({ code: 0 });
  });
});

describe('a demo beside whose port another program listens', () => {
  it('is served without its tour, says why, and ends in order', async () => {
    const home = newHome();
    const [own, taken] = await neighbours();
    const server = launch(home, ['serve'], { PORT: String(own) });
    const end = ended(server);
    const text = await printed(server, /Ctrl-C stops/);
    expect(text).toMatch(/no tour .*port/);
    expect(text).not.toContain('play it yourself');
    expect((await fetch(`http://127.0.0.1:${own}/`)).status).toBe(200);
    server.kill('SIGTERM');
    expect(await end).toMatchObject({ code: 0, stderr: '' });
    await new Promise((resolve) => taken.close(resolve));
    home.remove();
  });
});

/** A free port, and a server that holds the one after it. */
async function neighbours(): Promise<[number, Server]> {
  const own = createServer();
  await once(own.listen(0, '127.0.0.1'), 'listening');
  const { port } = own.address() as AddressInfo;
  const next = createServer();
  next.listen(port + 1, '127.0.0.1');
  const isHeld = await Promise.race([once(next, 'listening').then(() => true), once(next, 'error').then(() => false)]);
  await new Promise((resolve) => own.close(resolve));
  return isHeld ? [port, next] : neighbours();
}

describe('the assent command', () => {
  let home: Home;
  beforeAll(() => {
    home = newHome();
  });
  afterAll(() => home.remove());

  it.each([
    ['PORT', 'abc'],
    ['PORT', '70000'],
    ['HOST', 'a b'],
    ['HOST', 'http://127.0.0.1'],
    ['HOST', '127.0.0.1/8'],
    ['ASSENT_ORIGIN', 'https://ledger.example.org'],
    ['ASSENT_ORIGIN', 'Ledger.example.org'],
    ['ASSENT_ORIGIN', 'ledger.example.org/a b'],
    ['ASSENT_ORIGIN', 'ledger.example.org/'],
    ['ASSENT_ORIGIN', 'ledger.example.org+1'],
    ['ASSENT_ORIGIN', 'demo.assent.example/mine'],
    ['ASSENT_AUTHORITY', 'https://ledger.example.org'],
    ['ASSENT_AUTHORITY', 'ledger.example.org/path'],
    ['ASSENT_AUTHORITY', 'ledger.example.org, a b'],
    ['ASSENT_AUTHORITY', 'ledger.example.org:port'],
    ['DATABASE_URL', 'mysql://secret@host/x'],
  ])('ends with 2 and one clear line for a bad %s (%s)', async (name, value) => {
    const { code, stdout, stderr } = await run(home, ['serve'], { [name]: value });
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(new RegExp(`^assent: config_invalid: ${name}.*want.*\\n$`));
    expect(stderr).not.toContain('secret');
    expect(readdirSync(home.folder)).toEqual([]);
  });

  it('ends with 2 where the database can’t be reached, without repeating its password', async () => {
    const { code, stderr } = await run(home, ['serve'], { DATABASE_URL: 'postgres://me:secret@127.0.0.1:1/none' });
    expect(code).toBe(2);
    expect(stderr).toMatch(/^assent: store_unavailable: /);
    expect(stderr).not.toContain('secret');
  });

  it.each([
    [['frob']],
    [['audit', '--frob']],
    [['verify']],
    [['receipt', 'disclose', 'receipt.json']],
    [['export', 'frob', 'receipt.json']],
    [['export', 'vc', '0'.repeat(32)]],
    [['audit', 'extra']],
    [['serve', '--json']],
    [['keygen']],
    [['keygen', 'a.pem', 'b.pem']],
    [['party']],
    [['party', 'frob']],
    [['party', 'show']],
    [['party', 'register', 'extra']],
    [['sign']],
    [['sign', 'not a url', '--key', 'a.pem', '--party', '0'.repeat(32)]],
    [['sign', 'http://127.0.0.1/', '--party', '0'.repeat(32)]],
    [['sign', 'http://127.0.0.1/', '--key', 'a.pem', '--method', 'PUT']],
    [['sign', 'http://127.0.0.1/', '--key', 'a.pem', '--method', 'POST']],
  ])('explains itself and ends with 2 for %j', async (args) => {
    const { code, stdout, stderr } = await run(home, args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(/^assent: [^\n]+\. All commands: npx assent --help\n$/);
  });

  it('tells of one command what belongs to it, and of all where it knows none of the name', async () => {
    const one = await run(home, ['pack', '--help']);
    expect(one.code).toBe(0);
    expect(one.stdout).toMatch(
      /^ {2}pack lint [\s\S]* {2}pack withdraw ID [^\n]*\n\nAll commands: npx assent --help\n$/,
    );
    expect(one.stdout).not.toMatch(/^ {2}(?!pack|\s)/m);
    expect((await run(home, ['help', 'pack'])).stdout).toBe(one.stdout);
    expect((await run(home, ['frob', '--help'])).stdout).toBe((await run(home, ['--help'])).stdout);
  });

  it('says that there is nothing to audit, and makes nothing', async () => {
    const empty = newHome();
    const { code, stderr } = await run(empty, ['audit']);
    expect(code).toBe(2);
    expect(stderr).toContain('keys_missing: there is no ledger yet');
    expect(readdirSync(empty.folder)).toEqual([]);
    empty.remove();
  });

  it('ends with 2 for a receipt that can’t be read', async () => {
    const { code, stderr } = await run(home, ['verify', '--vkey', await someVkey(), 'nothing.json']);
    expect([code, stderr]).toEqual([2, expect.stringContaining("nothing.json can't be read")]);
  });

  it('ends with 2 for a file that is too large to be a receipt, and says so', async () => {
    const file = join(home.folder, 'large.json');
    writeFileSync(file, '');
    truncateSync(file, RECEIPT_BYTES_MAX + 1);
    const { code, stderr } = await run(home, ['verify', '--vkey', await someVkey(), 'large.json']);
    expect([code, stderr]).toEqual([2, expect.stringContaining('large.json is too large for a receipt')]);
    rmSync(file);
  });

  it('plays the demo, verifies it, and names the entry that was changed', async () => {
    const demo = await run(home, ['demo', '--json']);
    expect(demo.code, demo.stderr).toBe(0);
    const result = JSON.parse(demo.stdout);
    const { entry } = result.tampered;
    expect(demo.stderr).toContain(`FINDING entry entry ${entry}: its bytes are not those of its leaf`);
    expect(result.witnessed.organisations).toEqual(['witness.bureau.example', 'witness.auditor.example']);
    expect(result.split_view.status).toBe(422);
    const proof = readFileSync(result.split_view.evidence, 'utf8');
    const [one, other] = await openSplitView(proof, [parseVkey(result.vkey)], nativeEd25519);
    expect([one.size, other.size]).toEqual([result.witnessed.size, result.witnessed.size]);
    expect(result.receipts).toHaveLength(3);
    for (const file of result.receipts) expect(file).toMatch(/receipt-[0-9a-f]{32}\.json$/);
    expect(await run(home, ['verify', '--vkey', result.vkey, ...result.receipts])).toMatchObject({ code: 0 });
  });
});
