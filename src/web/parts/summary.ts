/** The letter on one screen of a phone: the eight things that PIPL 17 and users P-01 want said before anybody signs. */
import { html } from 'hono/html';
import type { Html, Inner } from '../html.ts';
import type { View } from '../view.ts';
import { wordsOf } from '../words.ts';

/** All of them, always: what is missing would be what matters. */
export interface Summary {
  readonly who: Inner;
  readonly what: Inner;
  readonly why: Inner;
  /** From where the data come, or to whom they go. */
  readonly from: Inner;
  readonly long: Inner;
  /** What happens if one refuses. */
  readonly refuse: Inner;
  readonly stop: Inner;
  readonly contact: Inner;
}

/** What a button that reads it aloud names. */
export const SUMMARY_ID = 'letter-summary';

const SLOTS = ['who', 'what', 'why', 'from', 'long', 'refuse', 'stop', 'contact'] as const satisfies (keyof Summary)[];

/** Sentences, which want the whole width; names stand side by side where there is room. */
const WIDE: readonly (keyof Summary)[] = ['long', 'refuse', 'stop', 'contact'];

/** @param title Absent: "at a glance". */
export function summaryCard(view: View, summary: Summary, title?: string): Html {
  const words = wordsOf(view).parts.summary;
  return html`<section class="summary" id="${SUMMARY_ID}"><h2>${title ?? words.title}</h2>
<dl>${SLOTS.map(
    (slot) =>
      html`<div${WIDE.includes(slot) ? html` class="whole"` : ''}><dt>${words[slot]}</dt><dd>${summary[slot]}</dd></div>\n`,
  )}</dl></section>`;
}
