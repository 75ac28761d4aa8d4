/** Other ways to the same: by the keyboard alone, with everything twice or four times as large, and without JavaScript. */
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { letterCapability, letterReceiptCapability } from '#service/capabilities.ts';
import { addAuthenticator } from './support/authenticator.ts';
import { checkWidth } from './support/browser.ts';
import { browserSuite } from './support/suite.ts';
import { openTown, type Town } from './support/town.ts';

browserSuite('a person', (rig) => {
  let town: Town;
  let signed: string;
  let receipt: string;
  beforeAll(async () => {
    town = await openTown();
    const { context, a } = town.scene;
    signed = `/sign/${letterCapability(context, a.letter.letter)}`;
    receipt = `/letters/${letterReceiptCapability(context, a.letter.letter)}`;
    await town.scene.look(a);
  }, 120_000);
  afterAll(() => town?.close());

  test('applies, answers, makes a passkey, signs, and takes it back by the keyboard alone', async () => {
    const opened = await rig.open();
    const { page } = opened;
    await addAuthenticator(page);
    await page.goto(town.bank);
    await pressAt(page, 'input[name=person]', 'Space');
    await pressAt(page, 'form[action="/apply"] button', 'Enter');
    await page.waitForURL(/\/sign\//);

    await pressAt(page, 'input[name^="confirm."]', 'Space');
    // The last of an unanswered question's answers is one up from its first, as in any group of radio buttons.
    for (let left = await groupsOf(page); left > 0; left -= 1) await pressAt(page, 'input[name^="answer."]', 'ArrowUp');
    await pressAt(page, 'form[action$="/answers"] button', 'Enter');
    await page.waitForURL(/#sign$/);
    await pressAt(page, 'a[href$="/key"]', 'Enter');
    await page.locator('form[data-make-passkey] button:enabled').waitFor();
    await pressAt(page, 'form[data-make-passkey] button', 'Enter');
    await page.locator('form[action$="/identify"]').waitFor();
    await pressAt(page, 'form[action$="/identify"] button', 'Enter');
    await page.locator('form[action="/confirm"]').waitFor();
    await pressAt(page, 'input[name=person]', 'Space');
    await pressAt(page, 'form[action="/confirm"] button', 'Enter');
    await page.locator('form[action*="/identified"]').waitFor();
    await pressAt(page, 'main form button', 'Enter');
    await page.locator('form[data-sign=binding] button:enabled').waitFor();
    await pressAt(page, 'form[data-sign=binding] button', 'Enter');
    await page.waitForURL(/key=new/);

    await pressAt(page, 'input[name=give]', 'Space');
    await pressAt(page, 'form[data-sign=letter] button', 'Enter');
    await page.locator('a[href$="/receipt"]').waitFor();

    await pressAt(page, 'a[href="/me"]', 'Enter');
    await page.waitForURL(/\/me\/sign-in$/);
    await pressAt(page, 'form[data-sign=session] button', 'Enter');
    await page.waitForURL(/\/me$/);
    await pressAt(page, 'a[href^="/me/grants/"]', 'Enter');
    await page.waitForURL(/\/me\/grants\/[0-9a-f]+$/);
    await pressAt(page, 'a[href$="/revoke"]', 'Enter');
    await page.waitForURL(/\/revoke$/);
    await pressAt(page, 'main form[action$="/revoke"] button', 'Enter');
    await page.waitForURL(/\/me\/grants\/[0-9a-f]+$/);
    await page.getByText('已撤回').first().waitFor();
    await opened.close();
  }, 120_000);

  test.each([2, 4])('reads every line without going sideways at %i times the size', async (zoom) => {
    const opened = await rig.open({ width: 1280, height: 1024, zoom });
    const { page } = opened;
    const { scene } = town;
    await town.signIn(page.context(), scene.person, scene.a.handle);
    const asked = (await town.ask()).path;
    const own = ['', '/connected', '/looks', '/objections', '/freeze', '/revoke-all', `/grants/${scene.a.report}`];
    const paths = [asked, `${asked}/key`, signed, `${signed}/receipt`, receipt, ...own.map((each) => `/me${each}`)];
    for (const path of ['/', '/desk', '/desk/request', '/me/sign-in', ...paths]) {
      const answered = await page.goto(town.url + path);
      expect([path, answered?.status()]).toEqual([path, 200]);
      await checkWidth(page);
    }
    await opened.close();
  });

  test('reads a letter and says no without JavaScript', async () => {
    const opened = await rig.open({ javaScript: false });
    const { page } = opened;
    await page.goto(town.url + (await town.ask()).path);
    for (const said of ['谁要', '要什么', '做什么用', '从哪里来', '多长时间', '不同意会怎样', '怎样停止', '联系谁']) {
      await page.getByText(said, { exact: true }).first().waitFor();
    }
    await page.locator('#letter-text').waitFor();
    expect((await page.locator('#letter-text').textContent())?.length).toBeGreaterThan(500);
    for (const group of await namesOf(page)) await page.locator(`input[name="${group}"]`).last().check();
    await page.locator('form[action$="/answers"] button').click();
    await page.getByText('问题已回答，可以签署。').waitFor();
    // The tools that turn scripts off leave the browser thinking that it has them, so this is there and not shown.
    expect(await page.locator('noscript').first().textContent()).toContain('需要打开浏览器的脚本功能');
    await page.getByRole('button', { name: '不同意', exact: true }).click();
    await page.getByText('您没有同意', { exact: true }).first().waitFor();
    await opened.close();
  });

  test('checks a receipt without JavaScript, and keeps its files', async () => {
    const opened = await rig.open({ javaScript: false });
    const { page } = opened;
    for (const path of [receipt, `${signed}/receipt`]) {
      await page.goto(town.url + path);
      await page.getByText('账本登记了对这一授权书的签署。').waitFor();
      await page.getByText('证明什么，不证明什么').waitFor();
      await page.locator('main svg').first().waitFor();
      const [file] = await Promise.all([
        page.waitForEvent('download'),
        page.getByRole('link', { name: /JSON/ }).click(),
      ]);
      expect(await file.failure()).toBeNull();
    }
    await opened.close();
  });

  test('sees what it gave and who looked, objects, takes back and goes out without JavaScript', async () => {
    const opened = await rig.open({ javaScript: false });
    const { page } = opened;
    const { scene } = town;
    await town.signIn(page.context(), scene.person, scene.a.handle);
    await page.goto(`${town.url}/me/looks`);
    expect(await page.locator('[id^="look-"]').count()).toBe(1);
    await page.getByRole('link', { name: '提出异议' }).click();
    await page.locator('input[name=item]').first().check();
    await page.locator('textarea[name=reason]').fill('不是我申请的');
    await page.getByRole('button', { name: '提交异议' }).click();
    await page.getByText('不是我申请的').waitFor();
    await page.goto(`${town.url}/me/grants/${scene.b.query}/revoke`);
    await page.getByRole('button', { name: '确认撤回，立即生效' }).click();
    await page.getByText('已撤回').first().waitFor();
    await page.getByRole('button', { name: '退出登录' }).click();
    await page.goto(`${town.url}/me`);
    expect(page.url()).toContain('/me/sign-in');
    await opened.close();
  });
});

const TABS_MAX = 150;

/** Goes on from where one is to what fits, shows that it is there, and presses a key. */
async function pressAt(page: Page, selector: string, key: string): Promise<void> {
  for (let tabs = 0; tabs < TABS_MAX; tabs += 1) {
    await page.keyboard.press('Tab');
    const outline = await page.evaluate((wanted) => {
      const { activeElement } = document;
      return activeElement?.matches(wanted) ? getComputedStyle(activeElement).outlineStyle : undefined;
    }, selector);
    if (outline === undefined) continue;
    expect(outline, `where ${selector} is focused can be seen`).not.toBe('none');
    return page.keyboard.press(key);
  }
  expect.fail(`${selector} is not reached by Tab on ${page.url()}`);
}

async function groupsOf(page: Page): Promise<number> {
  return (await namesOf(page)).filter((name) => name.startsWith('answer.')).length;
}

/** The questions of the page. */
async function namesOf(page: Page): Promise<readonly string[]> {
  const names = await page
    .locator('input[type=radio]')
    .evaluateAll((all) => all.map((each) => (each as HTMLInputElement).name));
  return [...new Set(names)];
}
