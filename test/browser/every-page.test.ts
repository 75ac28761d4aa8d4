/**
 * Every page in the state that it is for: accessible, whole, quiet, no wider than a phone, in each language and in elder mode;
 * and none of them, for whoever comes, leads where nothing is.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { AccessId } from '#core/ids.ts';
import { letterCapability, letterReceiptCapability, receiptCapability } from '#service/capabilities.ts';
import { answerByLink, declineByLink, notMeByLink } from '#service/letter-link.ts';
import { INVITATION_MS_MAX } from '#service/person/device-invitations.ts';
import { openOwnObjection } from '#service/person/objections.ts';
import { askEnding } from '#service/person/statements.ts';
import { revokeBySession } from '#service/session-acts.ts';
import { createPages } from '../../src/web/pages.ts';
import { request } from '../support/actors.ts';
import { answeredWith, CLEAR_ANSWERS } from '../support/answers.ts';
import { hold } from '../support/holds.ts';
import { signIn } from '../support/sessions.ts';
import { checkWidth, type Opened } from './support/browser.ts';
import { crawl } from './support/crawl.ts';
import { checkGlyphs } from './support/glyphs.ts';
import { invite, inviteWith } from './support/invited.ts';
import { looksRight, looksRightWith } from './support/looks-right.ts';
import { answer, apply, approachPasskey } from './support/newcomer.ts';
import { browserSuite, type Rig } from './support/suite.ts';
import { type Asked, openTown, type Town } from './support/town.ts';

/** Who comes: somebody; the scene's person; a person without letters; one who froze everything. The last three signed in. */
type Who = 'visitor' | 'person' | 'unasked' | 'frozen';

/** A page, and what it answers if not 200; `opens`: what is masked on it is shown; `sends`: the form sent as it stands, to be refused. */
interface Shown {
  readonly who: Who;
  readonly path: string;
  readonly status?: number;
  readonly opens?: true;
  readonly sends?: string;
}

/** How pages remember that they are shown (src/web/view.ts). */
const VIEWS = ['zh-CN', 'en', 'zh-CN.3'] as const;
/** The longest words, as large as they get. */
const WIDEST = 'en.3';
/** The documentation is long, and looked at in pages.test.ts. */
const AXED_ELSEWHERE = ['/docs'];

const PHONE = { width: 360, height: 740 } as const;

