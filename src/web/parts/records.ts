/** Records, one a row: a table where there is room, cards on a phone and in elder mode. */
import { html } from 'hono/html';
import type { Html, Inner } from '../html.ts';
import type { View } from '../view.ts';
import { emptyState } from './state.ts';

export interface Records {
  /** What they are, for who can't see the heading above. */
  readonly caption: string;
  readonly columns: readonly string[];
  /** As many cells as columns; the first names the row. */
  readonly rows: readonly Row[];
  /** What stands there instead of no rows. */
  readonly empty?: Parameters<typeof emptyState>[1];
}

export interface Row {
  readonly cells: readonly Inner[];
  /** Whether it wants to be looked at; a word in a cell has to say why. */
  readonly isMarked?: boolean;
  /** Where a link may point, such as `entry-12`. */
  readonly id?: string;
}

/** The roles are said again: as cards the elements are no table for a browser any more, and still are one for a reader. */
export function records(view: View, { caption, columns, rows, empty }: Records): Html {
  if (rows.length === 0) return emptyState(view, empty);
  return html`<table class="records" role="table"><caption class="unseen">${caption}</caption>
<thead role="rowgroup"><tr role="row">${columns.map((column) => html`<th scope="col" role="columnheader">${column}</th>`)}</tr></thead>
<tbody role="rowgroup">${rows.map((row) => rowOf(columns, row))}</tbody></table>`;
}

function rowOf(columns: readonly string[], { cells, isMarked = false, id }: Row): Html {
  return html`<tr role="row"${id === undefined ? '' : html` id="${id}"`}${isMarked ? html` class="heed"` : ''}>${cells.map(
    (cell, at) => html`<td role="cell" data-label="${columns[at] ?? ''}"><div>${cell}</div></td>`,
  )}</tr>\n`;
}
