/**
 * The letter before it is signed, printed for a counter: its exact text, boxes to tick, and lines to sign on, for its subject,
 * clerk and witness. What is ticked and signed on it is brought in as a letter in ink (ADR 0016).
 *
 * @module
 */

import type { Action } from '#core/consent/terms.ts';
import { ACTIONS } from '#core/consent/verdict-text.ts';
import type { LetterId } from '#core/ids.ts';
import { WORDING } from '#core/letter-template/wording.ts';
import { sayTime } from '../keep/letter-words.ts';
import { sayIn } from '../say.ts';
import type { View } from '../view.ts';
import { wordsOf } from '../words.ts';
import type { PrintFonts } from './faces.ts';
import { textBlocks, translationBlocks } from './letter-text.ts';
import { type Block, printSheet } from './sheet.ts';

export interface FormContent {
  readonly letter: LetterId;
  readonly text: string;
  /** The text in English, to read beside it; null: there is none. */
  readonly translation: string | null;
  /** Registered name of who drafted it. */
  readonly grantee: string;
  readonly clauses: readonly { readonly action: Action }[];
  /** What the person will owe, as it is shown; null: it is not said. */
  readonly owed: string | null;
  /** Facts on record that the person confirms, and whose record each is of, by its registered name. */
  readonly facts: readonly { readonly said: string; readonly of: string }[];
  /** Until when it can be brought in; and when it was drafted, which the file's date says. */
  readonly expires_at: number;
  readonly drafted_at: number;
  /** What the code opens: the page on which the same letter can be signed; null: no code. */
  readonly url: string | null;
}

/** @param view In which language its fixed words are; what is signed is in Chinese. @throws {Failure} `glyph_missing` */
export function letterForm(content: FormContent, fonts: PrintFonts, view: Pick<View, 'lang'>): Promise<Uint8Array> {
  const { letter, text, translation, grantee, expires_at, drafted_at, url } = content;
  const { form: words, struck, page } = wordsOf(view).paper;
  const foot = words.foot(letter);
  const blocks: readonly Block[] = [
    { kind: 'title', text: words.title },
    { kind: 'fact', label: words.grantee, value: grantee },
    { kind: 'fact', label: words.letter, value: letter },
    { kind: 'fact', label: words.term, value: words.termOf(sayIn(view, sayTime(expires_at))) },
    { kind: 'line', text: '' },
    ...textBlocks(text),
    ...ticks(content, view),
    ...shownBefore(content, view),
    // Nobody signs on a page that says nothing.
    { kind: 'room', height: 200 },
    { kind: 'heading', text: words.signing },
    { kind: 'line', text: words.how },
    ...Object.values(words.blanks).map((label): Block => ({ kind: 'blank', label })),
    ...translationBlocks(view, translation),
  ];
  return printSheet(
    {
      ...{ title: foot, lang: view.lang, blocks, time: drafted_at, foot, struck, page },
      qr: url === null ? null : { url, caption: words.scan },
    },
    fonts,
  );
}

/** What the page of the letter shows beside the text: who signs on paper is told no less. */
function shownBefore({ owed, facts }: FormContent, view: Pick<View, 'lang'>): readonly Block[] {
  if (owed === null && facts.length === 0) return [];
  const words = wordsOf(view).paper.form;
  return [
    { kind: 'heading', text: words.before },
    ...(owed === null ? [] : [{ kind: 'bold', text: words.owed(owed) } as const]),
    ...facts.map(({ said, of }): Block => ({ kind: 'line', text: words.fact(of, said) })),
    ...(facts.length === 0 ? [] : [{ kind: 'line', text: words.notMine } as const]),
  ];
}

/** A text from a template has a line to tick in each clause; a text of one's own may have none. */
function ticks({ text, clauses }: FormContent, view: Pick<View, 'lang'>): readonly Block[] {
  if (text.includes(WORDING.zh.tick)) return [];
  const words = wordsOf(view).paper.form;
  const { tick } = WORDING[view.lang === 'en' ? 'en' : 'zh'];
  return [
    { kind: 'heading', text: words.choice },
    ...clauses.map(
      ({ action }, at): Block => ({ kind: 'line', text: words.tick(at + 1, sayIn(view, ACTIONS[action]), tick) }),
    ),
  ];
}
