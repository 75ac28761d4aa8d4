/** What is said to the clerk of what is wanted, or went wrong, in words of the page. Pure: it reads no page. */
import { Refused } from '#client/send.ts';
import { isFailure } from '#core/failure.ts';

/** The same said in both languages. */
export interface Said {
  readonly zh: string;
  readonly en: string;
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
