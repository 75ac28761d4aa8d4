/** Signs, drawn here. They say nothing to a screen reader: a word always stands beside one. */
import { html } from 'hono/html';
import type { Html } from '../html.ts';

/** Each drawn on a square of 24, with a line of 2. */
const DRAWN = {
  info: html`<circle cx="12" cy="12" r="9"/><path d="M12 11v6M12 7.2v.1"/>`,
  warn: html`<path d="M12 3.5 22 20.5H2z"/><path d="M12 10v5M12 17.6v.1"/>`,
  stop: html`<path d="M8.3 3h7.4L21 8.3v7.4L15.7 21H8.3L3 15.7V8.3z"/><path d="M8.5 12h7"/>`,
  done: html`<path d="m4.5 12.5 5 5 10-11"/>`,
  clock: html`<circle cx="12" cy="12" r="9"/><path d="M12 7v5.5l3.5 2"/>`,
  pause: html`<path d="M8.5 5v14M15.5 5v14"/>`,
  ended: html`<circle cx="12" cy="12" r="9"/><path d="m6 18 12-12"/>`,
  flag: html`<path d="M5.5 21V4h12l-2.5 4 2.5 4h-12"/>`,
  frozen: html`<path d="M12 2.5v19M3.8 7.2l16.4 9.6M20.2 7.2 3.8 16.8M9.5 4 12 6.5 14.5 4M9.5 20l2.5-2.5 2.5 2.5"/>`,
  next: html`<path d="m9 5 7 7-7 7"/>`,
  back: html`<path d="m15 5-7 7 7 7"/>`,
  aloud: html`<path d="M4 9.5v5h3.5L12 19V5L7.5 9.5zM15.5 9a4 4 0 0 1 0 6M18 6a8 8 0 0 1 0 12"/>`,
  reveal: html`<path d="M2.5 12S6 5.5 12 5.5 21.5 12 21.5 12 18 18.5 12 18.5 2.5 12 2.5 12z"/><circle cx="12" cy="12" r="3"/>`,
  large: html`<path d="m3 19 6-14 6 14M5.2 14h7.6M19 8v8M15.5 12H22"/>`,
  empty: html`<path d="M4 13 6.5 5h11L20 13v6H4zM4 13h5l1.2 2.5h3.6L15 13h5"/>`,
  key: html`<circle cx="8" cy="15.5" r="4.5"/><path d="m11.2 12.3 8.3-8.3M16 7.5l3 3"/>`,
} as const;

export type IconName = keyof typeof DRAWN;

export function icon(name: IconName): Html {
  return html`<svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">${DRAWN[name]}</svg>`;
}
