/** A person gets a passkey on the pages, with the synthetic identity provider, as a browser without anything but forms would. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { JsonObject } from '#core/canonical.ts';
import { bindingSigningBytes } from '#core/consent/statement.ts';
import type { Handle } from '#core/ids.ts';
import { letterCapability } from '#service/capabilities.ts';
import { mintChallenge, openSession } from '#service/sessions.ts';
import { openIdentityProvider } from '../../src/cli/identity-provider/provider.ts';
import { createPages } from '../../src/web/pages.ts';
import { draft, enrolPerson, newParty, newPerson, type Party, twoClauses } from '../support/actors.ts';
import { newPasskey, type Passkey } from '../support/authenticator.ts';
import { registrationOf } from '../support/identified.ts';
import { checkLedger, type Fixture, ORIGIN, openFixture } from '../support/ledger-fixture.ts';
import { answeredBy } from '../support/sessions.ts';

const SITE = 'http://localhost:8787';
const PROVIDER = 'http://localhost:8789';
const OWN = { 'sec-fetch-site': 'same-origin', origin: SITE };
const FROM_PROVIDER = { 'sec-fetch-site': 'same-site', origin: PROVIDER };

let fixture: Fixture;
let pages: ReturnType<typeof createPages>;
let provider: ReturnType<typeof openIdentityProvider>;
let lender: Party;
let bureau: Party;
const people: { name: string; id_type: string; id_number: string }[] = [];

beforeAll(async () => {
  fixture = await openFixture();
  const { context } = fixture;
  lender = await newParty(context, 'grantee');
  bureau = await newParty(context, 'bureau');
  const identifier = await newParty(context, 'identifier');
  const name = { zh: '示例身份认证', en: 'Example ID' };
  const providers = [{ party: identifier.party, name, url: `${PROVIDER}/identify` }];
  const problems = [['letter_unknown', { status: 404, title: '', next: '' }]] as const;
  pages = createPages(context, { document: {}, problems, providers: () => providers });
  provider = openIdentityProvider({
    ...{ party: identifier.party, key: identifier.key, people },
    ledger: { log: ORIGIN, origins: [SITE] },
    clock: () => context.clock(),
    onTrouble(thrown) {
      throw thrown;
    },
  });
});
afterAll(async () => {
  await checkLedger(fixture);
  await fixture.close();
});

interface Shown {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}
interface Form {
  readonly action: string;
  readonly fields: Readonly<Record<string, string>>;
  readonly data: Readonly<Record<string, string>>;
}

async function ask(to: 'pages' | 'provider', path: string, form?: Form['fields'], headers: Form['fields'] = OWN) {
  const url = path.startsWith('http') ? path : `${to === 'pages' ? SITE : PROVIDER}${path}`;
  const init = form === undefined ? { headers } : { method: 'POST', body: new URLSearchParams(form), headers };
  const response = to === 'pages' ? await pages.request(url, init) : await provider.fetch(new Request(url, init));
  return { status: response.status, headers: response.headers, text: await response.text() };
}

/** The forms of a page, as a browser reads them. */
function formsOf({ text }: Shown): readonly Form[] {
  const plain = (value: string | undefined) =>
    (value ?? '').replaceAll('&quot;', '"').replaceAll('&#39;', "'").replaceAll('&lt;', '<').replaceAll('&amp;', '&');
  return [...text.matchAll(/<form ([^>]*)>(.*?)<\/form>/gs)].map(([, head = '', body = '']) => {
    const pairs = (source: string, pattern: RegExp) =>
      Object.fromEntries([...source.matchAll(pattern)].map(([, name, value]) => [name, plain(value)]));
    return {
      action: plain(/action="([^"]*)"/.exec(head)?.[1]),
      data: pairs(head, /data-([\w-]+)="([^"]*)"/g),
      fields: pairs(body, /type="hidden" name="(\w+)" value="([^"]*)"/g),
    };
  });
}

