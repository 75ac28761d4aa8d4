/** "My devices": which keys count, and how one is ended; and what to do where none is left. */
import { html } from 'hono/html';
import type { DeviceInWords, DeviceToEnd } from '#service/person/devices.ts';
import type { Html } from '../html.ts';
import { layout } from '../layout.ts';
import { button, buttonRow, linkButton } from '../parts/button.ts';
import { factList } from '../parts/facts.ts';
import { notice } from '../parts/notice.ts';
import { records } from '../parts/records.ts';
import { refusal } from '../parts/refusal.ts';
import { heading, section, sheet } from '../parts/sheet.ts';
import { problemLines } from '../sign/sign-page.ts';
import type { View } from '../view.ts';
import { wordsOf } from '../words.ts';
import { inviteForm } from './add-device.ts';
import { meNav, mePage, say, sayWhen } from './say.ts';
import { SIGNING_SCRIPTS, type Signing } from './statement.ts';

/** @param once Of the form that makes a link for a new device. */
export function devicesPage(view: View, devices: readonly DeviceInWords[], once: string): Html {
  const words = wordsOf(view).me.devices;
  const rows = devices.map((device) => ({
    cells: [
      html`${nameOf(view, device)}${device.isOwn ? html`<br>${words.own}` : ''}${leftOf(view, device)}`,
      sayWhen(view, device.since),
      originOf(view, device),
      gradeOf(view, device),
      html`<a href="/me/devices/${device.seq}">${words.end}<span class="unseen"> ${nameOf(view, device)}</span></a>`,
    ],
  }));
  const body = html`${heading(words.title, words.lede)}
${records(view, { caption: words.title, columns: words.columns, rows })}
${section(words.add, sheet(html`<p>${words.addBody}</p>${inviteForm(words.addSubmit, once)}`))}
${section(words.lost, sheet(html`<p>${words.lostBody}</p><p>${words.lostAll}</p>`))}`;
  return mePage(view, words.title, body);
}

export function devicePage(
  view: View,
  { device, added, isLast, statement }: DeviceToEnd,
  { relyingParty, once, problem }: Signing,
): Html {
  const { me, sign } = wordsOf(view);
  const words = me.devices;
  const body = html`${heading(words.endTitle, nameOf(view, device))}
${problem === undefined ? '' : refusal(view, problem)}
${sheet(
  factList([
    [words.columns[1], sayWhen(view, device.since)],
    [words.columns[2], originOf(view, device)],
    [words.columns[3], gradeOf(view, device)],
  ]),
)}
<p>${words.does}</p>
${device.isOwn ? notice(view, { kind: 'info', body: words.doesOwn }) : ''}
${isLast ? notice(view, { kind: 'warn', title: words.last, body: words.lostAll }) : ''}
${added.length === 0 ? '' : notice(view, { kind: 'warn', title: words.added, body: html`<p>${words.addedBody}</p><ul>${added.map((each) => html`<li>${nameOf(view, each)} · ${sayWhen(view, each.since)}</li>`)}</ul>` })}
<noscript>${notice(view, { kind: 'info', body: sign.noScript })}</noscript>
<form method="post" action="/me/devices/${device.seq}" data-sign="key-end" data-statement="${JSON.stringify(statement)}" data-rp="${relyingParty}">
<input type="hidden" name="once" value="${once}">
<input type="hidden" name="credential"><input type="hidden" name="signature"><input type="hidden" name="signed_at">
${problemLines(sign.problems)}
${buttonRow(button({ kind: 'danger', text: words.submit }), linkButton({ kind: 'quiet', text: words.back, href: '/me/devices' }))}
</form>`;
  return layout({
    ...{ title: words.endTitle, view, nav: meNav(view), robots: 'noindex', width: 'wide', body },
    scripts: SIGNING_SCRIPTS,
  });
}

/** A key is affirmed on its own device: here that is the one that signed in. */
function leftOf(view: View, { isLeft, isOwn }: DeviceInWords): Html | '' {
  if (!isLeft) return '';
  const { me, affirm } = wordsOf(view);
  const way = isOwn ? html`<a href="/me/affirm">${affirm.left.how}</a>` : me.devices.leftElsewhere;
  return html`<br><strong>${me.devices.left}</strong><br>${way}`;
}

function nameOf(view: View, { kind, number }: DeviceInWords): string {
  return wordsOf(view).me.devices.named(kind, number);
}

/** Who identified the person for it; or which device added it, and who identified for that one. */
function originOf(view: View, { identified_by, added_by }: DeviceInWords): string {
  const words = wordsOf(view).me.devices;
  const identified = identified_by === null ? words.nobody : words.identified(say(view, identified_by));
  return added_by === undefined ? identified : `${words.addedBy(added_by)}${words.between}${identified}`;
}

function gradeOf(view: View, { grade }: DeviceInWords): string {
  const { grades } = wordsOf(view).me.devices;
  return grade === 'D' ? grades.low : grades.identified(grade);
}
