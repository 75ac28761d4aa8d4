/** The page of one receipt: what is recorded, why it was decided so, and what it does not prove. Without login or script. */
import { html } from 'hono/html';
import type { Explanation } from '#core/consent/explain.ts';
import type { Said } from '#core/consent/explain-text.ts';
import { sayMoment } from '#core/letter-template/moment.ts';
import type { ShownReceipt } from '#service/shown-receipt.ts';
import { type Html, layout, pair } from './layout.ts';

const ACTIONS: Readonly<Record<string, Said>> = {
  QUERY: { zh: '查询', en: 'query' },
  REPORT: { zh: '报送', en: 'report' },
  PROVIDE: { zh: '提供', en: 'provide' },
  SCORE: { zh: '评分', en: 'score' },
  STORE: { zh: '保存', en: 'store' },
};

const said = ({ zh, en }: Said): Html =>
  zh === en ? html`<code>${zh}</code>` : html`${zh} <span class="soft" lang="en">${en}</span>`;

/** @param file The path of the receipt's file. */
export function receiptPage(shown: ShownReceipt, file: string): Html {
  const { access } = shown.verdict;
  return layout({
    title: `凭证 ${access.check_code} · Assent`,
    lang: 'zh-CN',
    body: html`<header>
<h1>凭证 <span class="soft" lang="en">Receipt</span></h1>
<p class="lede"><span class="code">${access.check_code}</span></p>
</header>
<main>
${decided(shown)}
${whatWasAsked(shown)}
${shown.explanation === null ? '' : why(shown.explanation)}
${howItIsKept(shown)}
${whatItProves()}
${toVerify(file)}
</main>
<footer>${pair('本页不含脚本，不向任何第三方发送请求。', 'This page has no script and asks nobody else for anything.')}</footer>`,
  });
}

/** Where a receipt can't be shown. */
export function noReceiptPage(problem: Said): Html {
  return layout({
    title: '凭证 · Assent',
    lang: 'zh-CN',
    body: html`<header><h1>凭证 <span class="soft" lang="en">Receipt</span></h1></header>
<main><section class="sheet" role="status">${pair(html`<p>${problem.zh}</p>`, html`<p>${problem.en}</p>`)}</section></main>`,
  });
}

function decided({ verdict: { access } }: ShownReceipt): Html {
  const isAllowed = access.decision === 'allow';
  return html`<section class="sheet" aria-label="决定 Decision">
${
  isAllowed
    ? html`<p class="allow">允许 <span lang="en">allowed</span></p>`
    : html`<p class="deny">拒绝 <span lang="en">denied</span> ${access.codes.map((code) => html`<code>${code}</code> `)}</p>`
}
${pair(
  isAllowed ? '账本允许了这一次访问。' : '账本拒绝了这一次访问，数据不应被释放。',
  isAllowed ? 'The ledger allowed this one access.' : 'The ledger denied this one access: no data should have moved.',
)}
</section>`;
}

function whatWasAsked({ verdict: { access }, principal, door, purpose, items }: ShownReceipt): Html {
  return html`<section aria-label="所请求的访问 What was asked">
<h2>所请求的访问 <span lang="en">What was asked</span></h2>
<div class="sheet"><dl>
<dt>请求方 <span lang="en">Who</span></dt><dd>${principal ?? html`<code>${access.principal}</code>`}</dd>
<dt>行为 <span lang="en">What</span></dt><dd>${said(ACTIONS[access.action] ?? { zh: access.action, en: access.action })}</dd>
<dt>用途 <span lang="en">Why</span></dt><dd>${said(purpose)}</dd>
<dt>信息 <span lang="en">Data</span></dt><dd>${items.map((item, at) => html`${at === 0 ? '' : '、'}${said(item)}`)}</dd>
<dt>来源或接收方 <span lang="en">Source or recipient</span></dt><dd>${
    access.door === null ? '—' : (door ?? html`<code>${access.door}</code>`)
  }</dd>
<dt>时间 <span lang="en">When</span></dt><dd>${said({ zh: `${sayMoment(toSecond(access.time), 'zh')}（北京时间）`, en: new Date(access.time).toISOString() })}</dd>
</dl></div>
</section>`;
}

