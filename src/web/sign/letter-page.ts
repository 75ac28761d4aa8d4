/**
 * The page of a letter: on one screen what matters, below it the text word for word, the questions, and the ticks. What is
 * said of the clauses comes out of the grants and the template, as the text does.
 *
 * @module
 */
import { html } from 'hono/html';
import type { Said } from '#core/consent/explain-text.ts';
import type { LetterPage, ShownClause } from '#service/letter-page.ts';
import type { Html, Inner } from '../html.ts';
import { layout } from '../layout.ts';
import { button, linkButton } from '../parts/button.ts';
import { LETTER_TEXT_ID, letterText } from '../parts/letter-text.ts';
import { notice } from '../parts/notice.ts';
import { readAloud } from '../parts/read-aloud.ts';
import { heading, section, sheet } from '../parts/sheet.ts';
import { steps } from '../parts/steps.ts';
import { summaryCard } from '../parts/summary.ts';
import { tickRow } from '../parts/tick.ts';
import { join, sayIn, sayList, sayNames, sayUntil } from '../say.ts';
import type { View } from '../view.ts';
import { wordsOf } from '../words.ts';
import { openForm } from './open-form.ts';
import { questionsForm } from './questions.ts';
import { problemLines, SIGN_SCRIPTS, type SignPage } from './sign-page.ts';

export function letterPage(page: SignPage): Html {
  const { view, shown } = page;
  const { sign } = wordsOf(view);
  const isAsked = shown.asked.status !== 'none' && shown.asked.status !== 'clear';
  const titles = [sign.steps.read, ...(shown.asked.status === 'none' ? [] : [sign.steps.answer]), sign.steps.sign];
  return layout({
    title: sign.title,
    view,
    robots: 'noindex',
    scripts: SIGN_SCRIPTS,
    body: html`${heading(titleOf(view, shown), sign.lede(sayIn(view, shown.asking.name)))}
${page.problem ?? ''}
${steps(view, titles, isAsked ? 1 : titles.length - 1)}
${atAGlance(view, shown)}
${warnings(view, shown)}
${text(page)}
${questionsForm(page)}
${isAsked || shown.masked ? '' : signForm(page)}
${declineForm(page)}
${notMeForm(page)}
${counter(page)}`,
  });
}

/** Without a phone: at a counter, on a paper that says the same. While it is held there is none to sign. */
function counter({ view, shown, form }: SignPage): Html {
  const { counter: words } = wordsOf(view).sign;
  const hasPaper = form !== null && shown.text !== null && !shown.masked && shown.asked.status !== 'held';
  return section(
    words.title,
    html`<p>${words.body}</p>
${hasPaper ? html`<p>${linkButton({ kind: 'quiet', text: words.paper, href: form })}</p>` : ''}`,
    'counter',
  );
}

export function titleOf(view: View, { words }: LetterPage): string {
  return words === null ? wordsOf(view).sign.title : sayIn(view, words.title);
}

function atAGlance(view: View, { clauses, asking, words }: LetterPage): Html {
  const { sign } = wordsOf(view);
  const { summary } = sign;
  const said = (values: readonly Inner[]) =>
    html`<ul class="plain">${values.map((each) => html`<li>${each}</li>`)}</ul>`;
  const refusals = unique(clauses.flatMap(({ clause }) => clause?.refusal?.words ?? []));
  const contact = words?.slots.contact ?? null;
  return summaryCard(view, {
    who: html`${sayIn(view, asking.name)}${asking.licence === undefined ? '' : html` <span class="soft">${sayIn(view, asking.licence)}</span>`}`,
    what: said(clauses.map(({ grant, items }) => `${sign.actions[grant.action]} ${sayNames(view, items)}`)),
    why: sayList(view, unique(clauses.flatMap(({ purposes }) => purposes.map(({ name }) => name)))),
    from: sayList(view, unique(clauses.flatMap((each) => doorsOf(each)))),
    long: summary.until(sayUntil(view, Math.max(...clauses.map(({ grant }) => grant.to)))),
    refuse: refusals.length === 0 ? summary.refuseNothing : said(refusals.map((each) => sayIn(view, each))),
    stop: summary.stopAnyTime,
    contact:
      join(view, [
        ...(asking.contact === undefined ? [] : [sayIn(view, asking.contact)]),
        ...(contact === null ? [] : [sayIn(view, contact)]),
      ]) || summary.notSaid,
  });
}

function doorsOf({ sources, recipients }: ShownClause): readonly Said[] {
  return [...sources, ...recipients].map(({ name }) => name);
}

function warnings(view: View, { told, asked: { owed } }: LetterPage): Html | string {
  if (told.length === 0 && owed === null) return '';
  const { sign } = wordsOf(view);
  return notice(view, {
    kind: 'warn',
    title: sign.warnings,
    body: html`${owed === null ? '' : html`<p><strong>${sign.summary.owed(owed)}</strong></p>`}${told.map((each) => html`<p>${sayIn(view, each.words)}</p>`)}`,
  });
}

