/**
 * After the ledger lost a day, in a real browser: a person whose passkey is of before is told so, has it affirmed on an identity
 * provider's page or at a counter, and confirms what it gave; only then anybody may use it.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { GrantId } from '#core/ids.ts';
import { formatPrivatePem, formatVkey } from '#core/note/key.ts';
import { readGrant } from '#service/grants.ts';
import { PEOPLE } from '../../src/cli/tour/people.ts';
import { reader } from '../support/callers.ts';
import { newHome, run } from '../support/command.ts';
import { askPermit } from '../support/releases.ts';
import { addAuthenticator, type CarriedPasskey, type Device } from './support/authenticator.ts';
import type { Opened, PageOptions } from './support/browser.ts';
import { looksRight, looksRightWith } from './support/looks-right.ts';
import { type LostTown, openLostTown } from './support/lost-town.ts';
import { answer, apply, makePasskey, type Newcomer, sign, signIn } from './support/newcomer.ts';
import { browserSuite, type Rig } from './support/suite.ts';

const PHONE: PageOptions = { width: 360, height: 800 };
const LOST = '的记录。您可能在那之后挂失过这把密钥，我们无法得知';

browserSuite('after the ledger lost a day', (rig) => {
  let town: LostTown;
  /** What each one's device holds. */
  const held = new Map<Newcomer, readonly CarriedPasskey[]>();
  /** One that was signed, and one that was not. */
  let letter = '';
  let unsigned = '';

  beforeAll(async () => {
    town = await openLostTown(
      async (before) => {
        await become(rig, before.bank, '王示例', held);
        letter = await become(rig, before.bank, '𠮷示例', held);
        const asked = await rig.open(PHONE);
        unsigned = await apply(asked.page, before.bank, '王示例');
        await asked.close();
      },
      async (before) => {
        await become(rig, before.bank, '阿依·示例', held);
      },
    );
    await town.goOn(town.before.scene.a.party);
    await town.goOn(town.before.scene.bureau);
  }, 240_000);
  afterAll(() => town?.close());

  async function openAs(name: Newcomer, options = PHONE): Promise<Opened & { device: Device }> {
    const opened = await rig.open(options);
    await opened.page.goto(`${town.url}/`);
    const device = await addAuthenticator(opened.page);
    await device.importPasskeys(held.get(name) ?? []);
    return { ...opened, device, forgive: opened.forgive, close: opened.close };
  }

  const isAllowed = async (grant: GrantId) => {
    const { context } = town.fixture;
    const { a, query } = town.before.scene;
    const { handle } = await readGrant(context, await reader(context, a.party), grant);
    const { decision, codes } = await askPermit(context, query(a, { handle, ground: { grant } }));
    return [decision, ...codes];
  };

  test('is told so, and that its passkey has to be affirmed, on each page on which it would sign', async () => {
    const person = await openAs('王示例');
    const { page } = person;
    let { device } = person;
    await signIn(page, town.url);
    for (const path of ['/me', '/me/devices', '/me/affirm']) {
      for (const [lang, width] of [
        ['zh-CN', 360],
        ['en', 1280],
      ] as const) {
        await page.setViewportSize({ width, height: 800 });
        await page.goto(`${town.url}${path}?lang=${lang}`);
        device = await looksRightWith(page, device);
        await page.locator('a[href="/me/affirm"], form[action$="/identify"]').first().waitFor();
      }
    }
    await page.setViewportSize({ width: 360, height: 800 });
    await page.goto(`${town.url}/me?lang=zh-CN`);
    await page.getByText(LOST).waitFor();
    await page.getByRole('heading', { name: '待您确认' }).waitFor();
    expect(await page.getByRole('heading', { name: '有效', exact: true }).count()).toBe(0);
    await page.getByRole('link', { name: '全部撤回' }).waitFor();

    await toConfirming(page);
    await page.getByText(LOST).waitFor();
    await page.getByText('The ledger lost what was recorded after this day.', { exact: false }).waitFor();
    device = await looksRightWith(page, device);
    await page.locator('form[data-sign=statement] button').click();
    await page.getByText('key_suspended').waitFor();
    person.forgive('422');
    await looksRight(page);
    await page.locator('.notice.stop a[href="/me/affirm"]').waitFor();
    await person.close();
  }, 120_000);

  test('whose passkey was lost with the day is told why it opens nothing', async () => {
    const person = await openAs('阿依·示例');
    const { page } = person;
    await page.goto(`${town.url}/me/sign-in`);
    await page.locator('form[data-sign=session] button').click();
    await page.getByText('在那之后登记的通行密钥也丢了').waitFor();
    person.forgive('403');
    await looksRight(page);
    await person.close();
  });

  test('who holds another’s document affirms nothing', async () => {
    const person = await openAs('王示例');
    const { page } = person;
    await signIn(page, town.url);
    await identify(page, '阿依·示例');
    await page.getByText('identification_other').waitFor();
    person.forgive('422');
    await looksRight(page);
    await person.close();
  });

  test('is identified anew, confirms with the very passkey, and confirms what it gave: then it may be used', async () => {
    const person = await openAs('王示例');
    const { page } = person;
    await signIn(page, town.url);
    const grant = await toConfirming(page);
    expect(await isAllowed(grant)).toEqual(['deny', 'SUSPENDED']);
    await page.locator('a[href="/me/affirm"]').first().click();
    await identify(page, '王示例');
    await page.locator('form[data-sign=binding] button:enabled').waitFor();
    const device = await looksRightWith(page, person.device);
    await page.locator('form[data-sign=binding] button').click();
    await page.waitForURL(/\/affirm\/done$/);
    await looksRightWith(page, device);
    // What waits is still there to be signed, and nothing counts by itself.
    expect(await isAllowed(grant)).toEqual(['deny', 'SUSPENDED']);
    await page.locator('main a[href="/me"]').click();
    expect(await page.getByText(LOST).count()).toBe(0);
    await page.locator('main a[href^="/me/statements/"]').first().click();
    expect(await page.locator('a[href="/me/affirm"]').count()).toBe(0);
    await page.locator('form[data-sign=statement] button').click();
    await page.waitForURL(/\/me\/grants\//);
    await page.getByText('有效', { exact: true }).waitFor();
    expect(await isAllowed(grant)).toEqual(['allow']);
    await page.goto(`${town.url}/me/devices`);
    expect(await page.locator('a[href="/me/affirm"]').count()).toBe(0);
    // There is nothing left to affirm.
    await page.goto(`${town.url}/me/affirm`);
    expect(new URL(page.url()).pathname).toBe('/me/devices');
    await person.close();
  }, 60_000);

  test('at a counter with a system of its own: a link for each key that waits, and none for nobody', async () => {
    const { url, before, clerk } = town;
    const home = newHome();
    const write = (name: string, text: string) => writeFileSync(join(home.folder, name), text);
    write('clerk.pem', formatPrivatePem(clerk));
    write('other.json', JSON.stringify({ id_type: 'resident_id', id_number: '990001187001010016' }));
    write('wrong.json', JSON.stringify({ id_number: '1' }));
    const { id_type, id_number } = PEOPLE.find(({ name }) => name === '𠮷示例') ?? {};
    write('person.json', JSON.stringify({ id_type, id_number }));
    const by = ['--party', before.scene.identifier.party, '--key', 'clerk.pem', '--url', url];
    const made = await run(home, ['affirm', 'person.json', ...by, '--json']);
    expect({ code: made.code, stderr: made.stderr }).toEqual({ code: 0, stderr: '' });
    const { links } = JSON.parse(made.stdout);
    expect(links).toHaveLength(1);
    const person = await openAs('𠮷示例');
    await person.page.goto(links[0].link);
    await person.page.locator('form[data-sign=binding] button:enabled').waitFor();
    await person.close();
    expect((await run(home, ['affirm', 'other.json', ...by])).stdout).toContain('No passkey of this person');
    for (const args of [['wrong.json'], ['none.json'], ['clerk.pem']]) {
      const refused = await run(home, ['affirm', ...args, ...by]);
      expect([refused.code, refused.stderr]).toEqual([2, expect.stringContaining('input_invalid')]);
    }
    expect((await run(home, ['affirm', 'person.json'])).stderr).toContain('--party ID and --key FILE');
    home.remove();
  }, 60_000);

  test('at a counter: the clerk compares the document and signs, and the person’s own passkey confirms', async () => {
    const desk = await openDesk(rig, town);
    const { page } = desk;
    await page.goto(`${town.url}/desk/counter`);
    await page.getByLabel('证件号码').fill(PEOPLE.find(({ name }) => name === '𠮷示例')?.id_number ?? '');
    await page.getByRole('button', { name: '查找密钥' }).click();
    const found = page.locator('[data-left] input');
    await found.waitFor();
    await looksRight(page);
    const make = page.getByRole('button', { name: '签名，生成给客户的链接' });
    await make.click();
    await page.getByText('请选择要重新核验的密钥').waitFor();
    await found.check();
    await make.click();
    await page.getByText('请先当面核对客户的证件原件，再勾选').waitFor();
    await page.getByLabel('我已当面核对客户的证件原件').check();
    const size = await sizeOf(town);
    await make.click();
    const link = (await page.locator('[data-affirm-link] a').getAttribute('href')) ?? '';
    await page.locator('[data-affirm-link] svg').waitFor();
    await looksRight(page);
    await page.setViewportSize({ width: 360, height: 800 });
    await looksRight(page);
    // Nothing of the person stands in it, and nothing is recorded before the person confirms.
    const [address, said = ''] = link.split('#');
    expect(address).toBe(`${town.url}/affirm`);
    expect(Buffer.from(said, 'base64url').toString()).not.toMatch(/示例|99000/);
    expect(await sizeOf(town)).toBe(size);
    await desk.close();

    const other = await openAs('王示例');
    await other.page.goto(link);
    await other.page.locator('form[data-sign=binding] button:enabled').click();
    await other.page.locator('[data-problem]:visible').waitFor();
    await other.close();

    const person = await openAs('𠮷示例');
    // Who opens the page without what belongs to it is told where that comes from.
    await person.page.goto(`${town.url}/affirm`);
    await person.page.getByText('柜员给您看的').waitFor();
    await person.page.goto(link);
    await person.page.getByText('又可以替您签署').waitFor();
    expect(person.page.url()).toBe(`${town.url}/affirm/open`);
    // Another language is another page: what was sent in the form is not sent again, and nothing breaks.
    await person.page.getByRole('button', { name: 'English' }).click();
    await person.page.getByText('that a clerk shows you').waitFor();
    await person.page.getByRole('button', { name: '中文' }).click();
    await person.page.goto(link);
    await person.page.getByText('又可以替您签署').waitFor();
    await looksRightWith(person.page, person.device);
    await person.page.locator('form[data-sign=binding] button:enabled').click();
    await person.page.waitForURL(/\/affirm\/done$/);
    expect(await sizeOf(town)).toBe(size + 1);
    await person.page.goto(link);
    await person.page.getByText('already_there').waitFor();
    person.forgive('422');
    await person.page.goto(`${link.slice(0, -9)}A`);
    await person.page.getByText('challenge_stale').waitFor();
    person.forgive('422');
    await looksRight(person.page);
    await person.close();
  }, 120_000);

  test('a letter of before says on its pages and papers that it waits to be confirmed, or that it is over', async () => {
    const path = new URL(letter).pathname;
    const person = await openAs('𠮷示例');
    const { page } = person;
    await page.goto(town.url + path);
    await page.getByText('已签署，待您确认').waitFor();
    await looksRight(page);
    for (const lang of ['zh-CN', 'en']) {
      await page.goto(`${town.url}${path}/receipt?lang=${lang}`);
      await page.locator('.notice.warn a[href="/me"]').waitFor();
      await looksRight(page);
    }
    const stopped = 'nobody queries, reports or uses anything on it';
    await page.getByText(stopped).waitFor();
    await page.getByText('waits for its subject to confirm it, since the ledger lost entries').first().waitFor();
    // On paper it is said, too, and there the way to sign in is not.
    await page.emulateMedia({ media: 'print' });
    expect([
      await page.getByText(stopped).isVisible(),
      await page.locator('.notice.warn a[href="/me"]').isVisible(),
    ]).toEqual([true, false]);
    await page.emulateMedia({ media: 'screen' });
    const shared = (await page.locator('figure.qr a, .qr a').first().getAttribute('href')) ?? '';
    await page.goto(`${town.url}${new URL(shared).pathname}?lang=en`);
    await page.getByText(stopped).waitFor();
    expect(await page.locator('.notice.warn a').count()).toBe(0);
    await looksRight(page);
    // What was asked for and not signed by then is asked for anew.
    await page.goto(`${town.url}${new URL(unsigned).pathname}?lang=zh-CN`);
    await page.getByText('您当时签了的，签署没有留下').waitFor();
    await looksRight(page);
    await person.close();
  }, 60_000);

  test('a receipt of before, fetched since, verifies under the log’s new key, and says what was lost and who signed', async () => {
    const person = await openAs('𠮷示例');
    const { page } = person;
    await signIn(page, town.url);
    const answered = await page.context().request.get(`${town.url}${new URL(letter).pathname}/receipt.json`);
    const buffer = Buffer.from(await answered.body());
    await page.goto(`${town.url}/verify`);
    const give = () => page.setInputFiles('#files', { name: 'r.json', mimeType: 'application/json', buffer });
    await give();
    await page.locator('.examined .notice.done').waitFor();
    const said = (await page.locator('#results').textContent()) ?? '';
    expect(said).toContain('账本换过名称');
    expect(said).toMatch(/其中 \d+ 条已经丢失；此前的授权须由本人确认后才能使用/);
    // The passkey that signed, and who identified its person for it.
    expect(said).toContain('已核验，确由此密钥签署');
    expect(said).toContain(town.before.scene.identifier.party);
    await looksRight(page);
    await page.setViewportSize({ width: 1280, height: 800 });
    await looksRight(page);
    // By the key of before it is another log's.
    await page.fill('#vkey', formatVkey(town.before.scene.fixture.vkey));
    await page.getByRole('button', { name: '核验' }).click();
    await page.getByText('属于另一本账').waitFor();
    expect(await page.locator('.examined .notice.done').count()).toBe(0);
    await person.close();
  }, 60_000);
});

