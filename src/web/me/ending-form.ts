import { html } from 'hono/html';
import type { Html } from '../html.ts';
import { button } from '../parts/button.ts';

/** The form that asks for the end of a hold: what it is comes on the next page, and nothing ends before it is signed. */
export function endingForm(action: string, once: string, text: string): Html {
  return html`<form method="post" action="${action}"><input type="hidden" name="once" value="${once}">${button({ kind: 'primary', text })}</form>`;
}
