/** What every page has to hold: accessible, drawn with real glyphs, no wider than its window. */
import type { Page } from 'playwright-core';
import { addAuthenticator, type Device } from './authenticator.ts';
import { checkAxe } from './axe.ts';
import { checkWidth } from './browser.ts';
import { checkGlyphs } from './glyphs.ts';

export async function looksRight(page: Page): Promise<void> {
  await checkAxe(page);
  await checkGlyphs(page);
  await checkWidth(page);
}

/**
 * The same while a device is at hand: Chromium forgets the virtual one when another session of its tools ends, so it is laid
 * aside, and taken up again.
 */
export async function looksRightWith(page: Page, device: Device): Promise<Device> {
  const passkeys = await device.exportPasskeys();
  await looksRight(page);
  const again = await addAuthenticator(page);
  await again.importPasskeys(passkeys);
  return again;
}
