/** What every page has around it, and what it is sent with. */
import { html } from 'hono/html';
import { describe, expect, test } from 'vitest';
import { pageHeaders } from '../../src/web/headers.ts';
import { layout } from '../../src/web/layout.ts';
import type { View } from '../../src/web/view.ts';

const ENEMY = '"><script>alert(1)</script>';
const VIEW: View = { lang: 'zh-CN', elder: false, here: '/me?page=2' };

const shown = (page: Partial<Parameters<typeof layout>[0]> = {}) =>
  String(layout({ title: '标题', view: VIEW, body: html`<h1>标题</h1>`, ...page }));

describe('a page', () => {
  test('escapes whatever it is given', () => {
    const text = shown({
      title: ENEMY,
      view: { ...VIEW, here: ENEMY },
      nav: [{ href: ENEMY, text: ENEMY }],
      robots: ENEMY,
      body: html`<h1>${ENEMY}</h1>`,
    });
    expect(text).not.toContain('<script');
    expect(text.match(/&quot;&gt;&lt;script&gt;/g)?.length).toBeGreaterThanOrEqual(6);
  });

  test('is in the language of its view, and in elder mode of its size', () => {
    expect(shown()).toContain('<html lang="zh-CN" class="usual">');
    expect(shown({ view: { lang: 'en', elder: false } })).toContain('<html lang="en" class="usual">');
    expect(shown({ view: { lang: 'en', elder: true } })).toContain('class="elder elder-1"');
    expect(shown({ view: { lang: 'en', elder: true, size: 3 } })).toContain('class="elder elder-3"');
  });

  test('has a skip link to its content, one main, and says where one is', () => {
    const text = shown({
      nav: [
        { href: '/me', text: '我的' },
        { href: '/docs', text: '文档' },
      ],
    });
    expect(text).toContain('href="#content"');
    expect(text.match(/<main id="content"/g)).toHaveLength(1);
    expect(text).toMatch(/href="\/me" aria-current="page"/);
    expect(text.match(/aria-current/g)).toHaveLength(1);
    const nowhere = shown({ view: { lang: 'en', elder: false }, nav: [{ href: '/', text: 'home' }] });
    expect(nowhere).not.toContain('aria-current');
  });

  test('offers the other language, elder mode, and once in it each size, without a script', () => {
    const usual = shown();
    expect(usual).toContain('<input type="hidden" name="return" value="/me?page=2">');
    expect(usual).toMatch(/value="en" aria-pressed="false"/);
    expect(usual).toMatch(/value="zh-CN.1" aria-pressed="false"/);
    const elder = shown({ view: { lang: 'en', elder: true, size: 2 } });
    for (const each of ['zh-CN.2', 'en', 'en.1', 'en.3'])
      expect(elder).toContain(`value="${each}" aria-pressed="false"`);
    expect(elder).toContain('value="en.2" aria-pressed="true"');
    expect(elder).not.toContain('name="return"');
  });

  test('loads the modules it names, and no other', () => {
    expect(shown()).not.toContain('<script');
    const text = shown({ scripts: ['desk', 'aloud'] });
    expect(text).toMatch(/<script type="module" src="\/scripts\/desk\.js\?v=[\w-]{12}"><\/script>/);
    expect(text.match(/<script/g)).toHaveLength(2);
  });
});

describe('the headers of a page', () => {
  const policyOf = (kind?: Parameters<typeof pageHeaders>[0]) =>
    Object.fromEntries(
      (pageHeaders(kind)['content-security-policy'] ?? '').split('; ').map((each) => {
        const [name = '', ...values] = each.split(' ');
        return [name, values.join(' ')];
      }),
    );

  test('let it load its own style and nothing else, and send forms to us only', () => {
    expect(policyOf()).toEqual({
      'default-src': "'none'",
      'style-src': "'self'",
      'img-src': "'self'",
      'base-uri': "'none'",
      'form-action': "'self'",
      'frame-ancestors': "'none'",
    });
  });

  test('let only a page with scripts run ours and call us', () => {
    expect(policyOf({ scripts: ['sign'] })).toMatchObject({ 'script-src': "'self'", 'connect-src': "'self'" });
    expect(policyOf({ scripts: [] })).not.toHaveProperty('script-src');
  });

  test('name the origin of a form that goes elsewhere, whatever else its address says', () => {
    const policy = policyOf({ formActions: ["https://id.example/start;script-src 'unsafe-inline'?a=b"] });
    expect(policy['form-action']).toBe("'self' https://id.example");
    expect(policy).not.toHaveProperty('script-src');
  });

  test('say nothing of the page to others, and let nobody keep it', () => {
    expect(pageHeaders()).toMatchObject({
      'cache-control': 'no-store',
      'referrer-policy': 'same-origin',
      'x-content-type-options': 'nosniff',
    });
  });
});
