/** How pages say what both languages have words for: names, lists, days and moments. */
import type { Said } from '#core/consent/explain-text.ts';
import { sayMoment } from '#core/letter-template/moment.ts';
import type { View } from './view.ts';

type Spoken = Pick<View, 'lang'>;

export function sayIn({ lang }: Spoken, { zh, en }: Said): string {
  return lang === 'en' ? en : zh;
}

export function join({ lang }: Spoken, words: readonly string[]): string {
  return words.join(lang === 'en' ? ', ' : '、');
}

export function sayList(view: Spoken, said: readonly Said[]): string {
  return join(
    view,
    said.map((each) => sayIn(view, each)),
  );
}

export function sayNames(view: Spoken, named: readonly { readonly name: Said }[]): string {
  return sayList(
    view,
    named.map(({ name }) => name),
  );
}

/** In Beijing, to the second. @param moment in milliseconds. */
export function sayTime({ lang }: Spoken, moment: number): string {
  return sayMoment(moment - (moment % 1_000), lang === 'en' ? 'en' : 'zh');
}

const BEIJING_MS = 8 * 3_600_000;

/** The day in Beijing that a moment falls on, such as `2027-05-01`. */
export function sayDay(moment: number): string {
  return new Date(moment + BEIJING_MS).toISOString().slice(0, 10);
}
