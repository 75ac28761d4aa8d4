/** `/components`: everything that pages are made of, on one page. */

import type { Hono } from 'hono';
import { html } from 'hono/html';
import { asking } from './components/asking.ts';
import type { Sample } from './components/sample.ts';
import { showing } from './components/showing.ts';
import { ownForms } from './form.ts';
import { PAGE_HEADERS } from './headers.ts';
import type { Html } from './html.ts';
import { layout } from './layout.ts';
import { mainNav } from './nav.ts';
import { heading, section } from './parts/sheet.ts';
import { type View, viewOf } from './view.ts';
import { wordsOf } from './words.ts';

export function addComponents(pages: Hono, origin?: string): void {
  pages.get('/components', (call) => call.html(componentsPage(viewOf(call)), 200, PAGE_HEADERS));
  for (const refuse of ownForms(origin)) pages.post('/components', refuse);
  // Where the samples' forms are sent, and nothing is done with them.
  pages.post('/components', (call) => call.redirect('/components', 303));
}

function componentsPage(view: View): Html {
  const { components } = wordsOf(view);
  const samples: readonly Sample[] = [...asking(view), ...showing(view)];
  return layout({
    title: components.title,
    view,
    nav: mainNav(view),
    robots: 'noindex',
    body: html`${heading(components.title, components.lede)}
<nav class="contents" aria-label="${wordsOf(view).docs.contents}"><ul>${samples.map(
      ([name]) => html`<li><a href="#${name}">${components.names[name]}</a></li>\n`,
    )}</ul></nav>
${samples.map(([name, shown]) => section(components.names[name], shown, name))}`,
  });
}
