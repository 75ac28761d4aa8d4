/** What the person at the counter is shown: the letter word for word, what is told beside it, and why it is held. */
import { toBase64Url } from '#core/bytes.ts';
import { keyClauseIn } from '#core/letter-template/key-clause.ts';
import { sayMoment } from '#core/letter-template/moment.ts';
import { facts, find, make } from './dom.ts';
import type { Letter } from './letters.ts';
import type { Stage } from './stage.ts';

/** The letter to read, and the way to its paper; where no paper can be made, the page itself is it. */
export function seenLetter(stage: Stage, letter: Letter): readonly HTMLElement[] {
  const { text, asked, sign_path } = letter;
  const hasPdf = find(stage.root, '[data-paper]').dataset['pdf'] !== undefined;
  return [
    ...(asked.owed === null ? [] : [make('p', { class: 'notice warn' }, `${stage.say('will_owe')}${asked.owed}`)]),
    text === null ? make('p', {}, stage.say('erased')) : textOfLetter(stage, text),
    ...(hasPdf && sign_path !== null
      ? [paperForm(stage, sign_path)]
      : [...linesToSign(stage, letter), printButton(stage)]),
  ];
}

/** Key clauses stand out, as they do wherever the letter is shown (条例 19). */
export function textOfLetter(stage: Stage, text: string): HTMLElement {
  const lines = text.split('\n').map((line) => {
    const clause = keyClauseIn(line);
    return clause === undefined ? line : make('strong', {}, clause);
  });
  const label = stage.say('text_made');
  const shown = make('div', { class: 'text', lang: 'zh-CN', role: 'region', 'aria-label': label, tabindex: '0' });
  shown.append(...lines.flatMap((line, at) => (at === 0 ? [line] : ['\n', line])));
  return make('div', { class: 'letter' }, shown);
}

/** Whoever prints it sees whom it is about: it is opened like any other view by the link, and the paper is the answer. */
function paperForm(stage: Stage, signPath: string): HTMLElement {
  const once = toBase64Url(crypto.getRandomValues(new Uint8Array(16)));
  const fields = Object.entries({ once, to: 'form' }).map(([name, value]) =>
    make('input', { type: 'hidden', name, value }),
  );
  const button = make('button', { class: 'button primary' }, stage.say('form_pdf'));
  return make('form', { class: 'unprinted', method: 'post', action: `${signPath}/open` }, ...fields, button);
}

/** What a paper needs besides the text, where the page is printed. */
function linesToSign(stage: Stage, { letter, grants }: Letter): readonly HTMLElement[] {
  return [
    ...grants.map(({ action }, at) => make('p', {}, `□ ${at + 1} · ${stage.say(`action_${action}`)}`)),
    make('p', {}, `${stage.say('sign_here')}：____________________　${stage.say('date_here')}：__________`),
    make('p', {}, `${stage.say('clerk')}：____________　${stage.say('witness')}：____________`),
    make('p', {}, `${stage.say('letter_id')}：${letter}`),
  ];
}

function printButton(stage: Stage): HTMLElement {
  const button = make('button', { type: 'button', class: 'button primary unprinted' }, stage.say('print_page'));
  button.addEventListener('click', () => window.print());
  return button;
}

/** That the letter is held, until when, and why. */
export function heldNotice(stage: Stage, { asked }: Letter): readonly HTMLElement[] {
  const until = asked.held_until ?? 0;
  return [
    make('p', { class: 'notice stop' }, stage.say('held_title')),
    facts([[stage.say('held_until'), sayMoment(until - (until % 1_000), stage.lang)]]),
    make('p', {}, stage.say('held_why')),
    make('p', {}, stage.say('held_next')),
  ];
}
