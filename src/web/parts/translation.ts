/** Legal text in another language than Chinese is a translation, and says so (users P-12). */
import { html } from 'hono/html';
import type { Html, Inner } from '../html.ts';
import type { View } from '../view.ts';
import { wordsOf } from '../words.ts';

/** Whatever of a page is legal text: as it is in Chinese, marked in English. */
export function legal(view: View, text: Inner): Html {
  return view.lang === 'zh-CN'
    ? html`${text}`
    : html`<p class="translation">${wordsOf(view).frame.translation}</p>${text}`;
}
