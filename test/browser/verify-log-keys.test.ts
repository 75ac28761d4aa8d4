/**
 * The page that verifies receipts, of a ledger whose log key was exchanged: who has the old key is led to the one that signed,
 * and told which it is; nobody else is told anything of it.
 */
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { LOG_OVERLAP_MS_MIN } from '#core/consent/log-key.ts';
import type { AccessId } from '#core/ids.ts';
import type { SigningKey } from '#core/note/ed25519.ts';
import { receiptOf } from '#service/receipts.ts';
import { nativeEd25519 } from '../../src/native.ts';
import { ask, signedScene } from '../support/actors.ts';
import { checkLedger, type Fixture, openFixture, random } from '../support/ledger-fixture.ts';
import { add, retire, switchTo, textOf } from '../support/log-keys.ts';
import type { Opened } from './support/browser.ts';
import { looksRight } from './support/looks-right.ts';
import { type Served, serveSite } from './support/site.ts';
import { browserSuite } from './support/suite.ts';

browserSuite('the page that verifies receipts, after the log key was exchanged', (rig) => {
  let fixture: Fixture;
  let site: Served;
  let first: SigningKey;
  let second: SigningKey;
  let stranger: SigningKey;
  /** Of the same log: from before the exchange, and from after it. */
  let before: string;
  let after: string;
  let opened: Opened;

  beforeAll(async () => {
    [second, stranger] = [await nativeEd25519.importSeed(random(32)), await nativeEd25519.importSeed(random(32))];
    const start = Date.now() - LOG_OVERLAP_MS_MIN - 1_000;
    fixture = await openFixture('postgres', { furtherLog: [second], time: start });
    const { context, keys } = fixture;
    first = keys.log;
    const scene = await signedScene(context);
    const asked = async () => {
      const { access } = await ask(context, scene.reportAccess);
      return receiptOf(context, access as AccessId);
    };
    before = await asked();
    await add(context, second);
    await switchTo(context, second);
    fixture.setTime(start + LOG_OVERLAP_MS_MIN);
    await retire(context, first);
    after = await asked();
    site = await serveSite(context);
    opened = await rig.open({ width: 360, height: 740 });
  }, 120_000);
  afterAll(async () => {
    await opened?.close();
    await site?.close();
    await checkLedger(fixture);
    await fixture?.close();
  });

  async function verify({ page }: Opened, vkey: string, text: string, policy = ''): Promise<string> {
    // Of the file before nothing stands there any more.
    await page.goto(`${site.url}/verify`);
    await page.fill('#vkey', vkey);
    await page.fill('#policy', policy);
    await page.setInputFiles('#files', { name: 'r.json', mimeType: 'application/json', buffer: Buffer.from(text) });
    await page.waitForFunction(() => document.querySelectorAll('.examined').length === 1);
    return (await rowOf(page)) ?? '';
  }

  /** What stands in the row that says who signed; null: there is no such row. */
  async function rowOf(page: Page): Promise<string | null> {
    const row = page.locator('.examined dl.facts > div', { has: page.locator('dt', { hasText: /^签署密钥$/ }) });
    return (await row.count()) === 0 ? null : row.textContent();
  }

  test('who has the old key reads that another one signed, and which one the ledger led it to', async () => {
    const said = await verify(opened, textOf(first), after);
    expect(said).toContain(textOf(second));
    expect(said).not.toContain(textOf(first));
    await opened.page.locator('.notice.done').waitFor();
    await looksRight(opened.page);
    await opened.page.setViewportSize({ width: 1280, height: 800 });
    await looksRight(opened.page);
  });

  test('who has the key that signed reads nothing of it', async () => {
    for (const [key, receipt] of [
      [second, after],
      [first, before],
    ] as const) {
      expect(await verify(opened, textOf(key), receipt)).toBe('');
      await opened.page.locator('.notice.done').waitFor();
    }
  });

  test('a policy of the old key leads there, too; a key that never was the log’s leads nowhere', async () => {
    const policy = `log ${textOf(first)}\nquorum none\n`;
    expect(await verify(opened, textOf(first), after, policy)).toContain(textOf(second));
    expect(await verify(opened, textOf(stranger), after)).toBe('');
    await opened.page.locator('.notice.stop').waitFor();
    expect(await opened.page.locator('.notice.done').count()).toBe(0);
  });
});
