/** "Somebody tells me to do this": one press freezes everything (users P-10). It asks nothing back, for there may be no time. */
import { html } from 'hono/html';
import type { Html } from '../html.ts';
import type { View } from '../view.ts';
import { wordsOf } from '../words.ts';
import { button } from './button.ts';

export interface Panic {
  /** Where the form is posted to. */
  readonly action: string;
  /** Hidden fields that the form needs. */
  readonly fields?: Html;
}

export function panicButton(view: View, { action, fields }: Panic): Html {
  const words = wordsOf(view).parts.panic;
  return html`<section class="panic unprinted" aria-labelledby="panic-title"><h2 id="panic-title">${words.title}</h2><p>${words.body}</p>
<form method="post" action="${action}">${fields ?? ''}${button({ kind: 'danger', text: words.button, icon: 'frozen' })}</form></section>`;
}
