/** The pages on which a person gets a passkey: make it, be identified, confirm. */
import { html } from 'hono/html';
import type { JsonObject } from '#core/canonical.ts';
import type { IdentificationForm, IdentityProvider, PasskeyOptions } from '#service/identification.ts';
import type { Html } from '../html.ts';
import { layout } from '../layout.ts';
import { button } from '../parts/button.ts';
import { notice } from '../parts/notice.ts';
import { heading, section, sheet } from '../parts/sheet.ts';
import { steps } from '../parts/steps.ts';
import { sayIn } from '../say.ts';
import { problemLines } from '../sign/sign-page.ts';
import type { View } from '../view.ts';
import { wordsOf } from '../words.ts';

export const KEY_SCRIPTS: readonly string[] = ['passkey'];

/** @param path `/sign/<capability>` */
export interface KeyPage {
  readonly view: View;
  readonly path: string;
}

export function makePage({ view, path }: KeyPage, options: PasskeyOptions): Html {
  const { key, sign } = wordsOf(view);
  return around(
    { view, path },
    0,
    html`<p>${key.make.body}</p>
<noscript>${notice(view, { kind: 'info', body: sign.noScript })}</noscript>
<form method="post" action="${path}/key" data-make-passkey="${JSON.stringify(options)}">
<input type="hidden" name="response">
${problemLines({ ...sign.problems, absent: key.make.absent })}
${button({ kind: 'primary', text: key.make.submit, isDisabled: true })}
</form>`,
  );
}

export interface ProviderForm {
  readonly provider: IdentityProvider;
  readonly fields: IdentificationForm;
}

/** @param state The passkey on its way, as the service handed it out. */
export function identifyPage({ view, path }: KeyPage, state: string, forms: readonly ProviderForm[]): Html {
  const { identify } = wordsOf(view).key;
  return around(
    { view, path },
    1,
    html`${section(
      identify.title,
      html`<p>${identify.body}</p>
${forms.length === 0 ? notice(view, { kind: 'info', body: identify.none }) : ''}
${forms.map(
  ({ provider, fields }) => html`<form method="post" action="${provider.url}">
${Object.entries({ ...fields, lang: view.lang }).map(([name, value]) => html`<input type="hidden" name="${name}" value="${value}">`)}
${button({ kind: 'primary', text: identify.submit(sayIn(view, provider.name)) })}</form>`,
)}`,
    )}
<details class="sheet"><summary>${identify.link}</summary><p>${identify.linkBody}</p>
<form method="post" action="${path}/key/link"><input type="hidden" name="state" value="${state}">${button({ kind: 'quiet', text: identify.linkSubmit })}</form></details>`,
  );
}

export interface Confirming {
  /** What the passkey signs, and its id: no other one is asked for. */
  readonly statement: JsonObject;
  readonly credential: string;
  /** What is carried on, and where it goes. */
  readonly carried: string;
  readonly action: string;
  /** Who identified the person; null: nobody. */
  readonly by: string | null;
  readonly relyingParty: string;
  readonly once: string;
}

export function confirmPage({ view, path }: KeyPage, confirming: Confirming): Html {
  const { key, sign } = wordsOf(view);
  const { statement, credential, carried, action, by, relyingParty, once } = confirming;
  return around(
    { view, path },
    2,
    html`${section(
      key.confirm.title,
      html`<p>${by === null ? key.confirm.linked : key.confirm.identified(by)}</p>
<form method="post" action="${action}" data-sign="binding" data-statement="${JSON.stringify(statement)}" data-rp="${relyingParty}" data-credential="${credential}">
<input type="hidden" name="once" value="${once}"><input type="hidden" name="carried" value="${carried}">
<input type="hidden" name="credential"><input type="hidden" name="signature"><input type="hidden" name="signed_at">
${problemLines(sign.problems)}
${button({ kind: 'primary', text: key.confirm.submit, isDisabled: true })}
</form>`,
    )}`,
  );
}

/** In place of the next step, where one was refused. */
export function keyProblemPage({ view, path }: KeyPage, code: string): Html {
  const { key, failure } = wordsOf(view);
  const { title, next } = failure.of[code as keyof typeof failure.of] ?? failure.other;
  return around(
    { view, path },
    0,
    notice(view, {
      kind: 'stop',
      title: key.failed,
      body: html`<p>${title}</p><p>${next}</p><p><code>${code}</code></p>`,
      isAnswer: true,
    }),
  );
}

function around({ view, path }: KeyPage, at: number, body: Html): Html {
  const { key } = wordsOf(view);
  return layout({
    title: key.title,
    view,
    robots: 'noindex',
    scripts: KEY_SCRIPTS,
    body: html`${heading(key.title, key.lede)}
${steps(view, [key.steps.make, key.steps.identify, key.steps.confirm], at)}
${body}
${sheet(html`<a href="${path}">${key.back}</a>`)}`,
  });
}
