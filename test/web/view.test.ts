/** How pages are shown: a choice that a form makes, of this server's pages only, and that a cookie keeps. */
import { Hono } from 'hono';
import { describe, expect, test } from 'vitest';
import { PUBLIC_PROBLEMS } from '../../src/api/problem.ts';
import { addComponents } from '../../src/web/components.ts';
import { answerFailures } from '../../src/web/failure-page.ts';
import { formatView, parseView, type View } from '../../src/web/view.ts';
import { addView } from '../../src/web/view-route.ts';

const quietLog = { info() {}, warn() {} };
const HERE = 'http://127.0.0.1:8787';
const pages = new Hono();
pages.onError(answerFailures({ log: quietLog }, PUBLIC_PROBLEMS));
addView(pages, undefined);
addComponents(pages);

function choose(form: Readonly<Record<string, string>>, headers: Readonly<Record<string, string>> = SAME) {
  return pages.request(`${HERE}/view`, { method: 'POST', body: new URLSearchParams(form), headers });
}
const SAME = { 'sec-fetch-site': 'same-origin' };

async function seen(path: string, cookie = '') {
  const response = await pages.request(`${HERE}${path}`, { headers: { cookie } });
  return response.text();
}

describe('a view', () => {
  test('is read back as it was written', () => {
    const views: readonly View[] = [
      { lang: 'zh-CN', elder: false },
      { lang: 'en', elder: false },
      { lang: 'en', elder: true, size: 1 },
      { lang: 'zh-CN', elder: true, size: 3 },
    ];
    for (const view of views) expect(parseView(formatView(view))).toEqual(view);
  });

  test('is Chinese and as usual where nothing else is known', () => {
    for (const text of ['', 'de', 'de.9', '__proto__', 'en.4.5'.slice(3)]) {
      expect(parseView(text)).toEqual({ lang: 'zh-CN', elder: false });
    }
  });

  test('comes from the cookie, and a link may ask for another language', async () => {
    expect(await seen('/components')).toContain('<html lang="zh-CN" class="usual">');
    expect(await seen('/components', 'assent-view=en.2')).toContain('<html lang="en" class="elder elder-2">');
    expect(await seen('/components?lang=zh-CN', 'assent-view=en.2')).toContain(
      '<html lang="zh-CN" class="elder elder-2">',
    );
    expect(await seen('/components?lang=xx')).toContain('<html lang="zh-CN"');
  });

  test('goes back to the page without what the link asked for', async () => {
    expect(await seen('/components?lang=en&page=2')).toContain('name="return" value="/components?page=2"');
  });
});

describe('POST /view', () => {
  test('keeps the choice, and goes back to where the form stood', async () => {
    const response = await choose({ view: 'en.3', return: '/me?page=2' });
    expect([response.status, response.headers.get('location')]).toEqual([303, '/me?page=2']);
    const cookie = response.headers.get('set-cookie') ?? '';
    expect(cookie).toMatch(/^assent-view=en\.3;/);
    for (const each of ['Path=/', 'HttpOnly', 'SameSite=Lax']) expect(cookie).toContain(each);
    expect(cookie).not.toContain('Secure');
  });

  test('keeps nothing but a view, whatever is sent', async () => {
    const { headers } = await choose({ view: 'evil; Domain=example', return: '/' });
    expect(headers.get('set-cookie')).toMatch(/^assent-view=zh-CN;/);
  });

  test('goes back to no other server', async () => {
    const foreign = [
      'https://evil.example/',
      '//evil.example/',
      '/\\evil.example/',
      '\\\\evil.example',
      '/\t/evil.example/',
      '/.//evil.example/',
      '/x/..//evil.example/',
      'javascript:alert(1)',
      'me',
      '',
      ' /me',
      '/me\r\nset-cookie: a=b',
    ];
    for (const back of foreign) {
      const response = await choose({ view: 'en', return: back });
      expect(response.status, back).toBe(400);
      expect(response.headers.get('location'), back).toBeNull();
      expect(response.headers.get('set-cookie'), back).toBeNull();
      expect(await response.text()).toContain('<code>input_invalid</code>');
    }
  });

  test('goes back to what the browser names where the form does not say it, and to the front page otherwise', async () => {
    const to = async (referer: string) => (await choose({ view: 'en' }, { ...SAME, referer })).headers.get('location');
    expect(await to(`${HERE}/receipts/abc`)).toBe('/receipts/abc');
    expect(await to('https://evil.example/x')).toBe('/');
    expect((await choose({ view: 'en' })).headers.get('location')).toBe('/');
  });

  test('refuses what no page of ours sent', async () => {
    const refused: readonly Readonly<Record<string, string>>[] = [
      { 'sec-fetch-site': 'cross-site', origin: HERE },
      { 'sec-fetch-site': 'same-site', origin: HERE },
      { 'sec-fetch-site': 'none' },
      { origin: 'https://evil.example' },
      { origin: 'http://127.0.0.1:8788' },
      { origin: 'null' },
      {},
    ];
    for (const headers of refused) {
      const response = await choose({ view: 'en', return: '/' }, headers);
      expect(response.status, JSON.stringify(headers)).toBe(403);
      expect(response.headers.get('set-cookie')).toBeNull();
      expect(await response.text()).toContain('<code>cross_site</code>');
    }
    expect((await choose({ view: 'en', return: '/' }, { origin: HERE })).status).toBe(303);
    const plain = await pages.request(`${HERE}/view`, {
      method: 'POST',
      body: 'view=en',
      headers: { 'content-type': '' },
    });
    expect(plain.status, 'of no type of a form either').toBe(403);
  });

  test('reads no more than a form', async () => {
    expect((await choose({ view: 'en', return: `/${'x'.repeat(140_000)}` })).status).toBe(413);
  });
});
