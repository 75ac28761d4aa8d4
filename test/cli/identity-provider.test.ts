/** The synthetic identity provider, as a browser meets it: what it signs, for whom, and what it refuses. */
import { randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseBase64Url, toBase64Url } from '#core/bytes.ts';
import { bindingSigningBytes, bindingStatement, digestIdentity } from '#core/consent/statement.ts';
import type { Handle, PartyId } from '#core/ids.ts';
import type { Instant } from '#core/instant.ts';
import { formatPrivatePem } from '#core/note/key.ts';
import { readPeople } from '../../src/cli/identity-provider/people.ts';
import { openIdentityProvider } from '../../src/cli/identity-provider/provider.ts';
import { nativeEd25519 } from '../../src/native.ts';
import { newPasskey } from '../support/authenticator.ts';
import { ended, type Home, launch, newHome, printed, run } from '../support/command.ts';
import { expectFailure } from '../support/failure.ts';
import { random } from '../support/ledger-fixture.ts';

const PARTY = '0199'.padEnd(32, '0') as PartyId;
const HANDLE = '0199'.padEnd(32, '1') as Handle;
const LOG = 'ledger.example.org/consent';
const LEDGER = 'https://ledger.example.org';
const NOW = Date.UTC(2026, 10, 26) as Instant;
const PEOPLE = [
  { name: '李示例', id_type: 'resident_id', id_number: '990001189003070010' },
  { name: '<b>王示例</b>', id_type: 'passport', id_number: 'X0000000' },
];
const asked = () => ({
  log: LOG,
  handle: HANDLE as string,
  key: newPasskey().key,
  salt: toBase64Url(random(32)),
  state: randomUUID(),
  return_to: `${LEDGER}/sign/x/identified`,
});
type Fields = Readonly<Record<string, string>>;

describe('the synthetic identity provider', async () => {
  const seed = random(32);
  const key = await nativeEd25519.importSeed(seed);
  const troubles: unknown[] = [];
  const { fetch } = openIdentityProvider({
    party: PARTY,
    key,
    people: readPeople(JSON.stringify(PEOPLE), NOW),
    ledger: { log: LOG, origins: [LEDGER] },
    clock: () => NOW,
    onTrouble: (thrown) => troubles.push(thrown),
  });
  const OWN = { 'sec-fetch-site': 'same-origin', origin: 'http://127.0.0.1:8789' };

  async function post(path: string, fields: Fields | string, headers: Fields = OWN) {
    const body = typeof fields === 'string' ? fields : new URLSearchParams(fields).toString();
    const type = { 'content-type': 'application/x-www-form-urlencoded' };
    const url = `http://127.0.0.1:8789${path}`;
    const response = await fetch(new Request(url, { method: 'POST', body, headers: { ...type, ...headers } }));
    const text = await response.text();
    const hidden = [...text.matchAll(/type="hidden" name="(\w+)" value="([^"]*)"/g)].map(([, name, value]) => [
      name,
      value,
    ]);
    return { status: response.status, text, headers: response.headers, fields: Object.fromEntries(hidden) };
  }

  it('asks who it is, says that nobody is real, and shows no whole number', async () => {
    const { status, text, headers } = await post('/identify', asked(), { origin: LEDGER });
    expect(status).toBe(200);
    expect(text).toContain('这里的每个人都是虚构的');
    expect(text).toContain('是我，确认');
    expect(text).toContain('9900**********0010');
    expect(text).not.toContain('990001189003070010');
    expect(text).toContain('&lt;b&gt;王示例');
    expect(text).not.toMatch(/<script|checked|style="/);
    const policy = headers.get('content-security-policy');
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("form-action 'self';");
    expect(policy).toContain("frame-ancestors 'none'");
  });

  it('signs the identity that it has, over the key, handle and salt that were asked for, and sends it back', async () => {
    const form = asked();
    const confirmed = await post('/confirm', { ...form, person: '0' });
    expect(confirmed.text).toContain(`action="${form.return_to}"`);
    expect(confirmed.headers.get('content-security-policy')).toContain(`form-action 'self' ${LEDGER};`);
    const { state, identified_at, identification } = confirmed.fields;
    expect(Object.keys(confirmed.fields)).toEqual(['state', 'identified_at', 'identification']);
    expect({ state, identified_at }).toEqual({ state: form.state, identified_at: String(NOW) });
    const statementOf = (person: (typeof PEOPLE)[number]) =>
      bindingSigningBytes(
        bindingStatement({
          ...{ log: LOG, handle: HANDLE, key: form.key, method: 'identity_provider' },
          identity: digestIdentity(parseBase64Url(form.salt), person),
          ...{ identifiedBy: PARTY, identifiedAt: NOW },
        }),
      );
    const bytes = parseBase64Url(identification);
    expect(await nativeEd25519.verify(key.publicKey, statementOf(PEOPLE[0]!), bytes)).toBe(true);
    expect(await nativeEd25519.verify(key.publicKey, statementOf(PEOPLE[1]!), bytes)).toBe(false);
  });

  it('speaks English where it is asked to, and its own form carries that on', async () => {
    const page = await post('/identify', { ...asked(), lang: 'en' });
    expect(page.text).toContain('<html lang="en">');
    expect(page.text).toContain('It is me, confirm');
    const confirmed = await post('/confirm', { ...asked(), lang: 'en', person: '0' });
    expect(confirmed.text).toContain('Back to the ledger');
    const byBrowser = await post('/identify', asked(), { 'accept-language': 'en-GB,zh;q=0.5' });
    expect(byBrowser.text).toContain('Nobody in it is real');
  });

  it.each([
    ['another server', { return_to: 'https://evil.example/sign/x' }],
    ['another port', { return_to: 'https://ledger.example.org:8443/sign/x' }],
    ['plain http', { return_to: 'http://ledger.example.org/sign/x' }],
    ['a name that begins so', { return_to: 'https://ledger.example.org.evil.example/' }],
    ['a script', { return_to: 'javascript:alert(1)' }],
    ['no address', { return_to: '/sign/x' }],
    ['a user before it', { return_to: 'https://ledger.example.org@evil.example/' }],
    ['another log', { log: 'other.example.org/consent' }],
    ['no handle', { handle: 'x' }],
    ['a short salt', { salt: 'AAAA' }],
    ['no state', { state: '' }],
    ['a field more', { more: 'x' }],
    ['a language that it has not', { lang: 'fr' }],
  ] as const)('refuses %s, and repeats nothing of it', async (_what, change) => {
    for (const path of ['/identify', '/confirm']) {
      const { status, text } = await post(path, {
        ...asked(),
        ...change,
        ...(path === '/confirm' ? { person: '0' } : {}),
      });
      expect(status).toBe(400);
      expect(text).toContain('<code>input_invalid</code>');
      expect(text).not.toMatch(/evil|identification|javascript/);
    }
  });

  it('refuses a key that is none, a form that is none, and what only another page sends', async () => {
    expect(await post('/identify', { ...asked(), key: 'passkey:x' })).toMatchObject({ status: 400 });
    expect((await post('/identify', { ...asked(), key: 'passkey:x' })).text).toContain('key_invalid');
    for (const person of ['2', '-1', 'x', '0x0', '']) {
      expect((await post('/confirm', { ...asked(), person })).status).toBe(400);
    }
    expect((await post('/confirm', asked())).status).toBe(400);
    const twice = `${new URLSearchParams(asked())}&state=other`;
    expect((await post('/identify', twice)).status).toBe(400);
    expect((await post('/identify', { ...asked(), state: 'x'.repeat(70_000) })).status).toBe(413);
    expect((await post('/identify', '{}', { 'content-type': 'application/json' })).status).toBe(415);
    const elsewhere = { origin: LEDGER, 'sec-fetch-site': 'cross-site' };
    const foreign = await post('/confirm', { ...asked(), person: '0' }, elsewhere);
    expect(foreign).toMatchObject({ status: 403, fields: {} });
    expect(troubles).toEqual([]);
  });

  it('takes whole people only', () => {
    const [person] = PEOPLE;
    for (const text of ['', '[]', '{}', '[{}]', JSON.stringify([{ ...person, more: 1 }])]) {
      expectFailure('input_invalid', () => readPeople(text, NOW));
    }
    expectFailure('identifier_invalid', () =>
      readPeople(JSON.stringify([{ ...person, id_number: '990001189003070011' }]), NOW),
    );
  });
});

