/** What is known, term by term. */
import { html } from 'hono/html';
import type { Html, Inner } from '../html.ts';

export type Fact = readonly [term: Inner, value: Inner];

export function factList(facts: readonly Fact[]): Html {
  return html`<dl class="facts">${facts.map(([term, value]) => html`<div><dt>${term}</dt><dd>${value}</dd></div>\n`)}</dl>`;
}
