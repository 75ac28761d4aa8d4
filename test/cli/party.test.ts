/** Keys, parties and signed requests from the command line, against a real ledger that is served. */
import type { ChildProcess } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parsePrivatePem } from '#client/index.ts';
import { toBase64Url } from '#core/bytes.ts';
import { bindingSigningBytes } from '#core/consent/statement.ts';
import { nativeEd25519 } from '../../src/native.ts';
import { ended, type Home, launch, newHome, printed, type Ran, run } from '../support/command.ts';

const ORIGIN = 'ledger.test.example/consent';
const UNKNOWN = '0000000000000000000000000000000f';

const modeOf = (path: string) => statSync(path).mode % 0o1000;

describe('assent keygen', () => {
  let home: Home;
  beforeAll(() => {
    home = newHome();
  });
  afterAll(() => home.remove());

  it('makes a private key that only its owner can read, and prints the public one', async () => {
    const made = await run(home, ['keygen', 'one.pem']);
    expect(made).toMatchObject({ code: 0, stderr: '' });
    const file = join(home.folder, 'one.pem');
    expect(modeOf(file)).toBe(0o600);
    const text = readFileSync(file, 'utf8');
    const key = await nativeEd25519.importSeed(parsePrivatePem(text));
    expect(made.stdout).toContain(`public key: ${toBase64Url(key.publicKey)}`);
    expect(made.stdout).not.toContain(text.split('\n')[1]);
  });

  it('says the same as JSON, and makes another key each time', async () => {
    const keys = await Promise.all(
      ['two.pem', 'three.pem'].map(async (file) => {
        const made = await run(home, ['keygen', file, '--json']);
        expect(made).toMatchObject({ code: 0, stderr: '' });
        expect(JSON.parse(made.stdout)).toEqual({ file, key: expect.stringMatching(/^[A-Za-z0-9_-]{43}$/) });
        return JSON.parse(made.stdout).key;
      }),
    );
    expect(new Set(keys).size).toBe(2);
  });

  it('never overwrites a file, and ends with 2 where it can’t write one', async () => {
    writeFileSync(join(home.folder, 'there.pem'), 'precious');
    const refused = await run(home, ['keygen', 'there.pem']);
    expect(refused).toMatchObject({ code: 2, stdout: '' });
    expect(refused.stderr).toMatch(/^assent: config_invalid: there\.pem is there already.*\n$/);
    expect(readFileSync(join(home.folder, 'there.pem'), 'utf8')).toBe('precious');
    const nowhere = await run(home, ['keygen', 'nowhere/a.pem']);
    expect(nowhere).toMatchObject({ code: 2, stdout: '' });
    expect(nowhere.stderr).toMatch(/^assent: config_invalid: nowhere\/a\.pem can't be written\n$/);
  });
});

describe('a ledger with an origin of its own', () => {
  let home: Home;
  let server: ChildProcess;
  let end: Promise<Ran>;
  let served: string;
  let url: string;
  const named = { ASSENT_ORIGIN: ORIGIN };
  /** The lender, as it was registered. */
  let lender: { party: string; keys: { key: string; operator: string; duty: string }[] };

  const party = (...args: string[]) => run(home, ['party', ...args, '--url', url]);
  async function done(ran: Promise<Ran>) {
    const { code, stdout, stderr } = await ran;
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    return JSON.parse(stdout);
  }
  async function refused(ran: Promise<Ran>, code: string) {
    const { code: exit, stdout, stderr } = await ran;
    expect({ exit, stdout }).toEqual({ exit: 2, stdout: '' });
    expect(stderr).toMatch(new RegExp(`^assent: ${code}: .*\\n$`));
  }
  async function keygen(file: string): Promise<string> {
    return (await done(run(home, ['keygen', file, '--json']))).key;
  }
  /** The headers that `assent sign` prints, as curl would send them. */
  async function sign(path: string, ...args: string[]): Promise<[string, string][]> {
    const { code, stdout, stderr } = await run(home, ['sign', `${url}${path}`, ...args]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    return stdout
      .trimEnd()
      .split('\n')
      .map((line): [string, string] => {
        const [, name = '', value = ''] = /^([a-z-]+): (.*)$/.exec(line) ?? [];
        expect(name).not.toBe('');
        return [name, value];
      });
  }

  beforeAll(async () => {
    home = newHome();
    server = launch(home, ['serve'], named);
    end = ended(server);
    served = await printed(server, /Ctrl-C stops/);
    url = /at (http:\S+)/.exec(served)?.[1] ?? '';
    await keygen('lender.pem');
    await keygen('lender-admin.pem');
    lender = await done(
      party(
        'register',
        '--name',
        '示例消费金融',
        '--role',
        'grantee',
        '--key',
        'lender.pem',
        '--admin-key',
        'lender-admin.pem',
      ),
    );
  });
  afterAll(() => home.remove());

  it('begins with its keeper and nobody else: no story, no receipts, and what to do next', async () => {
    expect(served).toContain(`Assent serves ${ORIGIN} at http://127.0.0.1:`);
    expect(served).toContain('npx assent party register');
    expect(served).not.toContain('story');
    expect(readdirSync(home.folder).filter((name) => name.startsWith('receipt-'))).toEqual([]);
    expect(await (await fetch(`${url}/checkpoint`)).text()).toMatch(new RegExp(`^${ORIGIN}\n`));
    expect(await (await fetch(`${url}/`)).text()).toContain(ORIGIN);
  });

  it('writes its keeper’s two keys and the recovery key to files that only their owner can read, and names them', () => {
    const data = join(home.folder, 'data');
    const pems = readdirSync(data).filter((name) => name.endsWith('.pem'));
    expect(pems).toHaveLength(3);
    for (const name of pems) {
      expect(name).toMatch(/^[0-9a-f]{8}\.(?:keeper-[12]|recovery)\.pem$/);
      expect(modeOf(join(data, name))).toBe(0o600);
      expect(served).toContain(`./data/${name}`);
    }
  });

  it('registers a party by the keeper’s two keys, and shows it', async () => {
    expect(lender.keys.map(({ duty }) => duty).sort()).toEqual(['admin', 'query']);
    const shown = await done(party('show', lender.party));
    expect(shown).toMatchObject({ party: lender.party, name: '示例消费金融', roles: ['grantee'], suspended_at: null });
    expect(await done(party('show', lender.party, '--admin', 'lender-admin.pem'))).toEqual(shown);
    await refused(party('show', UNKNOWN), 'party_unknown');
    await refused(party('register', '--name', 'a', '--role', 'keeper'), 'party_role');
  });

  it('takes one keeper’s key for nothing that needs two', async () => {
    const [first] = readdirSync(join(home.folder, 'data')).filter((name) => name.endsWith('keeper-1.pem'));
    const alone = ['--keeper', join(home.folder, 'data', first as string)];
    await refused(party('register', '--name', 'a', '--role', 'grantee', ...alone), 'second_signature');
    await refused(party('suspend', lender.party, ...alone), 'second_signature');
    await refused(party('register', '--name', 'a', '--role', 'grantee', ...alone, ...alone), 'second_signature');
  });

  it('explains a role, a duty or a file that is none', async () => {
    const roles = await party('register', '--name', 'a', '--role', 'lender');
    expect(roles).toMatchObject({ code: 2, stdout: '' });
    expect(roles.stderr).toContain('grantee');
    await refused(party('add-key', lender.party, '--key', 'nothing.pem'), 'input_invalid');
    writeFileSync(
      join(home.folder, 'no-key.pem'),
      '-----BEGIN PRIVATE KEY-----\nsecretsecret\n-----END PRIVATE KEY-----\n',
    );
    const noKey = party('add-key', lender.party, '--key', 'no-key.pem');
    await refused(noKey, 'key_invalid');
    expect((await noKey).stderr).not.toContain('secretsecret');
    expect(await party('add-key', lender.party, '--key', 'lender.pem', '--duty', 'both')).toMatchObject({ code: 2 });
    await refused(party('show', 'F'.repeat(32)), 'input_invalid');
  });

  it('adds a key by the party’s own administrator, and retires it', async () => {
    const key = await keygen('second.pem');
    await refused(party('add-key', lender.party, '--key', 'second.pem', '--admin', 'lender.pem'), 'duty_missing');
    const added = await done(party('add-key', lender.party, '--key', 'second.pem', '--admin', 'lender-admin.pem'));
    expect(added).toMatchObject({ party: lender.party, key, duty: 'query' });
    await refused(party('add-key', lender.party, '--key', 'second.pem'), 'already_there');
    const read = async () => {
      const headers = await sign(`/v1/parties/${lender.party}`, '--key', 'second.pem', '--party', lender.party);
      return (await fetch(`${url}/v1/parties/${lender.party}`, { headers })).status;
    };
    expect(await read()).toBe(200);
    await done(party('retire-key', lender.party, '--key', key, '--admin', 'lender-admin.pem'));
    expect(await read()).toBe(401);
    const { keys } = await done(party('show', lender.party));
    expect(keys.find((each: { key: string }) => each.key === key).ended_at).toBeGreaterThan(0);
    await refused(party('retire-key', lender.party, '--key', 'second.pem'), 'key_ended');
  });

  it('takes a public key that begins with a hyphen for a key, and for no option', async () => {
    const key = `-${'A'.repeat(42)}`;
    for (const named of [['--key', key], [`--key=${key}`]]) {
      await refused(party('retire-key', lender.party, ...named), 'key_ended');
    }
  });

  it('declares a key compromised, and says that an operator has left', async () => {
    const key = await keygen('third.pem');
    const { operator } = await done(party('add-key', lender.party, '--key', 'third.pem'));
    await done(party('compromise-key', lender.party, '--key', 'third.pem', '--since', '2026-01-02T03:04:05Z'));
    await done(party('operator-left', lender.party, '--operator', operator));
    const { keys, operators } = await done(party('show', lender.party));
    expect(keys.find((each: { key: string }) => each.key === key)).toMatchObject({
      compromised_since: 1_767_323_045_000,
    });
    expect(operators[operator].left_at).toBeGreaterThan(0);
    expect(await party('compromise-key', lender.party, '--key', 'third.pem')).toMatchObject({ code: 2, stdout: '' });
  });

  it('signs a write that the server takes, and no other', async () => {
    const identity = { id_type: 'resident_id', id_number: '990001189001010014', name: '示例人甲', phone: null };
    const body = JSON.stringify({ principal: lender.party, subject: 'person', identity });
    writeFileSync(join(home.folder, 'body.json'), body);
    const by = ['--key', 'lender.pem', '--party', lender.party, '--body', 'body.json'];
    const headers = await sign('/v1/relationships', ...by);
    expect(headers.map(([name]) => name).sort()).toEqual([
      'content-digest',
      'content-type',
      'idempotency-key',
      'signature',
      'signature-input',
    ]);
    const post = (text: string, sent = headers) =>
      fetch(`${url}/v1/relationships`, { method: 'POST', headers: sent, body: text });
    const answer = await post(body);
    expect(answer.status).toBe(201);
    const { handle } = (await answer.json()) as { handle: string };
    const changed = await post(body.replace('甲', '乙'));
    expect([changed.status, await changed.json()]).toMatchObject([400, { code: 'digest_mismatch' }]);
    const kept = await sign('/v1/relationships', ...by, '--idempotency-key', 'mine');
    expect(kept).toContainEqual(['idempotency-key', 'mine']);
    // A read with a query, and the same for a page that was not signed for.
    const path = `/v1/relationships/${handle}/entries`;
    const read = await sign(`${path}?from=0`, '--key', 'lender.pem', '--party', lender.party);
    expect((await fetch(`${url}${path}?from=0`, { headers: read })).status).toBe(200);
    expect((await fetch(`${url}${path}?from=1`, { headers: read })).status).toBe(401);
  });

  it('signs as a subject by the handle, once the key is bound', async () => {
    const identity = { id_type: 'resident_id', id_number: '990001189001010030', name: '示例人乙', phone: null };
    const write = async (path: string, body: object) => {
      writeFileSync(join(home.folder, 'body.json'), JSON.stringify(body));
      const headers = await sign(path, '--key', 'lender.pem', '--party', lender.party, '--body', 'body.json');
      const answer = await fetch(`${url}${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
      const text = await answer.text();
      expect([answer.status, text]).toEqual([201, text]);
      return JSON.parse(text);
    };
    const { handle } = await write('/v1/relationships', { principal: lender.party, subject: 'person', identity });
    const key = await keygen('person.pem');
    const person = await nativeEd25519.importSeed(
      parsePrivatePem(readFileSync(join(home.folder, 'person.pem'), 'utf8')),
    );
    const named = { method: 'link', identified_by: null, identified_at: null };
    const bytes = bindingSigningBytes({ v: 1, log: ORIGIN, handle, key, identity: null, ...named });
    const path = `/v1/relationships/${handle}/entries`;
    const read = async () => {
      const headers = await sign(path, '--key', 'person.pem', '--subject', handle);
      return (await fetch(`${url}${path}`, { headers })).status;
    };
    expect(await read()).toBe(401);
    const possession = toBase64Url(await person.sign(bytes));
    const unsaid = { identity_salt: null, identification: null };
    await write(`/v1/relationships/${handle}/keys`, { principal: lender.party, key, ...named, ...unsaid, possession });
    expect(await read()).toBe(200);
    const both = await run(home, [
      'sign',
      `${url}${path}`,
      '--key',
      'person.pem',
      '--subject',
      handle,
      '--party',
      lender.party,
    ]);
    expect(both).toMatchObject({ code: 2, stdout: '' });
  });

  it('prints with two keys what the keeper’s two administrators sign', async () => {
    const data = join(home.folder, 'data');
    const files = readdirSync(data).filter((name) => name.includes('.keeper-'));
    const keys = files.flatMap((name) => ['--key', join(data, name)]);
    const keyFile = readdirSync(data).find((name) => name.endsWith('.keys.json')) as string;
    const { keeper } = JSON.parse(readFileSync(join(data, keyFile), 'utf8'));
    const body = JSON.stringify({ name: 'example', roles: ['provider'], keys: [] });
    writeFileSync(join(home.folder, 'body.json'), body);
    const headers = await sign('/v1/parties', ...keys, '--party', keeper.party, '--body', 'body.json');
    expect((await fetch(`${url}/v1/parties`, { method: 'POST', headers, body })).status).toBe(201);
  });

  it('suspends a party, which can then do nothing, and reinstates it', async () => {
    await done(party('suspend', lender.party));
    expect((await done(party('show', lender.party))).suspended_at).toBeGreaterThan(0);
    await refused(party('show', lender.party, '--admin', 'lender-admin.pem'), 'key_ended');
    await refused(party('suspend', lender.party), 'already_there');
    await done(party('reinstate', lender.party));
    expect((await done(party('show', lender.party, '--admin', 'lender-admin.pem'))).suspended_at).toBe(null);
  });

  it('continues a party with each key that is named; there is nothing to, while the log was never continued', async () => {
    const none = await party('continue', lender.party);
    expect(none).toMatchObject({ code: 2, stdout: '' });
    expect(none.stderr).toContain('--key');
    const twice = await party('retire-key', lender.party, '--key', 'lender.pem', '--key', 'lender-admin.pem');
    expect(twice).toMatchObject({ code: 2, stdout: '' });
    const keys = ['--key', 'lender-admin.pem'];
    await refused(party('continue', lender.party, ...keys), 'already_there');
    await refused(party('continue', lender.party, ...keys, ...keys), 'input_invalid');
  });

  it('suspends itself by its own administrator, and lifts that itself', async () => {
    const own = ['--admin', 'lender-admin.pem'];
    expect(await party('self-suspend', lender.party)).toMatchObject({ code: 2, stdout: '' });
    expect(await party('self-suspend', lender.party, ...own, '--to', 'soon')).toMatchObject({ code: 2, stdout: '' });
    const times = ['--to', '2100-01-01T00:00:00Z', '--compromised-since', '2026-01-02T03:04:05Z'];
    await done(party('self-suspend', lender.party, ...own, ...times));
    const { self_suspended } = await done(party('show', lender.party, ...own));
    expect(self_suspended).toMatchObject({ to: 4_102_444_800_000, compromised_since: 1_767_323_045_000 });
    await done(party('self-reinstate', lender.party, ...own));
    await refused(party('self-reinstate', lender.party, ...own), 'already_there');
  });

  it('can’t be reached where nobody listens', async () => {
    const nowhere = run(home, ['party', 'show', lender.party, '--url', 'http://127.0.0.1:1']);
    await refused(nowhere, 'unreachable');
    expect((await nowhere).stderr).toContain('say --url URL');
  });

  it('logs no secret and nothing that says who someone is, and stops', async () => {
    server.kill('SIGTERM');
    const { code, stdout, stderr } = await end;
    expect(code).toBe(0);
    for (const word of ['示例人', '99000118900101', 'PRIVATE KEY']) expect(stdout + stderr).not.toContain(word);
  });

  it('holds in audit, with every request that was signed', async () => {
    const audit = await run(home, ['audit', '--json']);
    expect(audit).toMatchObject({ code: 0, stderr: '' });
    expect(JSON.parse(audit.stdout)).toMatchObject({ holds: true, findings: [], attested: 0 });
  });

  it('is no other ledger at the next start: another origin ends with 2', async () => {
    const before = readdirSync(join(home.folder, 'data')).sort();
    const other = await run(home, ['serve'], { ASSENT_ORIGIN: 'other.test.example/log' });
    expect(other).toMatchObject({ code: 2, stdout: '' });
    expect(other.stderr).toMatch(/^assent: config_invalid: ASSENT_ORIGIN is other\.test\.example\/log, but .*\n$/);
    expect(other.stderr).toContain(ORIGIN);
    expect(readdirSync(join(home.folder, 'data')).sort()).toEqual(before);
  });

  it('gets no new keys where its own are gone', async () => {
    const data = join(home.folder, 'data');
    const name = readdirSync(data).find((each) => each.endsWith('.keys.json')) as string;
    renameSync(join(data, name), join(home.folder, name));
    const gone = await run(home, ['serve'], named);
    const acted = await run(home, ['party', 'show', lender.party, '--url', url]);
    renameSync(join(home.folder, name), join(data, name));
    for (const { code, stdout, stderr } of [gone, acted]) {
      expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
      expect(stderr).toMatch(/^assent: keys_missing: .*\n$/);
    }
    expect(readdirSync(data).filter((each) => each.endsWith('.keys.json'))).toEqual([name]);
  });

  it('goes on at the next start, named or not, and on every address', async () => {
    for (const env of [named, {}]) {
      const again = launch(home, ['serve'], { ...env, HOST: '0.0.0.0', ASSENT_AUTHORITY: 'Ledger.test.example' });
      const over = ended(again);
      const text = await printed(again, /Ctrl-C stops/);
      expect(text).toContain(`Assent serves ${ORIGIN} at http://0.0.0.0:`);
      expect(text).not.toMatch(/story|new and empty/);
      const [, port = ''] = /at http:\/\/0\.0\.0\.0:(\d+)/.exec(text) ?? [];
      expect((await fetch(`http://127.0.0.1:${port}/health`)).status).toBe(200);
      const path = `/v1/parties/${lender.party}`;
      const signed = async (address: string) => {
        const { stdout } = await run(home, [
          'sign',
          `${address}${path}`,
          '--key',
          'lender.pem',
          '--party',
          lender.party,
        ]);
        return stdout
          .trimEnd()
          .split('\n')
          .map((line) => line.split(/: (.*)/).slice(0, 2) as [string, string]);
      };
      const asked = async (headers: [string, string][]) =>
        (await fetch(`http://127.0.0.1:${port}${path}`, { headers })).status;
      // Signatures name what callers know the server by, whatever the proxy before it asks for.
      expect(await asked(await signed('https://ledger.test.example'))).toBe(200);
      expect(await asked(await signed(`http://127.0.0.1:${port}`))).toBe(401);
      again.kill('SIGTERM');
      expect((await over).code).toBe(0);
    }
    expect(existsSync(join(home.folder, 'keys'))).toBe(true);
  });
});
