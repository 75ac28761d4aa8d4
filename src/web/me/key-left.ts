/** Said to who signed in with a passkey of before the ledger lost entries: what it still does, and how it is affirmed. */
import { html } from 'hono/html';
import type { KeyLeft } from '#service/affirming.ts';
import type { Html } from '../html.ts';
import { linkButton } from '../parts/button.ts';
import { notice } from '../parts/notice.ts';
import type { View } from '../view.ts';
import { wordsOf } from '../words.ts';
import { sayWhen } from './say.ts';

/** @param left Null: its key gives, too, and nothing is to be said. */
export function keyLeft(view: View, left: KeyLeft | null): Html | '' {
  if (left === null) return '';
  const way = html`<p>${linkButton({ kind: 'primary', text: wordsOf(view).affirm.left.how, href: '/me/affirm' })}</p>`;
  return notice(view, {
    kind: 'warn',
    title: wordsOf(view).affirm.left.title,
    body: html`${keyLeftBody(view, left)}${way}`,
  });
}

export function keyLeftBody(view: View, { remembered_until }: KeyLeft): Html {
  return html`<p>${wordsOf(view).affirm.left.body(sayWhen(view, remembered_until))}</p>`;
}
