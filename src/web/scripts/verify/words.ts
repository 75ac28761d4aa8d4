/** What the page says: the same words as the ledger's other pages, in both languages, since it has no server to ask. */
import type { Said } from '#core/consent/explain-text.ts';
import { sayEnd, sayMoment } from '#core/letter-template/moment.ts';
import { verify as en } from '../../words/en/verify.ts';
import type { Spoken } from '../../words/spoken.ts';
import { verify as zh } from '../../words/zh/verify.ts';

export type Lang = 'zh-CN' | 'en';
export type Words = Spoken<typeof zh>;

export interface Tongue {
  readonly lang: Lang;
  readonly words: Words;
  pick(said: Said): string;
  list(all: readonly string[]): string;
  /** In Beijing, to the second. @param moment in milliseconds. */
  moment(moment: number): string;
  /** Until when something holds; as moments are said. */
  until(end: number): string;
}

export function tongueOf(lang: Lang): Tongue {
  const words = lang === 'en' ? en : zh;
  const language = lang === 'en' ? 'en' : 'zh';
  return {
    lang,
    words,
    pick: (said) => (lang === 'en' ? said.en : said.zh),
    list: (all) => (all.length === 0 ? words.about.none : all.join(words.about.comma)),
    moment: (moment) => words.about.moment(sayMoment(moment - (moment % 1_000), language)),
    until: (end) => words.about.moment(sayEnd(end - (end % 1_000), language)),
  };
}