browserSuite('every page', (rig) => {
  let town: Town;
  let table: readonly Shown[];
  beforeAll(async () => {
    town = await openTown();
    table = await openTable(town);
  }, 120_000);
  afterAll(() => town?.close());

  test('is in the table', () => {
    const { routes } = createPages(town.scene.context, { document: {}, problems: [] });
    const pages = routes.filter(({ method, path }) => method === 'GET' && !/\.[a-z]+$/.test(path));
    const seen = table.map(({ path }) => path.replace(/[?#].*/, ''));
    const isSeen = (path: string) => seen.some((each) => new RegExp(`^${path.replace(/:\w+/g, '[^/]+')}$`).test(each));
    expect(pages.map(({ path }) => path).filter((path) => !isSeen(path))).toEqual([]);
    expect(pages.length).toBeGreaterThan(20);
  });

  const people: readonly Who[] = ['visitor', 'person', 'unasked', 'frozen'];
  describe.each(people)('of the %s', (who) => {
    test.each([...VIEWS, WIDEST])(
      'is right as %s',
      async (view) => {
        const opened = await openAs(rig, town, who, view);
        const { page } = opened;
        for (const shown of table.filter((each) => each.who === who)) {
          await goTo(opened, town, shown);
          await (view === WIDEST || AXED_ELSEWHERE.includes(shown.path) ? fits(page) : looksRight(page));
          if (shown.status !== undefined) opened.forgive(String(shown.status));
        }
        await opened.close();
      },
      120_000,
    );
  });

  test.each(VIEWS)(
    'on the way to a passkey is right as %s',
    async (view) => {
      const opened = await openAs(rig, town, 'visitor', view);
      const { page } = opened;
      await page.goto(town.bank);
      await looksRight(page);
      await apply(page, town.bank, '𠮷示例');
      await looksRight(page);
      await answer(page);
      await approachPasskey(page, '𠮷示例', async (device) => {
        if (device !== undefined) return looksRightWith(page, device);
        await looksRight(page);
        return undefined;
      });
      await opened.close();
    },
    120_000,
  );

  test('leads nowhere that is not there, for a visitor, who holds a link, who is signed in, and a bank’s customer', async () => {
    const links = table.filter(({ who, status }) => who === 'visitor' && status === undefined).map(({ path }) => path);
    const [visitor, holder, person] = [
      await openAs(rig, town, 'visitor', 'zh-CN'),
      await openAs(rig, town, 'visitor', 'en'),
      await openAs(rig, town, 'person', 'zh-CN'),
    ];
    const isLink = (path: string) => path.startsWith('/sign/');
    const seen = await crawl(town, [
      { name: 'visitor', opened: visitor, start: ['/', ...links.filter((path) => !isLink(path))] },
      { name: 'who holds a link', opened: holder, start: links.filter(isLink) },
      { name: 'person', opened: person, start: ['/me'] },
    ]);
    expect(seen[1]?.posts.filter((path) => path.endsWith('/not-me')).length).toBeGreaterThan(0);
    expect(seen[2]?.posts).toEqual(expect.arrayContaining(['/me/sign-out', '/me/freeze', '/me/revoke-all', '/view']));
    expect(seen[2]?.files).toContain('/me/looks.csv?window=2y');
    for (const { close } of [visitor, holder, person]) await close();

    const customer = await rig.open(PHONE);
    const letter = await apply(customer.page, town.bank, '阿依·示例');
    await customer.page.goto(letter);
    await customer.page.locator('form[action$="/decline"] button').click();
    const back = new URL((await customer.page.locator('a.button[href*="/back?"]').getAttribute('href')) ?? '');
    const bank = { url: back.origin };
    await crawl(bank, [{ name: 'customer', opened: customer, start: ['/', back.pathname + back.search] }]);
    await customer.page.goto(back.href);
    await looksRight(customer.page);
    await customer.page.getByRole('button', { name: /为营销查询/ }).click();
    await customer.page.getByRole('heading', { name: /账本拒绝/ }).waitFor();
    await looksRight(customer.page);
    await customer.close();
  }, 120_000);
});

async function openAs(rig: Rig, town: Town, who: Who, view: string): Promise<Opened> {
  const opened = await rig.open(PHONE);
  const context = opened.page.context();
  await context.addCookies([{ name: 'assent-view', value: view, url: town.url }]);
  const { scene } = town;
  if (who === 'person') await town.signIn(context, scene.person, scene.a.handle);
  if (who === 'unasked') await town.signIn(context, scene.other, scene.otherHandle);
  if (who === 'frozen') await town.signIn(context, frozen.person, frozen.handle);
  return opened;
}

async function goTo({ page }: Opened, town: Town, { path, status = 200, opens, sends }: Shown): Promise<void> {
  const answered = await page.goto(town.url + path);
  expect([path, answered?.status()]).toEqual([path, sends === undefined ? status : 200]);
  // Once it is shown in full, it is so for this browser.
  const open = page.locator('main form[action$="/open"] button');
  if (opens === true && (await open.count()) > 0) await Promise.all([page.waitForEvent('load'), open.click()]);
  if (sends !== undefined) {
    const [refused] = await Promise.all([
      page.waitForResponse((each) => each.request().method() === 'POST'),
      page.waitForEvent('load'),
      page.locator(sends).evaluate((form) => (form as HTMLFormElement).submit()),
    ]);
    expect([path, refused.status()]).toEqual([path, status]);
  }
}

async function fits(page: Page): Promise<void> {
  await checkGlyphs(page);
  await checkWidth(page);
}

/** Who froze everything; set when the table is opened. */
let frozen: Asked;

const SOON_MS = 1_500;

async function openTable(town: Town): Promise<readonly Shown[]> {
  const { scene } = town;
  const { context, a, b } = scene;
  const visitor = (path: string, more: Pick<Shown, 'status' | 'opens' | 'sends'> = {}): Shown => ({
    who: 'visitor',
    path,
    ...more,
  });
  const [expired, asked, clear, held, declined, notMe] = [
    await town.ask(Date.now() + SOON_MS),
    await town.ask(),
    await town.ask(),
    await town.ask(),
    await town.ask(),
    await town.ask(),
  ];
  const expires = sleep(SOON_MS);
  frozen = await town.ask();
  await hold(context, a.party, frozen.person, { handle: frozen.handle, kind: 'freeze' });
  const capability = ({ path }: Asked) => path.replace('/sign/', '');
  await answerByLink(context, request(), capability(clear), { answers: CLEAR_ANSWERS, confirmed: [] });
  const stopping = { answers: answeredWith('who_uses', '别人用'), confirmed: [] };
  await answerByLink(context, request(), capability(held), stopping);
  await declineByLink(context, request(), capability(declined));
  await notMeByLink(context, request(), capability(notMe));
  const { access } = await scene.look(a);
  const { access: denied } = await scene.ask(b, { purpose: 'marketing' });
  const { session } = await signIn(context, scene.person, a.handle);
  const about = { access };
  await openOwnObjection(context, request(), session, { about, items: ['credit_report'], reason: '没有𠮷这回事。' });
  await revokeBySession(context, request(), session, { grants: [b.query] });
  const thawing = await signIn(context, frozen.person, frozen.handle);
  const ref = await askEnding(context, request(), thawing.session, { kind: 'release' });
  const [open, over, taken] = [
    await invite(context, { person: scene.other, handle: scene.otherHandle }),
    await invite(context, asked, INVITATION_MS_MAX),
    await inviteWith(context, frozen, town.url),
  ];
  const signed = `/sign/${letterCapability(context, a.letter.letter)}`;
  const receiptOf = (each: AccessId) => `/receipts/${receiptCapability(context, each)}`;
  await expires;
  return [
    ...['/', '/verify', '/docs', '/components', '/me/sign-in', receiptOf(access), receiptOf(denied)].map((path) =>
      visitor(path),
    ),
    ...['/desk', '/desk/request', '/desk/letters', '/desk/counter'].map((path) => visitor(path)),
    ...[asked, clear, held, declined, notMe, expired].map(({ path }) => visitor(path)),
    ...[`${clear.path}?key=new`, `${clear.path}/key`, signed, `${signed}/receipt`].map((path) => visitor(path)),
    visitor(`${declined.path}/receipt`),
    ...[a.letter.letter, declined.letter].map((each) => visitor(`/letters/${letterReceiptCapability(context, each)}`)),
    visitor(open),
    ...[over, taken].map((path) => visitor(path, { status: 410 })),
    ...['/sign/none', '/letters/none', '/receipts/none', '/erasures/none', '/devices/none'].map((path) =>
      visitor(path, { status: 404 }),
    ),
    visitor(`${asked.path}/receipt`, { status: 409 }),
    visitor(clear.path, { opens: true }),
    visitor(clear.path, { status: 422, opens: true, sends: 'form[data-sign=letter]' }),
    visitor('/me/sign-in', { status: 403, sends: 'form[data-sign=session]' }),
    // Affirming itself is looked at in after-loss.test.ts: here nothing was ever lost.
    visitor('/affirm/done'),
    visitor('/affirm'),
    ...[
      '/me',
      '/me/connected',
      '/me/looks',
      '/me/looks?window=2y',
      '/me/revoke-all',
      '/me/freeze',
      '/me/devices',
      '/me/devices/0',
      '/me/devices/add',
      '/me/affirm',
      '/me/objections',
      '/me/erase',
      `/me/objections/new?access=${access}`,
      `/me/objections/new?grant=${a.report}`,
      ...[a.query, b.query].flatMap((grant) => [`/me/grants/${grant}`, `/me/grants/${grant}/revoke`]),
    ].map((path): Shown => ({ who: 'person', path })),
    { who: 'person', path: '/me/grants/none', status: 404 },
    ...['/me', '/me/connected', '/me/looks', '/me/revoke-all', '/me/objections', '/me/erase', '/me/devices/add'].map(
      (path): Shown => ({ who: 'unasked', path }),
    ),
    ...['/me', '/me/freeze', '/me/devices/add', `/me/statements/${ref}`].map(
      (path): Shown => ({ who: 'frozen', path }),
    ),
  ];
}
