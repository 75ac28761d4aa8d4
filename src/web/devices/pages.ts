/** The pages on a new device that is added: it makes a passkey, confirms it, and shows the code to be compared. */
import { html } from 'hono/html';
import type { InvitedKey } from '#service/person/device-invitations.ts';
import type { Html } from '../html.ts';
import { layout } from '../layout.ts';
import { sayWhen } from '../me/say.ts';
import { button, linkButton } from '../parts/button.ts';
import { notice } from '../parts/notice.ts';
import { heading, section, sheet } from '../parts/sheet.ts';
import { steps } from '../parts/steps.ts';
import { problemLines } from '../sign/sign-page.ts';
import type { View } from '../view.ts';
import { wordsOf } from '../words.ts';

export const DEVICE_SCRIPTS: readonly string[] = ['passkey'];

/** @param path `/devices/<capability>` */
export interface InvitedPage {
  readonly view: View;
  readonly path: string;
}

/** @param options What `navigator.credentials.create` is asked for, as JSON. */
export function makeHerePage({ view, path }: InvitedPage, options: string, expiresAt: number): Html {
  const { addDevice, key, sign } = wordsOf(view);
  return around(
    view,
    0,
    html`${notice(view, { kind: 'warn', body: addDevice.here.notYours })}
<p>${addDevice.here.make}</p>
<noscript>${notice(view, { kind: 'info', body: sign.noScript })}</noscript>
<form method="post" action="${path}" data-make-passkey="${options}">
<input type="hidden" name="response">
${problemLines({ ...sign.problems, absent: key.make.absent })}
${button({ kind: 'primary', text: key.make.submit, isDisabled: true })}
</form>
${sheet(html`<p>${addDevice.until} ${sayWhen(view, expiresAt)}</p>`)}`,
  );
}

export function confirmHerePage(
  { view, path }: InvitedPage,
  { carried, credential, statement }: InvitedKey,
  relyingParty: string,
): Html {
  const { addDevice, key, sign } = wordsOf(view);
  return around(
    view,
    1,
    html`<p>${addDevice.here.confirm}</p>
<form method="post" action="${path}/key" data-sign="binding" data-statement="${JSON.stringify(statement)}" data-rp="${relyingParty}" data-credential="${credential}">
<input type="hidden" name="carried" value="${carried}">
<input type="hidden" name="credential"><input type="hidden" name="signature"><input type="hidden" name="signed_at">
${problemLines(sign.problems)}
${button({ kind: 'primary', text: key.confirm.submit, isDisabled: true })}
</form>`,
  );
}

/** @param code As core derives it of the key that was just made here. */
export function compareHerePage(view: View, code: string): Html {
  const { here } = wordsOf(view).addDevice;
  return around(
    view,
    2,
    html`${section(
      here.compare,
      sheet(html`<p class="code" id="code">${code}</p>
<p>${here.compareBody}</p>`),
    )}
<p><a href="/me/sign-in">${here.signIn}</a></p>`,
    true,
  );
}

/** In place of the next step, where one was refused and the link is still good. */
export function problemHerePage({ view, path }: InvitedPage, code: string): Html {
  const { addDevice, failure } = wordsOf(view);
  const { here } = addDevice;
  const { title, next } =
    code === 'challenge_stale' ? here.stale : (failure.of[code as keyof typeof failure.of] ?? failure.other);
  return around(
    view,
    0,
    html`${notice(view, {
      kind: 'stop',
      title: here.failed,
      body: html`<p>${title}</p><p>${next}</p><p><code>${code}</code></p>`,
      isAnswer: true,
    })}
${linkButton({ kind: 'quiet', text: here.retry, href: path })}`,
  );
}

function around(view: View, at: number, body: Html, isOnce = false): Html {
  const { here } = wordsOf(view).addDevice;
  return layout({
    title: here.title,
    view,
    robots: 'noindex',
    scripts: DEVICE_SCRIPTS,
    isOnce,
    body: html`${heading(here.title, here.lede)}
${steps(view, [here.steps.make, here.steps.confirm, here.steps.compare], at)}
${body}`,
  });
}
