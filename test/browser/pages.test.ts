/** The public pages in a real browser: accessible, whole, quiet, and no wider than a phone, by day and by night. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { AccessId } from '#core/ids.ts';
import { receiptCapability } from '#service/capabilities.ts';
import { checkAxe } from './support/axe.ts';
import { checkWidth, type PageOptions } from './support/browser.ts';
import { crawl } from './support/crawl.ts';
import { checkGlyphs } from './support/glyphs.ts';
import { openSite, type Site } from './support/site.ts';
import { browserSuite } from './support/suite.ts';

const PHONE: PageOptions = { width: 360, height: 740 };
const PHONE_AT_NIGHT: PageOptions = { ...PHONE, scheme: 'dark' };
const DESK: PageOptions = { width: 1280 };
const DESK_AT_NIGHT: PageOptions = { ...DESK, scheme: 'dark' };
const ENLARGED: PageOptions = { ...DESK, zoom: 2 };

/** Where, and how, as pages remember it (src/web/view.ts): each window in each language, and elder mode in each. */
const SIGHTS: readonly (readonly [where: string, view: string, options: PageOptions])[] = [
  ['on a phone', 'zh-CN', PHONE],
  ['on a phone', 'en', PHONE],
  ['on a phone', 'en.3', PHONE],
  ['on a phone at night', 'zh-CN.3', PHONE_AT_NIGHT],
  ['on a desk', 'zh-CN', DESK],
  ['on a desk', 'en', DESK],
  ['on a desk at night', 'zh-CN.1', DESK_AT_NIGHT],
  ['on a desk at night', 'en', DESK_AT_NIGHT],
  ['on a desk at 200 %', 'zh-CN', ENLARGED],
  ['on a desk at 200 %', 'en.3', ENLARGED],
];
/** The documentation has 14,000 elements, which take axe seconds: looked at in these. */
const AXE_ON_DOCS: readonly (readonly [string, string])[] = [
  ['on a phone at night', 'zh-CN.3'],
  ['on a desk', 'en'],
];

browserSuite('the public pages', (rig) => {
  let site: Site;
  let paths: readonly string[];
  beforeAll(async () => {
    site = await openSite({ time: '2024-05-01T10:00:00' });
    const { court } = site;
    const [grant] = await court.give([{}]);
    court.setTime('2024-06-01T10:00:00');
    const allowed = (await court.ask({ ground: { grant } })).access as AccessId;
    const denied = (await court.ask({ ground: { grant }, purpose: 'guarantor', items: ['tax_amount'] })).access;
    const receipt = (access: AccessId) => `/receipts/${receiptCapability(court.fixture.context, access)}`;
    paths = ['/', '/docs', receipt(allowed), receipt(denied), '/components'];
  });
  afterAll(() => site.close());

  test.each(SIGHTS)('%s, as %s', async (where, view, options) => {
    const { page, close } = await rig.open(options);
    await page.context().addCookies([{ name: 'assent-view', value: view, url: site.url }]);
    const isAxed = AXE_ON_DOCS.some((each) => each[0] === where && each[1] === view);
    for (const path of paths) {
      const answer = await page.goto(site.url + path);
      expect([path, answer?.status()]).toEqual([path, 200]);
      expect(answer?.headers()['content-security-policy']).toContain("default-src 'none'");
      if (path !== '/docs' || isAxed) await checkAxe(page);
      await checkWidth(page);
      await checkGlyphs(page);
    }
    await close();
  });

  test('lead nowhere that is not there', async () => {
    const visitor = await rig.open();
    const [seen] = await crawl(site, [{ name: 'visitor', opened: visitor, start: paths }]);
    expect(seen?.pages).toEqual(expect.arrayContaining([...paths]));
    expect(seen?.posts).toContain('/view');
    await visitor.close();
  });
});