describe('assent identity-provider', () => {
  let home: Home;
  let options: string[];
  beforeAll(() => {
    home = newHome();
    writeFileSync(join(home.folder, 'id.pem'), formatPrivatePem(random(32)));
    writeFileSync(join(home.folder, 'people.json'), JSON.stringify(PEOPLE));
    options = ['--party', PARTY, '--key', 'id.pem', '--people', 'people.json', '--log', LOG, '--url', LEDGER];
  });
  afterAll(() => home.remove());

  it('serves the pages until it is told to stop', async () => {
    const child = launch(home, ['identity-provider', ...options, '--port', '0']);
    const end = ended(child);
    const [, url] = /at (http:\S+)\/identify/.exec(await printed(child, /identify\n/)) as RegExpExecArray;
    expect(await (await fetch(`${url}/`)).text()).toContain('示例身份认证');
    expect((await fetch(`${url}/style.css`)).headers.get('content-type')).toContain('text/css');
    expect((await fetch(`${url}/nothing`)).status).toBe(404);
    const page = await fetch(`${url}/identify`, { method: 'POST', body: new URLSearchParams(asked()) });
    expect(await page.text()).toContain('李示例');
    child.kill('SIGTERM');
    expect(await end).toMatchObject({ code: 0, stderr: '' });
  });

  it.each([
    [['--people', 'none.json'], 'input_invalid'],
    [['--party', 'x'], 'input_invalid'],
    [['--url', 'ledger.example.org'], 'config_invalid'],
    [['--port', 'x'], 'config_invalid'],
  ])('ends with one line and code 2 at %j', async (change, code) => {
    const ran = await run(home, ['identity-provider', ...options, ...change]);
    expect(ran).toMatchObject({ code: 2, stdout: '' });
    expect(ran.stderr).toMatch(new RegExp(`^assent: ${code}: [^\n]+\n$`));
  });
});
