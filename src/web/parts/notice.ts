/** Something to notice: a sign and a word say of which kind it is, and the colour only repeats it. */
import { html } from 'hono/html';
import type { Html, Inner } from '../html.ts';
import type { View } from '../view.ts';
import { wordsOf } from '../words.ts';
import { icon } from './icon.ts';

export type NoticeKind = 'info' | 'warn' | 'stop' | 'done';

export interface Notice {
  readonly kind: NoticeKind;
  /** The word beside the sign. Absent: the kind's own. */
  readonly word?: string;
  readonly title?: Inner;
  readonly body?: Inner;
  /** Whether it answers what the reader just did, and is read out. */
  readonly isAnswer?: boolean;
}

export function notice(view: View, { kind, word, title, body = '', isAnswer = false }: Notice): Html {
  const role = isAnswer ? html` role="${kind === 'stop' ? 'alert' : 'status'}"` : '';
  return html`<div class="notice ${kind}"${role}>
<p class="notice-title">${icon(kind)}<span class="kind">${word ?? wordsOf(view).parts.notice[kind]}</span>${title === undefined ? '' : html` <span>${title}</span>`}</p>
${body === '' ? '' : html`<div class="notice-body">${body}</div>`}
</div>`;
}
