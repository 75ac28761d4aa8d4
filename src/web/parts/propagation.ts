/** Who has been told of a revocation or freeze, and who has acknowledged it. */
import { html } from 'hono/html';
import type { Html, Inner } from '../html.ts';
import type { View } from '../view.ts';
import { wordsOf } from '../words.ts';
import { icon } from './icon.ts';

export interface Hearer {
  readonly name: string;
  readonly state: 'told' | 'waiting' | 'failed';
  /** When, or since when. */
  readonly moment?: Inner;
}

const SIGNS = { told: 'done', waiting: 'clock', failed: 'warn' } as const;

export function propagation(view: View, hearers: readonly Hearer[]): Html {
  const words = wordsOf(view).parts.propagation;
  const told = hearers.filter(({ state }) => state === 'told').length;
  return html`<div class="propagation sheet"><p><strong>${words.of(told, hearers.length)}</strong></p>
<progress class="bar" value="${told}" max="${Math.max(hearers.length, 1)}" aria-label="${words.title}"></progress>
<ul>${hearers.map(
    ({ name, state, moment }) =>
      html`<li><span>${name}</span><span class="${state}">${icon(SIGNS[state])}${words[state]}${moment === undefined ? '' : html` <span class="soft">${moment}</span>`}</span></li>\n`,
  )}</ul></div>`;
}
