/** The page of an erasure's certificate, of an erasure that is really made: right in each language and in elder mode, and its files come. */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { verifyReceipt } from '#core/consent/verify-receipt.ts';
import { nativeEd25519 } from '../../src/native.ts';
import { DECISIONS_DUE, type ErasureScene, openErasureScene } from '../support/erasure-scene.ts';
import { looksRight } from './support/looks-right.ts';
import { type Served, serveSite } from './support/site.ts';
import { browserSuite } from './support/suite.ts';

const PHONE = { width: 360, height: 740 } as const;

browserSuite('the certificate of an erasure', (rig) => {
  let scene: ErasureScene;
  let site: Served;
  let path: string;
  beforeAll(async () => {
    scene = await openErasureScene();
    scene.setTime(DECISIONS_DUE);
    const { json } = await scene.asSubject().post('/v1/erasures', { handle: null });
    path = json.erased[0].receipt.replace('/v1/erasure-receipts/', '/erasures/');
    site = await serveSite(scene.fixture.context);
  }, 60_000);
  afterAll(async () => {
    await site?.close();
    await scene?.close();
  });

  test.each(['zh-CN', 'en', 'zh-CN.3', 'en.3'])('is right as %s', { timeout: 60_000 }, async (view) => {
    const { page, close } = await rig.open(PHONE);
    await page.context().addCookies([{ name: 'assent-view', value: view, url: site.url }]);
    await page.goto(site.url + path);
    await looksRight(page);
    await close();
  });

  test('hands out its file, which anyone verifies, and its PDF', { timeout: 60_000 }, async () => {
    const { page, close } = await rig.open(PHONE);
    await page.goto(site.url + path);
    const files: Uint8Array[] = [];
    for (const name of ['certificate.json', 'certificate.pdf']) {
      const [download] = await Promise.all([
        page.waitForEvent('download'),
        page.locator(`a[href$="/${name}"]`).click(),
      ]);
      files.push(readFileSync(await download.path()));
    }
    const [json, pdf] = files as [Uint8Array, Uint8Array];
    expect(await verifyReceipt(json, scene.fixture.vkey, nativeEd25519)).toMatchObject({
      ...{ problem: null, erasure: { classes: [{ class: 'decisions' }] } },
    });
    expect(new TextDecoder().decode(pdf.subarray(0, 5))).toBe('%PDF-');
    await close();
  });
});
