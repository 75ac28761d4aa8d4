/** The code that a receipt is compared by, as core formats it. */
import { html } from 'hono/html';
import type { Html } from '../html.ts';
import type { View } from '../view.ts';
import { wordsOf } from '../words.ts';

export function checkCode(view: View, code: string): Html {
  return html`<span class="unseen">${wordsOf(view).parts.checkCode} </span><span class="code">${code}</span>`;
}
