/** The counter: letters that are shown, asked about and signed on paper; and lost keys. */
import { html } from 'hono/html';
import { ID_TYPES } from '#core/identifier/identifier.ts';
import type { Html } from '../html.ts';
import { choiceField, textField } from '../parts/field.ts';
import { notice } from '../parts/notice.ts';
import type { View } from '../view.ts';
import { findForm } from './find.ts';
import { deskForm, fileField, say, tickField } from './shell.ts';

const SCANS = 'application/pdf,image/jpeg,image/png,image/tiff';

/** @param hasPdf Whether papers can be made here. */
export function counterBody(view: View, hasPdf: boolean): Html {
  return html`<h2 class="unprinted">${say(view, 'paper_title')}</h2>
<div class="unprinted">${notice(view, { kind: 'info', body: say(view, 'assisted') })}</div>
${findForm(view)}
<section data-found hidden>
<h2 class="unprinted">${say(view, 'show_letter')}</h2>
<div class="unprinted">${notice(view, { kind: 'warn', body: say(view, 'print_paper_hint') })}</div>
${deskForm(view, { name: 'print', word: 'print_paper' }, '')}
<div data-paper${hasPdf ? html` data-pdf` : ''}></div>
${askedSection(view)}
<section class="unprinted" data-bring-in>
<h2>${say(view, 'bring_in')}</h2>
<p class="soft">${say(view, 'bring_in_hint')}</p>
${deskForm(
  view,
  { name: 'paper', word: 'register_paper' },
  html`<div data-clauses></div>
${textField(view, { name: 'signed_on', label: say(view, 'signed_on'), type: 'date' })}
${fileField(view, { name: 'scan', word: 'scan', accept: SCANS })}
${fileField(view, { name: 'key', word: 'witness_key', accept: '.pem,.key,application/x-pem-file' })}`,
)}
<div data-brought role="status"></div>
</section>
</section>
${lossSection(view)}`;
}

/** What the person answers itself before it signs: its letter is shown first. */
function askedSection(view: View): Html {
  return html`<section class="unprinted" data-asked hidden>
<h2>${say(view, 'asked_title')}</h2>
<div data-unasked>${notice(view, { kind: 'info', body: say(view, 'asked_hint') })}</div>
<div data-clear hidden>${notice(view, { kind: 'done', body: say(view, 'asked_clear') })}</div>
<div data-held role="status"></div>
${deskForm(view, { name: 'answers', word: 'relay_answers', isHidden: true }, html`<div data-questions></div>`)}
</section>`;
}

/** Shown only to who identifies persons. */
function lossSection(view: View): Html {
  const types = ID_TYPES.map((each) => [each, say(view, `id_${each}`)] as const);
  return html`<section class="unprinted" data-loss hidden>
<h2>${say(view, 'loss_title')}</h2>
<p class="soft">${say(view, 'loss_hint')}</p>
${deskForm(
  view,
  { name: 'keys', word: 'find_keys' },
  html`${choiceField(view, { name: 'id_type', label: say(view, 'id_type'), options: types })}
${textField(view, { name: 'id_number', label: say(view, 'id_number'), lengthMax: 32 })}`,
)}
${deskForm(
  view,
  { name: 'loss', word: 'report_loss', isHidden: true },
  html`<fieldset><legend>${say(view, 'lost_key')}</legend><div data-keys></div></fieldset>`,
)}
<div data-lost role="status"></div>
${deskForm(
  view,
  { name: 'affirm', word: 'affirm_key', isHidden: true },
  html`<h3>${say(view, 'affirm_title')}</h3>
<p class="soft">${say(view, 'affirm_hint')}</p>
<fieldset><legend>${say(view, 'left_key')}</legend><div data-left></div></fieldset>
${tickField(view, { name: 'compared', value: 'yes', word: 'compared' })}`,
)}
<div data-affirm-link role="status"></div>
</section>`;
}
