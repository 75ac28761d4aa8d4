/**
 * Forms that a device signs before they are sent. A form with `data-sign` says what is signed; the module builds the bytes
 * again from what the page *shows*, asks the person's passkey, puts its answer into the form, and sends it like any other
 * form. One with `data-make-passkey` gets a new passkey in the same way.
 *
 *     data-sign        letter | statement | session | binding | key-end | key-add
 *     data-statement   the statement as JSON; of a letter, a statement and a key's end without `signed_at`
 *     data-salt        of a letter: under which its text is named
 *     data-text        of a letter: the id of the element that shows its text; of an added key: its code
 *     data-rp          the relying party: the passkey's domain
 *     data-credential  the one passkey that is asked for, by its id; absent: whichever the person chooses
 *
 * One with `data-fragment` is sent by itself, with what stands behind `#` in the page's address in the field of that name: what
 * is not to be in any log on the way, no address that is sent may have.
 *
 * @module
 */
import {
  type PublicKeyCredentialCreationOptionsJSON,
  startAuthentication,
  startRegistration,
} from '@simplewebauthn/browser';
import { parseBase64Url, toBase64Url } from '#core/bytes.ts';
import type { JsonObject } from '#core/canonical.ts';
import { deviceCode } from '#core/consent/device-code.ts';
import { KEY_ADD_MS_MAX, keyAddSigningBytes } from '#core/consent/key-add.ts';
import {
  answeredStatement,
  bindingSigningBytes,
  keyEndSigningBytes,
  sessionSigningBytes,
  statementSigningBytes,
  type Tick,
} from '#core/consent/statement.ts';
import { sha256 } from '#core/hash.ts';
import { digestText } from '#core/tlog/payload.ts';

for (const form of document.querySelectorAll<HTMLFormElement>('form[data-sign], form[data-make-passkey]')) {
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    void send(form);
  });
  // They are served disabled: pressed before the module is there, the form would go off without a signature.
  for (const button of form.querySelectorAll('button')) button.disabled = false;
}

for (const form of document.querySelectorAll<HTMLFormElement>('form[data-fragment]')) {
  const sendFragment = () => {
    const said = location.hash.slice(1);
    if (said === '') return;
    fill(form, form.dataset['fragment'] ?? '', said);
    history.replaceState(null, '', location.pathname + location.search);
    form.submit();
  };
  sendFragment();
  addEventListener('hashchange', sendFragment);
}

async function send(form: HTMLFormElement): Promise<void> {
  const buttons = form.querySelectorAll('button');
  tell(form, undefined);
  try {
    for (const button of buttons) button.disabled = true;
    if (form.dataset['makePasskey'] === undefined) await sign(form);
    else await make(form, form.dataset['makePasskey']);
    form.submit();
  } catch (thrown) {
    for (const button of buttons) button.disabled = false;
    tell(form, nameOf(thrown));
  }
}

async function make(form: HTMLFormElement, options: string): Promise<void> {
  const made = await startRegistration({ optionsJSON: JSON.parse(options) as PublicKeyCredentialCreationOptionsJSON });
  fill(form, 'response', JSON.stringify(made));
}

async function sign(form: HTMLFormElement): Promise<void> {
  const signedAt = Date.now();
  const message = messageOf(form, signedAt);
  const { rp, credential } = form.dataset;
  const { id, response } = await startAuthentication({
    optionsJSON: {
      challenge: toBase64Url(sha256(message)),
      rpId: rp ?? location.hostname,
      userVerification: 'required',
      ...(credential === undefined ? {} : { allowCredentials: [{ id: credential, type: 'public-key' }] }),
    },
  });
  fill(form, 'credential', id);
  fill(form, 'signature', [response.authenticatorData, response.clientDataJSON, response.signature].join('.'));
  fill(form, 'signed_at', String(signedAt));
}

/** The bytes whose SHA-256 the passkey is asked to sign. */
function messageOf(form: HTMLFormElement, signedAt: number): Uint8Array {
  const statement = JSON.parse(form.dataset['statement'] ?? '') as JsonObject;
  switch (form.dataset['sign']) {
    case 'letter':
      return statementSigningBytes(
        answeredStatement({ ...statement, text: shownText(form) }, ticksOf(form, statement), signedAt),
      );
    case 'statement':
      return statementSigningBytes({ ...statement, signed_at: signedAt });
    case 'session':
      return sessionSigningBytes(statement);
    case 'binding':
      return bindingSigningBytes(statement);
    case 'key-end':
      return keyEndSigningBytes({ ...statement, signed_at: signedAt });
    case 'key-add':
      requireShownCode(form, statement);
      return keyAddSigningBytes({ ...statement, signed_at: signedAt, expires_at: signedAt + KEY_ADD_MS_MAX });
    default:
      throw new Error('a form that signs nothing');
  }
}

/** The name of the text that the person sees: whatever was changed on its way here is not what gets signed. */
function shownText(form: HTMLFormElement): string {
  const shown = document.getElementById(form.dataset['text'] ?? '')?.textContent ?? '';
  return digestText(parseBase64Url(form.dataset['salt'] ?? ''), shown);
}

/** The code that the person compared is of the key that gets added, and of no other. */
function requireShownCode({ dataset }: HTMLFormElement, statement: JsonObject): void {
  const shown = document.getElementById(dataset['text'] ?? '')?.textContent;
  if (shown !== deviceCode(String(statement['key']))) throw new Error('the page shows the code of another key');
}

function ticksOf(form: HTMLFormElement, statement: JsonObject): readonly Tick[] {
  const fields = new FormData(form);
  const given = fields.getAll('give');
  const left = fields.getAll('without').map(String);
  const clauses = statement['grants'] as readonly { readonly grant: string; readonly items: readonly string[] }[];
  return clauses.map(({ grant, items }) => {
    if (!given.includes(grant)) return false;
    return { declined_items: items.filter((item) => left.includes(`${grant}/${item}`)) };
  });
}

function fill(form: HTMLFormElement, name: string, value: string): void {
  const found = form.elements.namedItem(name);
  if (!(found instanceof HTMLInputElement)) throw new Error(`the form has no field ${name}`);
  found.value = value;
}

/** What went wrong, by the words that the page brought along: `data-problem` on a hidden line of the form. */
function tell(form: HTMLFormElement, name: string | undefined): void {
  for (const line of form.querySelectorAll<HTMLElement>('[data-problem]')) {
    line.hidden = name === undefined || line.dataset['problem'] !== name;
    if (!line.hidden) line.focus();
  }
}

/** `cancelled`: the person or the device said no; `absent`: no passkey that fits, or none can be made here. */
function nameOf(thrown: unknown): 'cancelled' | 'absent' | 'failed' {
  const name = thrown instanceof Error ? thrown.name : '';
  if (name === 'NotAllowedError' || name === 'AbortError') return 'cancelled';
  if (name === 'NotSupportedError' || name === 'SecurityError' || name === 'InvalidStateError') return 'absent';
  return 'failed';
}
