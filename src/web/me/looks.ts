/** "Who looked": each access with why, on what ground, and what came of it; and who saw the person's identity details. */
import { html } from 'hono/html';
import { BY_LINK, shownText, whyText } from '#service/person/identity-look-text.ts';
import type { IdentityLooks } from '#service/person/identity-looks.ts';
import { ACTION_TEXTS, basisText, resultText } from '#service/person/look-text.ts';
import type { Look, LooksPage, LookWindow } from '#service/person/looks.ts';
import type { Html } from '../html.ts';
import { buttonRow, linkButton } from '../parts/button.ts';
import { factList } from '../parts/facts.ts';
import { notice } from '../parts/notice.ts';
import { records } from '../parts/records.ts';
import { heading, section, sheet } from '../parts/sheet.ts';
import type { View } from '../view.ts';
import { wordsOf } from '../words.ts';
import { mePage, say, sayAll, sayWhen } from './say.ts';

/** @param identity null: not on this page, which begins further back. */
export function looksPage(
  view: View,
  window: LookWindow,
  { looks, counts, next, complete }: LooksPage,
  identity: IdentityLooks | null,
): Html {
  const { looks: words } = wordsOf(view).me;
  const body = html`${heading(words.title, words.lede)}
${buttonRow(
  linkButton({ kind: window === '1m' ? 'primary' : 'quiet', text: words.windows.month, href: '/me/looks?window=1m' }),
  linkButton({ kind: window === '2y' ? 'primary' : 'quiet', text: words.windows.years, href: '/me/looks?window=2y' }),
  linkButton({ kind: 'quiet', text: words.csv, href: `/me/looks.csv?window=${window}`, download: 'looks.csv' }),
)}
${sheet(
  factList(
    (['approval', 'post_loan', 'other', 'sent', 'denied'] as const).map((each) => [
      words.counts[each],
      String(counts[each]),
    ]),
  ),
)}
${complete ? '' : notice(view, { kind: 'warn', title: words.partial })}
${records(view, {
  caption: words.title,
  columns: words.columns,
  rows: looks.map((look) => ({ cells: cellsOf(view, look), isMarked: !look.covered, id: `look-${look.index}` })),
  empty: { title: words.empty, body: words.emptyBody },
})}
${next === null ? '' : buttonRow(linkButton({ kind: 'quiet', text: words.older, href: `/me/looks?window=${window}&after=${next}` }))}
${identity === null ? '' : identitySection(view, identity)}`;
  return mePage(view, words.title, body);
}

function identitySection(view: View, { views, complete }: IdentityLooks): Html {
  const { identity: words, operator } = wordsOf(view).me.looks;
  const rows = views.map((each) => ({
    id: `view-${each.index}`,
    cells: [
      sayWhen(view, each.time),
      html`${say(view, each.institution)}<br><span class="soft">${
        each.operators.length === 0 ? say(view, BY_LINK) : html`${operator} <code>${each.operators.join(' ')}</code>`
      }</span>`,
      sayAll(view, shownText(each)),
      say(view, whyText(each)),
    ],
  }));
  return section(
    words.title,
    html`<p class="soft">${words.lede}</p>
${complete ? '' : notice(view, { kind: 'info', title: words.partial })}
${records(view, { caption: words.title, columns: words.columns, rows, empty: { title: words.empty, body: words.emptyBody } })}`,
    'identity',
  );
}

function cellsOf(view: View, look: Look): readonly Html[] {
  const { looks: words } = wordsOf(view).me;
  const { line, why } = resultText(look.result);
  const reason =
    look.reason === null ? '' : `${look.reason.code} ${look.reason.name === null ? '' : say(view, look.reason.name)}`;
  return [
    html`${sayWhen(view, look.time)}${look.told_at > look.time ? html`<br><span class="soft">${words.told} ${sayWhen(view, look.told_at)}</span>` : ''}`,
    html`${say(view, look.institution)}${look.processor === null ? '' : html`<br><span class="soft">${say(view, look.processor)}</span>`}<br><span class="soft">${words.operator} <code>${look.operators.join(' ')}</code></span>`,
    html`${say(view, ACTION_TEXTS[look.action])} · ${say(view, look.purpose)}${reason === '' ? '' : html`<br><span class="soft">${reason}</span>`}<br><span class="soft">${sayAll(
      view,
      look.items.map(({ name }) => name),
    )}</span>`,
    groundOf(view, look),
    html`${say(view, line)}${why.length === 0 ? '' : html`<br><span class="soft">${sayAll(view, why)}</span>`}<br><a href="${look.receipt}">${words.receipt}</a>`,
    html`<a href="/me/objections/new?access=${look.access}">${words.object}</a>`,
  ];
}

function groundOf(view: View, { ground, covered }: Look): Html {
  const { looks: words } = wordsOf(view).me;
  const mark = covered ? '' : html`<strong class="deny">${words.uncovered}</strong> `;
  if (ground.kind === 'law') return html`${mark}${say(view, basisText(ground.basis))}`;
  if (ground.letter === null) return html`${mark}`;
  return html`${mark}<a href="/me/grants/${ground.grant}">${words.letter}</a>`;
}
