/**
 * The counter in a real browser: a clerk shows a letter, relays what its person answers, and brings in what was signed on
 * paper, before a witness; and a person who may be deceived is not signed for.
 */
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { LetterId } from '#core/ids.ts';
import { formatPrivatePem } from '#core/note/key.ts';
import { signersOf } from '../api/door.ts';
import { addOperator, SCAN } from '../support/ink.ts';
import { random } from '../support/ledger-fixture.ts';
import { NAMES, openPersonScene, type PersonScene } from '../support/person-scene.ts';
import { checkAxe } from './support/axe.ts';
import { checkWidth, type Opened } from './support/browser.ts';
import { checkGlyphs } from './support/glyphs.ts';
import { type Served, serveSite } from './support/site.ts';
import { browserSuite } from './support/suite.ts';

const EMPLOYER = '登记的工作单位：示例机械有限公司';

browserSuite('at the counter', (rig) => {
  let scene: PersonScene;
  let site: Served;
  let clerk: string;
  let witness: string;
  let ticking: NodeJS.Timeout;
  /** Both before either is answered: what is refused is not asked for again. */
  let letters: readonly [signed: LetterId, held: LetterId];
  beforeAll(async () => {
    scene = await openPersonScene(Date.now());
    // The browser signs by its own clock.
    ticking = setInterval(() => scene.setTime(Date.now()), 200);
    clerk = await keyFile();
    witness = await keyFile();
    letters = [await draft(), await draft()];
    site = await serveSite(scene.context);
  }, 180_000);
  afterAll(async () => {
    clearInterval(ticking);
    await site.close();
    await scene.fixture.close();
  });

  async function keyFile(): Promise<string> {
    const seed = random(32);
    await addOperator(scene.context, scene.a.party, seed);
    return formatPrivatePem(seed);
  }

  async function draft(): Promise<LetterId> {
    const { a, bureau, otherHandle } = scene;
    const confirm = [{ id: 'employer', by: bureau.party, zh: EMPLOYER, en: null }];
    return (await scene.draft(a.party, otherHandle, { owed: '¥10,000', confirm })).letter;
  }

  const read = async (letter: LetterId) =>
    (await scene.door.as(signersOf(scene.a.party)).get(`/v1/letters/${letter}`)).json;
  const file = (name: string, mimeType: string, content: string | Uint8Array) => ({
    ...{ name, mimeType },
    buffer: Buffer.from(content),
  });
  const pem = (name: string, text: string) => file(name, 'application/x-pem-file', text);

  async function openLetter({ page }: Opened, letter: LetterId): Promise<void> {
    page.setDefaultTimeout(15_000);
    await page.goto(`${site.url}/desk`);
    await page.getByLabel('机构编号').fill(scene.a.party.party);
    await page.getByLabel('密钥文件').setInputFiles(pem('clerk.pem', clerk));
    await page.getByRole('button', { name: '进入' }).click();
    await page.getByText(NAMES.bankA).waitFor();
    await page.goto(`${site.url}/desk/counter#${letter}`);
    await page.getByRole('button', { name: '打印授权书' }).waitFor();
  }

  async function showAndAnswer(page: Page, answer: string): Promise<void> {
    await page.getByRole('button', { name: '打印授权书' }).click();
    await page.getByLabel('客户另有说法').first().waitFor();
    expect(await page.locator('input:checked').count()).toBe(0);
    await page.getByLabel('是本人', { exact: true }).check();
    for (const each of await page.getByLabel('没有上面的情况').all()) await each.check();
    await page.getByLabel(answer).first().check();
  }

  async function looksRight(page: Page): Promise<void> {
    await checkAxe(page);
    await checkGlyphs(page);
    await checkWidth(page);
  }

  test('a letter is shown and printed, its person answers in its own words, and clerk and witness bring in the paper', async () => {
    const [letter] = letters;
    const opened = await rig.open();
    const { page } = opened;
    await openLetter(opened, letter);
    await page.getByText('协助签署').waitFor();
    // First it is read, then asked, then signed.
    expect(await page.getByRole('button', { name: '转交客户的回答' }).isVisible()).toBe(false);
    expect(await page.getByRole('button', { name: '两人签名并登记' }).isVisible()).toBe(false);
    expect(await page.getByText(EMPLOYER).count()).toBe(0);
    const before = await scene.door.size();
    await showAndAnswer(page, '客户另有说法');
    // That it was looked at is an entry.
    expect(await scene.door.size()).toBe(before + 1);
    const { text } = await read(letter);
    const clause = /^\*\*(.+)\*\*$/mu.exec(text)?.[1] ?? 'none';
    await page.locator('[data-paper] strong').getByText(clause, { exact: true }).first().waitFor();
    await page.getByText('客户将要归还：¥10,000').waitFor();
    await page.getByText(`${NAMES.bureau} 登记了下面的情况`).waitFor();
    await looksRight(page);
    const [paper] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: '下载打印稿' }).click(),
    ]);
    // As is what is printed.
    expect(await scene.door.size()).toBe(before + 2);
    expect([await paper.failure(), paper.suggestedFilename()]).toEqual([null, `授权书-${letter}.pdf`]);

    await page.getByLabel('客户的原话').first().fill('我自己来办的');
    await page.getByRole('button', { name: '转交客户的回答' }).click();
    await page.getByText('问题已经回答，可以签署').waitFor();
    expect((await read(letter)).asked.status).toBe('clear');

    await page.getByLabel('客户勾选同意').first().check();
    await page.getByLabel('纸面上的签署日期').fill(dayInBeijing(Date.now()));
    await page.getByLabel('扫描件').setInputFiles(file('paper.pdf', 'application/pdf', SCAN));
    await page.getByLabel('见证人的密钥文件').setInputFiles(pem('witness.pem', witness));
    await looksRight(page);
    await page.getByRole('button', { name: '两人签名并登记' }).click();
    await page.getByText('已登记。').waitFor();
    const signed = await read(letter);
    expect(signed).toMatchObject({ status: 'signed', signature: { kind: 'paper' } });
    expect(new Set(signed.signature.operators).size).toBe(2);
    expect(signed.grants.map(({ status }: { status: string }) => status)).toEqual(['active', 'declined']);
    await opened.close();
  }, 180_000);

  test('who is not the person on record is not signed for; an answer that stops holds the letter, and it is said why', async () => {
    const [, letter] = letters;
    const opened = await rig.open({ width: 360 });
    const { page } = opened;
    await openLetter(opened, letter);
    await showAndAnswer(page, '别人用');
    await page.getByLabel('不是本人', { exact: true }).check();
    await page.getByRole('button', { name: '转交客户的回答' }).click();
    await page.getByText('不得签署').waitFor();
    expect((await read(letter)).asked.status).toBe('open');
    expect(await page.getByRole('link', { name: /不是本人/ }).getAttribute('href')).toMatch(
      /^\/sign\/[\w-]{43}#not-me$/,
    );

    await page.getByLabel('是本人', { exact: true }).check();
    await page.getByRole('button', { name: '转交客户的回答' }).click();
    await page.getByText('24 小时内不能签署').waitFor();
    await page.getByText('可能有人冒用其身份').waitFor();
    const { asked } = await read(letter);
    expect(asked.status).toBe('held');
    await page.getByText('暂缓至').waitFor();
    await looksRight(page);
    for (const name of ['打印授权书', '转交客户的回答', '两人签名并登记']) {
      expect([name, await page.getByRole('button', { name }).isVisible()]).toEqual([name, false]);
    }
    expect(await page.locator('[data-paper]').textContent()).toBe('');
    await opened.close();
  }, 180_000);
});

/** As a date field takes it, such as `2027-05-01`. */
function dayInBeijing(moment: number): string {
  return new Date(moment + 8 * 3_600_000).toISOString().slice(0, 10);
}
