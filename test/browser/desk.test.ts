/**
 * A clerk's day at the desk, in a real browser: a key made there, a letter asked for, its link opened by its person, the
 * person seen by an entry, and the letter brought in on paper by two. In each way of showing pages, every one of them right.
 */
import { readFileSync } from 'node:fs';
import type { Page } from 'playwright-core';
import { renderSVG } from 'uqr';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { partySignatory } from '#client/sign.ts';
import { dayAt } from '#core/pack/reckon.ts';
import { SCAN } from '../support/ink.ts';
import { residentId } from '../support/resident-id.ts';
import { SLOTS } from '../support/slots.ts';
import { checkAxe } from './support/axe.ts';
import { crawl } from './support/crawl.ts';
import { looksRight } from './support/looks-right.ts';
import { answer } from './support/newcomer.ts';
import { browserSuite } from './support/suite.ts';
import { openTown, type Town } from './support/town.ts';

const NAME = '欧阳·示例';

/** As pages remember how they are shown (src/web/view.ts), and somebody for each, whom the bank does not know yet. */
const VIEWS = [
  ['zh-CN', residentId(1)],
  ['en', residentId(2)],
  ['zh-CN.3', residentId(3)],
] as const;

browserSuite('a clerk at the desk', (rig) => {
  let town: Town;
  beforeAll(async () => {
    town = await openTown();
  }, 120_000);
  afterAll(() => town?.close());

  test.each(VIEWS)(
    'asks for a letter, shows its person, and brings it in on paper, as %s',
    async (view, idNumber) => {
      const opened = await rig.open({ width: 360, height: 800 });
      const { page } = opened;
      await page.context().addCookies([{ name: 'assent-view', value: view, url: town.url }]);

      // Each operator makes a key here; the party's administrator has it registered.
      await page.goto(`${town.url}/desk`);
      await looksRight(page);
      const keys = [await makeKey(page, town), await makeKey(page, town)] as const;
      await checkAxe(page);
      await page.locator('form[data-form=sign-in] [name=party]').fill(town.scene.a.party.party);
      await page.locator('form[data-form=sign-in] [name=key]').setInputFiles(keys[0]);
      await page.locator('form[data-form=sign-in] button').click();
      await page.locator('[data-when=in]').waitFor();
      await looksRight(page);

      // The letter, and the way to it.
      await page.goto(`${town.url}/desk/request`);
      await enrol(page, idNumber);
      await looksRight(page);
      await draft(page);
      await looksRight(page);
      // Key clauses are bold there, without the marks that the text has; the code is as large as a hand, not as the window.
      expect(await page.locator('[data-drafted] .letter strong').count()).toBeGreaterThan(0);
      expect(await page.locator('[data-drafted] .letter').first().textContent()).not.toMatch(/^\*\*/m);
      expect((await page.locator('[data-drafted] svg').boundingBox())?.width).toBeLessThanOrEqual(15 * 16);
      const link = (await page.locator('[data-link]').textContent()) ?? '';
      const letter = (await page.locator('[data-letter-id]').textContent()) ?? '';
      expect(link).not.toContain(letter);
      const drawn = await page.locator('[data-drafted] svg path').getAttribute('d');
      expect(renderSVG(link, { border: 4 })).toContain(`"${drawn}"`);

      // Its person comes by the link, on a phone of its own.
      const phone = await rig.open({ width: 360 });
      await phone.page.goto(link);
      await phone.page.getByText('示例银行甲股份有限公司').first().waitFor();
      await answer(phone.page);

      // The clerk looks it up: masked, and in full by an entry.
      await page.locator('a[href^="/desk/letters#"]').click();
      await page.locator('[data-letter] dl').waitFor();
      expect(await page.locator('main').textContent()).not.toMatch(new RegExp(`${NAME}|${idNumber}`));
      await page.locator('form[data-form=view] [value=name]').check();
      await page.locator('form[data-form=view] [name=why]').selectOption('serve_subject');
      await page.locator('form[data-form=view] button').click();
      await page.locator('[data-seen] dl').waitFor();
      expect(await page.locator('[data-seen]').textContent()).toContain(NAME);
      await looksRight(page);

      // At the counter it is printed, ticked, and brought in by clerk and witness.
      await page.goto(`${town.url}/desk/counter`);
      await looksRight(page);
      await page.locator('form[data-form=find] [name=letter]').fill(letter);
      await page.locator('form[data-form=find] button').click();
      await page.locator('form[data-form=print] button').click();
      await page.locator('[data-paper] strong').first().waitFor();
      await page.locator('form[data-form=paper] [name=given]').first().check();
      await page.locator('form[data-form=paper] [name=signed_on]').fill(dayAt(Date.now()));
      const scan = { name: 'scan.pdf', mimeType: 'application/pdf', buffer: Buffer.from(SCAN) };
      await page.locator('form[data-form=paper] [name=scan]').setInputFiles(scan);
      // One operator alone is not two.
      await page.locator('form[data-form=paper] [name=key]').setInputFiles(keys[0]);
      await page.locator('form[data-form=paper] button').click();
      await page.locator('[data-message]').waitFor();
      await looksRight(page);
      await page.locator('form[data-form=paper] [name=key]').setInputFiles(keys[1]);
      await page.locator('form[data-form=paper] button').click();
      await page.locator('[data-brought] dl').waitFor();
      await looksRight(page);
      await phone.page.reload();
      await phone.page.locator('a[href$="/receipt"]').waitFor();
      await phone.close();

      await crawl(town, [{ name: 'clerk', opened, start: ['/desk'] }]);

      // Whoever comes to this browser next finds no key.
      await page.goto(`${town.url}/desk`);
      await page.locator('form[data-form=sign-out] button').click();
      await page.locator('[data-when=out]').waitFor();
      await page.goto(`${town.url}/desk/letters`);
      await page.locator('[data-message]').waitFor();
      await looksRight(page);
      await opened.close();
    },
    120_000,
  );

  test('keeps no key on its page while another is made, so that nobody saves the file of the one before', async () => {
    const opened = await rig.open();
    const { page } = opened;
    await page.goto(`${town.url}/desk`);
    // As behind a slow line: what a new key needs of the ledger comes late.
    await page.route('**/v1/log', async (route) => {
      await new Promise((resolve) => setTimeout(resolve, 500));
      await route.continue();
    });
    const made = [await saveNewKey(page), await saveNewKey(page)];
    const files = made.map(({ path }) => readFileSync(path, 'utf8'));
    expect(new Set(files).size).toBe(2);
    expect(new Set(made.map(({ key }) => key)).size).toBe(2);
    await opened.close();
  });
});

