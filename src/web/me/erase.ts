/** Erasing what is one's own: what can go now, what stays until when and why, and afterwards the certificate. */
import { html } from 'hono/html';
import type { Erased, ErasedStream } from '#service/erasures.ts';
import type { ErasableInWords } from '#service/person/erasable.ts';
import type { Html } from '../html.ts';
import { button, linkButton } from '../parts/button.ts';
import { factList } from '../parts/facts.ts';
import { notice } from '../parts/notice.ts';
import { records } from '../parts/records.ts';
import { heading, section, sheet } from '../parts/sheet.ts';
import { emptyState } from '../parts/state.ts';
import { sayUntil } from '../say.ts';
import type { View } from '../view.ts';
import { wordsOf } from '../words.ts';
import { mePage, say, sayWhen } from './say.ts';

export function erasePage(view: View, erasable: readonly ErasableInWords[], once: string): Html {
  const { erase: words } = wordsOf(view);
  const [now, later] = [erasable.filter(({ due }) => due), erasable.filter(({ due }) => !due)];
  const body = html`${heading(words.title, words.lede)}
${now.length === 0 ? emptyState(view, { title: words.nothing, body: words.nothingBody }) : section(words.now, listOf(view, words.now, now))}
${later.length === 0 ? '' : section(words.later, listOf(view, words.later, later))}
${section(words.means, sheet(html`<p>${words.gone}</p><p>${words.stays}</p><p>${words.away}</p>`))}
${now.length === 0 ? '' : confirmForm(view, once)}`;
  return mePage(view, words.title, body);
}

function listOf(view: View, caption: string, rows: readonly ErasableInWords[]): Html {
  const { erase: words } = wordsOf(view);
  return records(view, {
    caption,
    columns: words.columns,
    rows: rows.map(({ institution, class: of, kept_until, law }) => ({
      cells: [
        say(view, institution),
        words.classes[of],
        kept_until === null ? words.open : sayUntil(view, kept_until),
        law.map(({ title, art }) => `${say(view, title)} ${art}`).join(view.lang === 'en' ? '; ' : '；') ||
          wordsOf(view).me.none,
      ],
    })),
  });
}

function confirmForm(view: View, once: string): Html {
  const { erase: words } = wordsOf(view);
  return html`<form method="post" action="/me/erase">
<input type="hidden" name="once" value="${once}">
<p><label><input type="checkbox" name="sure" value="yes" autocomplete="off" required> ${words.sure}</label></p>
${button({ kind: 'danger', text: words.submit })}</form>`;
}

/** What went, by which entries, with the ledger's signature under each: to be kept by who asked. */
export function erasedPage(view: View, log: string, { erased, person, person_receipt }: Erased): Html {
  const { erase: words } = wordsOf(view);
  const body = html`${heading(words.title)}
${notice(view, { kind: 'done', title: words.done, body: html`<p>${words.doneBody}</p>${person ? html`<p>${words.person}</p>` : ''}`, isAnswer: true })}
${erased.map((each, at) => section(words.certificate, html`${sheet(factList(factsOf(view, log, each)))}${fileOf(view, each.receipt, String(at + 1))}`))}
${person_receipt === null ? '' : section(words.keysCertificate, html`<p>${words.keysBody}</p>${fileOf(view, person_receipt, 'keys')}`)}
${section(words.file, html`<p>${words.fileBody}</p><p><a href="/verify">${words.verify}</a></p><pre>npx assent verify erasure-1.json</pre>`)}`;
  return mePage(view, words.title, body);
}

function fileOf(view: View, href: string, name: string): Html {
  const { erase: words } = wordsOf(view);
  return html`<p>${linkButton({ kind: 'primary', text: words.download, href, download: `erasure-${name}.json` })}</p>
<p><a href="${href.replace('/v1/erasure-receipts/', '/erasures/')}">${wordsOf(view).certificate.page}</a></p>`;
}

function factsOf(view: View, log: string, { classes, entry }: ErasedStream) {
  const { erase: words } = wordsOf(view);
  const what = classes.map((each) => html`<li>${words.classes[each.class]} · ${words.parts(String(each.parts))}</li>`);
  return [
    [words.log, html`<code>${log}</code>`],
    [words.entry, words.placeOf(String(entry.index))],
    [words.time, sayWhen(view, entry.time)],
    [words.what, html`<ul>${what}</ul>`],
    [words.leaf, html`<code>${entry.leaf}</code>`],
    [words.signature, html`<code>${entry.signature}</code>`],
  ] as const;
}
