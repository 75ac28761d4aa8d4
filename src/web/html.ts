/** What every page and part of a page is: markup whose values are escaped. */
import type { html } from 'hono/html';

export type Html = ReturnType<typeof html>;

/** What may stand inside of one. A string is escaped. */
export type Inner = Html | string;
