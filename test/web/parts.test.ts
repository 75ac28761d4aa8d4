/** The parts: what each of them promises to a reader, with and without eyes. */
import { Hono } from 'hono';
import { describe, expect, test } from 'vitest';
import { addComponents } from '../../src/web/components.ts';
import { fieldErrors, textField } from '../../src/web/parts/field.ts';
import { letterText } from '../../src/web/parts/letter-text.ts';
import { maskedValue } from '../../src/web/parts/masked.ts';
import { notice } from '../../src/web/parts/notice.ts';
import { questionCard } from '../../src/web/parts/question.ts';
import { records } from '../../src/web/parts/records.ts';
import { tickRow } from '../../src/web/parts/tick.ts';
import { formatView, type View } from '../../src/web/view.ts';

const ZH: View = { lang: 'zh-CN', elder: false };
const EN: View = { lang: 'en', elder: false };

/** What `textContent` gives of the element with an id that holds no element of its own kind. */
function textOf(markup: string, id: string): string {
  const start = markup.indexOf('>', markup.indexOf(`id="${id}"`)) + 1;
  const inner = markup.slice(start, markup.indexOf('</div>', start));
  const named = { amp: '&', lt: '<', gt: '>', quot: '"' } as Readonly<Record<string, string>>;
  return inner
    .replace(/<[^>]*>/g, '')
    .replace(/\r\n?/g, '\n')
    .replace(/&(?:#(\d+)|(\w+));/g, (_, code, name) =>
      code ? String.fromCodePoint(Number(code)) : (named[name] ?? '?'),
    );
}

describe('the text of a letter', () => {
  test('stands on the page byte for byte', () => {
    const texts = [
      '\n一、授权\n**二、重要 *** 条款**\n',
      ' 缩进  两个空格\t制表\n\n\n末尾没有换行',
      '<script>alert(1)</script> & "引号" \'单引号\' &amp; &#13;',
      '罕用字 𠮷 䶮 㛃 · 组合 e\u0301 零宽\u200b 全角　空格',
      'CRLF\r\nCR\r末',
      '****\n** 不是 **x\n**\n***a***',
    ];
    for (const text of texts) expect(textOf(String(letterText(ZH, { text })), 'letter-text')).toBe(text);
  });

  test('has its key clauses strong, and nothing else', () => {
    const markup = String(letterText(ZH, { text: '一\n**二**\n三**四**\n' }));
    expect(markup.match(/<strong>/g)).toHaveLength(1);
    expect(markup).toMatch(/<strong>.*二.*<\/strong>/);
  });

  test('is marked as Chinese on an English page, which says that it is what is signed', () => {
    const markup = String(letterText(EN, { text: '一' }));
    expect(markup).toContain('id="letter-text" lang="zh-CN"');
    expect(markup).toContain('What you sign is the Chinese text');
  });
});

describe('what is asked', () => {
  const tick = { name: 'given', value: '0', label: '查询', need: 'optional', why: '审查' } as const;

  test('is never ticked beforehand', () => {
    for (const need of ['necessary', 'optional'] as const) {
      expect(String(tickRow(ZH, { ...tick, need }))).not.toContain('checked');
    }
    expect(String(tickRow(ZH, { ...tick, wasTicked: true }))).toContain(' checked>');
    const answers = [['a', '是'] as const, ['b', '否'] as const];
    expect(String(questionCard(ZH, { name: 'q', question: '？', answers }))).not.toContain('checked');
  });

  test('says in a word whether it is necessary', () => {
    expect(String(tickRow(ZH, tick))).toContain('可选');
    expect(String(tickRow(EN, { ...tick, need: 'necessary' }))).toContain('necessary');
  });

  test('that was filled in wrongly says so at the field and above the form', () => {
    const field = { name: 'code', label: '核对码', hint: '12 位', error: '太短', value: '"><b>' };
    const markup = String(textField(ZH, field));
    expect(markup).toContain('aria-describedby="field-code-hint field-code-error"');
    expect(markup).toContain('aria-invalid="true"');
    expect(markup).toContain('id="field-code-error"');
    expect(markup).not.toContain('<b>');
    expect(String(fieldErrors(ZH, [field]))).toMatch(/role="alert".*href="#field-code"/s);
    expect(fieldErrors(ZH, [{ name: 'code', label: '核对码' }])).toBe('');
  });
});

describe('what is shown', () => {
  test('of a notice is a sign and a word, not a colour alone', () => {
    for (const [kind, word] of [
      ['info', '提示'],
      ['warn', '注意'],
      ['stop', '停'],
      ['done', '完成'],
    ] as const) {
      const markup = String(notice(ZH, { kind, body: '内容' }));
      expect(markup).toContain(word);
      expect(markup).toContain('<svg');
    }
  });

  test('of a masked value is the mask, and it is asked for by a form', () => {
    const reveal = { action: '/desk/x', name: 'part', value: 'name' };
    const markup = String(maskedValue(ZH, { shown: '张*例', what: '姓名', reveal }));
    expect(markup).toMatch(/<form[^>]* method="post" action="\/desk\/x"/);
    expect(markup).toContain('显示姓名');
    expect(String(maskedValue(ZH, { shown: '张*例', what: '姓名' }))).not.toContain('<form');
  });

  test('of records has its column’s name at each cell, and says so where there are none', () => {
    const table = { caption: '记录', columns: ['时间', '机构'] };
    const markup = String(records(ZH, { ...table, rows: [{ cells: ['今天', '<b>银行'] }] }));
    expect(markup).toContain('<td role="cell" data-label="机构"><div>&lt;b&gt;银行</div></td>');
    expect(String(records(ZH, { ...table, rows: [] }))).toContain('暂无记录');
  });
});

describe('the page of all components', () => {
  const pages = new Hono();
  addComponents(pages);
  const views: readonly View[] = [ZH, EN, { ...ZH, elder: true, size: 1 }, { ...EN, elder: true, size: 3 }];

  test.each(views.map((view) => [formatView(view), view] as const))('is whole in %s', async (cookie, view) => {
    const response = await pages.request('http://127.0.0.1/components', {
      headers: { cookie: `assent-view=${cookie}` },
    });
    const text = await response.text();
    expect(response.status).toBe(200);
    expect(text).not.toMatch(/undefined|\[object|NaN|Promise|<script|\sstyle=|\son\w+=| checked/);
    const ids = [...text.matchAll(/\sid="([^"]+)"/g)].map(([, id]) => id);
    expect(new Set(ids).size, 'ids are there once').toBe(ids.length);
    for (const [, target] of text.matchAll(/(?:href="#|\sfor="|aria-labelledby="|data-read-aloud=")([^"]+)"/g)) {
      expect(ids).toContain(target);
    }
    for (const [, list = ''] of text.matchAll(/aria-describedby="([^"]+)"/g)) {
      for (const target of list.split(' ')) expect(ids).toContain(target);
    }
    if (view.lang === 'en') {
      const english = text.replace(/<(\w+)[^>]*lang="zh-CN"[^>]*>.*?<\/\1>/gs, '').replace(/^.*张\*例.*$/gm, '');
      expect(english.match(/\p{Script=Han}+/gu)).toBeNull();
    }
  });
});
