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
  /** Absent: `start`. */
  readonly iconAt?: 'start' | 'end';
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
  const { kind, type = 'submit', skipsFields = false, isDisabled = false } = button;
  const attributes = [
    attribute('id', button.id),
    attribute('name', button.name),
    attribute('value', button.value),
    attribute('formaction', button.formAction),
    skipsFields ? html` formnovalidate` : '',
    isDisabled ? html` disabled` : '',
  ];
  return html`<button class="button ${kind}" type="${type}"${attributes}>${face(button)}</button>`;
}

/** A link that looks like a button: it leads somewhere and changes nothing. */
export function linkButton(link: LinkButton): Html {
  const { kind, href, download } = link;
  return html`<a class="button ${kind}" href="${href}"${attribute('download', download)}>${face(link)}</a>`;
}

/** Side by side, all of one height; on a phone and in elder mode one above the other. */
export function buttonRow(...buttons: readonly Html[]): Html {
  return html`<div class="buttons">${buttons}</div>`;
}

function face({ icon: sign, iconAt = 'start', text }: Look): Html {
  const drawn = sign === undefined ? '' : icon(sign);
  return iconAt === 'start' ? html`${drawn}<span>${text}</span>` : html`<span>${text}</span>${drawn}`;
}

function attribute(name: string, value: string | undefined): Html | string {
  return value === undefined ? '' : html` ${name}="${value}"`;
}
