/** Where one is on the way, in numbered steps. */
import { html } from 'hono/html';
import type { Html } from '../html.ts';
import type { View } from '../view.ts';
import { wordsOf } from '../words.ts';

/** @param current From 0; the steps before it are done. Beyond the last: all are. */
export function steps(view: View, titles: readonly string[], current: number): Html {
  const words = wordsOf(view).parts.steps;
  const now = Math.min(current + 1, titles.length);
  return html`<p class="steps-now">${words.at(now, titles.length)}</p><ol class="steps" aria-label="${words.label}">${titles.map(
    (title, at) => {
      const isDone = at < current;
      return html`<li${isDone ? html` class="done"` : ''}${at === current ? html` aria-current="step"` : ''}><span class="text">${title}${
        isDone ? html` <span class="unseen">${words.done}</span>` : ''
      }</span></li>\n`;
    },
  )}</ol>`;
}
