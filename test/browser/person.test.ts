/**
 * What a person can do with what it signed, in a real browser: see who looked, take one authorization back, object, freeze
 * everything, go out and come in again; and say no before it signs.
 */
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { sayEnd } from '#core/letter-template/moment.ts';
import { letterCapability } from '#service/capabilities.ts';
import { signersOf } from '../api/door.ts';
import type { Device } from './support/authenticator.ts';
import type { Opened } from './support/browser.ts';
import { answer, apply, makePasskey, sign, signIn } from './support/newcomer.ts';
import { browserSuite } from './support/suite.ts';
import { openTown, type Town } from './support/town.ts';

const BANK = '示例银行甲股份有限公司';

browserSuite('a person', (rig) => {
  let town: Town;
  let opened: Opened;
  let page: Page;
  let device: Device;
  let letter: string;

  beforeAll(async () => {
    town = await openTown();
    opened = await rig.open({ width: 360, height: 800 });
    page = opened.page;
    letter = await apply(page, town.bank, '王示例');
    await answer(page);
    device = await makePasskey(page, '王示例');
    await sign(page, [0, 1]);
    await lookUp(/为贷款审批查询/, '账本允许');
    await lookUp(/为营销查询/, 'PURPOSE');
  }, 120_000);
  afterAll(async () => {
    await opened?.close();
    await town?.close();
  });

  /** The bank's clerk queries, and reads what came of it. */
  async function lookUp(button: RegExp, said: string): Promise<void> {
    await page.goto(letter);
    await page.getByRole('link', { name: /^回到/ }).click();
    await page.getByRole('button', { name: button }).click();
    await page.getByText(said).waitFor();
  }

  test('keeps a receipt that whoever has its address reads without signing in, and a PDF', async () => {
    await page.goto(letter);
    await page.getByRole('link', { name: '保存凭证' }).click();
    const [pdf] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: /PDF/ }).click()]);
    expect(await pdf.failure()).toBeNull();
    expect(await page.getByText('王示例').count()).toBeGreaterThan(0);
    const address = await page.locator('main a[href*="/letters/"]').first().getAttribute('href');
    const visitor = await rig.open({ javaScript: false });
    await visitor.page.goto(new URL(address ?? '', town.url).href);
    await visitor.page.getByText('账本登记了对这一授权书的签署。').waitFor();
    expect(await visitor.page.getByText('王示例').count()).toBe(0);
    await visitor.close();
  });

  test('goes in by its passkey and sees its authorizations, to whom it is connected, and who looked', async () => {
    await signIn(page, town.url);
    expect(await page.getByRole('link', { name: new RegExp(BANK) }).count()).toBe(2);
    await page.getByRole('link', { name: '征信接入' }).click();
    await page.getByText(/^已接入，自/).waitFor();
    await page.getByRole('link', { name: '谁查看过' }).click();
    const rows = page.locator('[id^="look-"]');
    expect(await rows.count()).toBe(2);
    await page.getByText('已拒绝，没有给出数据').waitFor();
    await page.getByRole('link', { name: '最近 2 年' }).click();
    await page.waitForURL(/window=2y/);
    expect(await rows.count()).toBe(2);
    const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: /CSV/ }).click()]);
    const text = await textOf(file.createReadStream());
    expect(text.trim().split('\r\n')).toHaveLength(3);
    expect(text).toContain(BANK);
  });

  test('objects to a line, says why, and both sides see by when it is answered', async () => {
    await page.goto(`${town.url}/me/looks`);
    await page.getByRole('link', { name: '提出异议' }).first().click();
    await page.locator('input[name=item]').first().check();
    await page.locator('textarea[name=reason]').fill('我没有申请过这笔贷款。\n请核对。');
    await page.getByRole('button', { name: '提交异议' }).click();
    await page.waitForURL(/\/me\/objections$/);
    await page.getByText('我没有申请过这笔贷款。').waitFor();
    const told = town.scene.door.as(signersOf(town.scene.a.party));
    const feed = await told.get('/v1/feed');
    const { handle } = feed.json.items.find((each: { readonly type: string }) => each.type === 'objection.opened');
    const facts = await told.get(`/v1/relationships/${handle}/facts`);
    const [{ due }] = Object.values<{ readonly due: number }>(facts.json.objections) as [{ readonly due: number }];
    expect(due).toBeGreaterThan(Date.now() + 19 * 86_400_000);
    await page.getByText(sayEnd(due, 'zh')).waitFor();
    await page.getByText('等待答复', { exact: true }).waitFor();
  });

  test('takes one authorization back after reading what follows, and the bank’s next query is denied', async () => {
    await page.goto(`${town.url}/me`);
    await page.getByRole('link', { name: `${BANK} 查询 · ` }).click();
    await page.getByRole('link', { name: '撤回这项授权' }).click();
    for (const said of ['立即停止', '会关闭的服务', '需要先办', '仍会保留', '也可以']) {
      expect(await page.getByText(said, { exact: true }).count(), said).toBe(1);
    }
    await page.getByRole('button', { name: '确认撤回，立即生效' }).click();
    await page.waitForURL(/\/me\/grants\/[0-9a-f]+$/);
    await page.getByText('撤回通知进度').waitFor();
    expect(await page.getByText('已撤回').count()).toBeGreaterThan(0);
    expect(await page.getByRole('link', { name: '撤回这项授权' }).count()).toBe(0);
    await lookUp(/为贷款审批查询/, 'REVOKED');
  });

  test('freezes everything by one press', async () => {
    await page.goto(`${town.url}/me`);
    await page.getByRole('link', { name: '紧急冻结' }).click();
    await page.getByRole('button', { name: '不是我的意思，全部冻结' }).click();
    await page.getByText('已经全部冻结').waitFor();
    await page.goto(`${town.url}/me`);
    await page.getByText('您已冻结全部授权', { exact: false }).waitFor();
    await lookUp(/为贷款审批查询/, 'FROZEN');
  });

  test('goes out, and then its pages are shut until the passkey signs again', async () => {
    await page.goto(`${town.url}/me`);
    await page.getByRole('button', { name: '退出登录' }).click();
    await page.waitForURL(`${town.url}/`);
    await page.goto(`${town.url}/me/looks`);
    expect(new URL(page.url()).pathname).toBe('/me/sign-in');
    await device.setVerified(false);
    await page.getByRole('button', { name: '用通行密钥登录' }).click();
    await page.getByText('没有签署：您取消了', { exact: false }).waitFor();
    await device.setVerified(true);
    await signIn(page, town.url);
  });

  test('says no by one press, without a key, and is not asked again at once', async () => {
    const opened = await rig.open({ width: 360 });
    const { page } = opened;
    const { path, handle } = await town.ask();
    await page.goto(town.url + path);
    await page.getByRole('button', { name: '不同意', exact: true }).click();
    await page.getByText('没有任何授权', { exact: false }).first().waitFor();
    expect(await page.locator('form[data-sign]').count()).toBe(0);
    await expect(town.scene.draft(town.scene.a.party, handle)).rejects.toMatchObject({ code: 'quiet_period' });
    await page.getByRole('link', { name: '我的授权' }).click();
    await page.waitForURL(/\/me\/sign-in$/);
    await opened.close();
  });

  test('says that it is somebody else, and what that bank was given before is frozen', async () => {
    const opened = await rig.open({ width: 360 });
    const { page } = opened;
    const { scene } = town;
    const { letter } = await scene.draft(scene.a.party, scene.a.handle);
    await page.goto(`${town.url}/sign/${letterCapability(scene.context, letter)}`);
    await page.getByRole('button', { name: '不是我' }).click();
    await page.getByText('已作废，并已冻结这家机构', { exact: true }).waitFor();
    expect((await scene.ask(scene.a)).codes).toContain('FROZEN');
    expect((await scene.ask(scene.b)).codes).toEqual([]);
    await opened.close();
  });
});

async function textOf(stream: Promise<NodeJS.ReadableStream>): Promise<string> {
  let text = '';
  for await (const chunk of await stream) text += chunk.toString();
  return text;
}