/** Makes a key at the desk and keeps its file, whose path is answered; then it is registered, as who does business. */
async function makeKey(page: Page, { scene }: Town): Promise<string> {
  const { path, key, possession } = await saveNewKey(page);
  const { party, admin } = scene.a.party;
  const administrator = scene.door.as([partySignatory(party, admin)]);
  const body = { key, possession, duty: 'query', operator: null };
  const answer = await administrator.post(`/v1/parties/${party}/keys`, body);
  expect([answer.status, answer.text]).toEqual([201, answer.text]);
  expect(readFileSync(path, 'utf8')).toContain('PRIVATE KEY');
  return path;
}

/** The file that the page offers, and what it says of the key in it. */
async function saveNewKey(page: Page) {
  await page.locator('form[data-form=new-key] button').click();
  const codes = page.locator('[data-new-key] code');
  await codes.first().waitFor();
  const [file] = await Promise.all([page.waitForEvent('download'), page.locator('a[download="operator.pem"]').click()]);
  const [key, possession] = await codes.allTextContents();
  return { path: await file.path(), key, possession };
}

/** First with a number that nobody has. */
async function enrol(page: Page, idNumber: string): Promise<void> {
  const form = page.locator('form[data-form=enrol]');
  await form.locator('[name=phone]').fill('abc');
  await form.locator('[name=name]').fill(NAME);
  await form.locator('[name=id_number]').fill(`${idNumber.slice(0, -1)}${idNumber.endsWith('0') ? '1' : '0'}`);
  await form.locator('button').click();
  await form.locator('[name=id_number][aria-invalid=true]').waitFor();
  await form.locator('[name=id_number]').fill(idNumber);
  await form.locator('button').click();
  await form.locator('[name=phone][aria-invalid=true]').waitFor();
  await form.locator('[name=phone]').fill('');
  await form.locator('button').click();
  await page.locator('form[data-form=letter]').waitFor();
}

/** Asks for everything that the template offers of its first clause. */
async function draft(page: Page): Promise<void> {
  const form = page.locator('form[data-form=letter]');
  await form.locator('[name=template]').selectOption({ index: 1 });
  expect(await form.locator('input:checked').count()).toBe(0);
  const clause = form.locator('[data-clause]').first();
  await clause.locator('input[name=clause]').check();
  for (const box of await clause.locator('input[type=checkbox]:enabled').all()) await box.check();
  const { grantee } = SLOTS;
  const fields = { uscc: grantee.uscc, licence_zh: grantee.licence.zh, contact_zh: grantee.contact.zh };
  const before = {
    uscc: 'abc',
    return_to: 'http://lender.example/',
    letter_no: 'EX-1888-7',
    confirm: '登记的工作单位：示例机械有限公司',
  };
  for (const [name, value] of Object.entries({ ...fields, ...before }))
    await form.locator(`[name="${name}"]`).fill(value);
  const submit = form.locator('button[type=submit], button').last();
  // What is mistyped is told at its field, one after the other.
  for (const [name, right] of [
    ['uscc', grantee.uscc],
    ['return_to', ''],
  ] as const) {
    await submit.click();
    await form.locator(`[name="${name}"][aria-invalid=true]`).waitFor();
    await form.locator(`[name="${name}"]`).fill(right);
  }
  await submit.click();
  await page.locator('[data-link]').waitFor();
}
