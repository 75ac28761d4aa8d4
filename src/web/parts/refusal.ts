/** What was refused on the page that is shown again: why, what to do, and the code; of a passkey that has to be affirmed the way. */
import { html } from 'hono/html';
import type { Html } from '../html.ts';
import type { View } from '../view.ts';
import { wordsOf } from '../words.ts';
import { notice } from './notice.ts';

/** @param code As the core has it. */
export function refusal(view: View, code: string): Html {
  const { failure, affirm } = wordsOf(view);
  const { title, next } = failure.of[code as keyof typeof failure.of] ?? failure.other;
  const way = code === 'key_suspended' ? html`<p><a href="/me/affirm">${affirm.left.how}</a></p>` : '';
  return notice(view, { kind: 'stop', title, body: html`<p>${next} <code>${code}</code></p>${way}`, isAnswer: true });
}
