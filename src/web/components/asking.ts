/** Samples of what asks something of the reader. Nothing is done with their forms. */
import { html } from 'hono/html';
import type { Html } from '../html.ts';
import { button, buttonRow, linkButton } from '../parts/button.ts';
import { choiceField, fieldErrors, type TextField, textField } from '../parts/field.ts';
import { LETTER_TEXT_ID, letterText } from '../parts/letter-text.ts';
import { maskedValue } from '../parts/masked.ts';
import { panicButton } from '../parts/panic.ts';
import { questionCard } from '../parts/question.ts';
import { readAloud } from '../parts/read-aloud.ts';
import { steps } from '../parts/steps.ts';
import { SUMMARY_ID, summaryCard } from '../parts/summary.ts';
import { tickRow } from '../parts/tick.ts';
import type { View } from '../view.ts';
import { wordsOf } from '../words.ts';
import type { Sample } from './sample.ts';

/** Where the samples' forms go. */
const HERE = '/components';

export function asking(view: View): readonly Sample[] {
  const { components: words } = wordsOf(view);
  return [
    ['steps', steps(view, words.steps, 1)],
    ['summary', summaryCard(view, words.summary)],
    ['ticks', ticks(view)],
    ['letter', letterText(view, { text: words.letter })],
    ['aloud', html`${readAloud(view, SUMMARY_ID)}${readAloud(view, LETTER_TEXT_ID)}<p class="soft">${words.aloud}</p>`],
    ['questions', questions(view)],
    ['buttons', buttons(view)],
    ['fields', fields(view)],
    ['masked', masked(view)],
    ['panic', panicButton(view, { action: HERE })],
  ];
}

function ticks(view: View): Html {
  const { ticks: words } = wordsOf(view).components;
  const details = html`<ul>${words.items.map((item) => html`<li>${item}</li>`)}</ul>`;
  const name = 'given';
  return html`${tickRow(view, { name, value: 'query', label: words.query, need: 'necessary', why: words.queryWhy, details })}
${tickRow(view, { name, value: 'report', label: words.report, need: 'necessary', why: words.reportWhy })}
${tickRow(view, { name, value: 'provide', label: words.provide, need: 'optional', why: words.provideWhy, details })}`;
}

function questions(view: View): Html {
  const { questions: words } = wordsOf(view).components;
  return html`${questionCard(view, {
    name: 'who',
    question: words.who,
    hint: words.whoHint,
    answers: words.answers.map((text, at) => [String(at), text] as const),
  })}
${questionCard(view, {
  name: 'repay',
  question: words.repay,
  answers: words.repayAnswers.map((text, at) => [String(at), text] as const),
  error: words.wrong,
})}`;
}

function buttons(view: View): Html {
  const { buttons: words } = wordsOf(view).components;
  const type = 'button';
  return html`${buttonRow(
    button({ kind: 'primary', text: words.sign, icon: 'key', type }),
    button({ kind: 'quiet', text: words.decline, type }),
    button({ kind: 'danger', text: words.revoke, icon: 'ended', type }),
  )}
${buttonRow(
  linkButton({ kind: 'quiet', text: words.more, href: '#letter' }),
  button({ kind: 'primary', text: words.unable, type, isDisabled: true }),
)}`;
}

function fields(view: View): Html {
  const { fields: words } = wordsOf(view).components;
  const code: TextField = { name: 'code', label: words.code, value: '7G3K', error: words.codeWrong };
  return html`${fieldErrors(view, [code])}
${textField(view, { name: 'name', label: words.name, hint: words.nameHint, lengthMax: 100 })}
${textField(view, code)}
${choiceField(view, {
  name: 'period',
  label: words.period,
  options: [
    ['P1M', words.periods[0] ?? ''],
    ['P2Y', words.periods[1] ?? ''],
  ],
})}
${textField(view, { name: 'reason', label: words.reason, hint: words.reasonHint, isLong: true, isOptional: true })}`;
}

function masked(view: View): Html {
  const { masked: words } = wordsOf(view).components;
  return html`<p>${maskedValue(view, { shown: '张*例', what: words.name })}</p>
${maskedValue(view, {
  shown: '110101********0015',
  what: words.idNumber,
  reveal: { action: HERE, name: 'reveal', value: 'id_number' },
})}`;
}
