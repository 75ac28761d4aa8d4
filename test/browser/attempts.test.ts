/**
 * What somebody may try on the pages, each attempt with what it comes to: forms of other sites, markup in whatever can be
 * written, what is another's, signatures in a person's place or for the second time, a stolen session, and a page in a frame.
 */
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { signBinding } from '#client/device.ts';
import { partySignatory } from '#client/sign.ts';
import { toBase64Url } from '#core/bytes.ts';
import type { JsonObject } from '#core/canonical.ts';
import { statementSigningBytes } from '#core/consent/statement.ts';
import type { Instant } from '#core/instant.ts';
import { letterCapability, letterReceiptCapability, receiptCapability } from '#service/capabilities.ts';
import { INVITATION_MS_MAX } from '#service/person/device-invitations.ts';
import { serveFetch } from '../../src/node/serve.ts';
import { bindPersonKey, enrolPerson, newParty, newPerson } from '../support/actors.ts';
import { SLOTS } from '../support/slots.ts';
import type { Opened } from './support/browser.ts';
import { invite, inviteWith } from './support/invited.ts';
import { answer, apply, makePasskey, sign, signIn } from './support/newcomer.ts';
import type { Served } from './support/site.ts';
import { browserSuite } from './support/suite.ts';
import { type Asked, openTown, type Town } from './support/town.ts';

/** What a page must show as it was written. */
const MARKUP = `<b data-hit>粗</b><img src=x onerror="document.title='hit'">'"&`;
const ONCE = 'a'.repeat(22);
const SIGNED: Form = ['credential', 'signature', 'signed_at'].map((name) => [name, '1']);

type Form = readonly (readonly [name: string, value: string])[];

interface Refused {
  readonly status: number;
  readonly text: string;
}

