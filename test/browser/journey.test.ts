/**
 * The whole way of a person, in a real browser, by the demo's own tour: asked by a bank, reads, answers, is identified, makes a
 * passkey, signs, keeps a receipt, sees who looked, takes back. Played as a newcomer does, through `assent serve` alone.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { looksRight, looksRightWith } from './support/looks-right.ts';
import { answer, apply, approachPasskey, makePasskey } from './support/newcomer.ts';
import { browserSuite } from './support/suite.ts';

const MAIN = resolve(import.meta.dirname, '../../src/cli/main.ts');

browserSuite('a person', (rig) => {
  const folder = mkdtempSync(join(tmpdir(), 'assent-test-'));
  let server: ChildProcess;
  let said = '';
  let bank = '';
  let ledger = '';

  beforeAll(async () => {
    server = spawn(process.execPath, [MAIN, 'serve'], {
      cwd: folder,
      env: {
        ...process.env,
        PORT: '0',
        DATABASE_URL: '',
        ASSENT_ORIGIN: '',
        ASSENT_DATA_DIR: join(folder, 'data'),
        ASSENT_STATE_DIR: join(folder, 'state'),
        ASSENT_KEYS_DIR: join(folder, 'keys'),
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const keep = (text: Buffer) => {
      said += text.toString();
    };
    server.stdout?.on('data', keep);
    server.stderr?.on('data', keep);
    while (!said.includes('Or play it yourself')) {
      if (server.exitCode !== null) throw new Error(`the demo ended: ${said}`);
      await sleep(200);
    }
    bank = /Or play it yourself: (\S+)/.exec(said)?.[1] ?? '';
    ledger = (/Open (\S+) in a browser/.exec(said)?.[1] ?? '').replace('127.0.0.1', 'localhost');
  }, 120_000);

  afterAll(async () => {
    const ended = new Promise((done) => server.once('exit', done));
    server.kill('SIGTERM');
    await ended;
    rmSync(folder, { recursive: true, force: true });
    // Nothing personal is in a line of the log.
    expect(said).not.toMatch(/9900011879|王示例|𠮷示例/);
  });

  test('is asked by a bank, signs what it read, sees who looked, and takes it back', async () => {
    const opened = await rig.open({ width: 360, height: 800 });
    const { page } = opened;
    await apply(page, bank, '𠮷示例');
    await looksRight(page);
    expect(await page.locator('input[type=checkbox]:checked, input[type=radio]:checked').count()).toBe(0);
    const letter = page.url();
    await answer(page);
    let device = await approachPasskey(page, '𠮷示例', async (held) => {
      if (held !== undefined) return looksRightWith(page, held);
      await looksRight(page);
      return undefined;
    });
    await page.getByRole('button', { name: '用指纹或面容确认' }).click();
    await page.waitForURL(/key=new/);

    await page.getByRole('checkbox', { name: /查询/ }).first().check();
    await page.getByRole('button', { name: '用指纹或面容签署' }).click();
    await page.getByText('您的授权已经登记').waitFor();
    device = await looksRightWith(page, device);

    await page.getByRole('link', { name: '保存凭证' }).click();
    await page.getByText('𠮷示例').first().waitFor();
    device = await looksRightWith(page, device);
    const [pdf] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: /PDF/ }).click()]);
    expect(await pdf.failure()).toBeNull();

    // The bank may look for what was ticked, and for nothing else.
    await page.goto(letter);
    await page.getByRole('link', { name: /^回到/ }).click();
    await page.getByRole('button', { name: /为贷款审批查询/ }).click();
    await page.getByText('账本允许').waitFor();
    await page.getByRole('button', { name: /为营销查询/ }).click();
    await page.getByText('PURPOSE').waitFor();
    const again = page.url();

    // The person signs in, with the same passkey.
    await page.goto(`${ledger}me`);
    await looksRightWith(page, device);
    await page.getByRole('button', { name: '用通行密钥登录' }).click();
    await page.waitForURL(/\/me$/);
    await looksRight(page);
    await page.goto(`${ledger}me/looks`);
    await looksRight(page);
    expect(await page.getByText('示例银行甲股份有限公司').count()).toBeGreaterThan(0);

    await page.goto(`${ledger}me/revoke-all`);
    await looksRight(page);
    await page.locator('main form[method=post] button').first().click();
    await page.goto(letter);
    await page.getByRole('link', { name: /^回到/ }).click();
    await page.getByRole('button', { name: /为贷款审批查询/ }).click();
    await page.getByText('REVOKED').waitFor();
    expect(again).toContain('/query');
    await opened.close();
  }, 180_000);

  test('signs what was shown: with one character changed on the page, the signature is refused', async () => {
    const opened = await rig.open();
    const { page } = opened;
    await apply(page, bank, '王示例');
    await answer(page);
    await makePasskey(page, '王示例');
    await page.getByRole('checkbox', { name: /查询/ }).first().check();
    await page.evaluate(() => {
      const [line] = document.querySelectorAll('#letter-text strong');
      if (line !== undefined) line.innerHTML = line.innerHTML.replace('查询', '查阅');
    });
    await page.getByRole('button', { name: '用指纹或面容签署' }).click();
    await page.getByText('signature_invalid').waitFor();
    opened.forgive('422');
    await opened.close();
  }, 120_000);

  test('who is told what to answer is stopped for a day, and may say no at once', async () => {
    const opened = await rig.open({ width: 360 });
    const { page } = opened;
    await apply(page, bank, '阿依·示例');
    await page.getByLabel('是我', { exact: true }).check();
    for (const each of await page.getByLabel('没有上面的情况').all()) await each.check();
    await page.getByLabel('别人用').check();
    await page.getByRole('button', { name: '提交回答' }).click();
    await page.getByText('先停一停').waitFor();
    await looksRight(page);
    await page.getByRole('button', { name: '不同意' }).click();
    await page.getByText('您没有同意').first().waitFor();
    await looksRight(page);
    await opened.close();
  }, 120_000);
});