/** The first authorization that waits, up to the page where it is confirmed. Answers which it is. */
async function toConfirming(page: Page): Promise<GrantId> {
  await page.locator('main a[href^="/me/grants/"]').first().click();
  const grant = new URL(page.url()).pathname.split('/').at(-1) as GrantId;
  await page.locator('form[action$="/confirm"] button').click();
  await page.waitForURL(/\/me\/statements\//);
  return grant;
}

/** From `/me/affirm` to the identity provider and back, as somebody. */
async function identify(page: Page, name: Newcomer): Promise<void> {
  if (new URL(page.url()).pathname !== '/me/affirm') await page.goto(new URL('/me/affirm', page.url()).href);
  await page.locator('form[action$="/identify"] button').click();
  const place = PEOPLE.findIndex((each) => each.name === name);
  await page.locator(`input[name=person][value="${place}"]`).check();
  await page.locator('form[action="/confirm"] button').click();
  await page.locator('form[action*="/affirm/identified"]').waitFor();
  await page.locator('main form button').click();
}

/** Somebody applies, makes a passkey and signs. Answers the address of the letter. */
async function become(rig: Rig, bank: string, name: Newcomer, held: Map<Newcomer, readonly CarriedPasskey[]>) {
  const { page, close } = await rig.open(PHONE);
  const letter = await apply(page, bank, name);
  await answer(page);
  const device = await makePasskey(page, name);
  await sign(page, [0, 1]);
  held.set(name, await device.exportPasskeys());
  await close();
  return letter;
}

async function openDesk(rig: Rig, { url, before, clerk }: LostTown): Promise<Opened> {
  const opened = await rig.open();
  const { page } = opened;
  await page.goto(`${url}/desk`);
  await page.getByLabel('机构编号').fill(before.scene.identifier.party);
  const buffer = Buffer.from(formatPrivatePem(clerk));
  await page.getByLabel('密钥文件').setInputFiles({ name: 'clerk.pem', mimeType: 'application/x-pem-file', buffer });
  await page.getByRole('button', { name: '进入' }).click();
  await page.locator('[data-who]').getByText('identifier').first().waitFor();
  return opened;
}

async function sizeOf({ fixture }: LostTown): Promise<number> {
  return (await fixture.audit()).size;
}
