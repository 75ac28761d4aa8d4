/** The page of one receipt: what is recorded, why it was decided so, and what it does not prove. Without login or script. */
import { html } from 'hono/html';
import type { Explanation } from '#core/consent/explain.ts';
import type { Said } from '#core/consent/explain-text.ts';
import type { FailureCode } from '#core/failure.ts';
import { sayMoment } from '#core/letter-template/moment.ts';
import type { ShownReceipt } from '#service/shown-receipt.ts';
import type { Html, Inner } from './html.ts';
import { layout } from './layout.ts';
import { mainNav } from './nav.ts';
import { linkButton } from './parts/button.ts';
import { checkCode } from './parts/check-code.ts';
import { factList } from './parts/facts.ts';
import { notice } from './parts/notice.ts';
import { heading, section, sheet } from './parts/sheet.ts';
import { errorState } from './parts/state.ts';
import type { View } from './view.ts';
import { wordsOf } from './words.ts';

/** @param file The path of the receipt's file. */
export function receiptPage(view: View, shown: ShownReceipt, file: string): Html {
  const { receipt } = wordsOf(view);
  const { access } = shown.verdict;
  return layout({
    title: `${receipt.title} ${access.check_code}`,
    view,
    nav: mainNav(view),
    robots: 'noindex',
    body: html`${heading(receipt.title, checkCode(view, access.check_code))}
${decided(view, shown)}
${whatWasAsked(view, shown)}
${shown.explanation === null ? '' : why(view, shown.explanation)}
${howItIsKept(view, shown)}
${section(receipt.proves.title, sheet(html`<p>${receipt.proves.does}</p><p>${receipt.proves.doesNot}</p>`))}
${toVerify(view, file)}`,
  });
}

/** Where a receipt can't be shown. */
export function noReceiptPage(view: View, why: 'unknown' | 'later' | 'now', code: FailureCode): Html {
  const { title, none } = wordsOf(view).receipt;
  return layout({
    title,
    view,
    nav: mainNav(view),
    robots: 'noindex',
    body: errorState(view, { ...none[why], code, isPage: true }),
  });
}

function said({ lang }: View, { zh, en }: Said): Html {
  return zh === en ? html`<code>${zh}</code>` : html`${lang === 'en' ? en : zh}`;
}

function decided(view: View, { verdict: { access } }: ShownReceipt): Html {
  const { decision: words } = wordsOf(view).receipt;
  const codes = access.codes.map((code) => html` <code>${code}</code>`);
  return access.decision === 'allow'
    ? notice(view, { kind: 'done', word: words.allowed, body: words.allowedMeans })
    : notice(view, { kind: 'stop', word: words.denied, title: html`${codes}`, body: words.deniedMeans });
}

function whatWasAsked(view: View, { verdict: { access }, principal, door, purpose, items }: ShownReceipt): Html {
  const { asked: words, actions } = wordsOf(view).receipt;
  const moment = sayMoment(toSecond(access.time), view.lang === 'en' ? 'en' : 'zh');
  const action = actions[access.action as keyof typeof actions] ?? access.action;
  return section(
    words.title,
    sheet(
      factList([
        [words.who, principal ?? html`<code>${access.principal}</code>`],
        [words.what, action],
        [words.why, said(view, purpose)],
        [
          words.data,
          joined(
            items.map((item) => said(view, item)),
            words.comma,
          ),
        ],
        [words.door, access.door === null ? '—' : (door ?? html`<code>${access.door}</code>`)],
        [words.when, html`<time datetime="${new Date(access.time).toISOString()}">${words.moment(moment)}</time>`],
      ]),
    ),
  );
}

function joined(each: readonly Inner[], comma: string): Html {
  return html`${each.map((one, at) => html`${at === 0 ? '' : comma}${one}`)}`;
}

/** As one says it; the file has it to the millisecond. */
function toSecond(moment: number): number {
  return moment - (moment % 1_000);
}

function why(view: View, { checks, rules, would_allow: wanted }: Explanation): Html {
  const { why: words } = wordsOf(view).receipt;
  // Two rows of the table may ask the same of an access.
  const failed = [...new Map(checks.filter((check) => check.failed).map((check) => [check.code, check])).values()];
  const broken = rules.filter(({ met, otherwise }) => !met && 'deny' in otherwise);
  return section(
    words.title,
    html`<div class="sheet"><p>${words.looked(checks.length, rules.length)}</p>
${
  failed.length + broken.length === 0
    ? html`<p>${words.none}</p>`
    : html`<ul>${failed.map(({ code, asks }) => html`<li><code>${code}</code> ${said(view, asks)}</li>`)}
${broken.map(({ id, title }) => html`<li><code>${id}</code> ${said(view, title)}</li>`)}</ul>`
}
${wanted.length === 0 ? '' : html`<h3>${words.wanted}</h3><ul>${wanted.map((each) => html`<li>${said(view, each)}</li>`)}</ul>`}
</div>`,
  );
}

function howItIsKept(view: View, { verdict: { access, asOf, decision } }: ShownReceipt): Html {
  const { record: words } = wordsOf(view).receipt;
  return section(
    words.title,
    sheet(
      factList([
        [words.code, html`<span class="code">${access.check_code}</span>`],
        [words.place, words.placeOf(access.index, String(asOf ?? '—'))],
        [words.access, html`<code>${access.access}</code>`],
        [words.decision, decision === 're-derived' ? words.rederived : words.attested],
      ]),
    ),
  );
}

function toVerify(view: View, file: string): Html {
  const { verify: words } = wordsOf(view).receipt;
  return html`<div class="unprinted">${section(
    words.title,
    html`<p>${linkButton({ kind: 'primary', text: words.download, href: file, download: 'receipt.json' })}</p>
<p><a href="/verify">${words.page}</a></p>
<pre>npx assent verify receipt.json</pre>`,
  )}</div>`;
}