const formTo = (shown: Shown, end: string): Form => {
  const form = formsOf(shown).find(({ action }) => action.split('?')[0]?.endsWith(end));
  if (form === undefined) throw new Error(`no form to ${end} on ${shown.status}: ${shown.text}`);
  return form;
};

interface Visitor {
  readonly handle: Handle;
  /** Of the page, without its host. */
  readonly path: string;
  readonly passkey: Passkey;
  /** Which of the provider's people it is. */
  readonly place: string;
}

async function newVisitor(): Promise<Visitor> {
  const { context } = fixture;
  const person = await newPerson();
  const handle = await enrolPerson(context, lender, person);
  const { letter } = await draft(context, { lender, handle, grants: twoClauses(bureau, context.clock()) });
  const place = String(people.push({ name: '示例人', id_type: 'resident_id', id_number: person.idNumber }) - 1);
  const path = `/sign/${letterCapability(context, letter)}/key`;
  return { handle, path, passkey: newPasskey('localhost', 'ES256', SITE), place };
}

/** Makes the passkey, and answers the page that asks who identifies the person. */
async function made({ path, passkey }: Visitor, lang = 'zh-CN'): Promise<Shown> {
  const form = formTo(await ask('pages', path), '/key');
  const { challenge } = JSON.parse(form.data['make-passkey'] ?? '') as { challenge: string };
  const response = registrationOf(passkey, challenge);
  return ask('pages', `${form.action}?lang=${lang}`, { ...form.fields, response });
}

/** Goes on without being identified. */
function linked(choosing: Shown): Promise<Shown> {
  const form = formTo(choosing, '/link');
  return ask('pages', form.action, form.fields);
}

/** Is identified as one of the provider's people, and sent back. */
async function identified(choosing: Shown, place: string): Promise<Shown> {
  const form = formTo(choosing, '/identify');
  const asking = await ask('provider', form.action, form.fields, { 'sec-fetch-site': 'same-site', origin: SITE });
  const confirm = formTo(asking, '/confirm');
  const own = { 'sec-fetch-site': 'same-origin', origin: PROVIDER };
  const back = formTo(await ask('provider', confirm.action, { ...confirm.fields, person: place }, own), '/identified');
  return ask('pages', back.action, back.fields, FROM_PROVIDER);
}

function signed({ data, fields }: Form, passkey: Passkey): Form['fields'] {
  const statement = JSON.parse(data['statement'] ?? '') as JsonObject;
  const signature = passkey.sign(bindingSigningBytes(statement));
  return { ...fields, signature, credential: passkey.credential, signed_at: '1' };
}