browserSuite('attempts', (rig) => {
  let town: Town;
  let elsewhere: Served;
  /** A newcomer with a passkey, who signed in; the letter that it signed, and how. */
  let opened: Opened;
  let page: Page;
  let letter: string;
  /** Waits to be signed by the newcomer. */
  let another: string;
  let signature: Form;
  let session: Form;
  let asked: Asked;
  /** Links by which somebody else adds a device. */
  let invited: string;
  let taken: string;
  let expired: string;

  beforeAll(async () => {
    town = await openTown();
    asked = await town.ask();
    const { context } = town.scene;
    invited = await invite(context, asked);
    taken = await inviteWith(context, await town.ask(), town.url);
    expired = await invite(context, await town.ask(), INVITATION_MS_MAX);
    opened = await rig.open();
    page = opened.page;
    letter = await apply(page, town.bank, '王示例');
    await answer(page);
    await makePasskey(page, '王示例');
    signature = await sentBy(page, '/signature', () => sign(page, [0, 1]));
    another = await apply(page, town.bank, '王示例');
    await answer(page);
    session = await sentBy(page, '/me/sign-in', () => signIn(page, town.url));
    // Another site than `localhost`, for cookies and for browsers.
    elsewhere = await serveFetch(answerElsewhere, { host: '127.0.0.1', port: 0 });
  }, 120_000);
  afterAll(async () => {
    await page?.context().close();
    await elsewhere?.close();
    await town?.close();
  });

  /** What the newcomer's browser is answered to a form. */
  async function post(path: string, form: Form): Promise<Refused> {
    const headers = { 'sec-fetch-site': 'same-origin', 'content-type': 'application/x-www-form-urlencoded' };
    const data = new URLSearchParams(form.map(([name, value]): [string, string] => [name, value])).toString();
    const options = { headers, data, maxRedirects: 0, failOnStatusCode: false };
    const answered = await page.context().request.post(new URL(path, town.url).href, options);
    return { status: answered.status(), text: await answered.text() };
  }

  async function get(path: string): Promise<Refused> {
    const answered = await page.context().request.get(town.url + path, { maxRedirects: 0, failOnStatusCode: false });
    return { status: answered.status(), text: await answered.text() };
  }

  /** The API's answer to the first bank, by its business key. */
  async function askAsBank(path: string, body: object): Promise<Refused> {
    const { json: _, headers: __, ...answered } = await bankDoor().post(path, body);
    return answered;
  }
  const bankDoor = () => {
    const { party, key } = town.scene.a.party;
    return town.scene.door.as([partySignatory(party, key)]);
  };

  describe('from another site', () => {
    const forms: readonly (readonly [what: string, path: () => string])[] = [
      ['declines a letter', () => `${asked.path}/decline`],
      ['says that it is not the person', () => `${asked.path}/not-me`],
      ['answers its questions', () => `${asked.path}/answers`],
      ['signs it', () => `${asked.path}/signature`],
      ['brings a passkey', () => `${asked.path}/key`],
      ['binds it', () => `${asked.path}/key/bind-linked`],
      ['takes a grant back', () => `/me/grants/${town.scene.a.query}/revoke`],
      ['takes all back', () => '/me/revoke-all'],
      ['freezes', () => '/me/freeze'],
      ['makes a link for a new device', () => '/me/devices'],
      ['adds a device', () => '/me/devices/add'],
      ['brings a passkey by such a link', () => invited],
      ['confirms it', () => `${invited}/key`],
      ['objects', () => '/me/objections'],
      ['signs somebody in', () => '/me/sign-in'],
      ['signs the person out', () => '/me/sign-out'],
      ['changes how pages look', () => '/view'],
    ];
    test.each(forms)('a form that %s is refused with cross_site', async (_what, path) => {
      const victim = await page.context().newPage();
      await victim.goto(`${elsewhere.url}/?form=${encodeURIComponent(town.url + path())}`);
      await victim.locator('button').click();
      await victim.waitForURL((url) => url.origin === town.url);
      expect(await victim.locator('main code').allTextContents()).toContain('cross_site');
      await victim.close();
    });

    test('a page in a frame stays empty', async () => {
      for (const path of [asked.path, '/me', '/me/freeze', '/desk', '/', `${asked.path}/key`]) {
        const victim = await page.context().newPage();
        const said: string[] = [];
        victim.on('console', (message) => said.push(message.text()));
        await victim.goto(`${elsewhere.url}/?frame=${encodeURIComponent(town.url + path)}`);
        await expect.poll(() => said.join('\n')).toContain('frame-ancestors');
        for (const frame of victim.frames().slice(1)) {
          expect(frame.url()).toBe('chrome-error://chromewebdata/');
          expect(await frame.locator('main').count()).toBe(0);
        }
        await victim.close();
      }
    });
  });

  const attempts: readonly (readonly [what: string, code: string, run: () => Promise<Refused>])[] = [
    ['opens a letter by its id', 'letter_unknown', () => get(`/sign/${asked.letter}`)],
    ['opens a letter by the address of its receipt', 'letter_unknown', () => get(`/sign/${receiptOf(asked)}`)],
    ['opens a receipt by the letter’s link', 'letter_unknown', () => get(asked.path.replace('/sign/', '/letters/'))],
    ['reads another’s grant', 'grant_unknown', () => get(`/me/grants/${town.scene.a.query}`)],
    ['previews taking it back', 'grant_unknown', () => get(`/me/grants/${town.scene.a.query}/revoke`)],
    ['objects to it', 'grant_unknown', () => get(`/me/objections/new?grant=${town.scene.a.query}`)],
    [
      'takes another’s grant back',
      'grant_unknown',
      () => post(`/me/grants/${town.scene.a.query}/revoke`, [['once', ONCE]]),
    ],
    [
      'takes it back among all',
      'grant_unknown',
      () =>
        post('/me/revoke-all', [
          ['once', ONCE],
          ['grant', town.scene.a.query],
        ]),
    ],
    [
      'reads another bank’s letter',
      'letter_unknown',
      async () => bankDoor().get(`/v1/letters/${town.scene.b.letter.letter}`),
    ],
    [
      'reads a letter without signing the request',
      'signature_required',
      async () => town.scene.door.get(`/v1/letters/${asked.letter}`),
    ],
    ['signs as a bank in its customer’s place', 'subject_key_unknown', () => signAsBank()],
    ['binds a key of its own as its customer’s', 'party_role', () => bindAsBank()],
    ['signs the same letter otherwise by the same assertion', 'signature_invalid', () => replay(pathOf(letter))],
    ['declines what was signed', 'already_signed', () => post(`${pathOf(letter)}/decline`, [['once', ONCE]])],
    ['signs another letter by the same assertion', 'signature_invalid', () => replay(pathOf(another))],
    ['opens the link of a device a second time', 'invitation_over', () => get(taken)],
    ['opens one that is too old', 'invitation_over', () => get(expired)],
    ['guesses one', 'invitation_unknown', () => get(invited.replace(/.$/, (last) => (last === 'A' ? 'E' : 'A')))],
    ['opens one by a letter’s link', 'invitation_unknown', () => get(asked.path.replace('/sign/', '/devices/'))],
    ['brings a key of nobody’s making', 'challenge_stale', () => post(`${invited}/key`, [['carried', 'x'], ...SIGNED])],
    [
      'adds the device that waits for another',
      'invitation_unknown',
      () => post('/me/devices/add', [['once', ONCE], ...SIGNED]),
    ],
    ['signs in once more by the same assertion', 'challenge_stale', () => post('/me/sign-in', session)],
  ];
  test.each(attempts)('who %s is refused with %s', async (_what, code, run) => {
    const { status, text } = await run();
    const codes = [...text.matchAll(/<code>([a-z_]+)<\/code>|"code":"([a-z_]+)"/g)].map(([, page, api]) => page ?? api);
    expect([Math.floor(status / 100), codes]).toEqual([4, [code]]);
  });

  const pathOf = (url: string) => new URL(url).pathname;
  const receiptOf = (each: Asked) => letterReceiptCapability(town.scene.context, each.letter);

  /** The signature that was sent once, in a form that names itself anew, for the first clause alone. */
  async function replay(path: string): Promise<Refused> {
    await page.goto(town.url + path);
    const asked = await page
      .locator('input[name=give]')
      .evaluateAll((all) => all.map((each) => each.getAttribute('value')));
    const [first] = [...asked, ...signature.flatMap(([name, value]) => (name === 'give' ? [value] : []))];
    const rest = signature.filter(([name]) => !['once', 'give'].includes(name));
    return post(`${path}/signature`, [['once', 'b'.repeat(22)], ['give', first ?? ''], ...rest]);
  }

  test('who sends the very same signature again writes nothing', async () => {
    const size = await town.scene.door.size();
    const again = signature.map(([name, value]) => [name, name === 'once' ? 'c'.repeat(22) : value] as const);
    expect((await post(`${pathOf(letter)}/signature`, again)).status).toBe(303);
    expect(await town.scene.door.size()).toBe(size);
  });

  /** The statement is the right one, and so are the bytes that are signed: only the key is the bank's. */
  async function signAsBank(): Promise<Refused> {
    const { json: drafted } = await bankDoor().get(`/v1/letters/${asked.letter}`);
    const signed_at = Date.now();
    const { key } = town.scene.a.party;
    const grants = drafted.grants.map(({ grant }: { readonly grant: string }) => ({ grant, given: true }));
    const terms = (drafted.statement as { readonly grants: readonly JsonObject[] }).grants;
    const statement = { ...drafted.statement, grants: terms.map((each) => ({ ...each, given: true })), signed_at };
    return askAsBank(`/v1/letters/${asked.letter}/signature`, {
      key: toBase64Url(key.publicKey),
      signature: toBase64Url(await key.sign(statementSigningBytes(statement))),
      signed_at,
      grants,
    });
  }

  /** It says itself that it identified the person. */
  async function bindAsBank(): Promise<Refused> {
    const { context, a } = town.scene;
    const binding = await signBinding(a.party.key, a.party, {
      ...{ log: context.ledger.origin, handle: asked.handle, identifiedAt: Date.now(), salt: context.random(32) },
      identity: { id_type: 'resident_id', id_number: asked.person.idNumber },
    });
    return askAsBank(`/v1/relationships/${asked.handle}/keys`, { principal: a.party.party, ...binding });
  }

  test('a session that was stolen before its person went out opens and does nothing afterwards', async () => {
    const stolen = await page.context().cookies(town.url);
    const thief = await rig.open();
    await thief.page.context().addCookies(stolen);
    await thief.page.goto(`${town.url}/me`);
    expect(new URL(thief.page.url()).pathname).toBe('/me');
    const grant = await thief.page.locator('a[href^="/me/grants/"]').first().getAttribute('href');
    await page.goto(`${town.url}/me`);
    await page.getByRole('button', { name: '退出登录' }).click();
    await page.waitForURL(`${town.url}/`);
    expect((await thief.page.context().cookies(town.url)).map(({ name }) => name)).toContain('assent');
    await thief.page.goto(`${town.url}/me/looks`);
    expect(new URL(thief.page.url()).pathname).toBe('/me/sign-in');
    const headers = { 'sec-fetch-site': 'same-origin' };
    const revoked = await thief.page.context().request.post(`${town.url}${grant}/revoke`, {
      ...{ headers, form: { once: ONCE }, maxRedirects: 0 },
    });
    expect([revoked.status(), revoked.headers()['location']]).toEqual([303, '/me/sign-in']);
    await signIn(page, town.url);
    await page.goto(town.url + grant);
    await page.getByRole('link', { name: '撤回这项授权' }).waitFor();
    await thief.close();
  });

  describe('markup', () => {
    /** Pages on which nothing of it became more than text; answers what they show. */
    async function shown(paths: readonly string[], visitor: Opened): Promise<string> {
      let text = '';
      for (const path of paths) {
        const answered = await visitor.page.goto(town.url + path);
        expect([path, (answered?.status() ?? 500) < 500]).toEqual([path, true]);
        expect([path, await visitor.page.locator('[data-hit]').count()]).toEqual([path, 0]);
        expect([path, await visitor.page.title()]).not.toEqual([path, 'hit']);
        text += await visitor.page.locator('body').textContent();
      }
      return text;
    }

    test('in all that a bank writes of itself, of a person and of a letter is shown as it was written', async () => {
      const { scene } = town;
      const { context, bureau } = scene;
      const bank = await newParty(context, 'grantee', `示例<b data-hit>银行股份有限公司${MARKUP}`);
      const person = await newPerson();
      const handle = await enrolPerson(context, bank, person, 'person', MARKUP.slice(0, 60));
      await bindPersonKey(context, { lender: bank, person, handle, identifier: scene.identifier });
      // A letter has to name who may lend in full, with its licence.
      const both = { zh: `金融许可证${MARKUP}`, en: MARKUP };
      const { letter: id } = await scene.draft(bank, handle, {
        slots: {
          ...SLOTS,
          letter_no: MARKUP.slice(0, 40),
          grantee: { ...SLOTS.grantee, licence: both, contact: both },
          subject: { ...SLOTS.subject, name: MARKUP.slice(0, 60) },
        },
        owed: MARKUP.slice(0, 30),
        confirm: [{ id: 'employer', ...both, by: bureau.party }],
        expires_at: (Date.now() + 86_400_000) as Instant,
      });
      const visitor = await rig.open();
      const path = `/sign/${letterCapability(context, id)}`;
      const text = await shown([path, `${path}?lang=en`, `${path}/key`], visitor);
      expect(text.split('<b data-hit>').length).toBeGreaterThan(10);
      await town.signIn(visitor.page.context(), person, handle);
      expect(await shown(['/me', '/me/connected', '/me/looks', '/me/objections'], visitor)).toContain(MARKUP);
      await visitor.close();
    });

    test('in why a person objects is shown as it was written', async () => {
      const { scene } = town;
      const { access } = await scene.ask(scene.a, { purpose: 'marketing' });
      const visitor = await rig.open();
      await town.signIn(visitor.page.context(), scene.person, scene.a.handle);
      await visitor.page.goto(`${town.url}/me/objections/new?access=${access}`);
      await visitor.page.locator('input[name=item]').first().check();
      await visitor.page.locator('textarea[name=reason]').fill(MARKUP);
      await visitor.page.locator('main form[action="/me/objections"] button').click();
      await visitor.page.waitForURL(/\/me\/objections$/);
      expect(await shown(['/me/objections'], visitor)).toContain(MARKUP);
      const paths = ['/me', '/me/looks', `/receipts/${receiptCapability(scene.context, access)}`];
      await shown(paths, visitor);
      await visitor.close();
    });

    test('in an address, or in a form that is refused, is not repeated', async () => {
      const visitor = await rig.open();
      await town.signIn(visitor.page.context(), town.scene.person, town.scene.a.handle);
      const written = encodeURIComponent(MARKUP);
      const { path } = await town.ask();
      const known = [`/?lang=${written}`, `${path}?key=${written}`, `/me/looks?window=${written}`, `/docs?${written}`];
      await shown(known, visitor);
      const unknown = [
        '/sign/',
        '/letters/',
        '/receipts/',
        '/me/grants/',
        '/me/looks?after=',
        '/me/objections/new?grant=',
      ];
      for (const start of unknown) {
        expect(await shown([start + written], visitor)).not.toContain('data-hit');
        visitor.forgive('Failed to load resource');
      }
      await visitor.page.goto(town.url + path);
      for (const question of await visitor.page.locator('input[name^="answer."]').all()) {
        await question.evaluate((each, text) => each.setAttribute('value', text), MARKUP);
      }
      const answers = visitor.page.locator('form[action$="/answers"]');
      await Promise.all([
        visitor.page.waitForEvent('load'),
        answers.evaluate((form) => (form as HTMLFormElement).submit()),
      ]);
      expect(await visitor.page.locator('[data-hit]').count()).toBe(0);
      await visitor.page.context().close();
    });
  });
});

/** The form that a step sends to where the path ends so. */
async function sentBy(page: Page, end: string, step: () => Promise<void>): Promise<Form> {
  const sent = page.waitForRequest((each) => each.method() === 'POST' && new URL(each.url()).pathname.endsWith(end));
  await step();
  return [...new URLSearchParams((await sent).postData() ?? '')];
}

/** Another site: a page with a form of somebody else's, or with a page of somebody else's in a frame. */
function answerElsewhere(request: Request): Response {
  const { searchParams } = new URL(request.url);
  const [form, frame] = [searchParams.get('form'), searchParams.get('frame')];
  const body =
    frame === null
      ? `<form method="post" action="${form}"><input name="once" value="${ONCE}"><input name="view" value="en"><button>赢取奖品</button></form>`
      : `<iframe src="${frame}" title="a" width="400" height="400"></iframe>`;
  const text = `<!doctype html><html lang="zh-CN"><head><meta charset="utf-8"><title>页</title></head><body>${body}</body></html>`;
  return new Response(text, { headers: { 'content-type': 'text/html; charset=utf-8' } });
}
