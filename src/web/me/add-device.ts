/** Adding a device, on the one that is there: the link to the new one, and the code that is compared before it is signed. */
import { html } from 'hono/html';
import type { Waiting } from '#service/person/device-invitations.ts';
import type { Html } from '../html.ts';
import { qrCode } from '../keep/qr.ts';
import { layout } from '../layout.ts';
import { button, buttonRow, linkButton } from '../parts/button.ts';
import { notice } from '../parts/notice.ts';
import { qrFrame } from '../parts/qr-frame.ts';
import { refusal } from '../parts/refusal.ts';
import { heading, section, sheet } from '../parts/sheet.ts';
import { emptyState } from '../parts/state.ts';
import { problemLines } from '../sign/sign-page.ts';
import type { View } from '../view.ts';
import { wordsOf } from '../words.ts';
import { meNav, mePage, sayWhen } from './say.ts';
import { SIGNING_SCRIPTS, type Signing } from './statement.ts';

/** The form that makes a link: of the same `once` it is the same one. */
export function inviteForm(text: string, once: string): Html {
  return html`<form method="post" action="/me/devices"><input type="hidden" name="once" value="${once}">
${button({ kind: 'quiet', text })}</form>`;
}

/** @param url The absolute address that the new device opens. */
export function invitationPage(view: View, url: string, expiresAt: number): Html {
  const words = wordsOf(view).addDevice;
  const body = html`${heading(words.title, words.lede)}
${pressedNotice(view)}
${qrFrame(view, { image: qrCode(url), label: words.code, href: url, hint: words.hint })}
<p>${words.until} ${sayWhen(view, expiresAt)}</p>
<p>${words.once}</p>
${buttonRow(
  linkButton({ kind: 'primary', text: words.go, href: '/me/devices/add' }),
  linkButton({ kind: 'quiet', text: words.back, href: '/me/devices' }),
)}`;
  return mePage(view, words.title, body);
}

export function addDevicePage(view: View, waiting: Waiting, { relyingParty, once, problem }: Signing): Html {
  const { addDevice: words } = wordsOf(view);
  const body = html`${heading(words.title)}
${problem === undefined ? '' : refusal(view, problem)}
${waitingPart(view, waiting, relyingParty, once)}`;
  return layout({
    ...{ title: words.title, view, nav: meNav(view), robots: 'noindex', width: 'wide', body },
    scripts: SIGNING_SCRIPTS,
  });
}

function waitingPart(view: View, waiting: Waiting, relyingParty: string, once: string): Html {
  const { addDevice: words, sign } = wordsOf(view);
  const back = linkButton({ kind: 'quiet', text: words.back, href: '/me/devices' });
  if (waiting.status === 'none') {
    return html`${emptyState(view, { title: words.none, body: words.noneBody, next: inviteForm(words.make, once) })}
${buttonRow(back)}`;
  }
  if (waiting.status === 'open') {
    return html`${section(words.open, sheet(html`<p>${words.openBody}</p><p>${words.until} ${sayWhen(view, waiting.expires_at)}</p>`))}
${buttonRow(linkButton({ kind: 'primary', text: words.reload, href: '/me/devices/add' }), back)}
${inviteForm(words.again, once)}`;
  }
  const { code, statement } = waiting;
  return html`${section(
    words.compare,
    sheet(html`<p class="code" id="code">${code}</p>
<p>${words.compareBody}</p>`),
  )}
${pressedNotice(view)}
<p>${words.does}</p>
<noscript>${notice(view, { kind: 'info', body: sign.noScript })}</noscript>
<form method="post" action="/me/devices/add" data-sign="key-add" data-statement="${JSON.stringify(statement)}" data-text="code" data-rp="${relyingParty}">
<input type="hidden" name="once" value="${once}">
<input type="hidden" name="credential"><input type="hidden" name="signature"><input type="hidden" name="signed_at">
${problemLines(sign.problems)}
${buttonRow(button({ kind: 'primary', text: words.submit, isDisabled: true }), linkButton({ kind: 'quiet', text: words.different, href: '/me/devices' }))}
</form>`;
}

function pressedNotice(view: View): Html {
  const { pressed, pressedBody } = wordsOf(view).addDevice;
  return notice(view, { kind: 'warn', title: pressed, body: pressedBody });
}
