/** The person's pages: what they show, to whom, what they take, and that nothing in them is markup that we did not write. */
import { Hono } from 'hono';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { letterCapability } from '#service/capabilities.ts';
import { viewIdentity } from '#service/identity-views.ts';
import { viewByLink } from '#service/letter-link.ts';
import { readAuthorizations } from '#service/person/authorizations.ts';
import { readAllLooks } from '#service/person/looks.ts';
import type { PersonSession } from '#service/sessions.ts';
import { PUBLIC_PROBLEMS } from '../../src/api/problem.ts';
import { answerFailures } from '../../src/web/failure-page.ts';
import { looksPage } from '../../src/web/me/looks.ts';
import { objectionsPage } from '../../src/web/me/objections.ts';
import { connectedPage, overviewPage } from '../../src/web/me/overview.ts';
import { addMePages } from '../../src/web/me/pages.ts';
import type { View } from '../../src/web/view.ts';
import { calledBy, request } from '../support/actors.ts';
import { checkLedger } from '../support/ledger-fixture.ts';
import { NAMES, openPersonScene, type PersonScene } from '../support/person-scene.ts';
import { signIn } from '../support/sessions.ts';

const USUAL_VIEW: View = { lang: 'zh-CN', elder: false };
const SCRIPT = '<script>alert(1)</script>"\'&';
const ORIGIN = 'http://localhost:8787';
let scene: PersonScene;
let sessions: Record<'me' | 'them', PersonSession>;
let denied: string;
beforeAll(async () => {
  scene = await openPersonScene(Date.now());
  await scene.look(scene.a);
  denied = (await scene.ask(scene.b, { purpose: 'review' })).access;
  sessions = {
    me: (await signIn(scene.context, scene.person, scene.a.handle)).session,
    them: (await signIn(scene.context, scene.other, scene.otherHandle)).session,
  };
});
afterAll(async () => {
  await checkLedger(scene.fixture);
  await scene.fixture.close();
});

async function ask(path: string, who: 'me' | 'them' | 'nobody' = 'me', init: RequestInit = {}) {
  const pages = new Hono();
  pages.onError(answerFailures(scene.context, PUBLIC_PROBLEMS));
  addMePages(pages, scene.context, {
    origin: undefined,
    personOf: async () => (who === 'nobody' ? undefined : sessions[who]),
  });
  const response = await pages.request(`${ORIGIN}${path}`, init);
  return { status: response.status, headers: response.headers, text: await response.text() };
}

/** As a page would name its form. */
const onceOf = (letter: string) => letter.repeat(22);
const post = (
  path: string,
  fields: readonly (readonly [string, string])[],
  who: 'me' | 'them' = 'me',
  site = 'same-origin',
) =>
  ask(path, who, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded', 'sec-fetch-site': site },
    body: new URLSearchParams(fields.map(([name, value]): [string, string] => [name, value])),
  });

const PAGES = () => [
  ...[
    '/me',
    '/me/connected',
    '/me/looks',
    '/me/looks?window=2y',
    '/me/objections',
    '/me/freeze',
    '/me/revoke-all',
    '/me/erase',
  ],
  ...[`/me/grants/${scene.a.query}`, `/me/grants/${scene.a.query}/revoke`, `/me/objections/new?access=${denied}`],
  `/me/objections/new?grant=${scene.a.report}`,
];

