/** In place of what is not there: why, and what one can do. */
import { html } from 'hono/html';
import type { Html, Inner } from '../html.ts';
import type { View } from '../view.ts';
import { wordsOf } from '../words.ts';
import { icon } from './icon.ts';

export interface Empty {
  /** Absent: that there is nothing yet. */
  readonly title?: string;
  readonly body?: Inner;
  /** Where to go from here, such as a {@link linkButton}. */
  readonly next?: Html;
}

export function emptyState(view: View, { title, body, next }: Empty = {}): Html {
  return html`<div class="state empty">${icon('empty')}
<p class="state-title">${title ?? wordsOf(view).parts.state.empty}</p>
${body === undefined ? '' : html`<p>${body}</p>`}${next ?? ''}</div>`;
}

export interface Problem {
  readonly title: string;
  /** Stable, for whoever is asked for help. */
  readonly code: string;
  /** What the reader does next: there is always something. */
  readonly next: Inner;
  /** Whether it is all there is on the page, so that its title is the page's heading. */
  readonly isPage?: boolean;
}

export function errorState(view: View, { title, code, next, isPage = false }: Problem): Html {
  const words = wordsOf(view).parts.state;
  const sign = html`${icon('stop')}<span>${title}</span>`;
  return html`<div class="state error" role="alert">
${isPage ? html`<h1 class="state-title">${sign}</h1>` : html`<p class="state-title">${sign}</p>`}
<p><strong>${words.next}</strong> ${next}</p>
<p class="soft">${words.code} <code>${code}</code></p></div>`;
}
