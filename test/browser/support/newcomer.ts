/**
 * What a newcomer does by the tour, page by page, in whichever language: the steps are found by what they are, not by their
 * words.
 */
import type { Page } from 'playwright-core';
import { PEOPLE } from '../../../src/cli/tour/people.ts';
import { addAuthenticator, type Device } from './authenticator.ts';

/** Somebody of the tour, by name. */
export type Newcomer = (typeof PEOPLE)[number]['name'];

/** Applies at the bank, which asks for a letter. Answers where that is. */
export async function apply(page: Page, bank: string, name: Newcomer): Promise<string> {
  await page.goto(bank);
  await page.locator(`input[name=person][value="${placeOf(name)}"]`).check();
  await page.locator('form[action="/apply"] button').click();
  await page.waitForURL(/\/sign\//);
  return page.url();
}

/** Says that what is on record is right, and that nothing of what stops is so. */
export async function answer(page: Page): Promise<void> {
  const right = page.locator('input[name^="confirm."][value=yes], input[name^="answer."][value="没有上面的情况"]');
  for (const each of await right.all()) await each.check();
  await page.locator('form[action$="/answers"] button').click();
  await page.waitForURL(/#sign$/);
}

/** The steps to a passkey, up to its last, which writes; `see` is shown each page on the way. */
export async function approachPasskey(
  page: Page,
  name: Newcomer,
  see: (device: Device | undefined) => Promise<Device | undefined> = async (device) => device,
): Promise<Device> {
  await page.locator('a[href$="/key"]').click();
  await page.locator('form[data-make-passkey] button:enabled').waitFor();
  await see(undefined);
  let device = await addAuthenticator(page);
  await page.locator('form[data-make-passkey] button').click();
  await page.locator('form[action$="/identify"] button').waitFor();
  device = (await see(device)) ?? device;
  await page.locator('form[action$="/identify"] button').click();
  await page.locator('form[action="/confirm"]').waitFor();
  device = (await see(device)) ?? device;
  await page.locator(`input[name=person][value="${placeOf(name)}"]`).check();
  await page.locator('form[action="/confirm"] button').click();
  await page.locator('form[action*="/identified"]').waitFor();
  device = (await see(device)) ?? device;
  await page.locator('main form button').click();
  await page.locator('form[data-sign=binding] button:enabled').waitFor();
  return (await see(device)) ?? device;
}

/** Makes a passkey, is identified, and confirms: then it is the person's. */
export async function makePasskey(page: Page, name: Newcomer): Promise<Device> {
  const device = await approachPasskey(page, name);
  await page.locator('form[data-sign=binding] button').click();
  await page.waitForURL(/key=new/);
  return device;
}

/** Signs the clauses at these places, by the device at hand. */
export async function sign(page: Page, places: readonly number[]): Promise<void> {
  for (const place of places) await page.locator('input[name=give]').nth(place).check();
  await page.locator('form[data-sign=letter] button').click();
  await page.locator('a[href$="/receipt"]').waitFor();
}

/** Signs in by the device at hand. */
export async function signIn(page: Page, ledger: string): Promise<void> {
  await page.goto(`${ledger}/me/sign-in`);
  await page.locator('form[data-sign=session] button').click();
  await page.waitForURL(/\/me$/);
}

function placeOf(name: Newcomer): number {
  return PEOPLE.findIndex((person) => person.name === name);
}
