/** What law lets a person be told of later (V21): its pages say so, and show nothing of it. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { letterCapability, letterReceiptCapability, receiptCapability } from '#service/capabilities.ts';
import { declineByLink } from '#service/letter-link.ts';
import { createPages } from '../../src/web/pages.ts';
import { request } from '../support/actors.ts';
import { checkLedger } from '../support/ledger-fixture.ts';
import { JUDICIAL, openPersonScene, type PersonScene } from '../support/person-scene.ts';

const DOCUMENT = { info: {}, components: { schemas: {} }, paths: {} };

let scene: PersonScene;
/** The pages of receipts that would show the deferred access, and the page of the deferred access itself. */
let later: readonly string[];
let deferred: string;

beforeAll(async () => {
  scene = await openPersonScene(Date.now());
  const { context, a } = scene;
  const { access } = await scene.ask(a, JUDICIAL);
  deferred = `/receipts/${receiptCapability(context, access)}`;
  const denied = await scene.ask(a, { ...JUDICIAL, stated: { ...JUDICIAL.stated, officers: 1 } });
  const { letter } = await scene.draft(a.party, a.handle);
  await declineByLink(context, request(), letterCapability(context, letter));
  later = [
    `/receipts/${receiptCapability(context, denied.access)}`,
    `/letters/${letterReceiptCapability(context, letter)}`,
    `/sign/${letterCapability(context, letter)}/receipt`,
  ];
}, 60_000);
afterAll(async () => {
  await checkLedger(scene.fixture);
  await scene.fixture.close();
});

async function open(path: string, lang: string) {
  const pages = createPages(scene.context, { document: DOCUMENT, problems: [] });
  const response = await pages.request(`http://127.0.0.1:8787${path}?lang=${lang}`);
  return { status: response.status, text: await response.text() };
}

it('a receipt that would show it says in both languages that it comes later', async () => {
  for (const path of later) {
    for (const [lang, words] of [
      ['zh-CN', '现在还不能显示'],
      ['en', 'later'],
    ] as const) {
      const { status, text } = await open(path, lang);
      expect([path, status]).toEqual([path, 409]);
      expect(text).toContain(words);
      expect(text).not.toContain('judicial');
      expect(text).not.toContain(JUDICIAL.ground.reference);
    }
  }
});

it('the page of the deferred access itself is that of one that is not there', async () => {
  const [{ status, text }, unknown] = [
    await open(deferred, 'zh-CN'),
    await open(`/receipts/${'A'.repeat(43)}`, 'zh-CN'),
  ];
  expect([status, text]).toEqual([404, unknown.text]);
});
