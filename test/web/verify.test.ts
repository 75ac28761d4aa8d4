/** The page that verifies receipts is one file, and its policy admits nothing but what stands in it. */
import { createHash } from 'node:crypto';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { formatVkey } from '#core/note/key.ts';
import { createPages } from '../../src/web/pages.ts';
import { type Fixture, openFixture } from '../support/ledger-fixture.ts';

let fixture: Fixture;
beforeAll(async () => {
  fixture = await openFixture();
});
afterAll(() => fixture.close());

async function open(path = '/verify', asked: Record<string, string> = {}) {
  const document = { info: {}, components: { schemas: {} }, paths: {} };
  const pages = createPages(fixture.context, { document, problems: [] });
  const response = await pages.request(`http://127.0.0.1:8787${path}`, { headers: asked });
  const bytes = new Uint8Array(await response.arrayBuffer());
  return { status: response.status, headers: response.headers, bytes, text: new TextDecoder().decode(bytes) };
}

const digestOf = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;

/** What stands between an element's tags; wants one such element. */
function contentOf(text: string, tag: string): string {
  const found = [...text.matchAll(new RegExp(`<${tag}>(.*?)</${tag}>`, 'gs'))];
  expect(found, tag).toHaveLength(1);
  return found[0]?.[1] as string;
}

describe('the page that verifies receipts', () => {
  test('has one script and one style, and its policy names the digests of both, in the file and in its headers', async () => {
    const { status, headers, text } = await open();
    expect(status).toBe(200);
    expect(headers.get('content-type')).toMatch(/^text\/html/);
    const policy = headers.get('content-security-policy') ?? '';
    const rules = new Map(policy.split('; ').map((rule) => [rule.split(' ')[0], rule.split(' ').slice(1).join(' ')]));
    expect(rules.get('default-src')).toBe("'none'");
    expect(rules.get('connect-src')).toBe("'none'");
    expect(rules.get('form-action')).toBe("'none'");
    expect(rules.get('frame-ancestors')).toBe("'none'");
    expect(rules.get('script-src')).toBe(digestOf(contentOf(text, 'script')));
    expect(rules.get('style-src')).toBe(digestOf(contentOf(text, 'style')));
    expect(policy).not.toMatch(/unsafe|\*/);
    const meta = /<meta http-equiv="content-security-policy" content="([^"]*)">/.exec(text)?.[1] ?? '';
    expect(`${meta.replaceAll('&#39;', "'")}; frame-ancestors 'none'`).toBe(policy);
    // The policy has to stand before what it rules.
    expect(text.indexOf('http-equiv')).toBeLessThan(text.indexOf('<style>'));
  });

  test('weighs less than 160 kB over the wire, for who takes gzip, and is the same page', async () => {
    const packed = await open('/verify', { 'accept-encoding': 'gzip, br' });
    expect(packed.bytes.length).toBeLessThan(160_000);
    expect(packed.headers.get('content-encoding')).toBe('gzip');
    const plain = await open();
    expect(plain.headers.get('content-encoding')).toBeNull();
    expect(plain.headers.get('vary')).toBe('accept-encoding');
    expect(gunzipSync(packed.bytes).toString()).toBe(plain.text);
  });

  test('loads nothing, and runs nothing that stands in an attribute', async () => {
    const { text } = await open();
    const outside = text.replace(/<script>.*?<\/script>/s, '').replace(/<style>.*?<\/style>/s, '');
    expect(outside).not.toMatch(/\ssrc=|\son[a-z]+=|\sstyle=/);
    expect([...outside.matchAll(/href="([^"]*)"/g)].map(([, href]) => href?.slice(0, 5))).toEqual(['data:']);
    expect(contentOf(text, 'style')).not.toMatch(/url\(|@import/);
  });

  test('begins with the key of the ledger that serves it, and in the language that was asked for', async () => {
    const { text } = await open();
    expect(text).toContain(`<html lang="zh-CN" class="usual" data-vkey="${formatVkey(fixture.vkey)}">`);
    expect((await open('/verify?lang=en')).text).toContain('<html lang="en"');
  });

  test('is the same script for everybody, so that its digest can be compared', async () => {
    expect(contentOf((await open()).text, 'script')).toBe(contentOf((await open('/verify?lang=en')).text, 'script'));
  });

  test('is where the front page and the navigation lead', async () => {
    const { text } = await open('/');
    expect(text.match(/href="\/verify"/g)).toHaveLength(2);
  });
});