describe('the pages of a passkey', () => {
  test('make one, have its person identified, bind it, and go on with the letter', async () => {
    const visitor = await newVisitor();
    const choosing = await made(visitor);
    expect(choosing.text).toContain('到示例身份认证核验');
    expect(choosing.headers.get('content-security-policy')).toContain(`form-action 'self' ${PROVIDER};`);
    const signing = await identified(choosing, visitor.place);
    expect(signing.text).toContain('示例身份认证已核验您的身份');
    const form = formTo(signing, '/bind');
    expect(form.data).toMatchObject({ sign: 'binding', rp: 'localhost', credential: visitor.passkey.credential });
    const sent = signed(form, visitor.passkey);
    const letter = visitor.path.replace(/\/key$/, '');
    for (const _again of [1, 2]) {
      const bound = await ask('pages', form.action, sent);
      expect([bound.status, bound.headers.get('location')]).toEqual([303, `${letter}?key=new#sign`]);
    }
    await openSession(fixture.context, answeredBy(mintChallenge(fixture.context), visitor.passkey));
  });

  test('bind one without an identification too, and say what that is worth', async () => {
    const visitor = await newVisitor();
    const choosing = await made(visitor);
    expect(choosing.text).toContain('最低的证据等级（D 级）');
    const form = formTo(await linked(choosing), '/bind-linked');
    expect((await ask('pages', form.action, signed(form, visitor.passkey))).status).toBe(303);
    const further = { ...visitor, passkey: newPasskey('localhost', 'ES256', SITE) };
    const again = formTo(await linked(await made(further)), '/bind-linked');
    const refused = await ask('pages', again.action, signed(again, further.passkey));
    expect(refused.text).toContain('identification_missing');
  });

  test('say in English what they say in Chinese, also on the way back from the provider', async () => {
    const visitor = await newVisitor();
    const choosing = await made(visitor, 'en');
    expect(choosing.text).toContain('<html lang="en"');
    const { fields } = formTo(choosing, '/identify');
    expect(fields['lang']).toBe('en');
    expect(fields['return_to']).toMatch(/\/identified\?lang=en$/);
    expect((await identified(choosing, visitor.place)).text).toContain('<html lang="en"');
  });

  test('name nobody, neither to the provider nor in an address', async () => {
    const visitor = await newVisitor();
    const { fields } = formTo(await made(visitor), '/identify');
    expect(Object.keys(fields)).toEqual(['log', 'handle', 'key', 'salt', 'state', 'return_to', 'lang']);
    expect(JSON.stringify(fields)).not.toContain(people[Number(visitor.place)]?.id_number);
  });

  test('bind nothing for somebody else, and tell nothing of the person', async () => {
    const [visitor, other] = [await newVisitor(), await newVisitor()];
    const refused = await identified(await made(visitor), other.place);
    expect(refused.status).toBe(422);
    expect(refused.text).toContain('<code>identification_other</code>');
    expect(refused.text).not.toContain(visitor.handle);
  });

  test('bind nothing that another key signed, or for another letter’s key', async () => {
    const [visitor, other] = [await newVisitor(), await newVisitor()];
    const bind = formTo(await identified(await made(visitor), visitor.place), '/bind');
    expect((await ask('pages', bind.action, signed(bind, other.passkey))).text).toContain('signature_invalid');
    const others = formTo(await identified(await made(other), other.place), '/bind');
    const crossed = { ...signed(bind, visitor.passkey), carried: others.fields['carried'] ?? '' };
    expect((await ask('pages', bind.action, crossed)).text).toContain('signature_invalid');
  });

  test('take no form from elsewhere, but what the provider sends; and nothing by a link that is none', async () => {
    const visitor = await newVisitor();
    const letter = visitor.path.replace(/\/key$/, '');
    const form = formTo(await made(visitor), '/link');
    const foreign = await ask('pages', form.action, form.fields, FROM_PROVIDER);
    expect([foreign.status, foreign.text.includes('cross_site')]).toEqual([422, true]);
    const bind = formTo(await identified(await made(visitor), visitor.place), '/bind');
    const posted = await ask('pages', bind.action, signed(bind, visitor.passkey), FROM_PROVIDER);
    expect(posted.text).toContain('cross_site');
    const unknown = { state: 'AAAA', identified_at: '1', identification: 'AAAA' };
    expect((await ask('pages', `${letter}/identified`, unknown, FROM_PROVIDER)).text).toContain('challenge_stale');
    const late = { ...unknown, identified_at: 'x' };
    expect((await ask('pages', `${letter}/identified`, late, FROM_PROVIDER)).text).toContain('input_invalid');
    expect((await ask('pages', '/sign/AAAA/key')).status).toBe(404);
    expect((await ask('pages', visitor.path, { response: 'x' })).text).toContain('key_invalid');
  });

  test('are asked for by a name: an address has no passkeys', async () => {
    const { path } = await newVisitor();
    const moved = await ask('pages', `http://127.0.0.1:8787${path}`);
    expect([moved.status, moved.headers.get('location')]).toEqual([302, `${SITE}${path}`]);
  });
});
