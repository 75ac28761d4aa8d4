/** Two devices of one person, each with its own authenticator: seen on one page, and one of them ended by the other. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Opened } from './support/browser.ts';
import { looksRight } from './support/looks-right.ts';
import { answer, apply, makePasskey, sign, signIn } from './support/newcomer.ts';
import { browserSuite } from './support/suite.ts';
import { openTown, type Town } from './support/town.ts';

browserSuite('a person with two devices', (rig) => {
  let town: Town;
  let phone: Opened;
  let tablet: Opened;
  /** Its address. */
  let letter: string;

  beforeAll(async () => {
    town = await openTown();
    phone = await rig.open({ width: 360, height: 800 });
    letter = await apply(phone.page, town.bank, '王示例');
    await answer(phone.page);
    await makePasskey(phone.page, '王示例');
    tablet = await rig.open({ width: 360, height: 800 });
    await tablet.page.goto(letter);
    await tablet.page.locator('form[action$="/open"] button').click();
    await makePasskey(tablet.page, '王示例');
    await signIn(phone.page, town.url);
    await signIn(tablet.page, town.url);
  }, 120_000);
  afterAll(async () => {
    await phone?.close();
    await tablet?.close();
    await town?.close();
  });

  test('sees both, since when, who identified it, and which one it is signed in with', async () => {
    for (const [{ page }, own] of [
      [phone, 0],
      [tablet, 1],
    ] as const) {
      await page.goto(`${town.url}/me`);
      await page.getByRole('link', { name: '我的设备' }).click();
      const rows = page.locator('tbody tr');
      expect(await rows.count()).toBe(2);
      expect(await rows.nth(own).textContent()).toContain('您正用它登录');
      expect(await rows.nth(1 - own).textContent()).not.toContain('您正用它登录');
      expect(await page.getByText('B 级：身份已经核验').count()).toBe(2);
      await page.getByText('到营业网点：核验身份之后', { exact: false }).waitFor();
    }
  });

  test('ends one by the other: it is signed out, and its passkey opens nothing more', async () => {
    const { page } = tablet;
    await page.goto(`${town.url}/me/devices`);
    await page.getByRole('link', { name: '停用 通行密钥 1' }).click();
    await page.locator('form[data-sign=key-end] button:enabled').waitFor();
    await page.locator('form[data-sign=key-end] button').click();
    await page.waitForURL(/\/me\/devices$/);
    expect(await page.locator('tbody tr').count()).toBe(1);

    await phone.page.goto(`${town.url}/me`);
    expect(new URL(phone.page.url()).pathname).toBe('/me/sign-in');
    await phone.page.locator('form[data-sign=session] button').click();
    await phone.page.getByText('key_ended').waitFor();
    phone.forgive('403');
  });

  test('does not end its last one by a page that was changed on its way', async () => {
    const { page } = tablet;
    await page.goto(`${town.url}/me/devices`);
    await page.getByRole('link', { name: /^停用 / }).click();
    await page.getByText('这是您最后一台设备').waitFor();
    await page.locator('form[data-sign=key-end]').evaluate((form) => {
      const { dataset } = form as HTMLFormElement;
      dataset['statement'] = (dataset['statement'] ?? '').replace('"v":1', '"v":2');
    });
    await page.locator('form[data-sign=key-end] button').click();
    await page.getByText('signature_invalid').waitFor();
    tablet.forgive('422');
    await page.goto(`${town.url}/me/devices`);
    expect(await page.locator('tbody tr').count()).toBe(1);
  });

  test('who has none left is identified again from a letter that was signed, and goes on with a new one', async () => {
    const { page } = tablet;
    await page.goto(letter);
    await sign(page, [0]);
    await page.goto(`${town.url}/me/devices`);
    await page.getByRole('link', { name: /^停用 / }).click();
    await page.locator('form[data-sign=key-end] button:enabled').click();
    await page.waitForURL(/\/me\/sign-in/);

    const next = await rig.open({ width: 360, height: 800 });
    await next.page.goto(letter);
    await next.page.getByText('换了手机，或者丢了通行密钥').waitFor();
    await looksRight(next.page);
    await makePasskey(next.page, '王示例');
    await next.page.getByText('通行密钥已登记').waitFor();
    await signIn(next.page, town.url);
    await next.page.getByText('有效').first().waitFor();
    await next.page.goto(`${town.url}/me/devices`);
    expect(await next.page.locator('tbody tr').count()).toBe(1);
    await next.close();
  }, 60_000);
});