function text({ view, shown, path, once }: SignPage): Html {
  const { text, translation, masked, subject } = shown;
  const words = wordsOf(view).sign.text;
  if (text === null) return notice(view, { kind: 'info', body: words.erased });
  return section(
    words.title,
    html`${masked ? openForm(view, { subject, path, once }) : ''}
${readAloud(view, LETTER_TEXT_ID)}
${letterText(view, { text })}
${
  translation === null
    ? ''
    : html`<details class="sheet"><summary>${words.english}</summary>${letterText(view, { text: translation, lang: 'en', id: 'letter-translation' })}</details>`
}`,
    'text',
  );
}

function signForm({ view, shown, path, relyingParty, once, hasNewKey = false }: SignPage): Html {
  const { form, key, problems, noScript } = wordsOf(view).sign;
  return section(
    form.title,
    html`<p>${form.hint}</p>
<noscript>${notice(view, { kind: 'info', body: noScript })}</noscript>
<form method="post" action="${path}/signature" data-sign="letter" data-text="${LETTER_TEXT_ID}" data-salt="${shown.text_salt ?? ''}"
data-statement="${JSON.stringify(shown.statement)}" data-rp="${relyingParty}">
<input type="hidden" name="once" value="${once}">
<input type="hidden" name="credential"><input type="hidden" name="signature"><input type="hidden" name="signed_at">
${shown.clauses.map((clause) => tickOf(view, clause))}
${hasNewKey ? notice(view, { kind: 'done', body: key.done }) : ''}
${sheet(html`<h3>${key.title}</h3><p>${key.why}</p>
<p>${linkButton({ kind: 'quiet', text: key.first, href: `${path}/key` })}</p>`)}
${problemLines(problems)}
${button({ kind: 'primary', text: form.submit, isDisabled: true })}
</form>`,
    'sign',
  );
}

function tickOf(view: View, shown: ShownClause): Html {
  const { form, clause: words } = wordsOf(view).sign;
  const { grant, items, clause } = shown;
  const after = clause?.revoking;
  const said = [after?.stops, after?.closes, after?.before, after?.stays, after?.instead].flatMap((each) => each ?? []);
  const details = html`<p>${words.to(sayUntil(view, grant.to))}</p>
${clause?.refusal == null ? '' : html`<h4>${words.refusing}</h4><p>${sayIn(view, clause.refusal.words)}</p>`}
${said.length === 0 ? '' : html`<h4>${words.revoking}</h4>${said.map((each) => html`<p>${sayIn(view, each)}</p>`)}`}
${
  items.length < 2
    ? ''
    : html`<fieldset><legend>${form.without}</legend>${items.map(
        ({ id, name }) =>
          html`<label class="answer"><input type="checkbox" name="without" value="${grant.grant}/${id}" autocomplete="off"><span>${sayIn(view, name)}</span></label>`,
      )}</fieldset>`
}`;
  return tickRow(view, {
    name: 'give',
    value: grant.grant,
    label: html`${labelOf(view, shown)}${words.items(sayNames(view, items))}`,
    need: grant.necessity,
    why: clause?.why == null ? '' : sayIn(view, clause.why),
    details,
  });
}

/** What a clause is about, in one line. */
export function labelOf(view: View, shown: ShownClause): string {
  const { clause, actions } = wordsOf(view).sign;
  const named = sayList(view, doorsOf(shown));
  const { action } = shown.grant;
  if (action === 'QUERY') return clause.query(sayNames(view, shown.purposes), named);
  if (action === 'REPORT') return clause.report(named);
  if (action === 'PROVIDE') return clause.provide(named);
  return clause.other(actions[action]);
}

/** As large as the way to sign: who refuses is not made to look for it. */
function declineForm({ view, path, once }: SignPage): Html {
  const { decline } = wordsOf(view).sign;
  return section(
    decline.title,
    html`<p>${decline.body}</p>
<form method="post" action="${path}/decline"><input type="hidden" name="once" value="${once}">${button({ kind: 'quiet', text: decline.submit })}</form>`,
    'decline',
  );
}

function notMeForm({ view, path, once }: SignPage): Html {
  const { notMe } = wordsOf(view).sign;
  return section(
    notMe.title,
    html`<p>${notMe.body}</p>
<form method="post" action="${path}/not-me"><input type="hidden" name="once" value="${once}">${button({ kind: 'danger', text: notMe.submit, icon: 'frozen' })}</form>`,
    'not-me',
  );
}

function unique<T>(values: readonly T[]): readonly T[] {
  return [...new Map(values.map((value) => [JSON.stringify(value), value])).values()];
}
