/** The exact text of a letter as blocks: a line between two `**` is of a key clause, and bold (条例 19). */
import { keyClauseIn } from '#core/letter-template/key-clause.ts';
import type { View } from '../view.ts';
import { wordsOf } from '../words.ts';
import type { Block } from './sheet.ts';

export function textBlocks(text: string): readonly Block[] {
  return text
    .replace(/\n$/, '')
    .split(/\r?\n/)
    .map((line): Block => {
      const key = keyClauseIn(line);
      const shown = (key ?? line).replaceAll('\t', '    ');
      return { kind: key === undefined ? 'line' : 'bold', text: shown };
    });
}

/** Its translation, on a page of its own, for who reads English: nothing of it is signed. @param translation null: there is none. */
export function translationBlocks(view: Pick<View, 'lang'>, translation: string | null): readonly Block[] {
  if (view.lang !== 'en' || translation === null) return [];
  const words = wordsOf(view).paper;
  return [
    { kind: 'page' },
    { kind: 'heading', text: words.translation },
    { kind: 'line', text: words.translationNote },
    ...textBlocks(translation),
  ];
}
