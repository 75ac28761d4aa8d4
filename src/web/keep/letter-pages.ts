/** The pages of a letter's receipt: the public one, which does not say who signed, and its subject's own. Without script. */
import { html } from 'hono/html';
import type { Said } from '#core/consent/explain-text.ts';
import type { OwnLetter, ShownLetter } from '#service/shown-letter.ts';
import { type Html, layout, pair } from '../layout.ts';
import { answered, clauses, notProven, recorded, toKeep } from './letter-parts.ts';

const JSON_FILE: Said = { zh: '下载凭证（JSON）', en: 'download the receipt (JSON)' };
const PDF_FILE: Said = { zh: '下载凭证（PDF，含原文和姓名）', en: 'download the receipt (PDF, with text and name)' };

/** @param url Its own absolute address. */
export function letterPage(shown: ShownLetter, url: string): Html {
  return page(
    shown,
    html`${recorded(shown)}
${clauses(shown)}
${notProven()}
${toKeep(url, [{ path: `${pathOf(url)}/receipt.json`, said: JSON_FILE }])}`,
  );
}

export interface OwnPaths {
  /** The absolute address of the public page. */
  readonly url: string;
  /** Where its own files are; `pdf`: null where there is nobody to make one. */
  readonly json: string;
  readonly pdf: string | null;
}

/** The page after signing: printable, with name and text. */
export function ownLetterPage(own: OwnLetter, { url, json, pdf }: OwnPaths): Html {
  const files = [{ path: json, said: JSON_FILE }, ...(pdf === null ? [] : [{ path: pdf, said: PDF_FILE }])];
  return page(
    own,
    html`${own.name === null ? '' : html`<section aria-label="授权人 Person"><h2>授权人 <span lang="en">Given by</span></h2><p>${own.name}</p></section>`}
${recorded(own)}
${clauses(own)}
${notProven()}
${toKeep(url, files)}
${pdf === null ? pair('本机不能制作 PDF：请打印本页。', 'No PDF is made here: print this page.') : ''}
${text(own.text)}`,
  );
}

function text(exact: string | null): Html {
  if (exact === null) return html`<p>授权书原文已从账本删除。<span lang="en">The text has been erased.</span></p>`;
  const lines = exact.split(/\r?\n/).filter((line) => line !== '');
  return html`<section aria-label="授权书原文 Text of the letter" lang="zh-CN">
<h2>授权书原文 <span lang="en">Text of the letter</span></h2>
<div class="sheet">${lines.map((line) => {
    const key = /^\*\*(.+)\*\*$/u.exec(line)?.[1];
    return html`<p>${key === undefined ? line : html`<strong>${key}</strong>`}</p>`;
  })}</div>
</section>`;
}

function page(shown: ShownLetter, body: Html): Html {
  const code = shown.verdict.letter.check_code;
  return layout({
    title: `授权书凭证 ${code} · Assent`,
    lang: 'zh-CN',
    body: html`<header>
<h1>授权书凭证 <span class="soft" lang="en">Receipt of a letter</span></h1>
<p class="lede"><span class="code">${code}</span></p>
</header>
<main>
${answered(shown)}
${body}
</main>
<footer>${pair('本页不含脚本，不向任何第三方发送请求。', 'This page has no script and asks nobody else for anything.')}</footer>`,
  });
}

/** Where a receipt can't be shown, or a file can't be made. */
export function unkeptPage(problem: Said): Html {
  return layout({
    title: '授权书凭证 · Assent',
    lang: 'zh-CN',
    body: html`<header><h1>授权书凭证 <span class="soft" lang="en">Receipt of a letter</span></h1></header>
<main><section class="sheet" role="status">${pair(html`<p>${problem.zh}</p>`, html`<p>${problem.en}</p>`)}</section></main>`,
  });
}

function pathOf(url: string): string {
  return new URL(url).pathname;
}
