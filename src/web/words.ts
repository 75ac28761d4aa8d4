/** What the pages say, in the language of a view. */
import type { View } from './view.ts';
import { en } from './words/en.ts';
import { type Words, zh } from './words/zh.ts';

export function wordsOf({ lang }: Pick<View, 'lang'>): Words {
  return lang === 'en' ? en : zh;
}
