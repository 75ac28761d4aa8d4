/** What each page of the desk has around it: its parts, where problems are told, and the words that its module says. */
import { html } from 'hono/html';
import type { Html } from '../html.ts';
import { layout } from '../layout.ts';
import { button } from '../parts/button.ts';
import { notice } from '../parts/notice.ts';
import { heading } from '../parts/sheet.ts';
import type { View } from '../view.ts';
import { wordsOf } from '../words.ts';
import { DESK_WORDS, type DeskWord } from './words.ts';

export const DESK_SCRIPT = 'desk';

/** The parts of the desk, by what `data-desk` calls them. */
const PATHS = {
  'sign-in': ['/desk', 'title_sign_in'],
  request: ['/desk/request', 'title_request'],
  letters: ['/desk/letters', 'title_letters'],
  counter: ['/desk/counter', 'title_counter'],
} as const satisfies Readonly<Record<string, readonly [path: string, word: DeskWord]>>;
export type DeskPart = keyof typeof PATHS;

/** The words of a name, in the language of the page. */
export function say(view: Pick<View, 'lang'>, word: DeskWord): string {
  return wordsOf(view).desk[word];
}

/** A page of the desk. Without its script it only says what it needs, and where else the same is done. */
export function deskPage(view: View, part: DeskPart, body: Html): Html {
  const title = say(view, PATHS[part][1]);
  const nav = Object.values(PATHS).map(([href, word]) => ({ href, text: say(view, word) }));
  return layout({
    title,
    view,
    nav,
    scripts: [DESK_SCRIPT],
    robots: 'noindex',
    width: 'wide',
    body: html`${heading(title)}
<noscript>${notice(view, { kind: 'warn', body: say(view, 'needs_script') })}</noscript>
<div id="desk" data-desk="${part}" data-lang="${view.lang}" data-words="${JSON.stringify(DESK_WORDS)}">
<p class="notice stop" data-message role="alert" tabindex="-1" hidden></p>
${body}
</div>`,
  });
}

/** A form that the module sends: until it is there, nothing can be pressed. */
export function deskForm(
  view: View,
  form: { readonly name: string; readonly word: DeskWord; readonly isHidden?: boolean },
  fields: Html | string,
): Html {
  const { name, word, isHidden = false } = form;
  return html`<form data-form="${name}" class="unprinted" autocomplete="off"${isHidden ? html` hidden` : ''}>
${fields}
${button({ kind: 'primary', text: say(view, word), isDisabled: true })}
</form>`;
}

/** A file that stays in the browser. */
export function fileField(
  view: View,
  field: { readonly name: string; readonly word: DeskWord; readonly accept: string },
): Html {
  const { name, word, accept } = field;
  return html`<div class="field"><label for="field-${name}">${say(view, word)}</label>
<input type="file" id="field-${name}" name="${name}" accept="${accept}" required></div>`;
}

/** A box to tick, unticked. */
export function tickField(
  view: View,
  box: { readonly name: string; readonly value: string; readonly word: DeskWord },
): Html {
  const { name, value, word } = box;
  return html`<div class="tick"><label><input type="checkbox" name="${name}" value="${value}" autocomplete="off"><span class="said"><span class="what">${say(view, word)}</span></span></label></div>`;
}
