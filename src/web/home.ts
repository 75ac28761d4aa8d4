/** The front page: what this is, how the ledger stands, the story's letter, and what to try next. */
import { html } from 'hono/html';
import type { Standing } from '#service/standing.ts';
import type { Html } from './html.ts';
import { layout } from './layout.ts';
import { mainNav } from './nav.ts';
import { linkButton } from './parts/button.ts';
import { factList } from './parts/facts.ts';
import { linkRows } from './parts/link-row.ts';
import { notice } from './parts/notice.ts';
import { heading, section, sheet } from './parts/sheet.ts';
import type { StoryAccess, StoryLinks } from './story.ts';
import type { View } from './view.ts';
import type { Words } from './words/zh.ts';
import { wordsOf } from './words.ts';

export interface Home {
  readonly view: View;
  /** Undefined: the database did not answer. */
  readonly standing: Standing | undefined;
  readonly story: StoryLinks | undefined;
  /** Such as `http://127.0.0.1:8787`. */
  readonly address: string;
}

type HomeWords = Words['home'];

/** Renders the front page. */
export function homePage({ view, standing, story, address }: Home): Html {
  const { home } = wordsOf(view);
  return layout({
    title: home.title,
    view,
    nav: mainNav(view),
    body: html`${heading(home.title, home.lede)}
${section(home.what.title, sheet(html`<p>${home.what.body}</p>`))}
${standing === undefined ? notice(view, { kind: 'stop', ...home.gone, isAnswer: true }) : howItStands(view, standing)}
${story === undefined ? '' : storyOf(home.story, story)}
${whatToTry(home.next, story, address)}
${section(home.more.title, moreOf(home.more))}`,
  });
}

/** Enough of a hash to compare by eye. */
const HASH_SHOWN = 16;

function howItStands(view: View, { origin, vkey, size, root, checkpoint, fenced }: Standing): Html {
  const { standing: words } = wordsOf(view).home;
  const facts = factList([
    [words.origin, html`<code>${origin}</code>`],
    [words.entries, String(size)],
    [words.root, root === null ? '—' : html`<code title="${root}">${root.slice(0, HASH_SHOWN)}…</code>`],
    [words.checkpoint, checkpoint === null ? '—' : html`<a href="/checkpoint">${words.entriesOf(checkpoint.size)}</a>`],
    [words.key, html`<code>${vkey}</code>`],
  ]);
  const readOnly = fenced === null ? '' : notice(view, { kind: 'warn', title: words.readOnly, body: fenced });
  return section(words.title, html`${readOnly}${sheet(facts)}`);
}

function storyOf(words: HomeWords['story'], { letter, grants, allow, deny, tour }: StoryLinks): Html {
  return section(
    words.title,
    html`${tour === undefined ? '' : html`<p>${linkButton({ kind: 'primary', text: words.tour, href: tour })}</p>`}
<div class="sheet"><ol class="story">
<li>${words.letter} <code>${letter}</code></li>
<li>${words.grants} ${grants.map(
      ({ action, withdrawn }) =>
        html`<code>${action}</code> ${withdrawn ? html`<span class="deny">${words.withdrawn}</span> ` : ''}`,
    )}</li>
<li><span class="allow">${words.allow}</span> ${accessOf(words, allow)}</li>
${deny.map((access) => html`<li><span class="deny">${words.deny}</span> ${accessOf(words, access)}</li>`)}
</ol></div>`,
  );
}

function accessOf(words: HomeWords['story'], { access, codes, page }: StoryAccess): Html {
  return html`${codes.map((each) => html`<code>${each}</code> `)}<code>${access}</code> · <a href="${page}">${words.receipt}</a>`;
}

function whatToTry(words: HomeWords['next'], story: StoryLinks | undefined, address: string): Html {
  return section(
    words.title,
    html`<p>${story === undefined ? words.begin : words.verify}</p>
${
  story === undefined
    ? html`<pre>npx assent keygen admin.pem
npx assent keygen query.pem
npx assent party register --name ${words.example} --role grantee --admin-key admin.pem --key query.pem</pre>`
    : html`<pre>curl -so receipt.json ${address}${story.allow.receipt}
npx assent verify receipt.json</pre>`
}
<pre>npx assent audit</pre>`,
  );
}

function moreOf(words: HomeWords['more']): Html {
  return linkRows([
    { href: '/verify', title: words.verify, note: words.verifyNote },
    { href: '/docs', title: words.docs, note: words.docsNote },
    { href: '/checkpoint', title: words.checkpoint, note: words.checkpointNote },
    { href: '/openapi.json', title: words.openapi, note: words.openapiNote },
    { href: '/components', title: words.components, note: words.componentsNote },
  ]);
}
