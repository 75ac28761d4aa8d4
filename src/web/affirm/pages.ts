/** The pages on which a person's passkey of before the ledger lost entries counts again: be identified, confirm, done. */
import { html } from 'hono/html';
import type { KeyLeft } from '#service/affirming.ts';
import type { IdentificationForm, IdentityProvider, TakenIdentification } from '#service/identification.ts';
import type { Html } from '../html.ts';
import { layout } from '../layout.ts';
import { keyLeftBody } from '../me/key-left.ts';
import { meNav } from '../me/say.ts';
import { button, linkButton } from '../parts/button.ts';
import { notice } from '../parts/notice.ts';
import { heading, section, sheet } from '../parts/sheet.ts';
import { steps } from '../parts/steps.ts';
import { sayIn } from '../say.ts';
import { problemLines } from '../sign/sign-page.ts';
import type { View } from '../view.ts';
import { wordsOf } from '../words.ts';

export const AFFIRM_SCRIPTS: readonly string[] = ['passkey'];

export interface ProviderForm {
  readonly provider: IdentityProvider;
  readonly fields: IdentificationForm;
}

/** The person's own, where it is signed in: how it is identified anew. */
export function affirmPage(view: View, left: KeyLeft, forms: readonly ProviderForm[]): Html {
  const { affirm } = wordsOf(view);
  const { online, counter, others } = affirm;
  const body = html`${notice(view, { kind: 'warn', title: affirm.left.title, body: keyLeftBody(view, left) })}
${section(
  online.title,
  html`<p>${forms.length === 0 ? online.none : online.body}</p>
${forms.map(
  ({ provider, fields }) => html`<form method="post" action="${provider.url}">
${Object.entries({ ...fields, lang: view.lang }).map(([name, value]) => html`<input type="hidden" name="${name}" value="${value}">`)}
${button({ kind: 'primary', text: online.submit(sayIn(view, provider.name)) })}</form>`,
)}`,
)}
${section(counter.title, sheet(html`<p>${counter.body}</p>`))}
${section(others.title, sheet(html`<p>${others.body}</p><p><a href="/me/devices">${wordsOf(view).me.devices.title}</a></p>`))}`;
  return around(view, 0, body, true);
}

/** Where a counter's link leads: its script sends on what stands behind `#`. */
export function linkPage(view: View): Html {
  const { affirm, sign } = wordsOf(view);
  return around(
    view,
    0,
    html`<p>${affirm.link}</p>
<noscript>${notice(view, { kind: 'info', body: sign.noScript })}</noscript>
<form method="post" action="/affirm/open" data-fragment="link"><input type="hidden" name="link"></form>`,
  );
}

export interface Confirming extends Pick<TakenIdentification, 'statement' | 'credential' | 'carried' | 'by'> {
  readonly relyingParty: string;
  readonly once: string;
}

/** Of whoever holds the device: nobody is signed in here. */
export function confirmPage(view: View, confirming: Confirming): Html {
  const { affirm, sign } = wordsOf(view);
  const { statement, credential, carried, by, relyingParty, once } = confirming;
  return around(
    view,
    1,
    section(
      affirm.confirm.title,
      html`<p>${affirm.confirm.body(by)}</p>
${notice(view, { kind: 'warn', body: affirm.confirm.warn })}
<noscript>${notice(view, { kind: 'info', body: sign.noScript })}</noscript>
<form method="post" action="/affirm/bind" data-sign="binding" data-statement="${JSON.stringify(statement)}" data-rp="${relyingParty}" data-credential="${credential}">
<input type="hidden" name="once" value="${once}"><input type="hidden" name="carried" value="${carried}">
<input type="hidden" name="credential"><input type="hidden" name="signature"><input type="hidden" name="signed_at">
${problemLines(sign.problems)}
${button({ kind: 'primary', text: affirm.confirm.submit, isDisabled: true })}
</form>`,
    ),
  );
}

export function donePage(view: View): Html {
  const { done, steps: titles } = wordsOf(view).affirm;
  return around(
    view,
    Object.keys(titles).length,
    html`${notice(view, { kind: 'done', title: done.title, body: done.body, isAnswer: true })}
<p>${linkButton({ kind: 'primary', text: done.go, href: '/me' })}</p>`,
  );
}

/** In place of the next step, where one was refused. */
export function problemPage(view: View, code: string): Html {
  const { affirm, failure } = wordsOf(view);
  const { title, next } =
    affirm.problems[code as keyof typeof affirm.problems] ??
    failure.of[code as keyof typeof failure.of] ??
    failure.other;
  return around(
    view,
    0,
    html`${notice(view, {
      kind: 'stop',
      title: affirm.failed,
      body: html`<p>${title}</p><p>${next}</p><p><code>${code}</code></p>`,
      isAnswer: true,
    })}
${linkButton({ kind: 'quiet', text: affirm.again, href: '/me/affirm' })}`,
  );
}

function around(view: View, at: number, body: Html, isOwn = false): Html {
  const { title, lede, steps: titles } = wordsOf(view).affirm;
  return layout({
    ...{ title, view, robots: 'noindex', scripts: AFFIRM_SCRIPTS },
    ...(isOwn ? { nav: meNav(view) } : {}),
    body: html`${heading(title, lede)}
${steps(view, [titles.identify, titles.confirm], at)}
${body}`,
  });
}
