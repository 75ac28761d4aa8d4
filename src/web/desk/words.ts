/** The desk's words as its module gets them: each in both languages, since a letter's slots want both. */
import { en } from '../words/en.ts';
import { zh } from '../words/zh.ts';

export type DeskWord = keyof typeof zh.desk;

export const DESK_WORDS = Object.fromEntries(
  Object.entries(zh.desk).map(([word, said]) => [word, { zh: said, en: en.desk[word as DeskWord] }]),
) as { readonly [Word in DeskWord]: { readonly zh: string; readonly en: string } };
