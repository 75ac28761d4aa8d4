/** A suite in a real browser: one for each file, launched before its tests and closed behind them. */
import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, test } from 'vitest';
import { type Opened, openBrowser, openPage, type PageOptions } from './browser.ts';
import { whyNoBrowser } from './unpack.ts';

export interface Rig {
  /** Opens a page with cookies of its own. */
  open(options?: PageOptions): Promise<Opened>;
}

/** Where no browser runs it says so, on the console and as a test that is skipped by name. */
export function browserSuite(name: string, body: (rig: Rig) => void): void {
  const why = whyNoBrowser();
  if (why !== undefined) {
    console.warn(`SKIPPED, not tested here: ${name}: ${why}`);
    describe(name, () => {
      test.skip(`not tested: ${why}`, () => undefined);
    });
    return;
  }
  describe(name, () => {
    let browser: Browser;
    const pages: Opened[] = [];
    beforeAll(async () => {
      browser = await openBrowser();
    });
    afterAll(() => browser.close());
    afterEach(async ({ task }) => {
      if (task.result?.state === 'fail') await tellPages(task.name, pages);
    });
    body({
      async open(options) {
        const opened = await openPage(browser, options);
        pages.push(opened);
        return opened;
      },
    });
  });
}

const TOLD_CHARS_MAX = 2_000;

/** What stood on the pages when a test failed: a locator that waited in vain doesn't say it. */
async function tellPages(name: string, pages: readonly Opened[]): Promise<void> {
  for (const { page, problems } of pages.filter(({ page }) => !page.isClosed())) {
    const text = await page
      .locator('body')
      .textContent({ timeout: 1_000 })
      .catch((thrown) => String(thrown));
    console.error(
      `${name}: ${page.url()} said\n${text?.slice(0, TOLD_CHARS_MAX)}\nproblems: ${JSON.stringify(problems)}`,
    );
  }
}
