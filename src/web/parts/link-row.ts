/** A list of places to go to, each a whole row. */
import { html } from 'hono/html';
import type { Html, Inner } from '../html.ts';
import { icon } from './icon.ts';

export interface LinkRow {
  readonly href: string;
  readonly title: Inner;
  readonly note?: Inner;
  /** Such as a {@link statusBadge}. */
  readonly badge?: Html;
}

export function linkRows(rows: readonly LinkRow[]): Html {
  return html`<ul class="links">${rows.map((row) => html`<li>${linkRow(row)}</li>\n`)}</ul>`;
}

function linkRow({ href, title, note, badge }: LinkRow): Html {
  return html`<a class="link-row" href="${href}"><span class="to"><span class="title">${title}</span>${
    note === undefined ? '' : html` <span class="note">${note}</span>`
  }</span>${badge ?? ''}${icon('next')}</a>`;
}
