/** A device that adds another, each with its own authenticator: the link, the key, the number on both, the signature. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { addAuthenticator, type Device } from './support/authenticator.ts';
import type { Opened } from './support/browser.ts';
import { looksRightWith } from './support/looks-right.ts';
import { answer, apply, makePasskey, signIn } from './support/newcomer.ts';
import { browserSuite } from './support/suite.ts';
import { openTown, type Town } from './support/town.ts';

const PHONE = { width: 360, height: 800 } as const;

browserSuite('a person who adds a device', (rig) => {
  let town: Town;
  let first: Opened;
  let second: Opened;
  /** The first one's authenticator. */
  let device: Device;

  beforeAll(async () => {
    town = await openTown();
    first = await rig.open(PHONE);
    await apply(first.page, town.bank, '王示例');
    await answer(first.page);
    device = await makePasskey(first.page, '王示例');
    await signIn(first.page, town.url);
    second = await rig.open(PHONE);
  }, 120_000);
  afterAll(async () => {
    await first?.close();
    await second?.close();
    await town?.close();
  });

  /** Makes a link on the first device. Answers its address. */
  async function makeLink(): Promise<string> {
    const { page } = first;
    await page.goto(`${town.url}/me/devices`);
    await page.getByRole('button', { name: '添加一台设备' }).click();
    return (await page.locator('figure.qr a').getAttribute('href')) ?? '';
  }

  /** The steps on a new device. Answers the number that it shows. */
  async function makeKey({ page }: Opened): Promise<string> {
    await page.locator('form[data-make-passkey] button').click();
    await page.locator('form[data-sign=binding] button:enabled').click();
    return (await page.locator('#code').textContent()) ?? '';
  }

  test('sees the same number on both, signs, and is signed in on the new one as the same person', async () => {
    const link = await makeLink();
    expect(new URL(link).origin).toBe(town.url);
    device = await looksRightWith(first.page, device);
    await first.page.getByRole('link', { name: '去核对' }).click();
    await first.page.getByText('正在等待新设备').waitFor();

    await second.page.goto(link);
    await second.page.locator('form[data-make-passkey] button:enabled').waitFor();
    expect(await second.page.locator('main').textContent()).not.toContain('王示例');
    const other = await addAuthenticator(second.page);
    const code = await makeKey(second);
    expect(code).toMatch(/^\d{3} \d{3}$/);
    // The number is shown once: to choose another language would ask for the page again, by a link that is used.
    expect(await second.page.locator('form.choices').count()).toBe(0);
    await looksRightWith(second.page, other);

    await first.page.getByRole('link', { name: '刷新' }).click();
    expect(await first.page.locator('#code').textContent()).toBe(code);
    await first.page.locator('form[data-sign=key-add] button:enabled').click();
    await first.page.waitForURL(/\/me\/devices$/);
    const rows = first.page.locator('tbody tr');
    expect(await rows.count()).toBe(2);
    expect(await rows.nth(1).textContent()).toContain('由设备 1 添加');

    await signIn(second.page, town.url);
    await second.page.goto(`${town.url}/me/devices`);
    expect(await second.page.locator('tbody tr').nth(1).textContent()).toContain('您正用它登录');
  }, 60_000);

  test('is not shown a number behind a link that somebody else was quicker with', async () => {
    const link = await makeLink();
    const thief = await rig.open(PHONE);
    await thief.page.goto(link);
    await addAuthenticator(thief.page);
    await thief.page.locator('form[data-make-passkey] button:enabled').waitFor();
    await makeKey(thief);
    await second.page.goto(link);
    second.forgive('410');
    await second.page.getByText('invitation_over').waitFor();
    expect(await second.page.locator('#code').count()).toBe(0);
    // A new link ends the former, and what waited behind it.
    await makeLink();
    await first.page.goto(`${town.url}/me/devices/add`);
    await first.page.getByText('正在等待新设备').waitFor();
    await thief.close();
  }, 60_000);

  test('signs for no key but that of the number on the page', async () => {
    const link = await makeLink();
    const third = await rig.open(PHONE);
    await third.page.goto(link);
    await addAuthenticator(third.page);
    await third.page.locator('form[data-make-passkey] button:enabled').waitFor();
    await makeKey(third);
    const { page } = first;
    await page.goto(`${town.url}/me/devices/add`);
    await page.locator('#code').evaluate((code) => {
      code.textContent = '000 000';
    });
    await page.locator('form[data-sign=key-add] button:enabled').click();
    await page.locator('form[data-sign=key-add] [data-problem=failed]:visible').waitFor();
    // A statement that was changed on its way is no signature for the key that waits.
    await page.goto(`${town.url}/me/devices/add`);
    await page.locator('form[data-sign=key-add]').evaluate((form) => {
      const { dataset } = form as HTMLFormElement;
      dataset['statement'] = (dataset['statement'] ?? '').replace('"v":1', '"v":2');
    });
    await page.locator('form[data-sign=key-add] button:enabled').click();
    await page.getByText('signature_invalid').waitFor();
    first.forgive('422');
    await page.goto(`${town.url}/me/devices`);
    expect(await page.locator('tbody tr').count()).toBe(2);
    await third.close();
  }, 60_000);
});
