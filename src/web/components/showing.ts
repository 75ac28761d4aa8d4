/** Samples of what shows something to the reader. */
import { html } from 'hono/html';
import type { Html } from '../html.ts';
import { type Status, statusBadge } from '../parts/badge.ts';
import { linkButton } from '../parts/button.ts';
import { checkCode } from '../parts/check-code.ts';
import { factList } from '../parts/facts.ts';
import { linkRows } from '../parts/link-row.ts';
import { notice } from '../parts/notice.ts';
import { pager } from '../parts/pager.ts';
import { type Hearer, propagation } from '../parts/propagation.ts';
import { qrFrame } from '../parts/qr-frame.ts';
import { records } from '../parts/records.ts';
import { sheet } from '../parts/sheet.ts';
import { emptyState, errorState } from '../parts/state.ts';
import { legal } from '../parts/translation.ts';
import type { View } from '../view.ts';
import { wordsOf } from '../words.ts';
import type { Sample } from './sample.ts';

export function showing(view: View): readonly Sample[] {
  const { components: words, parts } = wordsOf(view);
  const kinds = ['info', 'warn', 'stop', 'done'] as const;
  const statuses = Object.keys(parts.badge) as Status[];
  return [
    ['notices', html`${kinds.map((kind) => notice(view, { kind, body: words.notices[kind] }))}`],
    ['badges', html`<p class="row">${statuses.map((status) => html`${statusBadge(view, status)} `)}</p>`],
    ['links', links(view)],
    ['facts', sheet(factList(words.facts.map(([term, value]) => [term ?? '', value ?? ''] as const)))],
    ['records', looks(view)],
    ['pager', pager(view, { from: 21, to: 40, count: 73, newer: '#records', older: '#records' })],
    ['propagation', propagation(view, hearers(view))],
    ['codes', codes(view)],
    ['states', states(view)],
    ['legal', sheet(legal(view, html`<p>${words.legal}</p>`))],
  ];
}

function links(view: View): Html {
  const statuses: readonly Status[] = ['active', 'contested', 'revoked'];
  return linkRows(
    wordsOf(view).components.links.map(({ title, note }, at) => ({
      href: '#links',
      title,
      note,
      badge: statusBadge(view, statuses[at] ?? 'ended'),
    })),
  );
}

function looks(view: View): Html {
  const { caption, columns, rows } = wordsOf(view).components.records;
  const results: readonly Status[] = ['allowed', 'denied', 'allowed'];
  return records(view, {
    caption,
    columns,
    rows: rows.map((cells, at) => ({
      cells: [...cells, statusBadge(view, results[at] ?? 'failed')],
      isMarked: at === 1,
    })),
  });
}

function hearers(view: View): readonly Hearer[] {
  const states = ['told', 'told', 'waiting', 'failed'] as const;
  return wordsOf(view).components.hearers.map(([name = '', moment = ''], at) => ({
    name,
    state: states[at] ?? 'waiting',
    ...(moment === '' ? {} : { moment }),
  }));
}

function codes(view: View): Html {
  const image = html`<svg viewBox="0 0 21 21" aria-hidden="true"><path fill-rule="evenodd" d="M0 0h7v7H0zM1 1v5h5V1zM2 2h3v3H2zM14 0h7v7h-7zM15 1v5h5V1zM16 2h3v3h-3zM0 14h7v7H0zM1 15v5h5v-5zM2 16h3v3H2zM9 1h2v2H9zM9 9h3v3H9zM14 10h3v2h-3zM10 15h2v4h-2zM15 15h4v1h-4zM16 18h4v2h-4z"/></svg>`;
  return html`<p>${checkCode(view, '7G3K-09QZ-M4TV')}</p>
${qrFrame(view, { image, label: wordsOf(view).components.qr, href: '/components' })}`;
}

function states(view: View): Html {
  const { states: words } = wordsOf(view).components;
  return html`${emptyState(view, {
    title: words.emptyTitle,
    body: words.emptyBody,
    next: linkButton({ kind: 'quiet', text: wordsOf(view).frame.home, href: '/' }),
  })}
${errorState(view, { title: words.errorTitle, code: 'letter_expired', next: words.errorNext })}`;
}
