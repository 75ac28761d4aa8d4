/** The way through a list that is longer than a page. */
import { html } from 'hono/html';
import type { Html } from '../html.ts';
import type { View } from '../view.ts';
import { wordsOf } from '../words.ts';
import { linkButton } from './button.ts';

export interface Pager {
  /** The first and last that are shown, from 1, and how many there are. */
  readonly from: number;
  readonly to: number;
  readonly count: number;
  /** Absent: this is the first page. */
  readonly newer?: string;
  /** Absent: this is the last page. */
  readonly older?: string;
}

export function pager(view: View, { from, to, count, newer, older }: Pager): Html {
  const words = wordsOf(view).parts.pager;
  return html`<nav class="pager" aria-label="${words.label}">
${newer === undefined ? '' : linkButton({ kind: 'quiet', text: words.newer, icon: 'back', href: newer })}
<p>${words.at(from, to, count)}</p>
${older === undefined ? '' : linkButton({ kind: 'quiet', text: words.older, icon: 'next', iconAt: 'end', href: older })}
</nav>`;
}
