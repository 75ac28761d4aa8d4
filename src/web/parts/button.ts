/** What is pressed: at least as large as a finger. The one that goes on, the quiet one beside it, the one that takes away. */
import { html } from 'hono/html';
import type { Html, Inner } from '../html.ts';
import { type IconName, icon } from './icon.ts';

/** `danger` is for what is hard to take back. A refusal is none: it is `quiet`, and as large as its neighbour. */
export type ButtonKind = 'primary' | 'quiet' | 'danger';

interface Look {
  readonly kind: ButtonKind;
  readonly text: Inner;
  readonly icon?: IconName;
}

/** @property id For scripts, which then also take the click. */
export interface Button extends Look {
  readonly name?: string;
  readonly value?: string;
  readonly id?: string;
  /** `button` does nothing without a script. Absent: `submit`. */
  readonly type?: 'submit' | 'button';
  /** Where the form goes instead of its own action. */
  readonly formAction?: string;
  /** Whether the form may be sent with fields left empty, as to decline what it asks for. */
  readonly skipsFields?: boolean;
  readonly isDisabled?: boolean;
}

export interface LinkButton extends Look {
  readonly href: string;
  /** The name of the file that is saved. Absent: it is opened. */
  readonly download?: string;
}

export function button(button: Button): Html {
  const { kind, text, icon: sign, type = 'submit', skipsFields = false, isDisabled = false } = button;
  const attributes = [
    attribute('id', button.id),
    attribute('name', button.name),
    attribute('value', button.value),
    attribute('formaction', button.formAction),
    skipsFields ? html` formnovalidate` : '',
    isDisabled ? html` disabled` : '',
  ];
  return html`<button class="button ${kind}" type="${type}"${attributes}>${face(sign, text)}</button>`;
}

/** A link that looks like a button: it leads somewhere and changes nothing. */
export function linkButton({ kind, text, icon: sign, href, download }: LinkButton): Html {
  return html`<a class="button ${kind}" href="${href}"${attribute('download', download)}>${face(sign, text)}</a>`;
}

/** Side by side, all of one height; on a phone and in elder mode one above the other. */
export function buttonRow(...buttons: readonly Html[]): Html {
  return html`<div class="buttons">${buttons}</div>`;
}

function face(sign: IconName | undefined, text: Inner): Html {
  return html`${sign === undefined ? '' : icon(sign)}<span>${text}</span>`;
}

function attribute(name: string, value: string | undefined): Html | string {
  return value === undefined ? '' : html` ${name}="${value}"`;
}
