/** A suite in a real browser: one for each file, launched before its tests and closed behind them. */
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, test } from 'vitest';
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
    beforeAll(async () => {
      browser = await openBrowser();
    });
    afterAll(() => browser.close());
    body({ open: (options) => openPage(browser, options) });
  });
}
