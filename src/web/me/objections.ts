/** Objections: those that there are, with their clock, and the form of a new one; and the panic button's page. */
import { html } from 'hono/html';
import type { Said } from '#core/consent/explain-text.ts';
import { OBJECTION_REASON_MAX } from '#core/consent/objection.ts';
import type { ObjectionInWords } from '#service/person/objections.ts';
import type { Html } from '../html.ts';
import { button } from '../parts/button.ts';
import { textField } from '../parts/field.ts';
import { notice } from '../parts/notice.ts';
import { panicButton } from '../parts/panic.ts';
import { records } from '../parts/records.ts';
import { heading, section, sheet } from '../parts/sheet.ts';
import { sayUntil } from '../say.ts';
import type { View } from '../view.ts';
import { wordsOf } from '../words.ts';
import { endingForm } from './ending-form.ts';
import { mePage, say, sayAll, sayWhen } from './say.ts';

export function objectionsPage(view: View, objections: readonly ObjectionInWords[]): Html {
  const { objections: words } = wordsOf(view).me;
  const body = html`${heading(words.title, words.lede)}
${records(view, {
  caption: words.title,
  columns: words.columns,
  rows: objections.map((each) => ({
    isMarked: each.status === 'overdue',
    cells: [
      sayWhen(view, each.opened_at),
      say(view, each.institution),
      sayAll(view, each.items),
      each.reason ?? wordsOf(view).me.none,
      each.due === null ? wordsOf(view).me.none : sayUntil(view, each.due),
      each.answer === null
        ? words.statuses[each.status]
        : `${words.statuses[each.status]}: ${words.answers[each.answer]}`,
    ],
  })),
  empty: { title: words.empty, body: words.emptyBody },
})}`;
  return mePage(view, words.title, body);
}

export interface NewObjection {
  readonly about: readonly [field: 'access' | 'grant', id: string];
  readonly institution: Said;
  readonly items: readonly { readonly code: string; readonly name: Said }[];
  readonly once: string;
}

export function newObjectionPage(view: View, { about: [field, id], institution, items, once }: NewObjection): Html {
  const { objections: words } = wordsOf(view).me;
  const body = html`${heading(words.newTitle, words.lede)}
<form method="post" action="/me/objections">
<input type="hidden" name="once" value="${once}"><input type="hidden" name="${field}" value="${id}">
${sheet(html`<p>${words.about} <strong>${say(view, institution)}</strong></p>`)}
<fieldset><legend>${words.items}</legend>${items.map(
    ({ code, name }) =>
      html`<p><label><input type="checkbox" name="item" value="${code}" autocomplete="off"> ${say(view, name)}</label></p>`,
  )}</fieldset>
${textField(view, { name: 'reason', label: words.reason, isLong: true, lengthMax: OBJECTION_REASON_MAX })}
${button({ kind: 'primary', text: words.send })}</form>`;
  return mePage(view, words.newTitle, body);
}

export function freezePage(view: View, frozenAt: number | null, once: string): Html {
  const { freeze: words } = wordsOf(view).me;
  const fields = html`<input type="hidden" name="once" value="${once}">`;
  const body = html`${heading(words.title, words.lede)}
${
  frozenAt === null
    ? panicButton(view, { action: '/me/freeze', fields })
    : notice(view, {
        kind: 'done',
        title: words.done,
        body: html`<p>${sayWhen(view, frozenAt)}</p><p>${words.lift}</p>`,
        isAnswer: true,
      })
}
${frozenAt === null ? '' : section(words.how, html`<p>${words.howBody}</p>${endingForm('/me/release', once, words.end)}`)}
${section(words.help, sheet(html`<p>${words.helpBody}</p>`))}`;
  return mePage(view, words.title, body);
}
