/** Reads a part of the page aloud. Only a script can, so without one the button is not there. */
import { html } from 'hono/html';
import type { Html } from '../html.ts';
import type { View } from '../view.ts';
import { wordsOf } from '../words.ts';
import { icon } from './icon.ts';

/**
 * @param target The id of the element whose text is read. The script (scripts/read-aloud.ts) shows the button, and
 *   presses it while it reads.
 */
export function readAloud(view: View, target: string): Html {
  const words = wordsOf(view).parts;
  return html`<button class="button quiet unprinted" type="button" hidden data-read-aloud="${target}" aria-pressed="false">${icon('aloud')}<span>${words.aloud}</span></button>`;
}
