/** What the parts of the page of a letter share. */
import { html } from 'hono/html';
import type { LetterPage } from '#service/letter-page.ts';
import type { Html } from '../html.ts';
import type { View } from '../view.ts';

export const SIGN_SCRIPTS: readonly string[] = ['passkey', 'read-aloud'];

/** What stands around the letter on this one view of it. */
export interface SignPage {
  readonly view: View;
  readonly shown: LetterPage;
  /** `/sign/<capability>`. */
  readonly path: string;
  /** Where the letter is as a paper to sign on; null: none is made here. */
  readonly form: string | null;
  /** The passkeys' domain. */
  readonly relyingParty: string;
  /** Names a form that is sent twice. */
  readonly once: string;
  /** What was wrong with the form that was just sent. */
  readonly problem?: Html;
  /** Whether a passkey was just registered. */
  readonly hasNewKey?: boolean;
}

/** Lines that the script shows, one at a time. */
export function problemLines(problems: Readonly<Record<string, string>>): Html {
  return html`${Object.entries(problems).map(
    ([name, said]) => html`<p class="problem" role="alert" tabindex="-1" hidden data-problem="${name}">${said}</p>`,
  )}`;
}