describe('every page of the person', () => {
  it('is whole in both languages, and runs nothing', async () => {
    for (const path of PAGES()) {
      for (const lang of ['zh-CN', 'en']) {
        const { status, text } = await ask(`${path}${path.includes('?') ? '&' : '?'}lang=${lang}`);
        expect([path, status]).toEqual([path, 200]);
        expect(text).toContain(`<html lang="${lang}"`);
        expect(text.match(/<h1/g)).toHaveLength(1);
        expect(text).not.toMatch(/undefined|\[object|NaN|<script|\son\w+=|\sstyle=/);
      }
    }
  });

  it('leads who is not signed in to where one signs in', async () => {
    for (const path of [...PAGES(), '/me/looks.csv']) {
      const { status, headers, text } = await ask(path, 'nobody');
      expect([status, headers.get('location'), text]).toEqual([303, '/me/sign-in', '']);
    }
  });

  it('has nothing of another’s: its paths are not there, and its lists are empty', async () => {
    for (const path of PAGES()) {
      const { status, text } = await ask(path, 'them');
      const isNamed = path.includes(scene.a.query) || path.includes('/new');
      expect([path, status]).toEqual([path, isNamed ? 404 : 200]);
      for (const mine of [scene.a.handle, scene.a.query, scene.a.letter.letter, denied, NAMES.bankB]) {
        expect(text).not.toContain(mine);
      }
    }
    for (const path of ['/me/grants/x', '/me/grants/%00', `/me/grants/${'0'.repeat(32)}`]) {
      expect((await ask(path)).status).toBe(404);
    }
    expect((await ask('/me/looks?after=x')).status).toBe(400);
  });

  it('escapes what others wrote', async () => {
    const name = { zh: SCRIPT, en: SCRIPT };
    const { looks, ...page } = await readAllLooks(scene.context, scene.me, '1m');
    const shown = looks.map((look) => ({
      ...look,
      institution: name,
      purpose: name,
      processor: name,
      door: name,
      items: [{ code: SCRIPT, name }],
    }));
    const view = { index: 1, time: 0, institution: name, operators: [], fields: null, why: null };
    const authorizations = await readAuthorizations(scene.context, scene.me);
    const institutions = authorizations.institutions.map((each) => ({
      ...each,
      name,
      letters: each.letters.map((letter) => ({ ...letter, title: name, status: 'requested' as const, asked_by: name })),
    }));
    const objection = {
      objection: 'x',
      institution: name,
      items: [name],
      access: null,
      own: true,
      reason: SCRIPT,
      opened_at: 0,
      due: null,
      marked_at: null,
      answered_at: null,
      answer: null,
      status: 'open',
    } as const;
    for (const html of [
      looksPage(USUAL_VIEW, '1m', { ...page, looks: shown, next: 1 }, null),
      looksPage(USUAL_VIEW, '1m', { ...page, looks: [], next: null }, { views: [view], complete: true }),
      overviewPage(USUAL_VIEW, { ...authorizations, institutions }, { waiting: [], left: null }),
      connectedPage(USUAL_VIEW, [{ name, kind: 'bureau', since: null, connections: [] }]),
      objectionsPage(USUAL_VIEW, [objection as never]),
    ]) {
      const text = String(await html);
      expect(text).not.toContain('<script');
      expect(text).toContain('&lt;script&gt;alert(1)&lt;/script&gt;&quot;&#39;&amp;');
    }
  });
});

describe('who looked', () => {
  it('marks red what nothing covers, and gives a file', async () => {
    const { text } = await ask('/me/looks');
    expect(text).toContain('没有对应的授权');
    expect(text.match(/class="heed"/g)).toHaveLength(1);
    const file = await ask('/me/looks.csv?window=2y');
    expect(file.headers.get('content-type')).toBe('text/csv; charset=utf-8');
    expect(file.text).toContain(denied);
  });
});

describe('who viewed identity details', () => {
  const viewedBy = async (why: 'verify_paper' | 'law', fields: readonly ('name' | 'phone')[]) => {
    const { party, handle } = scene.a;
    const look = { principal: party.party, fields, why } as const;
    const path = `/v1/relationships/${handle}/identity-views`;
    await viewIdentity(scene.context, await calledBy(scene.context, party.party, path, look), { handle, ...look });
  };

  it('says when none was, then who, what and why, by an operator or by the link; and the file has it, too', async () => {
    expect((await ask('/me/looks')).text).toContain('这段时间没有人查看过您的身份信息');
    await viewedBy('verify_paper', ['name', 'phone']);
    await viewByLink(scene.context, request(), letterCapability(scene.context, scene.b.letter.letter));
    const { text } = await ask('/me/looks');
    const section = text.slice(text.indexOf('<section id="identity"'));
    const [link, desk] = section.split('<tr role="row" id="view-').slice(1);
    for (const said of [NAMES.bankA, '操作员', '姓名、电话', '核对纸质材料与本人']) expect(desk).toContain(said);
    for (const said of [NAMES.bankB, '凭授权书链接打开', '授权书全文', '阅读授权书']) expect(link).toContain(said);
    expect(link).not.toContain('<code>');
    const english = (await ask('/me/looks?lang=en')).text;
    for (const said of ['name, telephone', 'comparing a paper with its person', 'by the letter’s link']) {
      expect(english).toContain(said);
    }
    const rows = (await ask('/me/looks.csv?window=2y')).text.split('\r\n');
    expect(rows.filter((row) => row.includes('查看身份信息')).map((row) => row.split(',').slice(1, 5))).toEqual([
      [NAMES.bankB, '', '凭授权书链接打开，未表明身份', '查看身份信息'],
      [NAMES.bankA, '', expect.stringMatching(/^[0-9a-f]{32}$/), '查看身份信息'],
    ]);
    expect(new Set(rows.slice(0, -1).map((row) => row.split(',').length)).size).toBe(1);
  });

  it('lists the newest 50, and says that the file has the others; further back it lists none', async () => {
    for (let at = 0; at < 51; at++) await viewedBy('law', ['name']);
    const { text } = await ask('/me/looks');
    expect(text.match(/id="view-/g)).toHaveLength(50);
    expect(text).toContain('其余见表格（CSV）');
    const file = (await ask('/me/looks.csv')).text;
    expect(file.match(/查看身份信息/g)).toHaveLength(53);
    expect((await ask('/me/looks?after=1')).text).not.toContain('id="identity"');
    expect((await ask('/me/looks', 'them')).text).not.toContain('id="view-');
  });
});

describe('what is posted', () => {
  it('is refused from another site, and of another person', async () => {
    const once: readonly [string, string] = ['once', onceOf('a')];
    for (const path of [`/me/grants/${scene.a.query}/revoke`, '/me/revoke-all', '/me/freeze', '/me/objections']) {
      expect((await post(path, [once, ['grant', scene.a.query]], 'me', 'cross-site')).status).toBe(403);
    }
    expect((await post(`/me/grants/${scene.a.query}/revoke`, [once], 'them')).status).toBe(404);
    expect((await post('/me/revoke-all', [once, ['grant', scene.a.query]], 'them')).status).toBe(404);
    expect(
      (await post('/me/objections', [once, ['access', denied], ['item', 'credit_report'], ['reason', 'x']], 'them'))
        .status,
    ).toBe(404);
    expect((await post('/me/revoke-all', [once])).status).toBe(400);
    expect((await ask(`/me/grants/${scene.a.query}`)).text).toContain('撤回这项授权');
  });

  it('objects to a line, in words that are shown as they were written', async () => {
    const fields = [
      ['once', onceOf('b')],
      ['access', denied],
      ['item', 'credit_report'],
      ['reason', SCRIPT],
    ] as const;
    for (let sent = 0; sent < 2; sent++) {
      const { status, headers } = await post('/me/objections', fields);
      expect([status, headers.get('location')]).toEqual([303, '/me/objections']);
    }
    const { text } = await ask('/me/objections');
    expect(text.match(/alert\(1\)/g)).toHaveLength(1);
    expect(text).not.toContain('<script');
    expect(text).toContain('等待答复');
  });

  it('takes one grant back, then all of those that were shown, and freezes', async () => {
    const one = await post(`/me/grants/${scene.a.query}/revoke`, [['once', onceOf('c')]]);
    expect([one.status, one.headers.get('location')]).toEqual([303, `/me/grants/${scene.a.query}`]);
    expect((await ask(`/me/grants/${scene.a.query}`)).text).toContain('撤回通知进度');
    const { text } = await ask('/me/revoke-all');
    const shown = [...text.matchAll(/name="grant" value="([0-9a-f]+)"/g)].map(
      ([, grant]) => ['grant', grant as string] as const,
    );
    expect(shown.map(([, grant]) => grant).sort()).toEqual([scene.a.report, scene.b.query, scene.b.report].sort());
    expect((await post('/me/revoke-all', [['once', onceOf('d')], ...shown])).status).toBe(303);
    expect((await ask('/me/revoke-all')).text).toContain('没有可以撤回的授权');
    // Shown again, it is not sent again.
    for (let sent = 0; sent < 2; sent++) {
      const frozen = await post('/me/freeze', [['once', onceOf('e')]]);
      expect([frozen.status, frozen.headers.get('location')]).toEqual([303, '/me/freeze']);
    }
    expect((await post('/me/freeze', [['once', 'e']])).status).toBe(400);
    expect((await ask('/me/freeze')).text).toContain('只有您本人的签名才能解除冻结');
    expect((await ask('/me')).text).toContain('您已冻结全部授权');
  });
});
