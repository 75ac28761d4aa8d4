/** The way from a letter, or its receipt, that is masked to all of it: whoever takes it, it is recorded first. */
import { html } from 'hono/html';
import type { Html } from '../html.ts';
import { button } from '../parts/button.ts';
import { notice } from '../parts/notice.ts';
import type { View } from '../view.ts';
import { wordsOf } from '../words.ts';

export interface OpenForm {
  /** Whom it is about, masked; null: it is erased. */
  readonly subject: string | null;
  /** `/sign/<capability>`. */
  readonly path: string;
  readonly once: string;
  /** The page that it comes back to, if that is not the letter's. */
  readonly to?: 'receipt';
}

export function openForm(view: View, { subject, path, once, to }: OpenForm): Html {
  const { masked } = wordsOf(view).sign;
  return notice(view, {
    kind: 'info',
    title: subject === null ? masked.title : masked.titleOf(subject),
    body: html`<p>${masked.body}</p>
<form method="post" action="${path}/open"><input type="hidden" name="once" value="${once}">
${to === undefined ? '' : html`<input type="hidden" name="to" value="${to}">`}
${button({ kind: 'quiet', text: masked.submit, icon: 'reveal' })} <span class="soft small">${masked.noted}</span></form>`,
  });
}
