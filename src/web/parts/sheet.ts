/** A sheet of paper on the page: things that belong together, under their heading. */
import { html } from 'hono/html';
import type { Html, Inner } from '../html.ts';

/** A part of a page with its heading. The content makes sheets of its own, or none. */
export function section(title: Inner, body: Html, id?: string): Html {
  return html`<section${id === undefined ? '' : html` id="${id}"`}><h2>${title}</h2>
${body}</section>`;
}

export function sheet(body: Inner): Html {
  return html`<div class="sheet">${body}</div>`;
}

/** The page's own heading, and a sentence on what it is for. */
export function heading(title: Inner, lede?: Inner): Html {
  return html`<div class="heading"><h1>${title}</h1>${lede === undefined ? '' : html`<p class="lede">${lede}</p>`}</div>`;
}
