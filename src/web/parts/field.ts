/** A field to fill in, with its label, a hint, and what was wrong with what stood in it. */
import { html } from 'hono/html';
import type { Html, Inner } from '../html.ts';
import type { View } from '../view.ts';
import { wordsOf } from '../words.ts';
import { icon } from './icon.ts';
import { notice } from './notice.ts';

interface Labelled {
  readonly name: string;
  readonly label: string;
  readonly hint?: Inner;
  /** What is wrong with the value, and what is wanted. */
  readonly error?: string;
  readonly isOptional?: boolean;
}

export interface TextField extends Labelled {
  readonly value?: string;
  readonly type?: 'text' | 'tel' | 'search' | 'date' | 'number' | 'url' | 'password';
  /** The token of WHATWG's autofill. Absent: `off`, for most of what is asked here is of another person than the device's. */
  readonly autocomplete?: string;
  readonly lengthMax?: number;
  /** Several lines. */
  readonly isLong?: boolean;
}

export function textField(view: View, field: TextField): Html {
  const { name, value = '', type = 'text', autocomplete = 'off', lengthMax, isLong = false } = field;
  const common = html`id="${idOf(field)}" name="${name}" autocomplete="${autocomplete}"${lengthMax === undefined ? '' : html` maxlength="${lengthMax}"`}${described(field)}`;
  // A browser drops the first line end of a textarea, so it gets one.
  const control = isLong
    ? html`<textarea ${common}>\n${value}</textarea>`
    : html`<input type="${type}" ${common} value="${value}">`;
  return around(view, field, control);
}

export interface Choice extends Labelled {
  readonly options: readonly (readonly [value: string, text: string])[];
  readonly value?: string;
}

export function choiceField(view: View, field: Choice): Html {
  const options = field.options.map(
    ([value, text]) => html`<option value="${value}"${value === field.value ? html` selected` : ''}>${text}</option>`,
  );
  return around(
    view,
    field,
    html`<select id="${idOf(field)}" name="${field.name}"${described(field)}>${options}</select>`,
  );
}

/** Above a form that came back: how much is wrong, with links to it. */
export function fieldErrors(view: View, fields: readonly Labelled[]): Html | '' {
  const wrong = fields.filter(({ error }) => error !== undefined);
  if (wrong.length === 0) return '';
  const body = html`<ul>${wrong.map((field) => html`<li><a href="#${idOf(field)}">${field.label}</a> ${field.error ?? ''}</li>`)}</ul>`;
  return notice(view, { kind: 'stop', title: wordsOf(view).parts.field.summary(wrong.length), body, isAnswer: true });
}

function around(view: View, field: Labelled, control: Html): Html {
  const { label, hint, error, isOptional = false } = field;
  const words = wordsOf(view).parts.field;
  const id = idOf(field);
  return html`<div class="field"><label for="${id}">${label}${
    isOptional ? html` <span class="optional">（${words.optional}）</span>` : ''
  }</label>
${hint === undefined ? '' : html`<p class="hint" id="${id}-hint">${hint}</p>`}
${error === undefined ? '' : html`<p class="wrong" id="${id}-error">${icon('warn')}<span>${words.problem}：${error}</span></p>`}
${control}</div>`;
}

function idOf({ name }: Labelled): string {
  return `field-${name}`;
}

function described(field: Labelled): Html {
  const id = idOf(field);
  const by = [field.hint === undefined ? '' : `${id}-hint`, field.error === undefined ? '' : `${id}-error`]
    .filter((each) => each !== '')
    .join(' ');
  return html`${by === '' ? '' : html` aria-describedby="${by}"`}${field.error === undefined ? '' : html` aria-invalid="true"`}${field.isOptional === true ? '' : html` required`}`;
}
