/**
 * What every page has around it: a head, the product's name, where one is, and how the page is shown.
 *
 * @module
 */
import { html } from 'hono/html';
import { versioned } from './files.ts';
import type { Html } from './html.ts';
import { icon } from './parts/icon.ts';
import { type ElderSize, formatView, rootClass, type View } from './view.ts';
import { wordsOf } from './words.ts';

/** A page of the main navigation. */
export interface NavLink {
  readonly href: string;
  readonly text: string;
}

export interface Page {
  /** Without the product's name. */
  readonly title: string;
  readonly view: View;
  /** What stands in `main`; its first heading is the page's `h1`. */
  readonly body: Html;
  /** The pages beside the front page. The one at `view.here` is marked. */
  readonly nav?: readonly NavLink[];
  /** Modules of src/web/scripts by name; the page's headers must name the same (`pageHeaders`). */
  readonly scripts?: readonly string[];
  /** Such as `noindex`: what a page behind a capability says to crawlers. */
  readonly robots?: string;
  /** A page to be read has lines of a measure; one of tables takes what there is. */
  readonly width?: 'text' | 'wide';
  /** What is shown just once has no choice of how it is shown: to choose asks for the page again. */
  readonly isOnce?: boolean;
}

/** Lays out a page. Values inside are escaped by `html`. */
export function layout(page: Page): Html {
  const { title, view, body, nav = [], scripts = [], robots, width = 'text', isOnce = false } = page;
  return html`<!doctype html>
<html lang="${view.lang}" class="${rootClass(view)}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
${robots === undefined ? '' : html`<meta name="robots" content="${robots}">`}
<title>${title} · Assent</title>
<link rel="icon" href="${versioned('/icon.svg')}" type="image/svg+xml">
<link rel="stylesheet" href="${versioned('/style.css')}">
${scripts.map((name) => html`<script type="module" src="${versioned(`/scripts/${name}.js`)}"></script>\n`)}
</head>
<body class="${width}">
<a class="skip" href="#content">${wordsOf(view).frame.skip}</a>
${head(view, nav)}
<main id="content" tabindex="-1">
${body}
</main>
${foot(view, scripts.length > 0, isOnce)}
</body>
</html>
`;
}

function head(view: View, nav: readonly NavLink[]): Html {
  const { frame } = wordsOf(view);
  const here = view.here?.split('?')[0];
  return html`<header class="top"><div class="inner">
<a class="brand" href="/"><span class="stamp" lang="zh-CN" aria-hidden="true">诺</span><span class="names"><span class="name" lang="en">Assent</span> <span class="product">${frame.product}</span></span></a>
${
  nav.length === 0
    ? ''
    : html`<nav class="main" aria-label="${frame.nav}"><ul>
${nav.map(({ href, text }) => html`<li><a href="${href}"${href === here ? html` aria-current="page"` : ''}>${text}</a></li>\n`)}</ul></nav>`
}
</div></header>`;
}

function foot(view: View, hasScripts: boolean, isOnce: boolean): Html {
  const { frame } = wordsOf(view);
  return html`<footer class="bottom"><div class="inner">
${isOnce ? '' : choices(view)}
<p class="promise">${hasScripts ? frame.onlyOurScripts : frame.noScript}</p>
</div></footer>`;
}

/** How the page is shown: forms, so that nothing but a button is needed. */
function choices(view: View): Html {
  const { view: words } = wordsOf(view).frame;
  const { lang, size } = view;
  const elder = view.elder ? (size ?? 1) : undefined;
  const of = (size: ElderSize): View => ({ lang, elder: true, size });
  return html`<form class="choices unprinted" method="post" action="/view" aria-label="${words.title}">
${view.here === undefined ? '' : html`<input type="hidden" name="return" value="${view.here}">`}
<div class="choice" role="group" aria-label="${words.language}">
${choice({ ...view, lang: 'zh-CN' }, html`<span lang="zh-CN">中文</span>`, lang === 'zh-CN')}
${choice({ ...view, lang: 'en' }, html`<span lang="en">English</span>`, lang === 'en')}
</div>
<div class="choice" role="group" aria-label="${words.size}">
${choice({ lang, elder: false }, words.usual, elder === undefined)}
${
  elder === undefined
    ? choice(of(1), html`${icon('large')} ${words.elder}`, false)
    : html`${choice(of(1), words.larger, elder === 1)}
${choice(of(2), words.larger2, elder === 2)}
${choice(of(3), words.larger3, elder === 3)}`
}
</div>
</form>`;
}

/** What is chosen is pressed: it can be read, and is not told by colour alone. */
function choice(view: View, text: Html | string, isChosen: boolean): Html {
  return html`<button class="chip" type="submit" name="view" value="${formatView(view)}" aria-pressed="${String(isChosen)}">${isChosen ? icon('done') : ''}${text}</button>`;
}
