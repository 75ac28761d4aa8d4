/** The rig itself: that it finds what it is there to find. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { serveFetch } from '../../src/node/serve.ts';
import { addAuthenticator } from './support/authenticator.ts';
import { checkAxe } from './support/axe.ts';
import { checkWidth } from './support/browser.ts';
import { crawl } from './support/crawl.ts';
import { checkGlyphs, findMissingGlyphs } from './support/glyphs.ts';
import type { Served } from './support/site.ts';
import { browserSuite } from './support/suite.ts';

const page = (body: string, head = '') =>
  `<!doctype html><html lang="zh-CN"><head><meta charset="utf-8"><title>页</title>${head}</head><body><main><h1>页</h1>${body}</main></body></html>`;

const PAGES: Readonly<Record<string, string>> = {
  '/whole': page('<p>一段文字。<a href="#a">a</a></p><p id="a">a</p>'),
  '/rare': page('<p>张𠮷、䶮、㛃 · ✓ □</p><p>𠮷</p><input aria-label="名" value="𠮷">'),
  '/private': page('<p>甲\ue000乙</p><p>\u{10ffff}</p>'),
  '/field': page('<input aria-label="名" placeholder="☐">'),
  '/written': page('<p class="a">甲</p>', '<style>.a::before { content: "☑" }</style>'),
  '/hidden': page('<p hidden>\ue000</p><p>甲</p>'),
  '/unlabelled': page('<p><input></p>'),
  '/wide': page('<div style="width: 3000px">宽</div>'),
  '/blank': '<!doctype html><html lang="zh-CN"><head><title>页</title></head><body></body></html>',
  '/links': page('<p><a href="/whole#b">b</a> <a href="/gone">c</a> <a href="/blank">d</a></p>'),
  '/forms': page('<form method="post" action="/lost"><button>一</button></form>'),
  '/open': page('<form method="post" action="/taken"><button>一</button></form>'),
  '/loud': page(
    '<p>甲</p>',
    '<script>console.error("loud"); setTimeout(() => { throw new Error("thrown here") })</script>',
  ),
  '/foreign': page('<img alt="" src="http://elsewhere.example/a.png">'),
  '/scripted': page('<p>甲</p>', '<script src="/script.js"></script>'),
};

browserSuite('the rig', (rig) => {
  let site: Served;
  beforeAll(async () => {
    site = await serveFetch(answer, { host: '127.0.0.1', port: 0 });
    site = { url: site.url.replace('127.0.0.1', 'localhost'), close: site.close };
  });
  afterAll(() => site.close());

  test('draws rare characters, each with a font that has it', async () => {
    const opened = await rig.open();
    await opened.page.goto(`${site.url}/rare`);
    await checkGlyphs(opened.page);
    await opened.close();
  });

  test('finds a character without a glyph: in text, in a field, in what the style sheet writes', async () => {
    const opened = await rig.open();
    const missing = async (path: string) => {
      await opened.page.goto(site.url + path);
      return findMissingGlyphs(opened.page);
    };
    expect(await missing('/private')).toEqual(['U+E000', 'U+10FFFF']);
    expect(await missing('/field')).toEqual(['U+2610']);
    expect(await missing('/written')).toEqual(['U+2611']);
    expect(await missing('/hidden')).toEqual([]);
    await opened.close();
  });

  test('finds a field without a name, and a page wider than its window', async () => {
    const opened = await rig.open();
    await opened.page.goto(`${site.url}/unlabelled`);
    await expect(checkAxe(opened.page)).rejects.toThrow(/label: Form elements must have labels/);
    await opened.page.goto(`${site.url}/wide`);
    await expect(checkWidth(opened.page)).rejects.toThrow(/wider than its window/);
    await opened.page.goto(`${site.url}/whole`);
    await checkAxe(opened.page);
    await checkWidth(opened.page);
    await opened.close();
  });

  test.each([
    ['/loud', /console: loud.*thrown: Error: thrown here/s],
    ['/foreign', /foreign: http:\/\/elsewhere\.example\/a\.png/],
    ['/scripted', /script\.js/],
  ])('does not close quietly after %s', async (path, problem) => {
    const opened = await rig.open();
    await opened.page.goto(site.url + path, { waitUntil: 'networkidle' });
    expect(opened.problems.join('\n')).toMatch(problem);
    await expect(opened.close()).rejects.toThrow();
  });

  test.each([
    ['/links', /no #b on \/whole/],
    ['/links', /\/gone \(from \/links\): status 404/],
    ['/links', /\/blank \(from \/links\): a blank page/],
    ['/forms', /a form to \/lost: status 404/],
    ['/open', /a form to \/taken: another site may post it/],
  ])('going over %s finds what is dead', async (path, fault) => {
    const opened = await rig.open();
    await expect(crawl(site, [{ name: 'visitor', opened, start: [path] }])).rejects.toThrow(fault);
    await opened.page.context().close();
  });

  test('a device makes a passkey of the kind that it can, and asserts with it, also when carried to another', async () => {
    for (const alg of [-7, -8, -257] as const) {
      const first = await rig.open();
      const device = await addAuthenticator(first.page, { alg });
      await first.page.goto(`${site.url}/whole`);
      const made = await first.page.evaluate(makePasskey);
      expect(made.alg).toBe(alg);
      const asserted = await first.page.evaluate(assert, made.id);
      expect(asserted).toEqual({ id: made.id, verified: true });
      const second = await rig.open();
      const other = await addAuthenticator(second.page);
      await other.importPasskeys(await device.exportPasskeys());
      await second.page.goto(`${site.url}/whole`);
      expect(await second.page.evaluate(assert, made.id)).toEqual({ id: made.id, verified: true });
      await first.close();
      await second.close();
    }
  });

  test('a device that does not know the finger refuses', async () => {
    const opened = await rig.open();
    const device = await addAuthenticator(opened.page);
    await opened.page.goto(`${site.url}/whole`);
    const { id } = await opened.page.evaluate(makePasskey);
    await device.setVerified(false);
    await expect(opened.page.evaluate(assert, id)).rejects.toThrow(/NotAllowedError/);
    await device.setVerified(true);
    expect(await opened.page.evaluate(assert, id)).toMatchObject({ verified: true });
    await device.remove();
    await opened.close();
  });
});

function answer(request: Request): Response {
  const { pathname } = new URL(request.url);
  const headers = { 'content-type': 'text/html; charset=utf-8' };
  if (pathname === '/favicon.ico') return new Response(null, { status: 204 });
  if (pathname === '/taken') return new Response(page(''), { headers });
  const text = PAGES[pathname];
  return new Response(text ?? page('没有'), { status: text === undefined ? 404 : 200, headers });
}

/** In the page. */
async function makePasskey(): Promise<{ readonly id: string; readonly alg: number }> {
  const made = (await navigator.credentials.create({
    publicKey: {
      challenge: new Uint8Array(32),
      rp: { id: location.hostname, name: 'rig' },
      user: { id: new Uint8Array(16), name: 'a', displayName: 'a' },
      pubKeyCredParams: [-7, -8, -257].map((alg) => ({ type: 'public-key', alg })),
      authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
    },
  })) as PublicKeyCredential;
  return { id: made.id, alg: (made.response as AuthenticatorAttestationResponse).getPublicKeyAlgorithm() };
}

/** In the page. */
async function assert(id: string): Promise<{ readonly id: string; readonly verified: boolean }> {
  const raw = Uint8Array.from(atob(id.replace(/-/g, '+').replace(/_/g, '/')), (each) => each.charCodeAt(0));
  const got = (await navigator.credentials.get({
    publicKey: {
      challenge: new Uint8Array(32),
      rpId: location.hostname,
      allowCredentials: [{ type: 'public-key', id: raw }],
      userVerification: 'required',
    },
  })) as PublicKeyCredential;
  const data = new Uint8Array((got.response as AuthenticatorAssertionResponse).authenticatorData);
  return { id: got.id, verified: ((data[32] ?? 0) & 4) !== 0 };
}
