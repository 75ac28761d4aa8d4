/**
 * The exact text of a letter. What an element's `textContent` gives is the text, byte for byte: a script reads it there and
 * signs what was shown. So nothing is added, trimmed or wrapped here; a key clause is only made bold.
 *
 * @module
 */
import { html, raw } from 'hono/html';
import { keyClauseIn } from '#core/letter-template/key-clause.ts';
import type { Html } from '../html.ts';
import type { View } from '../view.ts';
import { wordsOf } from '../words.ts';

export const LETTER_TEXT_ID = 'letter-text';

export interface LetterText {
  readonly text: string;
  /** The language that the text is in, which may not be the page's. */
  readonly lang?: 'zh-CN' | 'en';
  readonly id?: string;
}

export function letterText(view: View, { text, lang = 'zh-CN', id = LETTER_TEXT_ID }: LetterText): Html {
  const words = wordsOf(view).parts.letter;
  return html`<div class="letter">
<p class="soft" id="${id}-note">${lang === view.lang || lang === 'en' ? '' : html`${words.authoritative} `}${words.key}</p>
<div class="text" id="${id}" lang="${lang}" role="region" aria-label="${words.label}" aria-describedby="${id}-note" tabindex="0">${text
    .split('\n')
    .map((line, at) => html`${at === 0 ? '' : '\n'}${lineOf(line)}`)}</div></div>`;
}

function lineOf(line: string): Html {
  const clause = keyClauseIn(line);
  const mark = html`<span class="mark">**</span>`;
  return clause === undefined ? exact(line) : html`<strong>${mark}${exact(clause)}${mark}</strong>`;
}

/** A browser reads a carriage return as a line feed, unless it is spelled out (HTML, section 13.2.3.5). */
function exact(text: string): Html {
  return html`${text.split('\r').map((part, at) => html`${at === 0 ? '' : raw('&#13;')}${part}`)}`;
}