/** As one says it; the file has it to the millisecond. */
function toSecond(moment: number): number {
  return moment - (moment % 1_000);
}

function why({ checks, rules, would_allow: wanted }: Explanation): Html {
  // Two rows of the table may ask the same of an access.
  const failed = [...new Map(checks.filter((check) => check.failed).map((check) => [check.code, check])).values()];
  const broken = rules.filter(({ met, otherwise }) => !met && 'deny' in otherwise);
  return html`<section aria-label="依据 Why">
<h2>依据 <span lang="en">Why</span></h2>
<div class="sheet">
${pair(
  `共核对 ${checks.length} 项检查和 ${rules.length} 条规则。`,
  `${checks.length} checks and ${rules.length} rules were looked at.`,
)}
${
  failed.length + broken.length === 0
    ? pair('没有一项不允许。', 'None of them denied it.')
    : html`<ul>${failed.map(({ code, asks }) => html`<li><code>${code}</code> ${said(asks)}</li>`)}
${broken.map(({ id, title }) => html`<li><code>${id}</code> ${said(title)}</li>`)}</ul>`
}
${wanted.length === 0 ? '' : html`<h4>若要允许，须 <span lang="en">It would be allowed, if</span></h4><ul>${wanted.map((each) => html`<li>${said(each)}</li>`)}</ul>`}
</div>
</section>`;
}

function howItIsKept({ verdict: { access, asOf, decision } }: ShownReceipt): Html {
  return html`<section aria-label="登记 Record">
<h2>登记 <span lang="en">Record</span></h2>
<div class="sheet"><dl>
<dt>核对码 <span lang="en">Check code</span></dt><dd><span class="code">${access.check_code}</span></dd>
<dt>账本位置 <span lang="en">Entry</span></dt><dd>${said({ zh: `第 ${access.index} 条，树中共 ${asOf ?? '—'} 条`, en: `no. ${access.index} of a tree of ${asOf ?? '—'}` })}</dd>
<dt>访问编号 <span lang="en">Access</span></dt><dd><code>${access.access}</code></dd>
<dt>决定 <span lang="en">Decision</span></dt><dd>${
    decision === 're-derived'
      ? said({ zh: '已由同一程序重新得出', en: 're-derived by the same code' })
      : said({ zh: '由账本证明，未重新得出', en: 'attested by the ledger, not re-derived' })
  }</dd>
</dl></div>
</section>`;
}

function whatItProves(): Html {
  return html`<section aria-label="证明什么 What it proves">
<h2>证明什么，不证明什么 <span lang="en">What it proves, and what not</span></h2>
<div class="sheet">${pair(
    html`<p>它证明：账本在这一位置对这一次访问作出了这一决定；此后若有改动，可以被发现。</p>
<p>它不证明：数据是否真的释放、之后如何使用；签署人是否真正明白；账本之外没有别的访问。本页由账本自己显示，请下载凭证并离线核验。</p>`,
    html`<p>It proves that the ledger decided so on this one access, at this place, and that a later change would show.</p>
<p>It does not prove that data were released, or how they were used; that who signed understood; or that there was no
access beside the ledger. This page is the ledger's own word: take the file, and verify it offline.</p>`,
  )}</div>
</section>`;
}

function toVerify(file: string): Html {
  return html`<section class="unprinted" aria-label="离线核验 Verify offline">
<h2>离线核验 <span lang="en">Verify it offline</span></h2>
<p><a href="${file}" download="receipt.json">下载凭证 <span lang="en">download the receipt</span></a></p>
<pre>npx assent verify receipt.json</pre>
</section>`;
}
