/** A question with its answers, none of them chosen beforehand: what a person is asked before a loan's letter (users 4.6). */
import { html } from 'hono/html';
import type { Html, Inner } from '../html.ts';
import type { View } from '../view.ts';
import { wordsOf } from '../words.ts';
import { icon } from './icon.ts';

export interface Question {
  readonly name: string;
  readonly question: Inner;
  readonly hint?: Inner;
  readonly answers: readonly (readonly [value: string, text: Inner])[];
  /** What was answered in this same form before it was refused. */
  readonly answered?: string;
  readonly error?: string;
}

export function questionCard(view: View, { name, question, hint, answers, answered, error }: Question): Html {
  const id = `question-${name}`;
  const by = [hint === undefined ? '' : `${id}-hint`, error === undefined ? '' : `${id}-error`].filter((each) => each);
  return html`<fieldset class="question" id="${id}"${by.length === 0 ? '' : html` aria-describedby="${by.join(' ')}"`}>
<legend>${question}</legend>
<div class="answers">${hint === undefined ? '' : html`<p class="soft" id="${id}-hint">${hint}</p>`}
${error === undefined ? '' : html`<p class="wrong" id="${id}-error">${icon('warn')}<span>${wordsOf(view).parts.field.problem}：${error}</span></p>`}
${answers.map(
  ([value, text]) =>
    html`<label class="answer"><input type="radio" name="${name}" value="${value}" required autocomplete="off"${
      value === answered ? html` checked` : ''
    }><span>${text}</span></label>\n`,
)}</div></fieldset>`;
}
