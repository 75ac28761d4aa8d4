/**
 * What every part of the desk stands on: the page's root, its words, and where problems are told.
 *
 * @module
 */
import { Refused } from '#client/client.ts';
import { isFailure } from '#core/failure.ts';
import { find, show } from './dom.ts';

/** The same said in both languages. */
export interface Said {
  readonly zh: string;
  readonly en: string;
}

export interface Stage {
  readonly root: HTMLElement;
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

/** What the clerk has to do differently, by a name of the page's words. */
export class Wanted extends Error {
  override readonly name = 'Wanted';
  readonly word: string;
  readonly field: string | undefined;

  constructor(word: string, field?: string) {
    super(word);
    this.word = word;
    this.field = field;
  }
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

  return { root, say, pair, pick, tell, onSubmit, form };
}

/** The field that is to be corrected says so itself, too. */
function markField(form: HTMLFormElement, name: string | undefined): void {
  for (const marked of form.querySelectorAll('[aria-invalid]')) marked.removeAttribute('aria-invalid');
  const field = name === undefined ? null : form.elements.namedItem(name);
  if (!(field instanceof HTMLElement)) return;
  field.setAttribute('aria-invalid', 'true');
  field.focus();
}

/**
 * What went wrong, for the clerk: words of the page for the code, and the code itself for who is asked for help. What the
 * server says is English.
 */
export function problemText(thrown: unknown, lang: 'zh' | 'en', words: Readonly<Record<string, Said>>): string {
  if (thrown instanceof Wanted) return words[thrown.word]?.[lang] ?? thrown.word;
  const code = thrown instanceof Refused || isFailure(thrown) ? thrown.code : undefined;
  if (code === undefined) return words['problem_failed']?.[lang] ?? 'failed';
  const said = words[`problem_${code}`]?.[lang];
  const more = thrown instanceof Refused && lang === 'en' ? ` ${thrown.message}. ${thrown.next ?? ''}` : '';
  return `${said ?? words['problem_refused']?.[lang] ?? 'refused'} [${code}]${more}`.trim();
}
