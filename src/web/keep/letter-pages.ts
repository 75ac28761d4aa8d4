/** The pages of a letter's receipt: the public one, which does not say who signed, and its subject's own. Without script. */
import { html } from 'hono/html';
import type { OwnLetter, ShownLetter } from '#service/shown-letter.ts';
import type { Html } from '../html.ts';
import { layout } from '../layout.ts';
import { mainNav } from '../nav.ts';
import { checkCode } from '../parts/check-code.ts';
import { letterText } from '../parts/letter-text.ts';
import { notice } from '../parts/notice.ts';
import { heading, section, sheet } from '../parts/sheet.ts';
import { errorState } from '../parts/state.ts';
import { openForm } from '../sign/open-form.ts';
import type { View } from '../view.ts';
import { wordsOf } from '../words.ts';
import { answered, clauses, notProven, recorded, suspended, toKeep } from './letter-parts.ts';

/** @param url Its own absolute address. */
export function letterPage(view: View, shown: ShownLetter, url: string): Html {
  const { files } = wordsOf(view).keep;
  const json = { path: `${new URL(url).pathname}/receipt.json`, said: files.json };
  return page(
    view,
    shown,
    html`${suspended(view, shown, false)}
${recorded(view, shown)}
${clauses(view, shown)}
${notProven(view)}
${toKeep(view, url, [json])}`,
  );
}

export interface OwnPaths {
  /** Where the letter is, and what names the form by which its receipt is opened in full. */
  readonly letter: string;
  readonly once: string;
  /** The absolute address of the public page. */
  readonly url: string;
  /** Where its own files are; `pdf`: null where there is nobody to make one. */
  readonly json: string;
  readonly pdf: string | null;
}

/** The page after signing: printable, with name and text, masked to who has not shown that it is its own. */
export function ownLetterPage(view: View, own: OwnLetter, { letter, once, url, json, pdf }: OwnPaths): Html {
  const { keep } = wordsOf(view);
  const files = [{ path: json, said: keep.files.json }, ...(pdf === null ? [] : [{ path: pdf, said: keep.files.pdf }])];
  return page(
    view,
    own,
    html`${suspended(view, own, true)}
${own.masked ? openForm(view, { subject: own.name, path: letter, once, to: 'receipt' }) : ''}
${own.name === null ? '' : section(keep.person, sheet(html`<p>${own.name}</p>`))}
${recorded(view, own)}
${clauses(view, own)}
${notProven(view)}
${toKeep(view, url, files)}
${pdf === null ? notice(view, { kind: 'info', body: keep.files.noPdf }) : ''}
${section(keep.text.title, own.text === null ? html`<p>${keep.text.erased}</p>` : letterText(view, { text: own.text }))}`,
  );
}

function page(view: View, shown: ShownLetter, body: Html): Html {
  const { keep } = wordsOf(view);
  const code = shown.verdict.letter.check_code;
  return layout({
    title: `${keep.title} ${code}`,
    view,
    nav: mainNav(view),
    robots: 'noindex',
    body: html`${heading(keep.title, checkCode(view, code))}
${answered(view, shown)}
${body}`,
  });
}

/** Where a receipt can't be shown, or a file can't be made. */
export function unkeptPage(
  view: View,
  { title, next }: { readonly title: string; readonly next: string },
  code: string,
): Html {
  return layout({
    title,
    view,
    nav: mainNav(view),
    robots: 'noindex',
    body: errorState(view, { title, next, code, isPage: true }),
  });
}
