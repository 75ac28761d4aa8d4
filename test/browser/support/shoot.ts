/** Pictures of pages, for the documentation. */
import type { Page } from 'playwright-core';

export interface ShotOptions {
  /** All of the page, not only what the window shows; true by default. */
  readonly whole?: boolean;
}

/** Takes a picture as PNG, once fonts and images are there. */
export async function shoot(page: Page, file: string, { whole = true }: ShotOptions = {}): Promise<void> {
  await page.evaluate(() => document.fonts.ready.then(() => undefined));
  await page.screenshot({ path: file, fullPage: whole, animations: 'disabled', caret: 'hide' });
}
