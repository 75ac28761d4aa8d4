/** What a person is told of an authorization of before the ledger lost entries, and how it confirms it (ADR 0028). */
import { html } from 'hono/html';
import type { Said } from '#core/consent/explain-text.ts';
import type { GrantInWords } from '#service/person/grant-words.ts';
import type { StatementToSign } from '#service/person/statements.ts';
import type { Html } from '../html.ts';
import { notice } from '../parts/notice.ts';
import { section } from '../parts/sheet.ts';
import type { View } from '../view.ts';
import { wordsOf } from '../words.ts';
import { endingForm } from './ending-form.ts';
import { say, sayWhen } from './say.ts';

/** Said before it is signed, in both languages at once: nobody should confirm what they could not read. */
const LOST: Said = {
  zh: '账本丢失了这一天之后的记录。您可能已经撤回这项授权，我们无法得知；在您确认之前，任何人都不能使用它。',
  en: 'The ledger lost what was recorded after this day. You may have taken this authorization back since, and we can’t know; until you confirm it, nobody can use it.',
};

/** On the page of an authorization that waits for it; nothing on any other. @param once Names the page's form. */
export function confirming(view: View, { grant, status, uses_max }: GrantInWords, once: string): Html | '' {
  if (status !== 'suspended') return '';
  const words = wordsOf(view).me.statement.confirm;
  // How often it was used is lost: what is limited in number is given anew, by a new letter.
  const way =
    uses_max === null ? endingForm(`/me/grants/${grant}/confirm`, once, words.submit) : html`<p>${words.counted}</p>`;
  return section(words.title, html`<p>${say(view, LOST)}</p>${way}`);
}

/** On the page where it is signed: up to which day the ledger remembers all. */
export function rememberedNotice(view: View, { kind, grant, remembered_until }: StatementToSign): Html | '' {
  if (kind !== 'confirm') return '';
  const words = wordsOf(view).me.statement.confirm;
  const body = html`<p>${words.until} ${sayWhen(view, remembered_until)}</p>
${grant === null ? '' : html`<p lang="zh-CN">${LOST.zh}</p><p lang="en">${LOST.en}</p>`}`;
  return notice(view, { kind: 'warn', title: words.lost, body });
}
