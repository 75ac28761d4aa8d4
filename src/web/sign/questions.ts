/** What is asked before a letter can be signed: the questions of its template, and whether what is on record is the person. */
import { html } from 'hono/html';
import type { LetterPage } from '#service/letter-page.ts';
import type { Html } from '../html.ts';
import { button } from '../parts/button.ts';
import { notice } from '../parts/notice.ts';
import { questionCard } from '../parts/question.ts';
import { section } from '../parts/sheet.ts';
import { sayIn, sayTime } from '../say.ts';
import type { View } from '../view.ts';
import { wordsOf } from '../words.ts';
import type { SignPage } from './sign-page.ts';

export function questionsForm({ view, shown, path, once }: SignPage): Html | string {
  const { questions: words, held } = wordsOf(view).sign;
  const { status, held_until, questions } = shown.asked;
  if (status === 'none') return '';
  if (status === 'clear') return notice(view, { kind: 'done', body: words.done });
  if (held_until !== null) {
    return notice(view, {
      kind: 'stop',
      title: held.title,
      body: html`<p>${held.body(sayTime(view, held_until))}</p><p>${held.advice}</p>`,
    });
  }
  return section(
    words.title,
    html`<p>${words.why}</p>
<form method="post" action="${path}/answers"><input type="hidden" name="once" value="${once}">
${(shown.facts ?? []).map((fact) => factCard(view, fact))}
${questions.map(({ id, ask, stops }) =>
  questionCard(view, {
    name: `answer.${id}`,
    question: sayIn(view, ask),
    // What is answered is kept in Chinese, in whichever language it was asked.
    answers: [...stops.map((each) => [each.zh, sayIn(view, each)] as const), [FINE, words.fine] as const],
  }),
)}
${button({ kind: 'primary', text: words.submit })}
</form>`,
    'questions',
  );
}

/** That none of what stops is so. */
const FINE = '没有上面的情况';

function factCard(view: View, { id, zh, en, of }: NonNullable<LetterPage['facts']>[number]): Html {
  const { questions: words } = wordsOf(view).sign;
  return questionCard(view, {
    name: `confirm.${id}`,
    question: html`${words.confirm(sayIn(view, of.name))}<br><strong>${sayIn(view, { zh, en: en ?? zh })}</strong>`,
    answers: [
      ['yes', words.isMe],
      ['no', words.notMe],
    ],
  });
}
