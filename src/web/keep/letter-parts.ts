/** What both pages of a letter's receipt say: what is recorded, how it stands now, and what it does not prove. */
import { html } from 'hono/html';
import type { Said } from '#core/consent/explain-text.ts';
import type { ShownClause, ShownLetter } from '#service/shown-letter.ts';
import { type Html, pair } from '../layout.ts';
import { ACTIONS, ANSWERS, GRADES, NOBODY, STATUSES, sayTime } from './letter-words.ts';
import { qrCode } from './qr.ts';

const said = ({ zh, en }: Said): Html =>
  zh === en ? html`<code>${zh}</code>` : html`${zh} <span class="soft" lang="en">${en}</span>`;
const list = (all: readonly Said[]): Html => html`${all.map((each, at) => html`${at === 0 ? '' : '、'}${said(each)}`)}`;

export function answered({ verdict: { letter } }: ShownLetter): Html {
  const isGiven = letter.answer !== 'declined';
  return html`<section class="sheet" aria-label="结果 Outcome">
<p class="${isGiven ? 'allow' : 'deny'}">${said(ANSWERS[letter.answer])}</p>
${pair(
  isGiven ? '账本登记了对这一授权书的签署。' : '账本登记了对这一授权书的拒绝，没有任何授权。',
  isGiven
    ? 'The ledger recorded that this letter was signed.'
    : 'The ledger recorded that this letter was declined: nothing is allowed by it.',
)}
</section>`;
}

export function recorded({ verdict: { letter, asOf }, log, grantee, identifiedBy }: ShownLetter): Html {
  const { evidence } = letter;
  return html`<section aria-label="登记 Record">
<h2>登记 <span lang="en">Record</span></h2>
<div class="sheet"><dl>
<dt>核对码 <span lang="en">Check code</span></dt><dd><span class="code">${letter.check_code}</span></dd>
<dt>被授权人 <span lang="en">Given to</span></dt><dd>${grantee ?? html`<code>${letter.grantee}</code>`}</dd>
<dt>登记时间 <span lang="en">Recorded</span></dt><dd>${said(sayTime(letter.time))}</dd>
<dt>签署时间（所称）<span lang="en">Signed, as its signer says</span></dt><dd>${said(sayTime(letter.signed_at))}</dd>
<dt>证据等级 <span lang="en">Evidence</span></dt><dd>${said(GRADES[evidence.grade])}</dd>
<dt>身份核验 <span lang="en">Identified by</span></dt><dd>${
    evidence.identified_by === null ? said(NOBODY) : (identifiedBy ?? html`<code>${evidence.identified_by}</code>`)
  }</dd>
<dt>账本 <span lang="en">Log</span></dt><dd><code>${log}</code></dd>
<dt>账本位置 <span lang="en">Entry</span></dt><dd>${said({ zh: `第 ${letter.index} 条，树中共 ${asOf ?? '—'} 条`, en: `no. ${letter.index} of a tree of ${asOf ?? '—'}` })}</dd>
<dt>叶哈希 <span lang="en">Leaf hash</span></dt><dd><code>${letter.leaf}</code></dd>
</dl></div>
</section>`;
}

export function clauses({ clauses: all, standing }: ShownLetter): Html {
  return html`<section aria-label="各项授权 Clauses">
<h2>各项授权 <span lang="en">Clauses</span></h2>
${all.map(clause)}
<p class="soft">${said({
    zh: `现状以树中 ${standing.size} 条、${sayTime(standing.time).zh}为准。`,
    en: `As they stood with ${standing.size} entries in the tree, at ${sayTime(standing.time).en}.`,
  })}</p>
</section>`;
}

function clause({ action, given, status, purposes, items, declined, doors, candidates, from, to }: ShownClause): Html {
  const start: Said = from === null ? { zh: '签署之时', en: 'the signature' } : sayTime(from);
  const end = sayTime(to);
  return html`<div class="sheet"><h3>${said(ACTIONS[action])}</h3><dl>
<dt>选择 <span lang="en">Choice</span></dt><dd>${said(given ? { zh: '同意', en: 'given' } : { zh: '不同意', en: 'not given' })}</dd>
<dt>现状 <span lang="en">Now</span></dt><dd>${said(STATUSES[status])}</dd>
<dt>用途 <span lang="en">Why</span></dt><dd>${list(purposes)}</dd>
<dt>信息 <span lang="en">Data</span></dt><dd>${list(items)}</dd>
${declined.length === 0 ? '' : html`<dt>未同意的信息 <span lang="en">Declined data</span></dt><dd>${list(declined)}</dd>`}
${doors.length === 0 ? '' : html`<dt>来源或接收方 <span lang="en">Source or recipient</span></dt><dd>${doors.join('、')}</dd>`}
${candidates.length === 0 ? '' : html`<dt>候选的被授权人 <span lang="en">Candidates</span></dt><dd>${candidates.join('、')}</dd>`}
<dt>期限 <span lang="en">Term</span></dt><dd>${said({ zh: `自${start.zh}起，至${end.zh}止（不含）`, en: `from ${start.en} to ${end.en}, exclusive` })}</dd>
</dl></div>`;
}

export function notProven(): Html {
  return html`<section aria-label="证明什么 What it proves">
<h2>证明什么，不证明什么 <span lang="en">What it proves, and what not</span></h2>
<div class="sheet">${pair(
    html`<p>它证明：账本在这一位置登记了对这一授权书的这一答复；此后若有改动，可以被发现。</p>
<p>它不证明：签署人真正明白，或者没有受到胁迫、欺骗；数据是否已经被查询或报送；账本之外没有别的使用。本页由账本自己显示，请下载凭证并离线核验。</p>`,
    html`<p>It proves that the ledger recorded this answer to this letter, at this place, and that a later change would show.</p>
<p>It does not prove that who signed understood, or was not forced or deceived; that data were queried or reported; or that
there was no use beside the ledger. This page is the ledger's own word: take the file, and verify it offline.</p>`,
  )}</div>
</section>`;
}

export interface File {
  readonly path: string;
  readonly said: Said;
}

/** @param url The absolute address of the public page. */
export function toKeep(url: string, files: readonly File[]): Html {
  return html`<section aria-label="保存与核验 Keep and verify">
<h2>保存与核验 <span lang="en">Keep and verify</span></h2>
<p>${qrCode(url, '二维码：打开本凭证的公开页面 QR code: opens the public page of this receipt')}</p>
<div class="unprinted">
${files.map((file) => html`<p><a href="${file.path}" download>${said(file.said)}</a></p>`)}
<pre>npx assent verify receipt.json</pre>
</div>
</section>`;
}
