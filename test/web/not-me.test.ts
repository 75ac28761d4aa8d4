/** What the page of a letter says once its link’s holder has refused it, or said that it is of somebody else. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { letterCapability } from '#service/capabilities.ts';
import { createPages } from '../../src/web/pages.ts';
import { draft, enrolPerson, newParty, type Party, signedScene, twoClauses } from '../support/actors.ts';
import { hold } from '../support/holds.ts';
import { checkLedger, type Fixture, openFixture } from '../support/ledger-fixture.ts';

const SITE = 'http://localhost:8787';
const OWN = { 'sec-fetch-site': 'same-origin', origin: SITE };
const BUREAU = '示例征信有限公司';
let fixture: Fixture;
let pages: ReturnType<typeof createPages>;
let scene: Awaited<ReturnType<typeof signedScene>>;
let bureau: Party;

beforeAll(async () => {
  fixture = await openFixture('postgres', { time: Date.now() - 3_600_000 });
  pages = createPages(fixture.context, { document: {}, problems: [] });
  scene = await signedScene(fixture.context);
  bureau = await newParty(fixture.context, 'bureau', BUREAU);
});
afterAll(async () => {
  await checkLedger(fixture);
  await fixture.close();
});

async function letterOf(handle: string): Promise<string> {
  const { context } = fixture;
  const grants = twoClauses(bureau, context.clock());
  const { letter } = await draft(context, { lender: scene.lender, handle: handle as never, grants });
  return `/sign/${letterCapability(context, letter)}`;
}

async function press(path: string, button: 'decline' | 'not-me'): Promise<string> {
  const once = /name="once" value="([^"]+)"/.exec(await show(path))?.[1] ?? '';
  const init = { method: 'POST', headers: OWN, body: new URLSearchParams({ once }) };
  const response = await pages.request(`${SITE}${path}/${button}`, init);
  expect([response.status, response.headers.get('location')]).toEqual([303, path]);
  return show(path);
}

async function show(path: string): Promise<string> {
  return (await pages.request(`${SITE}${path}`)).text();
}

test('who declines is told that nothing is given, and of no freeze', async () => {
  const text = await press(await letterOf(await enrolPerson(fixture.context, scene.lender, scene.person)), 'decline');
  expect(text).toContain('您没有同意');
  expect(text).not.toContain('冻结');
});

test('who says “not me” is told what was frozen, who heard of it, and how it is lifted; and that it was lifted', async () => {
  const path = await letterOf(scene.handle);
  const text = await press(path, 'not-me');
  expect(text).toContain('已作废，并已冻结这家机构');
  expect(text).toMatch(new RegExp(`已经通知：[^。]*${BUREAU}`));
  expect(text).toContain('href="/me/freeze"');
  expect(await show(`${path}?lang=en`)).toContain('Only your own signature lifts the freeze');
  fixture.setTime(fixture.context.clock() + 60_000);
  await hold(fixture.context, scene.lender, scene.person, { handle: scene.handle, kind: 'release' });
  const later = await show(path);
  expect(later).toContain('后来已由本人解除');
  expect(later).not.toContain('href="/me/freeze"');
});
