/**
 * What every part of the desk stands on: the page's root, its words, and where problems are told.
 *
 * @module
 */
import { find, show } from './dom.ts';
import { problemText, type Said, Wanted } from './wanted.ts';

export interface Stage {
  readonly root: HTMLElement;
  readonly lang: 'zh' | 'en';
  /** The words of a name, in the page's language. */
  say(name: string): string;
  pair(name: string): Said;
  pick(said: Said): string;
  /** Tells what went wrong, in words, with what to do next; undefined: nothing did. */
  tell(thrown: unknown): void;
  /** Runs what a form does when it is sent, once at a time. */
  onSubmit(name: string, run: (form: HTMLFormElement) => Promise<void>): HTMLFormElement;
  form(name: string): HTMLFormElement;
}

export function openStage(root: HTMLElement): Stage {
  const words = JSON.parse(root.dataset['words'] ?? '{}') as Readonly<Record<string, Said>>;
  const lang = root.dataset['lang'] === 'en' ? 'en' : 'zh';
  const message = find(root, '[data-message]');
  const pair = (name: string): Said => words[name] ?? { zh: name, en: name };
  const pick = (said: Said): string => said[lang];
  const say = (name: string): string => pick(pair(name));
  const form = (name: string) => find<HTMLFormElement>(root, `form[data-form="${name}"]`);

  function tell(thrown: unknown): void {
    const text = thrown === undefined ? '' : problemText(thrown, lang, words);
    message.textContent = text;
    show(message, text !== '');
    if (text !== '') message.focus();
  }

  function onSubmit(name: string, run: (form: HTMLFormElement) => Promise<void>): HTMLFormElement {
    const found = form(name);
    found.addEventListener('submit', (event) => {
      event.preventDefault();
      void runOnce(found, run);
    });
    for (const button of found.querySelectorAll('button')) button.disabled = false;
    return found;
  }

  async function runOnce(sent: HTMLFormElement, run: (form: HTMLFormElement) => Promise<void>): Promise<void> {
    const buttons = sent.querySelectorAll('button');
    tell(undefined);
    markField(sent, undefined);
    for (const button of buttons) button.disabled = true;
    try {
      await run(sent);
    } catch (thrown) {
      tell(thrown);
      if (thrown instanceof Wanted) markField(sent, thrown.field);
    }
    for (const button of buttons) button.disabled = false;
  }

  return { root, lang, say, pair, pick, tell, onSubmit, form };
}

/** The field that is to be corrected says so itself, too. */
function markField(form: HTMLFormElement, name: string | undefined): void {
  for (const marked of form.querySelectorAll('[aria-invalid]')) marked.removeAttribute('aria-invalid');
  const field = name === undefined ? null : form.elements.namedItem(name);
  if (!(field instanceof HTMLElement)) return;
  field.setAttribute('aria-invalid', 'true');
  field.focus();
}
