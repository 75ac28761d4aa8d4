/** The pages: that they say what is, without a script, and ask nobody else for anything. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Failure } from '#core/failure.ts';
import { createPages } from '../../src/web/pages.ts';
import type { StoryLinks } from '../../src/web/story.ts';
import { type Fixture, openFixture } from '../support/ledger-fixture.ts';

const story: StoryLinks = {
  letter: '0199b1f0c40055556666777788889999',
  grants: [
    { action: 'QUERY', withdrawn: true },
    { action: 'REPORT', withdrawn: false },
  ],
  allow: {
    access: '0199b1f0c400777788889999aaaabbbb',
    codes: [],
    receipt: '/v1/receipts/AZmx8MQAd3eIiJmZqqq7u_8s3vJ0hVtq0mJx4kq1N2g',
    page: '/receipts/AZmx8MQAd3eIiJmZqqq7u_8s3vJ0hVtq0mJx4kq1N2g',
  },
  deny: [
    {
      access: '0199b1f0c400777788889999aaaacccc',
      codes: ['PURPOSE'],
      receipt: '/v1/receipts/AZmx8MQAd3eIiJmZqqrMzP8s3vJ0hVtq0mJx4kq1N2g',
      page: '/receipts/AZmx8MQAd3eIiJmZqqrMzP8s3vJ0hVtq0mJx4kq1N2g',
    },
  ],
};
const document = {
  info: { description: '<script>alert(1)</script>' },
  components: { schemas: {} },
  paths: {
    '/v1/<x>': {
      get: { tags: ['A'], summary: 'a `b` <i>', operationId: 'a', responses: {}, 'x-problems': ['grant_unknown'] },
    },
  },
};
const problems = [['grant_unknown', { status: 404, title: 'no such grant', next: 'read the letter' }]] as const;

let fixture: Fixture;
beforeAll(async () => {
  fixture = await openFixture();
  await fixture.ledger.publisher.published(2, 5_000);
});
afterAll(() => fixture.close());

async function page(path: string, shown?: StoryLinks, context = fixture.context) {
  const pages = createPages(context, { document, problems, story: () => shown });
  const response = await pages.request(`http://127.0.0.1:8787${path}`);
  return { status: response.status, headers: response.headers, text: await response.text() };
}

describe('the front page', () => {
  test('says how the ledger stands, in Chinese and English', async () => {
    const { status, text } = await page('/');
    expect(status).toBe(200);
    for (const said of [
      fixture.ledger.origin,
      'lang="zh-CN"',
      'lang="en"',
      '授权',
      'npx assent audit',
      'href="/docs"',
    ]) {
      expect(text).toContain(said);
    }
    expect(text).toContain('2 条');
    expect(text).not.toContain('undefined');
    expect(text).not.toContain('[object');
  });

  test('names the story’s letter and accesses, and links what a browser can open: their receipts', async () => {
    const { text } = await page('/', story);
    for (const named of [story.letter, 'QUERY', story.allow.access, story.deny[0]?.access, 'PURPOSE']) {
      expect(text).toContain(`<code>${named}</code>`);
    }
    expect(text.match(/已撤回/g)).toHaveLength(1);
    expect(text).toMatch(/<code>QUERY<\/code> <span class="deny">已撤回/);
    for (const { page: shown } of [story.allow, ...story.deny]) expect(text).toContain(`href="${shown}"`);
    expect(text).not.toMatch(/href="\/v1\//);
    expect(text).toContain(`curl -so receipt.json http://127.0.0.1:8787${story.allow.receipt}`);
    expect(text).toContain('npx assent verify receipt.json');
  });

  test('says so where the database does not answer, or the ledger is fenced', async () => {
    const refuse = () => Promise.reject(new Failure('store_unavailable', 'gone'));
    const broken = { ...fixture.ledger, store: { ...fixture.store, read: refuse } };
    const gone = await page('/', undefined, { ...fixture.context, ledger: broken });
    expect(gone.status).toBe(503);
    expect(gone.text).toContain('数据库没有应答');
    const fenced = { ...fixture.ledger, fenced: () => 'an old <backup>' };
    const { text } = await page('/', undefined, { ...fixture.context, ledger: fenced });
    expect(text).toContain('an old &lt;backup&gt;');
  });
});

describe('the documentation', () => {
  test('escapes what it is made of, and has a place for each problem', async () => {
    const { text } = await page('/docs');
    expect(text).not.toContain('<script>');
    expect(text).toContain('&lt;script&gt;');
    expect(text).toContain('id="problem-grant_unknown"');
    expect(text).toContain('href="#problem-grant_unknown"');
  });
});

describe('a file that pages load', () => {
  test('is named by what is in it, and kept for good; by another name for minutes only', async () => {
    const { text } = await page('/');
    const linked = [...text.matchAll(/<link [^>]*href="([^"]+)"/g)].map(([, target]) => target as string);
    expect(linked.map((target) => target.replace(/\?v=[\w-]{12}$/, ' by version'))).toEqual([
      '/icon.svg by version',
      '/style.css by version',
    ]);
    const kept = async (path: string) => (await page(path)).headers.get('cache-control');
    for (const target of linked) expect(await kept(target)).toBe('public, max-age=31536000, immutable');
    expect(await kept('/style.css')).toBe('public, max-age=300');
    expect(await kept('/style.css?v=another')).toBe('public, max-age=300');
  });
});

describe('every page', () => {
  test('needs no script and nobody else', async () => {
    for (const path of ['/', '/docs']) {
      const { text, headers } = await page(path, story);
      const policy = headers.get('content-security-policy');
      expect(policy).toContain("default-src 'none'");
      expect(policy).not.toContain('unsafe');
      expect(text).not.toMatch(/<script|<img|<iframe|\son\w+=|\sstyle=|javascript:/i);
      for (const [, target] of text.matchAll(/(?:href|src)="([^"]*)"/g)) expect(target).toMatch(/^[/#](?!\/)/);
      expect(text).toMatch(/^<!doctype html>\n<html lang="/);
      expect(text).toContain('name="viewport"');
    }
    const { text } = await page('/style.css');
    expect(text).not.toMatch(/url\(|@import|https?:/);
    expect(text).toContain('light-dark(');
  });
});
