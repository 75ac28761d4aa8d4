/** How pages say what both languages have words for: names, lists, days and moments. */
import type { Said } from '#core/consent/explain-text.ts';
import { sayEnd, sayMoment } from '#core/letter-template/moment.ts';
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

/** Until when something holds, which at that moment holds no more; in Beijing, to the second. @param end in milliseconds. */
export function sayUntil({ lang }: Spoken, end: number): string {
  return sayEnd(end - (end % 1_000), lang === 'en' ? 'en' : 'zh');
}
