/** Finding a letter, on more than one page of the desk. */
import { html } from 'hono/html';
import type { Html } from '../html.ts';
import type { View } from '../view.ts';
import { deskForm, say } from './shell.ts';

/** A letter by its id; those that were looked at in this browser are offered. */
export function findForm(view: View): Html {
  const field = html`<div class="field"><label for="field-letter">${say(view, 'letter_id')}</label>
<input type="text" id="field-letter" name="letter" list="letters" maxlength="32" required></div><datalist id="letters"></datalist>`;
  return deskForm(view, { name: 'find', word: 'find' }, field);
}
