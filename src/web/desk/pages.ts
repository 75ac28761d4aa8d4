/** The pages of a lender's clerk. They hold nobody's data: what they show, the module asks for with the operator's key. */
import type { Hono } from 'hono';
import { html } from 'hono/html';
import { ID_TYPES } from '#core/identifier/identifier.ts';
import { pageHeaders } from '../headers.ts';
import type { Html } from '../html.ts';
import { choiceField, textField } from '../parts/field.ts';
import { notice } from '../parts/notice.ts';
import { type View, viewOf } from '../view.ts';
import { counterBody } from './counter.ts';
import { findForm } from './find.ts';
import { DESK_SCRIPT, type DeskPart, deskForm, deskPage, fileField, say, tickField } from './shell.ts';
import type { DeskWord } from './words.ts';

const HEADERS = pageHeaders({ scripts: [DESK_SCRIPT] });

/** Adds `/desk` and what is under it. @param hasPdf Whether papers can be made here. */
export function addDesk(pages: Hono, hasPdf: boolean): void {
  const add = (path: string, part: DeskPart, body: (view: View) => Html) =>
    pages.get(path, (call) => {
      const view = viewOf(call);
      return call.html(deskPage(view, part, body(view)), 200, HEADERS);
    });
  add('/desk', 'sign-in', signInBody);
  add('/desk/request', 'request', requestBody);
  add('/desk/letters', 'letters', lettersBody);
  add('/desk/counter', 'counter', (view) => counterBody(view, hasPdf));
}

function signInBody(view: View): Html {
  return html`${notice(view, { kind: 'info', body: say(view, 'only_here') })}
<section data-when="in" hidden>
<h2>${say(view, 'who_am_i')}</h2>
<div class="sheet" data-who></div>
${deskForm(view, { name: 'sign-out', word: 'sign_out' }, '')}
</section>
<section data-when="out" hidden>
<h2>${say(view, 'sign_in')}</h2>
${deskForm(
  view,
  { name: 'sign-in', word: 'sign_in' },
  html`${textField(view, { name: 'party', label: say(view, 'party_id'), lengthMax: 32 })}
${fileField(view, { name: 'key', word: 'key_file', accept: '.pem,.key,application/x-pem-file' })}`,
)}
<h2>${say(view, 'new_key')}</h2>
<p>${say(view, 'new_key_how')}</p>
${deskForm(view, { name: 'new-key', word: 'make_key' }, '')}
<div data-new-key role="status"></div>
</section>`;
}

const NAME_MAX = 100;
const NUMBER_MAX = 32;
const TITLE_MAX = 100;

function requestBody(view: View): Html {
  const kinds = (['person', 'firm'] as const).map((each) => [each, say(view, each)] as const);
  const types = ID_TYPES.map((each) => [each, say(view, `id_${each}`)] as const);
  return html`<section>
<h2 class="unprinted">${say(view, 'step_subject')}</h2>
${deskForm(
  view,
  { name: 'enrol', word: 'enrol' },
  html`${choiceField(view, { name: 'subject', label: say(view, 'subject_kind'), options: kinds })}
${textField(view, { name: 'name', label: say(view, 'name'), hint: say(view, 'name_hint'), lengthMax: NAME_MAX })}
${choiceField(view, { name: 'id_type', label: say(view, 'id_type'), options: types })}
${textField(view, { name: 'id_number', label: say(view, 'id_number'), lengthMax: NUMBER_MAX })}
${textField(view, { name: 'phone', label: say(view, 'phone'), type: 'tel', lengthMax: NUMBER_MAX, isOptional: true })}`,
)}
${deskForm(view, { name: 'letter', word: 'draft', isHidden: true }, letterFields(view))}
<div data-drafted hidden></div>
</section>`;
}

function letterFields(view: View): Html {
  const text = (name: DeskWord & string, isOptional = false) =>
    textField(view, { name, label: say(view, name), lengthMax: TITLE_MAX, isOptional });
  return html`<h2>${say(view, 'step_letter')}</h2>
${choiceField(view, { name: 'template', label: say(view, 'template'), options: [] })}
<div data-clauses></div>
${textField(view, { name: 'last', label: say(view, 'last'), type: 'date' })}
${textField(view, { name: 'sign_by', label: say(view, 'sign_by'), type: 'date' })}
${text('letter_no')}
<fieldset><legend>${say(view, 'letterhead')}</legend>
${text('uscc')}${text('licence_zh')}${text('licence_en', true)}${text('contact_zh')}${text('contact_en', true)}
</fieldset>
<fieldset><legend>${say(view, 'of_firms')}</legend>${text('loan_card', true)}${text('signatory', true)}</fieldset>
<fieldset><legend>${say(view, 'shown_before')}</legend>
${text('owed', true)}
${textField(view, { name: 'confirm', label: say(view, 'confirm'), isLong: true, isOptional: true })}
<div data-records></div>
${textField(view, { name: 'return_to', label: say(view, 'return_to'), type: 'url', isOptional: true })}
</fieldset>
<p class="soft">${say(view, 'draft_hint')}</p>`;
}

const WHYS = ['serve_subject', 'verify_paper', 'answer_objection', 'law'] as const;

function lettersBody(view: View): Html {
  const whys = WHYS.map((each) => [each, say(view, `why_${each}`)] as const);
  return html`${findForm(view)}
<section data-found hidden>
<div class="sheet" data-letter role="status"></div>
<h2>${say(view, 'see_title')}</h2>
${notice(view, { kind: 'warn', body: say(view, 'see_warning') })}
${deskForm(
  view,
  { name: 'view', word: 'see' },
  html`<fieldset><legend>${say(view, 'see_what')}</legend>
${(['name', 'id_number', 'phone'] as const).map((value) => tickField(view, { name: 'field', value, word: value }))}
</fieldset>
${choiceField(view, { name: 'why', label: say(view, 'why'), options: [['', say(view, 'choose')], ...whys] })}`,
)}
<div class="sheet" data-seen role="status"></div>
</section>`;
}
