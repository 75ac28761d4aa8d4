/** A value that is masked, and a form that asks for it: whoever looks, it is recorded. */
import { html } from 'hono/html';
import type { Html } from '../html.ts';
import type { View } from '../view.ts';
import { wordsOf } from '../words.ts';
import { button } from './button.ts';

export interface Masked {
  /** Such as `张**`: the value itself is not on the page. */
  readonly shown: string;
  /** What it is, such as "name". */
  readonly what: string;
  /** Where it is asked for; absent: it can't be. */
  readonly reveal?: { readonly action: string; readonly name: string; readonly value: string; readonly fields?: Html };
}

export function maskedValue(view: View, { shown, what, reveal }: Masked): Html {
  const words = wordsOf(view).parts.masked;
  const value = html`<span class="value">${shown} <span class="unseen">${words.hidden}</span></span>`;
  if (reveal === undefined) return value;
  const { action, name, value: which, fields } = reveal;
  return html`<form class="masked" method="post" action="${action}">${fields ?? ''}${value}
${button({ kind: 'quiet', text: words.reveal(what), icon: 'reveal', name, value: which })}
<span class="soft small">${words.noted}</span></form>`;
}
