/** What came of a letter: signed, declined, not me, or expired; what to keep of it, and the way back to who asked. */
import { html } from 'hono/html';
import type { LetterPage, ShownClause } from '#service/letter-page.ts';
import type { Html } from '../html.ts';
import { layout } from '../layout.ts';
import { linkButton } from '../parts/button.ts';
import { notice } from '../parts/notice.ts';
import { heading, section } from '../parts/sheet.ts';
import { sayIn, sayList } from '../say.ts';
import type { View } from '../view.ts';
import { wordsOf } from '../words.ts';
import { labelOf, titleOf } from './letter-page.ts';
import type { SignPage } from './sign-page.ts';

type Done = Pick<SignPage, 'view' | 'shown' | 'path' | 'problem' | 'hasNewKey'>;

export function donePage({ view, shown, path, problem, hasNewKey = false }: Done): Html {
  const { sign } = wordsOf(view);
  return layout({
    title: sign.title,
    view,
    robots: 'noindex',
    body: html`${heading(titleOf(view, shown), sayIn(view, shown.asking.name))}
${problem ?? ''}
${hasNewKey ? notice(view, { kind: 'done', body: sign.key.again, isAnswer: true }) : ''}
${outcome(view, shown)}
${shown.status === 'signed' ? clauses(view, shown.clauses) : ''}
<div class="buttons">
${shown.status === 'signed' ? linkButton({ kind: 'primary', text: sign.done.receipt, href: `${path}/receipt` }) : ''}
${linkButton({ kind: 'quiet', text: sign.done.me, href: shown.not_me?.frozen === true ? '/me/freeze' : '/me' })}
${shown.return_to === null ? '' : linkButton({ kind: 'quiet', text: sign.done.back(sayIn(view, shown.asking.name)), href: backTo(shown.return_to, shown), icon: 'back' })}
</div>
${shown.status === 'signed' ? html`<p><a href="${path}/key">${sign.key.lost}</a></p>` : ''}`,
  });
}

function outcome(view: View, { status, is_of_before, clauses: all, not_me, asking }: LetterPage): Html {
  const { done, expired } = wordsOf(view).sign;
  if (status === 'signed' && all.some(({ grant }) => grant.status === 'suspended')) {
    return notice(view, { kind: 'warn', title: done.suspended, body: done.suspendedBody });
  }
  if (status === 'signed') return notice(view, { kind: 'done', title: done.signed, body: done.signedBody });
  if (status === 'expired')
    return notice(view, { kind: 'info', title: expired.title, body: is_of_before ? expired.lost : expired.body });
  if (not_me === null) return notice(view, { kind: 'done', title: done.declined, body: done.declinedBody });
  const { notMe } = done;
  const told = sayList(
    view,
    not_me.alerted.map(({ name }) => name),
  );
  return notice(view, {
    kind: 'done',
    title: not_me.frozen ? notMe.title : notMe.released,
    body: html`<p>${notMe.body(sayIn(view, asking.name))}</p>${told === '' ? '' : html`<p>${notMe.told(told)}</p>`}
${not_me.frozen ? html`<p>${notMe.lift}</p>` : ''}<ul>${notMe.next.map((each) => html`<li>${each}</li>`)}</ul>`,
  });
}

function clauses(view: View, all: readonly ShownClause[]): Html {
  const { done } = wordsOf(view).sign;
  const listed = (title: string, some: readonly ShownClause[]) =>
    some.length === 0
      ? ''
      : section(title, html`<ul>${some.map((each) => html`<li>${labelOf(view, each)}</li>`)}</ul>`);
  return html`${listed(done.given, all.filter(isGiven))}
${listed(
  done.left,
  all.filter((each) => !isGiven(each)),
)}`;
}

function isGiven({ grant }: ShownClause): boolean {
  return grant.status !== 'declined' && grant.status !== 'requested';
}

/** The lender learns which letter and how it ended, and nothing of the person. */
function backTo(address: string, { letter, status }: LetterPage): string {
  const url = new URL(address);
  url.searchParams.set('letter', letter);
  url.searchParams.set('result', status);
  return url.href;
}
